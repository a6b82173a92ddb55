"""Numbers in words, French and English, as digits: `mille deux cents`, `quatre-vingt-douze`, `twenty-first`."""

import re
from collections.abc import Iterator

_SMALL = {
    "zero": 0, "deux": 2, "trois": 3, "quatre": 4, "cinq": 5, "six": 6, "sept": 7, "huit": 8, "neuf": 9, "dix": 10, "onze": 11,
    "douze": 12, "treize": 13, "quatorze": 14, "quinze": 15, "seize": 16, "vingt": 20, "vingts": 20, "trente": 30,
    "quarante": 40, "cinquante": 50, "soixante": 60, "septante": 70, "huitante": 80, "octante": 80, "nonante": 90,
    "two": 2, "three": 3, "four": 4, "five": 5, "seven": 7, "eight": 8, "nine": 9, "ten": 10, "eleven": 11, "twelve": 12,
    "thirteen": 13, "fourteen": 14, "fifteen": 15, "sixteen": 16, "seventeen": 17, "eighteen": 18, "nineteen": 19, "twenty": 20,
    "thirty": 30, "forty": 40, "fourty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90,
}  # fmt: skip
_ONES = {"un": 1, "une": 1, "one": 1}
_HUNDREDS = {"cent", "cents", "hundred"}
_THOUSANDS = {"mille": 1000, "thousand": 1000, "million": 10**6, "millions": 10**6}
_ORDINALS = {
    "premier": 1, "first": 1, "third": 3, "fourth": 4, "fifth": 5, "sixth": 6, "seventh": 7, "eighth": 8, "ninth": 9, "tenth": 10,
    "eleventh": 11, "twelfth": 12, "thirteenth": 13, "fourteenth": 14, "fifteenth": 15, "sixteenth": 16, "seventeenth": 17,
    "eighteenth": 18, "nineteenth": 19, "twentieth": 20, "thirtieth": 30,
}  # fmt: skip
_WORDS = {"second", *_SMALL, *_ONES, *_HUNDREDS, *_THOUSANDS, *_ORDINALS, "et", "and", "a"}
_TOKEN = re.compile(r"[a-z]+")
_MONTH_BEFORE = re.compile(r"(?:\d|er)\.? $")


def number_words(text: str) -> list[tuple[int, int, str]]:
    """Spans of a plain text that are numbers in words, each with its digits (`21st` for an ordinal).

    `un`, `une`, `one` and `a` alone are left: they are articles as often. `sept` behind a day is a month.

    >>> number_words("mille deux cents euros le vingt et un")
    [(0, 16, '1200'), (26, 37, '21')]
    """
    return list(_numbers(text))


def _numbers(text: str) -> Iterator[tuple[int, int, str]]:
    tokens = [(match.start(), match.end(), match[0]) for match in _TOKEN.finditer(text)]
    place = 0
    while place < len(tokens):
        if tokens[place][2] not in _WORDS or (
            tokens[place][2] == "sept"
            and _MONTH_BEFORE.search(text[max(0, tokens[place][0] - 4) : tokens[place][0]])
        ):
            place += 1
            continue
        taken, digits = _longest(text, tokens, place)
        if taken == 0:
            place += 1
            continue
        yield tokens[place][0], tokens[place + taken - 1][1], digits
        place += taken


def _longest(text: str, tokens: list[tuple[int, int, str]], first: int) -> tuple[int, str]:
    """How many words from `first` on are one number, and its digits; 0 when they are none."""
    total = current = taken = 0
    only_article = True
    for offset in range(min(14, len(tokens) - first)):
        start, _, word = tokens[first + offset]
        if offset and text[tokens[first + offset - 1][1] : start] not in (" ", "-"):
            break
        if word == "second" and _after(tokens, first + offset) == "of":
            return offset + 1, f"{total + current + 2}nd"
        if word in _ORDINALS:
            if (current % 10 == 0 and _ORDINALS[word] < 10) or current == 0:
                value = total + current + _ORDINALS[word]
                return offset + 1, f"{value}{_suffix(value)}"
            break
        if word in ("et", "and", "a"):
            if not _links(word, tokens, first + offset, current, total):
                break
            continue
        value = _SMALL.get(word, _ONES.get(word))
        if value is not None:
            joined = _joined(current, value)
            if joined is None:
                break
            current = joined
        elif word in _HUNDREDS and current < 100:
            if current == 0 and total == 0 and not _counts_money(text, tokens, first + offset):
                break
            current = max(current, 1) * 100
        elif word in _THOUSANDS and current < 1000 and total == 0:
            if current == 0 and word != "mille" and not (offset and tokens[first + offset - 1][2] == "a"):
                break
            total, current = max(current, 1) * _THOUSANDS[word], 0
        else:
            break
        only_article = only_article and word in _ONES
        taken = offset + 1
    if only_article or taken == 0:
        return 0, ""
    return taken, str(total + current)


def _joined(current: int, value: int) -> int | None:
    """The number with one more word, or None when it begins another number."""
    if current == 0:
        return value
    if value == 20 and current % 100 == 4:  # quatre-vingts
        return current - 4 + 80
    if value < 10 and current % 10 == 0 and current % 100 != 10:
        return current + value
    if 7 <= value < 10 and current % 100 == 10:  # dix-sept
        return current + value
    if 10 <= value < 20 and current % 100 in (60, 80):  # soixante-douze, quatre-vingt-douze
        return current + value
    return current + value if current % 100 == 0 else None


def _links(word: str, tokens: list[tuple[int, int, str]], place: int, current: int, total: int) -> bool:
    """`vingt et un`, `two hundred and five`, `a thousand`: the small word belongs to the number."""
    after = _after(tokens, place)
    if word == "et":
        return after in ("un", "une", "onze") and current % 100 in (20, 30, 40, 50, 60)
    if word == "and":
        return (current or total) > 0 and current % 100 == 0 and after in _SMALL
    return current == total == 0 and after in ("hundred", "thousand", "million")


def _counts_money(text: str, tokens: list[tuple[int, int, str]], place: int) -> bool:
    """`cent` alone is a hundred before euros and before other numbers; `not a cent` is none."""
    if place and tokens[place - 1][2] == "a" and tokens[place][2] == "hundred":
        return True
    after = tokens[place + 1][2] if place + 1 < len(tokens) else text[tokens[place][1] :].strip()[:1]
    return tokens[place][2] == "cent" and (after in _SMALL or after in ("euros", "euro", "eur", "€"))


def _after(tokens: list[tuple[int, int, str]], place: int) -> str:
    return tokens[place + 1][2] if place + 1 < len(tokens) else ""


def _suffix(value: int) -> str:
    return {1: "st", 2: "nd", 3: "rd"}.get(value % 10 if value % 100 not in (11, 12, 13) else 0, "th")
