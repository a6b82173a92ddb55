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
    # most amounts are no sum at all: then no value of one half stands beside the same of the other
    both = np.concatenate([2 * wanted, 2 * right + 1])
    both.sort()
    if not ((both[1:] - both[:-1] == 1) & (both[1:] & 1 == 1)).any():
        return []
    order = np.argsort(right, kind="stable")
    ordered = right[order]
    low = np.searchsorted(ordered, wanted, side="left")
    high = np.searchsorted(ordered, wanted, side="right")
    masks: list[int] = []
    for place in np.flatnonzero(high > low).tolist():
        masks.extend(place | (int(other) << half) for other in order[low[place] : high[place]])
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
