"""What is owed in one currency, asked for the documents behind an amount or a number.

Made of a few items; of what a customer owes, maybe thousands of documents, `owed_columns.OwedColumns` answers the same.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from functools import cached_property
from itertools import accumulate
from operator import attrgetter

from encours.core.matching.items import Item
from encours.core.matching.written import near_places


class Owed:
    """Open items, the earliest due first."""

    def __init__(self, items: Sequence[Item]) -> None:
        self.items: Sequence[Item] = tuple(items)
        self.notes: Sequence[Item] = tuple([item for item in items if item.open_cents < 0])
        self.invoices: Sequence[Item] = (
            tuple([item for item in items if item.open_cents > 0]) if self.notes else self.items
        )

    @property
    def invoiced_cents(self) -> int:
        return open_cents(self.invoices)

    @property
    def total_cents(self) -> int:
        return self.invoiced_cents + open_cents(self.notes)

    def with_amount(self, cents: int) -> list[Item]:
        """Invoices with exactly this open."""
        return [item for item in self.invoices if item.open_cents == cents]

    def between(self, low_cents: int, high_cents: int, *, besides: Collection[int] = ()) -> list[Item]:
        """Invoices with more than `low_cents` and at most `high_cents` open, or one of the amounts `besides`."""
        return [
            item
            for item in self.invoices
            if low_cents < item.open_cents <= high_cents or item.open_cents in besides
        ]

    @cached_property
    def with_instalments(self) -> Sequence[Item]:
        return [item for item in self.invoices if item.instalments]

    def run_cents(self, count: int) -> int:
        """Sum of so many invoices, the earliest due first."""
        return self._runs[count]

    def whole_count(self, cents: int) -> int:
        """How many invoices, the earliest due first, an amount pays whole."""
        return bisect_right(self._runs, cents) - 1

    def run_of(self, cents: int) -> int:
        """How many invoices, the earliest due first, sum to an amount; 0 when no run does."""
        count = self.whole_count(cents)
        return count if count > 0 and self.run_cents(count) == cents else 0

    def due_count(self, day: int) -> int:
        """How many invoices are due on a day."""
        return bisect_right(self.invoices, day, key=_due_day)

    def months_of(self, cents: int) -> Iterator[tuple[list[Item], int]]:
        """Sets of one month that sum to an amount, with the number of months: with its credit notes, or the invoices alone."""
        for month_of in (attrgetter("issue_month"), attrgetter("due_month")):
            sums = _sums(self.items, month_of)
            of_invoices = _sums(self.invoices, month_of) if self.notes else sums
            for month in [one for one in sums if cents in (sums[one], of_invoices.get(one))]:
                group = [item for item in self.items if month_of(item) == month]
                invoices = [item for item in group if item.open_cents > 0]
                for chosen in (group,) if len(invoices) == len(group) else (group, invoices):
                    if invoices and 1 < len(chosen) < len(self.items) and open_cents(chosen) == cents:
                        yield chosen, len(sums)

    def by_digits(self, wanted: Collection[str]) -> dict[str, list[Item]]:
        """Items whose number, without its letters, is one of these stretches of digits."""
        found: dict[str, list[Item]] = {}
        for item in self.items:
            if item.all_digits in wanted or item.last_digits in wanted or item.stripped_digits in wanted:
                for digits in {item.stripped_digits, item.all_digits, item.last_digits}.intersection(wanted):
                    found.setdefault(digits, []).append(item)
        return found

    def near(self, word: str) -> list[Item]:
        """Items whose compact number is one typing error away from a word."""
        return [self.items[place] for place in near_places(word, self._numbers)]

    def starting_with(self, beginning: str) -> list[Item]:
        """Items whose compact number begins so."""
        return [item for item in self.items if item.compact_number.startswith(beginning)]

    @cached_property
    def _runs(self) -> list[int]:
        return [0, *accumulate([item.open_cents for item in self.invoices])]

    @cached_property
    def _numbers(self) -> Sequence[str]:
        return [item.compact_number for item in self.items]


def open_cents(items: Iterable[Item]) -> int:
    return sum([item.open_cents for item in items])


def _due_day(item: Item) -> int:
    return item.due_day


def _sums(items: Iterable[Item], month_of: Callable[[Item], int]) -> dict[int, int]:
    sums: dict[int, int] = defaultdict(int)
    for item in items:
        sums[month_of(item)] += item.open_cents
    return sums
