"""The creditor reference (ISO 11649) a payer is asked to quote: one of its own for every document, the same for ever.

The document's own where it has one. Else it is made of the number, so that people can read it, as long as no earlier
document is written with the same letters and digits; else of the id. Nothing of it is stored: documents are never edited
nor deleted, so what was earlier stays earlier.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product

from encours.core.references import compact, creditor_reference, is_creditor_reference

# a number with so many zeros that it could be split in more ways than this is not looked up: its document's id is
MAX_FORMS = 128
_OF_ID = re.compile(r"Z([1-9][0-9]{0,17})Z")
_RUNS = re.compile("[A-Z]+|0+|[1-9]+")


@dataclass(frozen=True)
class Bearer:
    """A document that a transfer may pay."""

    document_id: int
    number: str
    payment_reference: str = ""

    @property
    def own_reference(self) -> str:
        """What its issuer asks the payer to quote; its number is no reference beside the number."""
        own = compact(self.payment_reference)
        return self.payment_reference.strip() if own and own != compact(self.number) else ""


def number_reference(number: str) -> str:
    """Made of a number; empty for one that does not fit, or could be taken for an id.

    >>> number_reference("FA-2025-0012"), number_reference("Z12Z"), number_reference("1" * 22)
    ('RF69FA20250012', '', '')
    """
    body = compact(number)
    return "" if _OF_ID.fullmatch(body) or not number_forms(body) else creditor_reference(body)


def id_reference(document_id: int) -> str:
    """
    >>> id_reference(10234), document_id_of(id_reference(10234)), document_id_of("RF18539007547034")
    ('RF94Z10234Z', 10234, None)
    """
    return creditor_reference(f"Z{document_id}Z")


def document_id_of(reference: str) -> int | None:
    """The id a compact reference was made of; None for any other."""
    found = _OF_ID.fullmatch(reference[4:])
    return int(found[1]) if found and is_creditor_reference(reference) else None


def number_forms(body: str) -> tuple[str, ...]:
    """What `normalised_number` may make of the numbers that are written with these letters and digits: it drops zeros
    where a run of digits begins, and dashes that told so are gone. None when there are too many.

    >>> number_forms("F1001")
    ('F11', 'F101', 'F1001')
    """
    choices: list[Sequence[str]] = []
    count = 1
    for found in _RUNS.finditer(body):
        run = found[0]
        if run[0] != "0":
            choices.append((run,))
            continue
        begins_digits = body[found.end() : found.end() + 1].isdigit()
        kept = range(0 if begins_digits else 1, len(run) + 1)
        choices.append(["0" * zeros for zeros in kept])
        count *= len(kept)
    if not choices or count > MAX_FORMS:
        return ()
    return tuple("".join(parts) for parts in product(*choices))


def transfer_references(
    *, bearers: Iterable[Bearer], alike: Iterable[tuple[int, str]], taken: Mapping[str, int]
) -> dict[int, str]:
    """By document the compact reference to quote; none of a document whose issuer asks for something that is no creditor
    reference.

    `alike` are (id, number) of the documents whose normalised number is among the bearers' `number_forms`, they themselves
    included; `taken` the least id by own compact reference, of those that number references would be.
    """
    first_of: dict[str, int] = {}
    for document_id, number in alike:
        body = compact(number)
        first_of[body] = min(document_id, first_of.get(body, document_id))
    found = {}
    for each in bearers:
        if each.own_reference:
            own = compact(each.own_reference)
            if is_creditor_reference(own):
                found[each.document_id] = own
            continue
        of_number = number_reference(each.number)
        is_first = first_of.get(compact(each.number), each.document_id) >= each.document_id
        is_free = taken.get(of_number, each.document_id) >= each.document_id
        found[each.document_id] = (
            of_number if of_number and is_first and is_free else id_reference(each.document_id)
        )
    return found


def grouped(reference: str) -> str:
    """As it is printed, in fours.

    >>> grouped("RF18539007547034")
    'RF18 5390 0754 7034'
    """
    return " ".join(reference[start : start + 4] for start in range(0, len(reference), 4))
