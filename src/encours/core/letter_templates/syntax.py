"""How the text of a letter is written, and how it is filled in.

The subject on the first line, then paragraphs, an empty line between two. `{total}` is a variable; `[documents]`, alone in
its paragraph, a block; `[if several]…[else]…[end]` and `[if not several]…[end]` choose words within a paragraph, and a
paragraph that is left empty goes.

A text is read once into a tree of known nodes. What is filled in is never read again: neither a customer's name nor a
company's own words can become a variable, a block or anything else.
"""

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches

from encours.core.problems import Problem
from encours.core.wording import Sentence, Wording

MAX_LENGTH = 20_000
MAX_DEPTH = 4

TOO_LONG = Wording(
    "letter_text.too_long", fr="Plus de {limit} signes : c’est trop pour une lettre", en="More than {limit} characters: too much for a letter"
)  # fmt: skip
NO_SUBJECT = Wording(
    "letter_text.no_subject", fr="La première ligne est l’objet de la lettre", en="The first line is the subject of the letter"
)  # fmt: skip
NO_BODY = Wording(
    "letter_text.no_body", fr="La lettre n’a pas de texte sous son objet", en="The letter has no text below its subject"
)  # fmt: skip
UNKNOWN_VARIABLE = Wording(
    "letter_text.unknown_variable",
    fr="{{{name}}} n’est pas une variable{guess}",
    en="{{{name}}} is no variable{guess}",
)
FLAG_AS_WORD = Wording(
    "letter_text.flag_as_word",
    fr="{name} est une condition, pas un mot : écrivez [if {name}]…[end]",
    en="{name} is a condition, no word: write [if {name}]…[end]",
)
UNKNOWN_BLOCK = Wording(
    "letter_text.unknown_block", fr="[{name}] n’est pas un bloc{guess}", en="[{name}] is no block{guess}"
)
UNKNOWN_CONDITION = Wording(
    "letter_text.unknown_condition",
    fr="[if {name}] : cette condition n’existe pas{guess}",
    en="[if {name}]: there is no such condition{guess}",
)
GUESS = Wording("letter_text.guess", fr=" ; vouliez-vous écrire {name} ?", en="; did you mean {name}?")
NOT_CLOSED = Wording(
    "letter_text.not_closed",
    fr="[if {name}] n’est pas fermé par [end] dans son paragraphe",
    en="[if {name}] is not closed by [end] in its paragraph",
)
NOT_OPENED = Wording(
    "letter_text.not_opened",
    fr="[{name}] ne ferme rien : il manque [if …] avant, dans ce paragraphe",
    en="[{name}] closes nothing: [if …] is missing before it, in this paragraph",
)
TOO_DEEP = Wording(
    "letter_text.too_deep", fr="Plus de {limit} conditions l’une dans l’autre", en="More than {limit} conditions within each other"
)  # fmt: skip
NOT_ALONE = Wording(
    "letter_text.not_alone",
    fr="[{name}] se met seul dans son paragraphe, une ligne vide avant et après",
    en="[{name}] stands alone in its paragraph, an empty line before and after",
)
STRAY_BRACE = Wording(
    "letter_text.stray_brace",
    fr="Une accolade seule : une variable s’écrit {example}",
    en="A lone brace: a variable is written {example}",
)
STRAY_TAG = Wording(
    "letter_text.stray_tag",
    fr="Les balises {tag} ne font rien ici : écrivez {{variable}} et [if …]",
    en="Tags like {tag} do nothing here: write {{variable}} and [if …]",
)

_TOKEN = re.compile(r"\{%|%\}|\{\{|\}\}|\{([^{}\n]*)\}|[{}]|\[([a-z_]+(?: [a-z_]+)*)\]")
_BLOCK = re.compile(r"\[([a-z_]+)\]")


class UnableToReadLetter(Exception):
    """`problems` say at which lines and why."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__(", ".join(problem.code for problem in problems))
        self.problems = problems


@dataclass(frozen=True)
class Filling:
    """A variable's place."""

    name: str


@dataclass(frozen=True)
class Choice:
    """Words for when a condition holds, others for when it does not."""

    name: str
    is_negated: bool
    then: "tuple[Node, ...]"
    otherwise: "tuple[Node, ...]"


Node = str | Filling | Choice


@dataclass(frozen=True)
class Words:
    """A paragraph of words."""

    nodes: tuple[Node, ...]


@dataclass(frozen=True)
class Block:
    """A paragraph that is not the text's to word."""

    name: str
    line: int = 0


@dataclass(frozen=True)
class LetterText:
    """A text as read. A text without a subject (a text message) has an empty one."""

    subject: Words
    paragraphs: tuple[Words | Block, ...]

    @property
    def blocks(self) -> tuple[str, ...]:
        return tuple(part.name for part in self.paragraphs if isinstance(part, Block))


def parse_text(
    text: str,
    *,
    variables: Collection[str],
    flags: Collection[str],
    blocks: Collection[str],
    has_subject: bool = True,
) -> LetterText:
    """Reads a text. `variables` may be filled in and asked for, `flags` asked for only, `blocks` stand alone.

    Raises `UnableToReadLetter` with all that is wrong, line by line.
    """
    reader = _Reader(variables, flags, blocks)
    lines = text.replace("\r\n", "\n").replace("\r", "\n").strip("\ufeff").split("\n")
    if len(text) > MAX_LENGTH:
        reader.refuse(None, "", TOO_LONG(limit=MAX_LENGTH))
    first = next((number for number, line in enumerate(lines) if line.strip()), len(lines))
    subject = Words(())
    if has_subject:
        said = lines[first].strip() if first < len(lines) else ""
        subject = Words(reader.words(said, first + 1))
        # an empty line after the subject is a courtesy to the eye
        first += 1
        if not said or _BLOCK.fullmatch(said):
            reader.refuse(1, "subject", NO_SUBJECT())
    paragraphs = tuple(reader.paragraph(words, line) for words, line in _paragraphs(lines[first:], first + 1))
    if not paragraphs:
        reader.refuse(None, "", NO_BODY())
    if reader.problems:
        raise UnableToReadLetter(tuple(reader.problems))
    return LetterText(subject, paragraphs)


def filled(words: Words, values: Mapping[str, str | bool]) -> str:
    """The words of a paragraph with what stands for its variables; a variable that is not given is empty."""
    return "".join(_filled(words.nodes, values)).strip()


def _filled(nodes: tuple[Node, ...], values: Mapping[str, str | bool]) -> Iterator[str]:
    for node in nodes:
        if isinstance(node, str):
            yield node
        elif isinstance(node, Filling):
            yield str(values.get(node.name, ""))
        else:
            holds = bool(values.get(node.name)) != node.is_negated
            yield from _filled(node.then if holds else node.otherwise, values)


def _paragraphs(lines: list[str], first: int) -> Iterator[tuple[str, int]]:
    """Paragraphs with the number of their first line."""
    gathered: list[str] = []
    for number, line in enumerate([*lines, ""], start=first):
        if line.strip():
            gathered.append(line.strip())
        elif gathered:
            yield "\n".join(gathered), number - len(gathered)
            gathered = []


@dataclass
class _Open:
    """A condition whose end is still to come."""

    name: str
    is_negated: bool
    line: int
    then: list[Node]
    otherwise: list[Node] | None = None


class _Reader:
    """Reads paragraphs and gathers what is wrong with them."""

    def __init__(self, variables: Collection[str], flags: Collection[str], blocks: Collection[str]) -> None:
        self._variables, self._flags, self._blocks = variables, flags, blocks
        self.problems: list[Problem] = []

    def refuse(self, line: int | None, field: str, sentence: Sentence) -> None:
        self.problems.append(Problem(sentence, line=line, field=field))

    def paragraph(self, words: str, line: int) -> Words | Block:
        alone = _BLOCK.fullmatch(words)
        if alone and alone[1] not in ("else", "end"):
            if alone[1] not in self._blocks:
                self.refuse(
                    line, alone[1], UNKNOWN_BLOCK(name=alone[1], guess=_guess(alone[1], self._blocks))
                )
            return Block(alone[1], line)
        return Words(self.words(words, line))

    def words(self, words: str, line: int) -> tuple[Node, ...]:
        nodes: list[Node] = []
        stack: list[_Open] = []
        at = 0

        def add(node: Node) -> None:
            into = nodes if not stack else _target(stack[-1])
            if node != "":
                into.append(node)

        for found in _TOKEN.finditer(words):
            add(words[at : found.start()])
            at, where = found.end(), line + words.count("\n", 0, found.start())
            if found[2] is not None:
                self._tag(found[2], where, stack, add)
            elif found[1] is not None:
                self._variable(found[1].strip(), where, add)
            elif found[0] in ("{", "}"):
                self.refuse(where, "", STRAY_BRACE(example="{total}"))
            else:
                self.refuse(where, "", STRAY_TAG(tag=found[0]))
        add(words[at:])
        for left in stack:
            self.refuse(left.line, left.name, NOT_CLOSED(name=left.name))
        return tuple(nodes)

    def _variable(self, name: str, line: int, add: Callable[[Node], None]) -> None:
        if name in self._flags:
            self.refuse(line, name, FLAG_AS_WORD(name=name))
        elif name not in self._variables:
            self.refuse(line, name, UNKNOWN_VARIABLE(name=name, guess=_guess(name, self._variables)))
        else:
            add(Filling(name))

    def _tag(self, tag: str, line: int, stack: list[_Open], add: Callable[[Node], None]) -> None:
        word, _, rest = tag.partition(" ")
        if word == "if" and rest:
            name = rest.removeprefix("not ")
            if name not in self._variables and name not in self._flags:
                self.refuse(
                    line,
                    name,
                    UNKNOWN_CONDITION(name=rest, guess=_guess(name, [*self._flags, *self._variables])),
                )
            if len(stack) == MAX_DEPTH:
                self.refuse(line, name, TOO_DEEP(limit=MAX_DEPTH))
            stack.append(_Open(name, rest != name, line, []))
        elif tag == "else":
            if not stack or stack[-1].otherwise is not None:
                self.refuse(line, "else", NOT_OPENED(name="else"))
            else:
                stack[-1].otherwise = []
        elif tag == "end":
            if not stack:
                self.refuse(line, "end", NOT_OPENED(name="end"))
            else:
                ended = stack.pop()
                add(Choice(ended.name, ended.is_negated, tuple(ended.then), tuple(ended.otherwise or ())))
        elif tag in self._blocks:
            self.refuse(line, tag, NOT_ALONE(name=tag))
        else:
            self.refuse(line, tag, UNKNOWN_BLOCK(name=tag, guess=_guess(tag, self._blocks)))


def _target(opened: _Open) -> list[Node]:
    return opened.then if opened.otherwise is None else opened.otherwise


def _guess(name: str, known: Collection[str]) -> Sentence | str:
    """The nearest name that exists, to be put behind one that does not."""
    near = get_close_matches(name, known, n=1, cutoff=0.6)
    return GUESS(name=near[0]) if near else ""
