"""Pages of lists whose cost follows what is shown: one row more than the page, and a count that stops early."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Generic, TypeVar

Row = TypeVar("Row")
Other = TypeVar("Other")
COUNT_LIMIT = 1000


@dataclass(frozen=True)
class Page(Generic[Row]):
    """Rows of one page. `count` is exact up to `COUNT_LIMIT`; beyond it `count_is_capped`."""

    rows: Sequence[Row]
    number: int
    has_next: bool
    count: int
    count_is_capped: bool = False

    @property
    def has_previous(self) -> bool:
        return self.number > 1

    def with_rows(self, rows: Sequence[Other]) -> "Page[Other]":
        """The same page, each of its rows told in another way."""
        page: Any = self
        return replace(page, rows=rows)


def page_of(
    rows: Any, *, number: int, size: int, counted: Any = None, read: Callable[[Any], Any] | None = None
) -> Page[Any]:
    """A page of a queryset in a total order. Two queries: the rows, and a count of at most COUNT_LIMIT + 1.

    `counted` is a queryset of the same rows that is counted faster than `rows`. `read` makes, of the keys of those
    to show, the queryset that reads them in order: what is wide or joined is then not fetched for the pages before.
    """
    start = (number - 1) * size
    asked = slice(start, start + size + 1)
    found = list(rows[asked] if read is None else read(rows.values("pk")[asked]))
    shown = found[:size]
    if number == 1 and len(found) <= size:
        return Page(rows=shown, number=1, has_next=False, count=len(shown))
    count = (rows if counted is None else counted).order_by()[: COUNT_LIMIT + 1].count()
    return Page(
        rows=shown,
        number=number,
        has_next=len(found) > size,
        count=min(count, COUNT_LIMIT),
        count_is_capped=count > COUNT_LIMIT,
    )
