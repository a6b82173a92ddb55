"""What remains of a number that was retyped: its digits, or nearly all of it."""

import re

from rapidfuzz.distance import OSA

from encours.core.references import number_parts

# A shorter number has too many near ones.
MIN_NEAR = 6


def tails(number: str) -> tuple[str, ...]:
    """What is left of a number without its letters: all digits without leading zeros of each run, or with those inside,
    and the last run.

    >>> tails("FACT-2025-0012")
    ('202512', '20250012', '12')
    """
    parts = [part for part in number_parts(number) if part.isdigit()]
    every = re.sub(r"\D", "", number).lstrip("0")
    return ("".join(parts), every, parts[-1]) if parts else ()


def is_near(written: str, number: str) -> bool:
    """One typing error at most: a character wrong, missing, doubled, or two neighbours changed over.

    >>> is_near("FA20250179", "FA20250197"), is_near("FA20250179", "FA20250188")
    (True, False)
    """
    return OSA.distance(written, number, score_cutoff=1) <= 1
