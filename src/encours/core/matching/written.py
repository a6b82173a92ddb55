"""Numbers retyped with a slip."""

from rapidfuzz.distance import OSA

# A shorter number has too many near ones.
MIN_NEAR = 6


def is_near(written: str, number: str) -> bool:
    """One typing error at most: a character wrong, missing, doubled, or two neighbours changed over.

    >>> is_near("FA20250179", "FA20250197"), is_near("FA20250179", "FA20250188")
    (True, False)
    """
    return OSA.distance(written, number, score_cutoff=1) <= 1
