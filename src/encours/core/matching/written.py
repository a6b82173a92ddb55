"""Numbers retyped with a slip."""

from collections.abc import Sequence

from rapidfuzz import process
from rapidfuzz.distance import OSA

# A shorter number has too many near ones.
MIN_NEAR = 6


def near_places(written: str, numbers: Sequence[str]) -> list[int]:
    """Places of the numbers that are one typing error away at most.

    An error is a character wrong, missing, doubled, or two neighbours changed over.

    >>> near_places("FA20250179", ["FA20250188", "FA20250197", "FA2025179", "FA2"])
    [1, 2]
    """
    near = process.extract(written, numbers, scorer=OSA.distance, score_cutoff=1, limit=None)
    return sorted(place for number, _, place in near if len(number) >= MIN_NEAR)
