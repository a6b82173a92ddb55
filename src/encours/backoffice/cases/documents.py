"""The documents of a customer that a form about it offers."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from encours.backoffice.listing import row_id
from encours.queries.free_amounts import FreeDocument, free_documents

# a customer may owe thousands: the longest due are offered
MOST = 200


@dataclass(frozen=True)
class Offered:
    shown: Sequence[FreeDocument]
    more_count: int


def open_documents(request: Any, customer_id: int) -> Offered:
    """What the customer owes something on, and the one the address names though it be far down the list."""
    found = free_documents(company=request.company, customer_id=customer_id)
    named = row_id(request.GET.get("document", ""))
    shown = [each for rank, each in enumerate(found) if rank < MOST or each.id == named]
    return Offered(shown, len(found) - len(shown))


def choices(documents: Iterable[FreeDocument]) -> list[tuple[int, str]]:
    return [(each.id, each.number) for each in documents]


def ticked(bound: Any) -> set[int]:
    """Ids of a field of documents that are chosen, whether the form was sent or is new."""
    return {found for each in bound.value() or () if (found := row_id(str(each))) is not None}


def first_chosen(request: Any, documents: Iterable[FreeDocument]) -> int | None:
    """The document the address names, when it is among these."""
    named = row_id(request.GET.get("document", ""))
    return next((each.id for each in documents if each.id == named), None)
