"""What a customer writes into a transfer of its own, so that the money finds the invoices it is for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from encours.core.payments.owed import OwedLine
from encours.core.payments.transfer_reference import grouped

# the remittance information of a SEPA credit transfer (EPC125-05, AT-T009)
MAX_TEXT = 140


@dataclass(frozen=True)
class Quoted:
    """A creditor reference (ISO 11649) or a text, never both: a SEPA transfer has room for one of them."""

    reference: str
    text: str

    @property
    def shown(self) -> str:
        """
        >>> Quoted("RF18539007547034", "").shown
        'RF18 5390 0754 7034'
        """
        return grouped(self.reference) or self.text


def quoted(*, lines: Sequence[OwedLine], references: Mapping[int, str], customer_code: str) -> Quoted:
    """For one document its creditor reference (`references`, by document), or the text its payer was asked for; for several
    their numbers, as long as they fit; else the customer's code, under which money is looked for among all it owes."""
    documents = {line.document_id: line for line in lines}
    if len(documents) == 1:
        ((document_id, line),) = documents.items()
        if reference := references.get(document_id):
            return Quoted(reference, "")
        return Quoted("", (line.payment_reference or line.number)[:MAX_TEXT])
    numbers = " ".join(dict.fromkeys(line.number for line in lines))
    return Quoted("", numbers if len(numbers) <= MAX_TEXT else customer_code)
