"""Names that are nearly one that is known: a typing error, words in another order, shortened or left out."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator, Sequence

from rapidfuzz import process
from rapidfuzz.distance import OSA

from encours.core.matching.names import is_usual

# How many names before and after a payer's in the order of their letters, forwards and backwards, are compared.
_NEIGHBOURS = 4
_MIN_MISSPELT = 5
_CONSONANTS = frozenset("BCDFGHJKLMNPQRSTVWXZ")
# A word in more names than these leads to none of them.
_RARE = 12
_MAX_SHORTENED = 40
_REORDERED = 0.95
# Share of letters that agree: in names with typing errors, and in those that lack words.
_MIN_SIMILARITY, _MIN_SHARED = 0.86, 0.75
# names this close to the best are as good
_MARGIN = 0.03


class NearNames:
    """Known names by what stays of them when they are written wrongly. `names` are words, sorted as written together."""

    def __init__(self, names: Sequence[tuple[str, ...]]) -> None:
        self._names = names
        self._keys = ["".join(words) for words in names]
        self._backwards = sorted((key[::-1], place) for place, key in enumerate(self._keys))
        self._by_words: dict[str, list[int]] = defaultdict(list)
        self._by_initials: dict[tuple[str, str], list[int]] = defaultdict(list)
        self._by_word: dict[str, list[int]] = defaultdict(list)
        self._by_key = {key: place for place, key in enumerate(self._keys)}
        for place, words in enumerate(names):
            self._by_words[_sorted(words)].append(place)
            initials = _initials(words)
            for word in set(words):
                if len(word) >= 3:
                    self._by_initials[initials, word].append(place)
                    self._by_word[word].append(place)
        # two words that differ by one error are the same after a letter is left out of either
        self._by_variant: dict[str, list[str]] = defaultdict(list)
        for word in self._by_word:
            for variant in _variants(word):
                self._by_variant[variant].append(word)

    def find(self, payers: Sequence[tuple[str, ...]]) -> list[list[tuple[int, float]]]:
        """For each payer's words the names that are nearly the same, as (key, similarity), best first."""
        near = [dict(self._certain(words)) for words in payers]
        rest = [place for place, found in enumerate(near) if not found]
        for place, key, similarity in self._misspelt(payers, rest):
            near[place][key] = similarity
        for place in rest:
            if not near[place]:
                near[place].update(self._lacking_words(payers[place]))
        return [_best(found) for found in near]

    def _certain(self, payer: tuple[str, ...]) -> Iterator[tuple[int, float]]:
        """Names with the same words in another order, or with words of which the payer's are short for."""
        if len(payer) < 2:
            return
        for key in self._by_words.get(_sorted(payer), ()):
            yield key, _REORDERED
        initials = _initials(payer)
        for word in payer:
            shortened = self._by_initials.get((initials, word), ())
            if len(shortened) <= _MAX_SHORTENED:
                for key in shortened:
                    if all(map(_is_short_for, payer, self._names[key])) and _tells_enough(
                        payer, self._names[key]
                    ):
                        yield key, len("".join(payer)) / len(self._keys[key])

    def _misspelt(
        self, payers: Sequence[tuple[str, ...]], rest: Sequence[int]
    ) -> Iterator[tuple[int, int, float]]:
        """Names of which the payers' differ by a typing error or two, as (place of the payer, key, similarity)."""
        pairs = [(place, key) for place in rest for key in dict.fromkeys(self._alike(payers[place]))]
        scores = process.cpdist(
            ["".join(payers[place]) for place, _ in pairs],
            [self._keys[key] for _, key in pairs],
            scorer=OSA.normalized_similarity,
            score_cutoff=_MIN_SIMILARITY,
        )
        for pair in scores.nonzero()[0].tolist():
            place, key = pairs[pair]
            similarity = scores[pair].item()
            if _is_misspelt(payers[place], self._names[key], similarity):
                yield place, key, similarity

    def _alike(self, payer: tuple[str, ...]) -> Iterator[int]:
        """Names that begin or end as the payer's, and those that share a rare word with it."""
        together = "".join(payer)
        place = bisect_left(self._keys, together)
        yield from range(max(0, place - _NEIGHBOURS), min(len(self._keys), place + _NEIGHBOURS))
        place = bisect_left(self._backwards, (together[::-1], 0))
        yield from (key for _, key in self._backwards[max(0, place - _NEIGHBOURS) : place + _NEIGHBOURS])
        yield from self._sharing(payer)
        for spot, word in enumerate(payer):
            for right in {
                right for variant in _variants(word) for right in self._by_variant.get(variant, ())
            }:
                key = self._by_key.get("".join((*payer[:spot], right, *payer[spot + 1 :])))
                if key is not None:
                    yield key

    def _sharing(self, payer: tuple[str, ...]) -> Iterator[int]:
        for word in payer:
            sharing = self._by_word.get(word, ())
            if len(sharing) <= _RARE and not is_usual(word):
                yield from sharing

    def _lacking_words(self, payer: tuple[str, ...]) -> Iterator[tuple[int, float]]:
        """Names that share the words that tell, with words missing on either side."""
        words = set(payer)
        telling = {word for word in words if not is_usual(word)}
        for key in dict.fromkeys(self._sharing(payer)):
            name = set(self._names[key])
            common = words & name
            shared = 2 * sum(map(len, common)) / (len("".join(payer)) + len(self._keys[key]))
            # what tells one of the two names apart must all be in the other, and the numbers of the known one
            enough = telling <= common or all(is_usual(word) for word in name - common)
            if shared >= _MIN_SHARED and enough and all(word.isalpha() for word in name - common):
                yield key, shared


def _is_misspelt(payer: tuple[str, ...], name: tuple[str, ...], similarity: float) -> bool:
    """Whether the errors are few for the words they stand in (MARTIN is not MARIN), and none is in a number."""
    if [word for word in payer if not word.isalpha()] != [word for word in name if not word.isalpha()]:
        return False
    common = set(payer) & set(name)
    differing = [sum(len(word) for word in words if word not in common) for words in (payer, name)]
    errors = round((1 - similarity) * max(sum(map(len, payer)), sum(map(len, name))))
    return errors * _MIN_MISSPELT <= max(differing)


def _best(found: dict[int, float]) -> list[tuple[int, float]]:
    best = max(found.values(), default=0.0)
    kept = [(key, similarity) for key, similarity in found.items() if similarity >= best - _MARGIN]
    return sorted(kept, key=lambda near: (-near[1], near[0]))


def _is_short_for(short: str, word: str) -> bool:
    """Whether a word is the other one, its beginning, or its first letter and consonants: TRSP for TRANSPORTS."""
    if word.startswith(short):
        return True
    letters = iter(word)
    return (
        _CONSONANTS.issuperset(short[1:]) and len(short) >= 3 and all(letter in letters for letter in short)
    )


def _tells_enough(payer: tuple[str, ...], name: tuple[str, ...]) -> bool:
    """Whether what is written in full names somebody, or nothing is shortened to less than three letters."""
    return any(
        short == word and len(word) >= 4 and not is_usual(word)
        for short, word in zip(payer, name, strict=True)
    ) or all(short == word or len(short) >= 3 for short, word in zip(payer, name, strict=True))


def _variants(word: str) -> list[str]:
    """A word, and what is left of it when one letter is lost."""
    if len(word) < _MIN_MISSPELT or not word.isalpha():
        return []
    return [word, *{word[:spot] + word[spot + 1 :] for spot in range(len(word))}]


def _initials(words: Sequence[str]) -> str:
    return "".join(word[0] for word in words)


def _sorted(words: Sequence[str]) -> str:
    return " ".join(sorted(words))
