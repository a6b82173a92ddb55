"""What a customer writes into a transfer of its own, so that the money finds the invoices it is for."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from encours.core.payments.owed import OwedLine

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
        if not self.reference:
            return self.text
        return " ".join(self.reference[i : i + 4] for i in range(0, len(self.reference), 4))


def quoted(*, lines: Sequence[OwedLine], customer_code: str) -> Quoted:
    """For one document the reference its payer was asked for, or its number; for several their numbers, as long as they
    fit; else the customer's code, under which money is looked for among all it owes."""
    references = {line.payment_reference or line.number for line in lines}
    if len(references) == 1:
        (only,) = references
        bare = only.replace(" ", "").upper()
        if is_creditor_reference(bare):
            return Quoted(bare, "")
        return Quoted("", only[:MAX_TEXT])
    numbers = " ".join(dict.fromkeys(line.number for line in lines))
    return Quoted("", numbers if len(numbers) <= MAX_TEXT else customer_code)


def is_creditor_reference(text: str) -> bool:
    """RF, two check digits and up to 21 characters (ISO 11649, checked as ISO 7064 mod 97-10).

    >>> is_creditor_reference("RF18539007547034"), is_creditor_reference("RF19539007547034")
    (True, False)
    """
    if not re.fullmatch(r"RF[0-9]{2}[0-9A-Z]{1,21}", text):
        return False
    return int("".join(str(int(letter, 36)) for letter in text[4:] + text[:4])) % 97 == 1
