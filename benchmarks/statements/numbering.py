"""How companies number their documents, and what payers and banks make of a number."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from random import Random

from encours.core.references import normalised_number, number_parts


@dataclass(frozen=True)
class Mask:
    """`invoice`, `credit_note` and `deposit` are format strings over the counter `n` and the day `d`.

    With `yearly` the counter begins again each year; with `shared` all types take from one counter.
    """

    invoice: str
    credit_note: str
    deposit: str
    first: int = 1
    yearly: bool = False
    shared: bool = False


MASKS = (
    Mask("FA-{d:%Y}-{n:05d}", "AV-{d:%Y}-{n:05d}", "AC-{d:%Y}-{n:05d}", yearly=True),
    Mask("{d:%Y}/{n:04d}", "{d:%Y}/{n:04d}", "{d:%Y}/{n:04d}", yearly=True, shared=True),
    Mask("V{n:06d}", "A{n:06d}", "D{n:06d}", first=312),
    Mask("{n:06d}", "{n:06d}", "{n:06d}", first=104_233, shared=True),
    Mask("F{d:%y%m}-{n:04d}", "A{d:%y%m}-{n:04d}", "D{d:%y%m}-{n:04d}", first=17),
    Mask("FAC{d:%y}{n:05d}", "AVO{d:%y}{n:05d}", "ACO{d:%y}{n:05d}", yearly=True),
    Mask("{d:%Y%m}{n:04d}", "{d:%Y%m}{n:04d}", "{d:%Y%m}{n:04d}", first=41, shared=True),
    Mask("FC{n:08d}", "AC{n:08d}", "FD{n:08d}", first=10_480),
)


class Numbering:
    """Hands out numbers in the order of the days."""

    def __init__(self, mask: Mask) -> None:
        self._mask = mask
        self._next: dict[tuple[str, int], int] = {}

    def number(self, kind: str, day: date) -> str:
        mask = self._mask
        counter = ("" if mask.shared else kind, day.year if mask.yearly else 0)
        n = self._next.get(counter, mask.first)
        self._next[counter] = n + 1
        return getattr(mask, kind).format(n=n, d=day)


def exact(_random: Random, number: str) -> str:
    return number


def separators(random: Random, number: str) -> str:
    """Another separator than the right one, or none, or lower case."""
    style = random.random()
    if style < 0.45:
        return re.sub(r"[^A-Za-z0-9]", " ", number)
    if style < 0.75:
        return re.sub(r"[^A-Za-z0-9]", random.choice((".", "/", "-", "_")), number).lower()
    spaced = re.sub(r"(?<=[A-Za-z])(?=\d)", " ", number)
    return spaced if spaced != number else re.sub(r"[^A-Za-z0-9]", "", number)


def zeros(_random: Random, number: str) -> str:
    """Without the zeros somebody found useless."""
    return re.sub(r"(?<!\d)0+(?=\d)", "", number)


def prefix(_random: Random, number: str) -> str:
    """Without the letters in front."""
    return re.sub(r"^[A-Za-z]+[^A-Za-z0-9]*", "", number)


def digits(_random: Random, number: str) -> str:
    """Digits only, glued."""
    return re.sub(r"\D", "", number)


def counter(random: Random, number: str) -> str:
    """Only the running counter, with its zeros or without."""
    last = re.findall(r"\d+", number)[-1]
    return last if random.random() < 0.5 else last.lstrip("0")


def typo(random: Random, number: str) -> str:
    """One wrong, missing or doubled digit."""
    places = [place for place, char in enumerate(number) if char.isdigit()]
    place = random.choice(places[-5:])
    style = random.random()
    if style < 0.6:
        other = random.choice([d for d in "0123456789" if d != number[place]])
        return number[:place] + other + number[place + 1 :]
    if style < 0.8:
        return number[:place] + number[place + 1 :]
    return number[:place] + number[place] + number[place:]


def transposed(random: Random, number: str) -> str:
    """Two neighbouring digits exchanged."""
    places = [
        place
        for place in range(len(number) - 1)
        if number[place : place + 2].isdigit() and number[place] != number[place + 1]
    ]
    place = random.choice(places[-4:])
    return number[:place] + number[place + 1] + number[place] + number[place + 2 :]


Style = Callable[[Random, str], str]
STYLES: dict[str, Style] = {
    "exact_reference": exact,
    "mangled_separators": separators,
    "mangled_zeros": zeros,
    "mangled_prefix": prefix,
    "mangled_digits": digits,
    "mangled_counter": counter,
}


def keys_of(number: str) -> set[str]:
    """What may be left of a number and still lead to it: itself, without letters, its digits, its counter.

    >>> sorted(keys_of("FA-2025-00123"))
    ['123', '2025123', '202500123', 'FA2025123']
    """
    parts = number_parts(number)
    plain = "".join(parts)
    return {
        plain,
        re.sub("^[A-Z]+", "", plain),
        re.sub(r"\D", "", number).lstrip("0"),
        parts[-1],
    } - {""}


def key_of(written: str) -> set[str]:
    """The keys a written reference may be looked up by."""
    return {normalised_number(written), re.sub(r"\D", "", written).lstrip("0")} - {""}


def is_near(written: str, number: str) -> bool:
    """Whether a written number is one typing error (a digit changed, lost, doubled, or two exchanged) from another."""
    a, b = (re.sub("[^A-Z0-9]", "", text.upper()) for text in (written, number))
    if abs(len(a) - len(b)) > 1:
        return False
    start = next((i for i, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))
    rest_a, rest_b = a[start:], b[start:]
    return (
        rest_a[1:] == rest_b[1:]
        or rest_a[1:] == rest_b
        or rest_a == rest_b[1:]
        or (rest_a[:2] == rest_b[:2][::-1] and rest_a[2:] == rest_b[2:])
    )
