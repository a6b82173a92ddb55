"""What one customer owes in one currency, arranged so that an amount or a number finds its documents at once."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from itertools import accumulate

from encours.core.matching.items import Item
from encours.core.matching.written import near_places


class Owed:
    """Open items of a customer, the earliest due first. Everything is worked out once, when first asked for."""

    def __init__(self, items: Sequence[Item]) -> None:
        self.items = tuple(items)
        self.invoices = tuple(item for item in items if item.open_cents > 0)
        self.notes = tuple(item for item in items if item.open_cents < 0)
        self.invoiced_cents = sum(item.open_cents for item in self.invoices)
        self.noted_cents = sum(item.open_cents for item in self.notes)

    @property
    def total_cents(self) -> int:
        return self.invoiced_cents + self.noted_cents

    @cached_property
    def by_amount(self) -> dict[int, list[Item]]:
        """Invoices by what is open on them."""
        found: dict[int, list[Item]] = {}
        for item in self.invoices:
            found.setdefault(item.open_cents, []).append(item)
        return found

    @cached_property
    def with_instalments(self) -> tuple[Item, ...]:
        return tuple(item for item in self.invoices if item.instalments)

    @cached_property
    def run_cents(self) -> list[int]:
        """Sum of the invoices up to each, the earliest due first."""
        return list(accumulate(item.open_cents for item in self.invoices))

    @cached_property
    def place_of_run(self) -> dict[int, int]:
        return {cents: place for place, cents in enumerate(self.run_cents)}

    @cached_property
    def _due_days(self) -> list[int]:
        return [item.due_day for item in self.invoices]

    def due_count(self, day: int) -> int:
        """How many invoices are due on a day."""
        return bisect_right(self._due_days, day)

    @cached_property
    def _months(self) -> list[dict[int, list[Item]]]:
        """Items by calendar month of issue, and by that of the due date."""
        groups: list[dict[int, list[Item]]] = [{}, {}]
        for item in self.items:
            groups[0].setdefault(item.issue_month, []).append(item)
            groups[1].setdefault(item.due_month, []).append(item)
        return groups

    def months_of(self, cents: int) -> Iterator[tuple[list[Item], int]]:
        """Sets of one month that sum to an amount, with the number of months: with its credit notes, or the invoices alone."""
        for months in self._months:
            for group in months.values():
                invoices = [item for item in group if item.open_cents > 0] if self.notes else group
                for chosen in (group,) if len(invoices) == len(group) else (group, invoices):
                    if 1 < len(chosen) < len(self.items) and invoices and open_cents(chosen) == cents:
                        yield chosen, len(months)

    @cached_property
    def _by_size(self) -> tuple[list[int], list[Item]]:
        ordered = sorted(self.invoices, key=lambda item: item.open_cents)
        return [item.open_cents for item in ordered], ordered

    def between(self, low_cents: int, high_cents: int) -> list[Item]:
        """Invoices with more than `low_cents` and at most `high_cents` open."""
        sizes, ordered = self._by_size
        return ordered[bisect_right(sizes, low_cents) : bisect_right(sizes, high_cents)]

    @cached_property
    def by_tail(self) -> dict[str, list[Item]]:
        """Items by what is left of their number without letters."""
        found: dict[str, list[Item]] = {}
        for item in self.items:
            for tail in {item.stripped_digits, item.all_digits, item.last_digits}:
                if tail:
                    found.setdefault(tail, []).append(item)
        return found

    def near(self, word: str) -> list[Item]:
        """Items whose compact number is one typing error away from a word."""
        numbers, ordered = self._numbers
        return [ordered[place] for place in near_places(word, numbers)]

    @cached_property
    def _numbers(self) -> tuple[list[str], list[Item]]:
        ordered = sorted(self.items, key=lambda item: item.compact_number)
        return [item.compact_number for item in ordered], ordered

    def starting_with(self, beginning: str) -> list[Item]:
        """Items whose compact number begins so."""
        numbers, ordered = self._numbers
        return ordered[bisect_left(numbers, beginning) : bisect_right(numbers, beginning + "\uffff")]


def open_cents(items: Iterable[Item]) -> int:
    return sum(item.open_cents for item in items)
