"""Which items sum to an amount exactly: all answers, by meeting in the middle (Horowitz and Sahni, 1974)."""

from collections.abc import Sequence

import numpy as np

MAX_ITEMS = 24
# more answers than this and the amount says nothing
MAX_ANSWERS = 64


def exact_subsets(amounts: Sequence[int], target: int) -> list[tuple[int, ...]]:
    """Places of the items of every set of two or more that sums to `target`, at most `MAX_ANSWERS`, small sets first.

    `amounts` are cents, negative for credit notes, at most `MAX_ITEMS` of them.

    >>> exact_subsets([500, 300, 200, -100], 700)
    [(0, 2), (0, 1, 3)]
    """
    count = len(amounts)
    assert count <= MAX_ITEMS, "meeting in the middle holds every half in memory"
    half = count // 2
    left, right = _sums(amounts[:half]), _sums(amounts[half:])
    wanted = target - left
    # a value of one half that stands beside the same of the other: one sort of both finds them all
    both = np.concatenate([2 * wanted, 2 * right + 1])
    both.sort()
    values = both[np.flatnonzero((both[1:] - both[:-1] == 1) & (both[1:] & 1 == 1))] >> 1
    if not values.size:
        return []
    others: dict[int, list[int]] = {}
    for place in _places_of(values, right):
        others.setdefault(int(right[place]), []).append(place)
    masks: list[int] = []
    for place in _places_of(values, wanted):
        masks.extend(place | (other << half) for other in others[int(wanted[place])])
        if len(masks) > MAX_ANSWERS * 4:
            break
    answers = [
        tuple(rank for rank in range(count) if mask >> rank & 1) for mask in masks if mask.bit_count() >= 2
    ]
    return sorted(answers, key=lambda answer: (len(answer), answer))[:MAX_ANSWERS]


def _sums(amounts: Sequence[int]) -> np.ndarray:
    """The sum of every subset; the bits of a place say which items it takes."""
    sums = np.zeros(1 << len(amounts), dtype=np.int64)
    for rank, amount in enumerate(amounts):
        np.add(sums[: 1 << rank], amount, out=sums[1 << rank : 2 << rank])
    return sums


def _places_of(values: np.ndarray, sums: np.ndarray) -> list[int]:
    """Where the sums are one of these values, which are in order."""
    nearest = values[np.minimum(np.searchsorted(values, sums), len(values) - 1)]
    return np.flatnonzero(nearest == sums).tolist()
