"""What is wrong with a text before anybody gets it: form, mentions the law wants, words it does not allow."""

import re

from encours.core.letter_templates.library import BLOCK_NAMES, BLOCKS, VARIABLES, has_subject, kind_of
from encours.core.letter_templates.syntax import (
    Block,
    LetterText,
    UnableToReadLetter,
    Words,
    parse_text,
)
from encours.core.problems import Problem, by_line
from encours.core.wording import Sentence, Wording

MISSING = Wording(
    "letter_text.missing_mention",
    fr="Il manque [{block}] : {told}. Cette mention ne peut pas être retirée de la lettre.",
    en="[{block}] is missing: {told}. This mention cannot be taken out of the letter.",
)
TWICE = Wording("letter_text.block_twice", fr="[{block}] est là deux fois", en="[{block}] is there twice")
SUBJECT_WORD = Wording(
    "letter_text.subject_word",
    fr="L’objet doit contenir « {word} » : sans ces mots la lettre n’en est pas une",
    en='The subject must contain "{word}": without these words the letter is none',
)
COSTS = Wording(
    "letter_text.costs",
    fr="« {words} » : sans titre exécutoire, les frais de recouvrement restent à la charge du créancier (CPCE, art. L111-8)",
    en='"{words}": without an enforceable title the costs of recovery stay with the creditor (CPCE, art. L111-8)',
)
NOT_REGISTERED = Wording(
    "letter_text.not_registered",
    fr="« {words} » : un e-mail n’est pas une lettre recommandée électronique (code des postes, art. L100)",
    en='"{words}": an e-mail is no electronic registered letter (French Code des postes, art. L100)',
)
# Costs of one's own making, in both languages; the law's interest and indemnity have blocks of their own
_COSTS = re.compile(
    r"frais\s+(?:de\s+)?(?:dossier|relance|gestion|rappel|mise en demeure|recouvrement)|(?:administration|collection|reminder|handling)\s+(?:fee|charge)s?",
    re.IGNORECASE,
)
# the words of the law itself: the fixed indemnity is one "pour frais de recouvrement"
_INDEMNITY = re.compile(r"indemnit\w+[^.]{0,60}$", re.IGNORECASE)
_REGISTERED = re.compile(
    r"lettre\s+recommandée\s+(?:avec\s+accusé\s+de\s+réception\s+)?électronique|\bL\.?R\.?E\.?\b|electronic\s+registered\s+(?:letter|mail)",
)
FLAGS = tuple(name for name, variable in VARIABLES.items() if variable.is_flag)
WORDS = tuple(name for name, variable in VARIABLES.items() if not variable.is_flag)


def read_text(text: str, *, template: str) -> LetterText:
    """A text of a template as a tree. Raises `UnableToReadLetter`."""
    return parse_text(text, variables=WORDS, flags=FLAGS, blocks=BLOCKS, has_subject=has_subject(template))


def read_mention(text: str) -> tuple[Words, ...]:
    """The paragraphs of a mention: words alone."""
    read = parse_text(text, variables=WORDS, flags=FLAGS, blocks=(), has_subject=False)
    return tuple(part for part in read.paragraphs if isinstance(part, Words))


def check_text(text: str, *, template: str, language: str) -> tuple[Problem, ...]:
    """All that is wrong with a text, by line: unknown variables and blocks, conditions left open, mentions that are
    missing, costs the law does not let anybody claim. Empty when it may be used."""
    try:
        read = read_text(text, template=template)
    except UnableToReadLetter as error:
        return by_line(error.problems)
    kind = kind_of(template)
    found: list[Problem] = []
    for block in kind.needed:
        if block not in read.blocks:
            found.append(Problem(MISSING(block=block, told=BLOCK_NAMES[block]()), field=block))
    for block in sorted({name for name in read.blocks if read.blocks.count(name) > 1}):
        last = max(part.line for part in read.paragraphs if isinstance(part, Block) and part.name == block)
        found.append(Problem(TWICE(block=block), line=last, field=block))
    lines = text.replace("\r\n", "\n").split("\n")
    if kind.subject_word is not None and kind.subject_word[language] not in _subject(lines).lower():
        found.append(Problem(SUBJECT_WORD(word=kind.subject_word[language]), line=1, field="subject"))
    for number, line in enumerate(lines, start=1):
        found += [Problem(sentence, line=number, field="text") for sentence in _forbidden(line)]
    return by_line(found)


def _subject(lines: list[str]) -> str:
    return next((line for line in lines if line.strip()), "")


def _forbidden(line: str) -> list[Sentence]:
    costs = [
        COSTS(words=found[0])
        for found in _COSTS.finditer(line)
        if not _INDEMNITY.search(line[: found.start()])
    ]
    return costs + [NOT_REGISTERED(words=found[0]) for found in _REGISTERED.finditer(line)]
