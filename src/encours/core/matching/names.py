"""Names as banks leave them, and which of the known names they may stand for.

A bank prints `VIREMENT DE BOULANGERIE DUB` for *Boulangerie Dubois & Fils SARL*: upper case, no accents, cut
wherever its field ends, the legal form anywhere or lost, small words dropped, words abbreviated. Names are compared
as their words written together: what differs only in spaces, apostrophes, `&` or small words is the same name.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import islice
from typing import Literal, NamedTuple

import polars as pl
from ahocorasick_rs import AhoCorasick, MatchKind

from encours.core.matching.usual_words import ANNOUNCING, CIVILITIES, HEADS, TRADES, USUAL_WORDS
from encours.core.parties import LEGAL_FORMS

Way = Literal["whole", "cut", "inside", "like"]

# Letters a beginning needs, and where the bank's field is full.
_MIN_LETTERS, _MIN_LETTERS_WHERE_CUT = 8, 5
# and one made of words that tell little
_MIN_LETTERS_OF_LITTLE = 16
# a beginning of more names than these names nobody
_MAX_COMPLETIONS = 20
_MAX_WORDS = 12
# A name may hold a number or a word that announces one, not many.
_MAX_STOPS = 3
# What part of the letters a name must share with the payer's to be like it.
_MIN_SHARE = 0.5
_FORMS = frozenset(LEGAL_FORMS)
# Small words that come and go, and words that banks and people shorten.
_SPOKEN = {
    **dict.fromkeys(("ET", "AND", "DE", "DU", "DES", "LA", "LE", "LES", "THE", "AUX", "AU"), ""),
    "ST": "SAINT",
    "STE": "SAINTE",
    "CIE": "COMPAGNIE",
    "FRS": "FRERES",
}

# what is nothing else than a legal form, and ends a name wherever it stands
_CLEAR_FORMS = frozenset({"SARL", "SAS", "SASU", "EURL", "SNC", "SCOP", "SELARL", "GAEC", "EARL", "EIRL"})
_SMALL = frozenset(word for word, kept in _SPOKEN.items() if not kept)
_SORTED_TRADES = sorted(TRADES)
# what is left of a legal form or of a small word where a bank cuts
_FRAGMENTS = frozenset(
    word[:stop]
    for word in ("SARL", "SASU", "SNC", "SCI", "EURL", "SELARL", "SOCIETE", "ETABLISSEMENTS", *_SMALL)
    for stop in range(1, len(word))
)


class Found(NamedTuple):
    """A known name recognised in a text."""

    key: int  # of the known name, `NameIndex.keys`
    way: Way
    recognised: str  # the words of the text it was read from
    similarity: float = 1.0
    form: str = ""  # the legal form that stands with it


class Reading(NamedTuple):
    """What a text tells of its payer; `unread` are the words of the payer's name when they told nothing."""

    found: list[Found]
    unread: tuple[str, ...] = ()
    payer: str = ""  # the words of the payer's name written together


class _Zone(NamedTuple):
    """The words from where the payer's name begins; after how many the name may end, the most first."""

    words: list[str]
    stops: list[int]
    is_cut: bool  # the bank may have cut the name at the end
    goes_on: bool  # the last word says that more follows: DUBOIS ET
    is_headed: bool  # something says that a payer is named here
    form: str  # the legal form before the name
    is_label: bool = False  # it ends where the bank's field is full


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


def without_accented_letters(column: pl.Expr) -> pl.Expr:
    """What banks leave of names whose accented letters they cannot print: `Gérard` is `GRARD`; empty without any."""
    composed = column.str.normalize("NFC")
    lost = composed.str.replace_all(r"[^\x00-\x7F’–—°]", "?")
    return pl.when(lost != composed).then(plain(lost)).otherwise(pl.lit(""))


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
    """Known names, to be found in texts: by their beginning where the payer is named, or anywhere.

    Names that are spoken alike have one key. The order in which names are given does not matter.
    """

    def __init__(self, names: Iterable[str], *, own_names: Iterable[str] = ()) -> None:
        """`names` and `own_names` are plain (see `plain`). The company's own names are known so as to be nobody else's."""
        spellings = sorted({tuple(name_words(name)) for name in (*names, *own_names) if name})
        self.keys: list[str] = sorted({"".join(words) for words in spellings})
        self._places = {key: place for place, key in enumerate(self.keys)}
        self.words: list[tuple[str, ...]] = [()] * len(self.keys)
        for words in spellings:
            self.words[self._places["".join(words)]] = words
        self._begin_like_heads = {words[0] for words in spellings} & HEADS
        self._sharing = Counter(word for words in spellings for word in set(words))
        telling = [words for words in spellings if self._is_telling(words)]
        self._inside = AhoCorasick(list(map(_spaced, telling)), matchkind=MatchKind.LeftmostLongest)
        self._inside_keys = [self._places["".join(words)] for words in telling]

    def key_of(self, name: str) -> int | None:
        """The key of a plain name, None when it is not known."""
        return self._places.get("".join(name_words(name)))

    def read_payer(self, name: str, *, is_cut: bool) -> Reading:
        """What the payer's name stands for; `is_cut` when the bank may have cut it."""
        words = spoken_words(name)
        zone: _Zone | None = None
        for first in dict.fromkeys((0, _heads(words, CIVILITIES), _heads(words, HEADS))):
            for zone in _zones(words, first, name=name, is_cut=is_cut):
                if found := self._at_beginning(zone):
                    return Reading(found, payer=_together(zone))
        found = self._within(words, zone)
        if zone is None:
            return Reading(found)
        return Reading(found, () if found else _payer(zone), _together(zone))

    def read_text(self, text: str, *, is_cut: bool, label: str = "") -> Reading:
        """Names in a remittance text: behind the words banks begin with, and anywhere.

        `is_cut` when the bank may have cut the text; `label` is its beginning when the bank may have cut that.
        """
        words = spoken_words(text)
        found: list[Found] = []
        zone: _Zone | None = None
        for zone in self._zones_of_text(words, is_cut=is_cut):
            if found := self._at_beginning(zone):
                break
        if zone and zone.is_headed and label:
            found = self._in_label(label, found)
        keys = {each.key for each in found}
        found += [each for each in self._within(words, zone) if each.key not in keys]
        found = [each._replace(recognised=_as_written(text, each.recognised)) for each in found]
        payer = _payer(zone) if zone and zone.is_headed else ()
        return Reading(found, () if found else payer, "".join(payer))

    def _in_label(self, label: str, found: list[Found]) -> list[Found]:
        """What a label tells that the bank may have cut, unless a name was found that reaches beyond it."""
        words = spoken_words(label)
        for zone in _zones(words, _heads(words, HEADS), name=label, is_cut=True):
            if found and len(found[0].recognised) > len(" ".join(zone.words)):
                return found
            if in_label := self._at_beginning(zone._replace(is_label=True)):
                return in_label
        return found

    def _zones_of_text(self, words: list[str], *, is_cut: bool) -> Iterator[_Zone]:
        heads = _heads(words, HEADS)
        for first, word in enumerate(words[:heads]):
            # a customer may be called by a word that banks begin with, but by more than such words
            if word in self._begin_like_heads:
                for zone in _zones(words, first):
                    yield zone._replace(stops=[stop for stop in zone.stops if stop > heads - first])
        yield from _zones(words, heads, is_cut=is_cut, is_headed=heads > 0)

    def _at_beginning(self, zone: _Zone) -> list[Found]:
        """The names that begin where the payer's name begins: written in full, or cut."""
        whole = self._whole(zone)
        if whole and (not zone.is_cut or whole[0].form):
            return whole
        cut = [each for each in self._completed(zone) if each.key not in {found.key for found in whole}]
        if not (whole and cut):
            return whole + cut
        if zone.goes_on:
            return cut
        if zone.is_label or len(cut[0].recognised) > len(whole[0].recognised):
            # as likely as not the name went on
            whole = [whole[0]._replace(way="cut")]
        return whole + cut

    def _whole(self, zone: _Zone) -> list[Found]:
        for stop in zone.stops:
            place = self._places.get("".join(zone.words[:stop]))
            if place is not None and (
                zone.is_headed or stop == len(zone.words) or self._is_telling(self.words[place])
            ):
                return [Found(place, "whole", " ".join(zone.words[:stop]), form=_form(zone, stop))]
        return []

    def _completed(self, zone: _Zone) -> list[Found]:
        """Names that go on where the text stops."""
        found: dict[int, Found] = {}
        for stop in zone.stops:
            words = zone.words[:stop]
            for completion in self._completions(words, zone, stop):
                found.setdefault(completion.key, completion)
            # a letter at the end may begin a word of the name, or one that counts for nothing: D for DUBOIS, or for DE
            if found and words[-1] not in _FRAGMENTS:
                break
        return list(found.values())

    def _completions(self, words: list[str], zone: _Zone, stop: int) -> list[Found]:
        beginning = "".join(words)
        low = bisect_left(self.keys, beginning)
        if low == len(self.keys) or not self.keys[low].startswith(beginning):
            return []
        # nothing is cut before a whole legal form, nor before further words
        is_cut = zone.is_cut and all(word in _FRAGMENTS for word in zone.words[stop:])
        tells = _tells_beginning(words, is_cut=is_cut)
        needed = _MIN_LETTERS if is_cut else _MIN_LETTERS_OF_LITTLE
        if not (zone.is_headed or stop > 1) or not (tells or len(beginning) >= needed):
            return []
        high = bisect_left(self.keys, beginning + "~", lo=low)
        if high - low > _MAX_COMPLETIONS:
            return []
        completions = [place for place in range(low, high) if self.keys[place] != beginning]
        return [self._completion(place, words, is_cut and tells, _form(zone, stop)) for place in completions]

    def _completion(self, place: int, words: list[str], is_cut: bool, form: str) -> Found:
        written = " ".join(words)
        if is_cut:
            return Found(place, "cut", written, form=form)
        # words are missing that no bank took away, or those that are left say little
        return Found(place, "like", written, len("".join(words)) / len(self.keys[place]), form)

    def _within(self, words: list[str], zone: _Zone | None) -> list[Found]:
        """Names that tell enough to be believed anywhere, as whole words; of overlapping ones the longest.

        A name that is but a part of the payer's is only like the payer's.
        """
        matches = self._inside.find_matches_as_indexes(_spaced(words))
        if not matches:
            return []
        payer = _spaced(_payer(zone)) if zone and zone.is_headed else ""
        found: list[Found] = []
        for key in dict.fromkeys(self._inside_keys[index] for index, _, _ in matches):
            name = self.words[key]
            if _spaced(name) in payer:
                share = len(self.keys[key]) / len(payer.replace(" ", ""))
                found.append(Found(key, "like", " ".join(payer.split()), share))
            else:
                found.append(Found(key, "inside", " ".join(name)))
        return [each for each in found if each.similarity >= _MIN_SHARE]

    def _is_telling(self, words: Sequence[str]) -> bool:
        """Whether a name is told from ordinary text by its words alone."""
        letters = sum(len(word) for word in words if word.isalpha())
        if len(words) == 1:
            return letters >= 5 and not is_usual(words[0]) and self._sharing[words[0]] == 1
        telling = any(len(word) >= 3 and word.isalpha() and not is_usual(word) for word in words)
        return letters >= 7 and (telling or len(words) >= 3)


def payer_in_text(text: str, *, label: str = "") -> str:
    """The payer's name as the words that banks begin a text with announce it, empty when they do not.

    `label` is the beginning of the text when the bank may have cut that.

    >>> payer_in_text("VIR SEPA RECU ETS DUBOIS ET FILS SARL FACT 12"), payer_in_text("VIR SEPA RECU FACT 12")
    ('DUBOIS FILS', '')
    """
    words = spoken_words(text)
    heads = _heads(words, HEADS)
    if not heads:
        return ""
    payer = list(_payer(next(_zones(words, heads))))
    if label:
        of_label = spoken_words(label)
        in_label = next(_zones(of_label, _heads(of_label, HEADS), name=label)).words
        if len(payer) >= len(in_label):
            # the name does not go on behind the label that the bank cut; others may begin like it
            payer = in_label if _tells_beginning(in_label, is_cut=False) else []
    is_name = (
        payer
        and payer[0].isalpha()
        and payer[0] not in ANNOUNCING
        and (len(payer) > 1 or not is_usual(payer[0]))
    )
    return " ".join(payer) if is_name else ""


def is_usual(word: str) -> bool:
    """Whether a word names nobody by itself."""
    return word in USUAL_WORDS or word in _FORMS or word in HEADS or word in ANNOUNCING


def _zones(
    words: list[str], first: int, *, name: str = "", is_cut: bool = False, is_headed: bool = True
) -> Iterator[_Zone]:
    """Where the payer's name may begin from a word on. With `name`, which the words are of, it ends with them."""
    if first >= len(words):
        return
    # STE is short for SAINTE and for SOCIETE
    starts = (first, first + 1) if words[first] == "SAINTE" and first + 1 < len(words) else (first,)
    for start in starts:
        form = ""
        while start < len(words) - 1 and words[start] in _FORMS:
            form = words[start]
            start += 1
        zone = words[start : start + _MAX_WORDS]
        possible = (stop for stop in range(1, len(zone) + 1) if _ends(zone, stop, is_alone=bool(name)))
        stops = list(islice(possible, _MAX_STOPS))[::-1]
        goes_on = name.rpartition(" ")[2] in _SMALL
        yield _Zone(zone, stops, is_cut or goes_on, goes_on, is_headed, form)


def _ends(zone: list[str], stop: int, *, is_alone: bool) -> bool:
    """Whether the name may be over after so many words of the zone."""
    while stop < len(zone) and zone[stop] in _FORMS:
        if not is_alone and zone[stop] in _CLEAR_FORMS:
            return True
        stop += 1
    # the bank cut in the middle of a legal form or of a small word
    for behind in (stop, stop + 1):
        if behind >= len(zone):
            return True
        if not is_alone and (zone[behind] in ANNOUNCING or not zone[behind].isalpha()):
            return True
        if zone[behind] not in _FRAGMENTS:
            return False
    return False


def _payer(zone: _Zone) -> tuple[str, ...]:
    """The payer's name in a zone: up to where it ends first."""
    return tuple(zone.words[: zone.stops[-1]]) if zone.stops else ()


def _together(zone: _Zone) -> str:
    """All words of a zone, with what shows that the name goes on."""
    return "".join(zone.words) + ("~" if zone.goes_on else "")


def _form(zone: _Zone, stop: int) -> str:
    """The legal form that stands behind the name, or before it."""
    behind = zone.words[stop : stop + 1]
    return behind[0] if behind and behind[0] in _FORMS else zone.form


def _tells_beginning(words: list[str], *, is_cut: bool) -> bool:
    """Whether the beginning of a name, its last word perhaps cut, is enough to look for those that go on."""
    *before, last = words
    letters = sum(map(len, words))
    if letters < (_MIN_LETTERS_WHERE_CUT if is_cut else _MIN_LETTERS):
        return False
    if any(len(word) >= 3 and not is_usual(word) for word in before):
        return True
    trade = bisect_left(_SORTED_TRADES, last)
    begins_trade = trade < len(_SORTED_TRADES) and _SORTED_TRADES[trade].startswith(last)
    return len(last) >= 3 and not begins_trade and not (is_usual(last) and len(words) == 1)


def _as_written(text: str, spoken: str) -> str:
    """The stretch of a plain text that is spoken so: `ST ETIENNE ET FILS` for SAINT ETIENNE FILS."""
    tokens, wanted = text.split(), spoken.replace(" ", "")
    for first, token in enumerate(tokens):
        read = _SPOKEN.get(token, token)
        last = first
        while read and wanted.startswith(read):
            if read == wanted:
                return " ".join(tokens[first : last + 1])
            last += 1
            if last == len(tokens):
                break
            read += _SPOKEN.get(tokens[last], tokens[last])
    return spoken


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
