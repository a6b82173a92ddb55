"""A text in one form (lower case, no accents, one kind of apostrophe and space) that knows where each letter came from."""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from encours.core.grammar.numbers import number_words
from encours.core.grammar.typing_errors import corrected

_SPOKEN_APOSTROPHES = dict.fromkeys("’‘ʼ´`′", "'")
_DASHES = dict.fromkeys("‐‑‒–—−", "-")
_LIGATURES = {"œ": "oe", "æ": "ae", "ß": "ss", "…": ".", "«": '"', "»": '"', "“": '"', "”": '"'}
_FIXED = {**_SPOKEN_APOSTROPHES, **_DASHES, **_LIGATURES}
_WORD = re.compile(r"[a-z]{4,30}")
_SHORTHAND = re.compile(
    r"(?<![\w@.'-])(?:vir|vrt|virt|reglt|rglt|pmt|pymt|fact|fac|montt|rdv|svp|pls|plz|asap|tmrw|tmr|2moro|2morrow|dem1|auj|ajd|"
    r"pr|ds|vs|ns|qd|tt|bcp|cpte|compta|chq|cb|c|ca|sa|jai|jsuis|chui|ke|koi|pk|g|u|ur|im|ive|dont|cant|wont|didnt|"
    r"havent|hasnt|isnt|doesnt|thats|ill|well|aint|jpeux|jvais|jpaye|jpaie|mnt|prog|sem|bonj|thx)(?![\w@'-])"
)
_WHOLE = {
    "vir": "virement", "vrt": "virement", "virt": "virement", "reglt": "reglement", "rglt": "reglement", "pmt": "payment",
    "pymt": "payment", "fact": "facture", "fac": "facture", "tmrw": "tomorrow", "tmr": "tomorrow", "2moro": "tomorrow",
    "2morrow": "tomorrow", "dem1": "demain", "auj": "aujourd'hui", "ajd": "aujourd'hui", "pr": "pour", "ds": "dans",
    "vs": "vous", "ns": "nous", "qd": "quand", "tt": "tout", "chq": "cheque", "c": "c'est", "sa": "ca", "jai": "j'ai",
    "jsuis": "je suis", "chui": "je suis", "ke": "que", "koi": "quoi", "pk": "pourquoi", "u": "you", "ur": "your",
    "g": "j'ai",
    "im": "i'm", "ive": "i've", "dont": "don't", "cant": "can't", "wont": "won't", "didnt": "didn't", "havent": "haven't",
    "hasnt": "hasn't", "isnt": "isn't", "doesnt": "doesn't", "thats": "that's", "jpeux": "je peux", "jvais": "je vais",
    "jpaye": "je paye", "jpaie": "je paie", "pls": "please", "plz": "please", "mnt": "maintenant", "prog": "programme",
    "thx": "thanks",
}  # fmt: skip


_CONTRACTED = re.compile(r"\b(?:[a-z]{1,6})n't\b|\bcannot\b")
_IRREGULAR = {
    "won't": "will not",
    "can't": "can not",
    "cannot": "can not",
    "shan't": "shall not",
    "ain't": "is not",
}


@dataclass(frozen=True)
class Plain:
    """`text` in its plain form; character i of it comes from `source[at[i]]`, its end from before `source[until[i]]`."""

    text: str
    source: str
    at: tuple[int, ...]
    until: tuple[int, ...]

    def verbatim(self, start: int, end: int) -> str:
        """What the writer wrote for `text[start:end]`."""
        if start >= end:
            return ""
        return self.source[self.at[start] : self.until[end - 1]]

    def replaced(self, changes: list[tuple[int, int, str]]) -> "Plain":
        """With spans of `text` replaced, in order and apart; what is put in stands for the whole span."""
        text: list[str] = []
        at: list[int] = []
        until: list[int] = []
        last = 0
        for start, end, new in changes:
            text += [self.text[last:start], new]
            at += [*self.at[last:start], *[self.at[start]] * len(new)]
            until += [*self.until[last:start], *[self.until[end - 1]] * len(new)]
            last = end
        text.append(self.text[last:])
        return Plain("".join(text), self.source, (*at, *self.at[last:]), (*until, *self.until[last:]))


def plain(text: str) -> Plain:
    """One form of a text, misspelt words put right, shorthand written out and numbers in words as digits.

    >>> plain("Vendrdi  à midi, QUATRE-VINGT-DOUZE €").text
    'vendredi a midi, 92 €'
    """
    letters = _letters(text)
    letters = letters.replaced(_changes(_WORD, letters.text, corrected))
    letters = letters.replaced(_changes(_SHORTHAND, letters.text, lambda word: _WHOLE.get(word, word)))
    letters = letters.replaced(
        _changes(_CONTRACTED, letters.text, lambda word: _IRREGULAR.get(word, f"{word[:-3]} not"))
    )
    return letters.replaced(number_words(letters.text))


def _letters(text: str) -> Plain:
    kept: list[str] = []
    at: list[int] = []
    until: list[int] = []
    for place, char in enumerate(text):
        for letter in _plain_letters(char):
            if letter == " " and (not kept or kept[-1] == " "):
                continue
            kept.append(letter)
            at.append(place)
            until.append(place + 1)
    return Plain("".join(kept), text, tuple(at), tuple(until))


@lru_cache(maxsize=4096)
def _plain_letters(char: str) -> str:
    if char == "\n":
        return char  # nothing is read across lines
    if char.isspace() or char in "\u200b\ufeff\u00ad":
        return " "
    lower = char.lower()
    if lower in _FIXED:
        return _FIXED[lower]
    if lower.isascii():
        return lower if lower.isprintable() else " "
    if lower in "€£°":
        return lower
    without_marks = "".join(
        part for part in unicodedata.normalize("NFKD", lower) if unicodedata.category(part)[0] != "M"
    )
    return without_marks if without_marks.isascii() and without_marks.isprintable() else " "


def _changes(
    pattern: re.Pattern[str], text: str, put_right: Callable[[str], str]
) -> list[tuple[int, int, str]]:
    found = ((match.start(), match.end(), match[0], put_right(match[0])) for match in pattern.finditer(text))
    return [(start, end, right) for start, end, written, right in found if right != written]
