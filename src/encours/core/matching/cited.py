"""Which documents a text cites: beyond doubt, or so that only the customer and the amount can tell.

A payer drops the prefix, the zeros or a digit, a bank cuts the text. Such a *loose* citation counts only among the
open documents of a customer who is known otherwise, or among those of exactly the amount.
"""

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from encours.core.matching.items import Item
from encours.core.matching.owed import Owed
from encours.core.matching.texts import masked
from encours.core.matching.written import MIN_NEAR
from encours.core.references import compact

_RUN = re.compile(r"[A-Z0-9]+(?:[\-/._#°:* ]{1,2}[A-Z0-9]+)*")
_NUMBER = r"[A-Z]{0,6}[ \-/._]?\d[\d\-/._]*"
_RANGE = re.compile(rf"(?<![A-Z0-9])({_NUMBER}) ?(?:A|AU|TO|JUSQU A|->|>) ?({_NUMBER})(?![A-Z0-9])")
_WORDS = re.compile(r"[A-Z0-9]+")
_END = re.compile(r"[A-Z0-9]+(?:[\-/._#°:*][A-Z0-9]+)*$")
_DIGIT, _DIGITS = re.compile(r"\d"), re.compile(r"\d{3,}")
MIN_TAIL = 3
# Banks cut their texts at these lengths, or at a multiple of the first (CFONB 120, SEPA).
_CUTS = frozenset({24, 27, 31, 32, 35, 62, 70, 93, 105, 124, 140})


class Place(NamedTuple):
    """One place of a text and the open documents it may mean; `settled` are numbers of settled ones it may mean."""

    citation: str  # of prior.CITATIONS
    written: str
    items: tuple[Item, ...]
    settled: tuple[str, ...] = ()


class Stretches(NamedTuple):
    """What a text holds that may be a mangled number."""

    digits: frozenset[str]  # runs of digits without leading zeros, neighbours glued too
    words: tuple[str, ...]  # letters and digits glued over up to four neighbours, at least one digit
    last: str  # the glued end of a text that was cut, empty when it was not
    ranges: tuple[tuple[str, str], ...] = ()  # digits of the first and the last number, as many of each
    ends: tuple[str, ...] = ()  # what each text ends with, in letters and digits


def stretches(texts: Iterable[str]) -> Stretches:
    """Stretches of the texts of a line.

    >>> stretches(["VIR DUBOIS FAC 2025-0012"]).digits == {"2025", "12", "202512", "20250012"}
    True
    """
    digits: set[str] = set()
    words: list[str] = []
    last = ""
    lines = [(text, masked(text)) for text in texts]
    for text, line in lines:
        found = _WORDS.findall(line)
        for first in range(len(found)):
            glued = ""
            stripped = ""
            for word in found[first : first + 4]:
                glued += word
                if word.isdigit():
                    stripped += word.lstrip("0") or "0"
                    if glued.isdigit():
                        digits.update((stripped, glued.lstrip("0")))
                elif not _DIGIT.search(glued):
                    continue
                if len(glued) >= MIN_NEAR:
                    words.append(glued)
            # `F20250012`: the digits of a word
            digits.update(run.lstrip("0") for run in _DIGITS.findall(found[first]))
        if len(text) in _CUTS and text[-1:].isalnum() and found:
            ending = _RUN.findall(line[-20:])
            last = compact(ending[-1]) if ending else found[-1]
    ranges = tuple(pair for _, line in lines for pair in _ranges(line))
    ends = tuple(compact(found.group()) for _, line in lines if (found := _END.search(line)))
    return Stretches(frozenset(digits - {""}), tuple(dict.fromkeys(words)), last, ranges, ends)


def _ranges(line: str) -> list[tuple[str, str]]:
    """`FACTURES 2025/0259 A 2025/0553`: the digits at both ends; the second may leave out its beginning.

    >>> _ranges("FACTURES 2025/0259 AU 0553 DU 12")
    [('20250259', '20250553')]
    """
    found = []
    for first, second in _RANGE.findall(line):
        low, high = re.sub(r"\D", "", first), re.sub(r"\D", "", second)
        high = low[: len(low) - len(high)] + high if len(high) < len(low) else high
        if len(low) == len(high) >= MIN_TAIL and low < high:
            found.append((low, high))
    return found


def ranged_items(held: Stretches, items: Sequence[Item]) -> list[Item]:
    """Items whose numbers lie in a range a text names, both ends among them."""
    for low, high in held.ranges:
        inside = [
            item for item in items if any(low <= tail <= high for tail in _full_tails(item.number, len(low)))
        ]
        ends = {tail for item in inside for tail in _full_tails(item.number, len(low))}
        if len(inside) > 1 and low in ends and high in ends:
            return inside
    return []


def _full_tails(number: str, length: int) -> list[str]:
    """The digits of a number with their zeros, where they are this many: all of them, or the last run.

    >>> _full_tails("2025/0259", 8), _full_tails("2025/0259", 4)
    (['20250259'], ['0259'])
    """
    runs = re.findall(r"\d+", number)
    return [tail for tail in ("".join(runs), runs[-1] if runs else "") if len(tail) == length]


def goes_on(held: Stretches, items: Iterable[Item]) -> bool:
    """Whether a text that cites these items ends within a number like theirs: `FA-2025-0012 + FA-20`, cut by the bank."""
    numbers = [number for item in items for number in (item.compact_number, item.last_digits)]
    return any(
        len(number) > len(end) and number.startswith(end)
        for end in held.ends
        if len(end) > 1
        for number in numbers
    )


def loose_places(held: Stretches, owed: Owed) -> list[Place]:
    """Which of a customer's items a text may mean, each place with its items; a place that fits many says little."""
    seen: set[int] = set()
    places = []
    of_digits = owed.by_digits({digits for digits in held.digits if len(digits) >= MIN_TAIL})
    for digits in sorted(of_digits, key=lambda one: (-len(one), one)):
        found = _fresh(of_digits[digits], seen)
        if found:
            places.append(Place("tail", digits, found))
    for word in () if places else held.words:
        found = _fresh(owed.near(word), seen)
        if found:
            places.append(Place("typing_error", word, found))
    if held.last:
        for first in range(len(held.last) - MIN_TAIL):
            start = held.last[first:]
            found = _fresh(owed.starting_with(start), seen) if _DIGIT.search(start) else ()
            if found:
                places.append(Place("cut", start, found))
                break
    return places


def _fresh(items: Iterable[Item], seen: set[int]) -> tuple[Item, ...]:
    """Those of the items no place has meant before."""
    found = tuple({item.document_id: item for item in items if item.document_id not in seen}.values())
    seen.update(item.document_id for item in found)
    return found
