"""Sentences and clauses of a plain text, by their places."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from encours.core.grammar.languages import Language, language_of
from encours.core.grammar.plain import Plain

# no sentence of a person is longer; what is gets cut, so that no pattern runs over a page
MAX_SENTENCE_CHARS = 600
MAX_SENTENCES = 200
_END = re.compile(r"[.!?;]+(?=[\s\"')]|$)|\n+")
_ABBREVIATED = re.compile(
    r"(?:\b(?:m|mm|mr|mrs|ms|dr|st|n|no|num|ref|cf|ex|tel|env|fact|inv|co|ltd|sté|ste|art|p|i\.e|e\.g|janv|fev|fevr|avr|juil|sept|oct|nov|dec|jan|feb|mar|apr|"
    r"aug|sep|lun|mer|jeu|ven|sam|dim|mon|tue|tues|wed|thu|thur|fri|sat|sun|cts|approx|env|max)|\b[a-z]|\d)$"
)
_CLAUSE = re.compile(
    r"[,:;()]+ |,$| - | (?=(?:mais|cependant|toutefois|en revanche|par contre|donc|car|puis|et (?:je|nous|on|le solde|vous)|but|however|because|although|though|so|"
    r"and (?:i|we|the (?:rest|balance)|you)|then|yet|while|alors que|parce|puisque|otherwise|sinon) )"
)
# "vendredi, ça vous va ?" proposes, it does not ask for anything
_AGREED = re.compile(
    r"\b(?:va|convient|ok|okay|d'accord|all ?right|fine|work|works)(?: pour vous| for you| with you| a vous)? ?\?$"
)


@dataclass(frozen=True)
class Sentence:
    """`text` lies at `start` of the plain text of the reply; `asks` when it ends with a question."""

    start: int
    text: str

    @property
    def end(self) -> int:
        return self.start + len(self.text)

    @cached_property
    def asks(self) -> bool:
        return "?" in self.text[-3:] and not _AGREED.search(self.text)

    @cached_property
    def language(self) -> Language | None:
        return language_of(self.text)

    @cached_property
    def clause_ends(self) -> list[int]:
        """Where its clauses end, counted in the sentence."""
        return [*(match.end() for match in _CLAUSE.finditer(self.text)), len(self.text)]

    def clause(self, place: int) -> tuple[int, int]:
        """Start and end of the clause around a place, counted in the sentence."""
        start = 0
        for end in self.clause_ends:
            if place < end:
                return start, end
            start = end
        return start, len(self.text)


def sentences_of(written: Plain) -> list[Sentence]:
    """The sentences of a reply in order, at most `MAX_SENTENCES` of them.

    A line that is full (a mail program broke it) goes on in the next one, a short one is a sentence of its own.
    """
    found = []
    for start, end in _spans(written.text):
        text = written.text[start:end]
        stripped = text.strip()
        if stripped:
            found.append(Sentence(start + text.index(stripped[0]), stripped))
        if len(found) == MAX_SENTENCES:
            break
    return found


def _spans(text: str) -> Iterator[tuple[int, int]]:
    start = 0
    for match in _END.finditer(text):
        before = text[max(start, match.start() - 12) : match.start()]
        if match[0] == "." and _ABBREVIATED.search(before) and text[match.end() : match.end() + 1] != "\n":
            continue
        while match.end() - start > MAX_SENTENCE_CHARS:
            yield start, start + MAX_SENTENCE_CHARS
            start += MAX_SENTENCE_CHARS
        yield start, match.end()
        start = match.end()
    while start < len(text):
        yield start, min(len(text), start + MAX_SENTENCE_CHARS)
        start += MAX_SENTENCE_CHARS


def unwrapped(text: str) -> str:
    """A text with the line ends of mail programs taken out: a line that is full and ends in mid-sentence goes on in the next.

    >>> unwrapped("Bonjour,\\nok")
    'Bonjour,\\nok'
    """
    lines = text.split("\n")
    joined: list[str] = []
    for line in lines:
        if (
            joined
            and len(joined[-1].rsplit("\n", 1)[-1]) >= 55
            and joined[-1][-1:] not in ".!?:;"
            and line.strip()
        ):
            joined[-1] = f"{joined[-1].rstrip()} {line.strip()}"
            if len(joined[-1]) > 2000:
                joined.append("")
        else:
            joined.append(line)
    return "\n".join(joined)
