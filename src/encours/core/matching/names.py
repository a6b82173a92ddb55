"""Names as banks leave them, and which of the known names they may stand for.

A bank prints `VIREMENT DE BOULANGERIE DUB` for *Boulangerie Dubois & Fils SARL*: upper case, no accents, cut
wherever its field ends, the legal form anywhere or lost, small words dropped, words abbreviated. Names are compared
as their words written together: what differs only in spaces, apostrophes, `&` or small words is the same name.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from itertools import accumulate
from typing import Literal, NamedTuple

import polars as pl
from ahocorasick_rs import AhoCorasick, MatchKind

from encours.core.matching.usual_words import ANNOUNCING, CIVILITIES, HEADS, USUAL_WORDS
from encours.core.parties import LEGAL_FORMS

Way = Literal["whole", "cut", "inside", "like"]

# Lengths at which banks cut a name: columns of CFONB (24 to 31), SEPA's 35 and 70, and the same without the blank
# that stood at the end.
_CUT_LENGTHS = frozenset({23, 24, 26, 27, 30, 31, 32, 34, 35, 69, 70})
_MIN_CUT_LETTERS = 8
_MAX_COMPLETIONS = 20
_MAX_WORDS = 12
_FORMS = frozenset(LEGAL_FORMS)
# Small words that come and go, and words that banks and people shorten.
_SPOKEN = {
    **dict.fromkeys(("ET", "AND", "DE", "DU", "DES", "LA", "LE", "LES", "THE", "AUX", "AU"), ""),
    "ST": "SAINT",
    "STE": "SAINTE",
    "CIE": "COMPAGNIE",
    "FRS": "FRERES",
}

# what is left of a legal form or of a small word where a bank cuts
_FRAGMENTS = frozenset(
    word[:stop]
    for word in (*LEGAL_FORMS, *(word for word, kept in _SPOKEN.items() if not kept))
    for stop in range(1, len(word))
)


class Found(NamedTuple):
    """A known name recognised in a text."""

    key: int  # of the known name, `NameIndex.keys`
    way: Way
    recognised: str  # the words of the text it was read from
    similarity: float = 1.0


def plain(column: pl.Expr) -> pl.Expr:
    """Upper case ASCII words, legal forms kept: `S.A.R.L. Dubois & Fils` is `SARL DUBOIS FILS`.

    A question mark stands for a letter that a bank could not print: what is left of its word stays one word.
    """
    return (
        column.str.normalize("NFKD")
        .str.replace_all(r"\p{M}|\?|\u{FFFD}", "")
        .str.to_uppercase()
        .str.replace_all("Œ", "OE", literal=True)
        .str.replace_all("Æ", "AE", literal=True)
        .str.replace_all(r"\b([A-Z])\.", "$1")
        .str.replace_all("[^A-Z0-9]+", " ")
        .str.strip_chars()
    )


def spoken_words(text: str) -> list[str]:
    """Words of a plain text that tell names apart, single letters in a row together.

    >>> spoken_words("ETS L D C DE ST MARTIN ET FILS")
    ['ETS', 'LDC', 'SAINT', 'MARTIN', 'FILS']
    """
    words: list[str] = []
    letters = False
    for token in text.split():
        word = _SPOKEN.get(token, token)
        if not word:
            letters = False
            continue
        single = len(word) == 1 and word.isalpha()
        if single and letters:
            words[-1] += word
        else:
            words.append(word)
        letters = single
    return words or text.split()


def name_words(text: str) -> list[str]:
    """Words of a plain name, without the legal forms at either end."""
    words = spoken_words(text)
    first, last = 0, len(words)
    while first < last and words[first] in _FORMS:
        first += 1
    while first < last and words[last - 1] in _FORMS:
        last -= 1
    return words[first:last] or words


class NameIndex:
    """Known names, to be found in texts by their beginning, inside, or nearly.

    Names that are spoken alike have one key. The order in which names are given does not matter.
    """

    def __init__(self, names: Iterable[str], *, own_names: Iterable[str] = ()) -> None:
        """`names` and `own_names` are plain (see `plain`); the company's own names are known so as not to be others'."""
        spellings = {tuple(name_words(name)) for name in (*names, *own_names)}
        spellings.discard(())
        self.keys: list[str] = sorted({"".join(words) for words in spellings})
        self._key_of = {key: place for place, key in enumerate(self.keys)}
        self._words: list[tuple[str, ...]] = [()] * len(self.keys)
        for words in sorted(spellings):
            self._words[self._key_of["".join(words)]] = words
        self._shared_by = Counter(word for words in spellings for word in set(words))
        self._parents = _parents(self.keys)
        patterns = {
            _spaced(words): self._key_of["".join(words)]
            for words in sorted(spellings)
            if self._is_telling(words)
        }
        self._inside_keys = list(patterns.values())
        self._inside = AhoCorasick(list(patterns), matchkind=MatchKind.LeftmostLongest)

    def key_of(self, name: str) -> int | None:
        """The key of a plain name, None when it is not known."""
        return self._key_of.get("".join(name_words(name)))

    def read_payer(self, name: str, *, length: int) -> list[Found]:
        """What the payer's name stands for; `length` is that of the name as the bank printed it."""
        words = spoken_words(name)
        if not words:
            return []
        heads = _heads(words, CIVILITIES)
        for first in (0, heads) if heads else (0,):
            found = self._at_beginning(words, first, is_label=True, looks_cut=length in _CUT_LENGTHS)
            if found:
                return found
        heads = _heads(words, HEADS)
        if heads and (found := self._at_beginning(words, heads, is_label=True, looks_cut=True)):
            return found
        return self._within(words)

    def read_text(self, text: str, *, label: str = "") -> list[Found]:
        """Names in a remittance text: behind the words banks begin with, and anywhere.

        `label` is the beginning of the text that may be a label cut by the bank.
        """
        words = spoken_words(text)
        if not words:
            return []
        heads = _heads(words, HEADS)
        found: list[Found] = []
        for first in range(heads, -1, -1):
            found = self._at_beginning(words, first, is_label=False, looks_cut=False, is_headed=heads > 0)
            if found:
                break
        if not found and label:
            of_label = spoken_words(label)
            heads = _heads(of_label, HEADS)
            found = self._at_beginning(of_label, heads, is_label=True, looks_cut=True) if heads else []
        keys = {each.key for each in found}
        return found + [each for each in self._within(words) if each.key not in keys]

    def _at_beginning(
        self, words: list[str], first: int, *, is_label: bool, looks_cut: bool, is_headed: bool = True
    ) -> list[Found]:
        """The names that begin where the payer's name begins: written in full, or cut.

        With `is_label` nothing but the name stands there; without, it ends where an announcing word or a number is.
        """
        found: list[Found] = []
        # STE is short for SAINTE and for SOCIETE
        starts = [first, first + 1] if words[first : first + 1] == ["SAINTE"] else [first]
        for start in starts:
            while start < len(words) - 1 and words[start] in _FORMS:
                start += 1
            zone = words[start : start + _MAX_WORDS]
            if zone:
                found = self._whole(zone, is_label=is_label, is_headed=is_headed)
                # a name that a whole legal form follows was not cut
                if not found or (looks_cut and zone[-1] not in _FORMS):
                    known = {each.key for each in found}
                    cut = self._cut(zone, is_label=is_label, is_headed=is_headed)
                    found += [each for each in cut if each.key not in known]
            if found:
                break
        return found

    def _whole(self, zone: list[str], *, is_label: bool, is_headed: bool) -> list[Found]:
        together = "".join(zone)
        ends = list(accumulate(map(len, zone)))
        place = bisect_left(self.keys, together + "~") - 1
        # the keys that a text begins with are the last one before it and those this one begins with
        while place >= 0:
            key = self.keys[place]
            if together.startswith(key) and len(key) in ends:
                count = ends.index(len(key)) + 1
                if self._ends_there(zone, count, is_label=is_label) and (
                    is_headed or count == len(zone) or self._is_telling(self._words[place])
                ):
                    return [Found(place, "whole", " ".join(zone[:count]))]
            place = self._parents[place]
        return []

    def _cut(self, zone: list[str], *, is_label: bool, is_headed: bool) -> list[Found]:
        """Names that go on where the text stops."""
        for count in range(len(zone), 0, -1):
            if not self._ends_there(zone, count, is_label=is_label):
                continue
            beginning = "".join(zone[:count])
            if len(beginning) < _MIN_CUT_LETTERS or not (is_headed or count > 1):
                continue
            low = bisect_left(self.keys, beginning)
            high = bisect_left(self.keys, beginning + "~", lo=low)
            if low == high:
                continue
            if high - low > _MAX_COMPLETIONS or all(self._is_usual(word) for word in zone[:count]):
                return []
            written = " ".join(zone[:count])
            return [
                Found(place, "cut", written) for place in range(low, high) if self.keys[place] != beginning
            ]
        return []

    def _ends_there(self, zone: list[str], count: int, *, is_label: bool) -> bool:
        """Whether the name may be over after so many words of the zone."""
        while count < len(zone) and zone[count] in _FORMS:
            count += 1
        if count == len(zone):
            return True
        following = zone[count]
        if is_label:
            # the bank cut in the middle of a legal form or of a small word
            return count == len(zone) - 1 and (following in _FRAGMENTS)
        return following in ANNOUNCING or not following.isalpha()

    def _within(self, words: list[str]) -> list[Found]:
        """Names that tell enough to be believed anywhere, as whole words; of overlapping ones the longest."""
        matches = self._inside.find_matches_as_indexes(_spaced(words))
        return [
            Found(key, "inside", " ".join(self._words[key]))
            for key in dict.fromkeys(self._inside_keys[index] for index, _, _ in matches)
        ]

    def _is_telling(self, words: Sequence[str]) -> bool:
        """Whether a name is told from ordinary text by its words alone."""
        letters = sum(len(word) for word in words if word.isalpha())
        if len(words) == 1:
            return letters >= 5 and not self._is_usual(words[0]) and self._shared_by[words[0]] == 1
        telling = any(len(word) >= 3 and word.isalpha() and not self._is_usual(word) for word in words)
        return letters >= 7 and (telling or len(words) >= 3)

    def _is_usual(self, word: str) -> bool:
        return word in USUAL_WORDS or word in _FORMS or word in HEADS or word in ANNOUNCING


def _parents(keys: Sequence[str]) -> list[int]:
    """For each of the sorted keys the place of the longest other key it begins with, -1 for none."""
    parents: list[int] = []
    above: list[int] = []
    for place, key in enumerate(keys):
        while above and not key.startswith(keys[above[-1]]):
            above.pop()
        parents.append(above[-1] if above else -1)
        above.append(place)
    return parents


def _heads(words: Sequence[str], heads: Collection[str]) -> int:
    """How many words stand before the payer's name; at least one word is left for the name."""
    count = 0
    while count < len(words) - 1 and (
        words[count] in heads or (count and not words[count].isalpha() and len(words[count]) >= 6)
    ):
        count += 1
    return count


def _spaced(words: Iterable[str]) -> str:
    """Each word between blanks of its own, so that neighbours are found one after the other."""
    return "".join(f" {word} " for word in words)
