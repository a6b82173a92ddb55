"""What a customer owes, over columns: some owe thousands of documents, and each line asks for a few of them."""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import overload

import numpy as np

from encours.core.matching.items import Item
from encours.core.matching.owed import Owed
from encours.core.matching.written import near_places

# What a number's digits are compared by: as many of the last ones as an integer holds.
KEPT_DIGITS = 18


@dataclass(frozen=True)
class Columns:
    """Open documents of one customer in one currency, the earliest due first; arrays of one length n."""

    open_cents: np.ndarray  # int64, none of them 0
    issue_day: np.ndarray
    due_day: np.ndarray
    issue_month: np.ndarray
    due_month: np.ndarray
    has_instalments: np.ndarray
    digits: (
        np.ndarray
    )  # int64 [3, n]: the last digits of `Item.stripped_digits`, `all_digits`, `last_digits`, -1 of none
    places: np.ndarray  # of the items
    item_at: Callable[[int], Item]
    number_at: Callable[[int], str]  # `Item.compact_number`

    def only(self, chosen: np.ndarray) -> "Columns":
        """Some of them, by a mask or by their ranks."""
        return Columns(
            self.open_cents[chosen],
            self.issue_day[chosen],
            self.due_day[chosen],
            self.issue_month[chosen],
            self.due_month[chosen],
            self.has_instalments[chosen],
            self.digits[:, chosen],
            self.places[chosen],
            self.item_at,
            self.number_at,
        )


class _Items(Sequence[Item]):
    """Items of columns, each made when it is asked for."""

    def __init__(self, columns: Columns, ranks: np.ndarray | None = None) -> None:
        self._places = columns.places if ranks is None else columns.places[ranks]
        self._item_at = columns.item_at

    def __len__(self) -> int:
        return len(self._places)

    def __iter__(self) -> Iterator[Item]:
        return map(self._item_at, self._places.tolist())

    @overload
    def __getitem__(self, rank: int) -> Item: ...
    @overload
    def __getitem__(self, rank: slice) -> Sequence[Item]: ...
    def __getitem__(self, rank: int | slice) -> Item | Sequence[Item]:
        places = self._places[rank]
        return (
            [*map(self._item_at, places.tolist())] if isinstance(rank, slice) else self._item_at(int(places))
        )


class OwedColumns(Owed):
    """Answers as `Owed` does of the same items."""

    def __init__(self, columns: Columns) -> None:
        self.columns = columns
        positive = columns.open_cents > 0
        has_notes = not positive.all()
        self.items = _Items(columns)
        self._invoices = columns.only(positive) if has_notes else columns
        self.invoices = _Items(self._invoices) if has_notes else self.items
        self.notes = _Items(columns, ~positive) if has_notes else ()

    @property
    def invoiced_cents(self) -> int:
        return int(self._runs[-1])

    def with_amount(self, cents: int) -> list[Item]:
        return self._found(np.flatnonzero(self._invoices.open_cents == cents))

    def between(self, low_cents: int, high_cents: int, *, besides: Collection[int] = ()) -> list[Item]:
        cents = self._invoices.open_cents
        wanted = (cents > low_cents) & (cents <= high_cents)
        if besides:
            wanted |= (cents[:, None] == np.fromiter(besides, np.int64, len(besides))).any(axis=1)
        return self._found(np.flatnonzero(wanted))

    @cached_property
    def with_instalments(self) -> Sequence[Item]:
        return self._found(np.flatnonzero(self._invoices.has_instalments))

    def run_cents(self, count: int) -> int:
        return int(self._runs[count])

    def whole_count(self, cents: int) -> int:
        return int(np.searchsorted(self._runs, cents, side="right")) - 1

    def due_count(self, day: int) -> int:
        return int(np.searchsorted(self._invoices.due_day, day, side="right"))

    def months_of(self, cents: int) -> Iterator[tuple[Sequence[Item], int]]:
        whole = self.columns
        if not len(whole.places):
            return
        for months in (whole.issue_month, whole.due_month):
            counted = months - months.min()
            count = int(np.count_nonzero(np.bincount(counted)))
            sums = np.bincount(counted, whole.open_cents)  # exact below 90 million millions
            of_invoices = sums
            if self.notes:
                of_invoices = np.bincount(counted, np.maximum(whole.open_cents, 0))
            for month in np.flatnonzero((sums == cents) | (of_invoices == cents)).tolist():
                group = np.flatnonzero(counted == month)
                invoices = group[whole.open_cents[group] > 0]
                for chosen in (group,) if len(invoices) == len(group) else (group, invoices):
                    is_some = len(invoices) and 1 < len(chosen) < len(self.items)
                    if is_some and whole.open_cents[chosen].sum() == cents:
                        yield _Items(whole, chosen), count

    def by_digits(self, wanted: Collection[str]) -> dict[str, list[Item]]:
        if not wanted:
            return {}
        looked_for = np.array([int(digits[-KEPT_DIGITS:]) for digits in wanted])
        found = (self.columns.digits[:, :, None] == looked_for).any(axis=(0, 2))
        return Owed([self.items[rank] for rank in np.flatnonzero(found).tolist()]).by_digits(wanted)

    def near(self, word: str) -> list[Item]:
        return [self.items[rank] for rank in near_places(word, self._numbers)]

    def starting_with(self, beginning: str) -> list[Item]:
        return [self.items[rank] for rank, number in enumerate(self._numbers) if number.startswith(beginning)]

    def _found(self, ranks: np.ndarray) -> list[Item]:
        """Invoices by their ranks."""
        return [*map(self.columns.item_at, self._invoices.places[ranks].tolist())]

    @cached_property
    def _runs(self) -> np.ndarray:
        return np.concatenate(([0], np.cumsum(self._invoices.open_cents)))

    @cached_property
    def _numbers(self) -> Sequence[str]:
        return [*map(self.columns.number_at, self.columns.places.tolist())]
