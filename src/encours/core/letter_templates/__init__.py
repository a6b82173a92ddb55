"""Letters as texts: which there are, how a text is written, what it must and must not say."""

from encours.core.letter_templates.checking import check_text
from encours.core.letter_templates.library import (
    LETTERS,
    TEMPLATE_NAMES,
    TONE_NAMES,
    VARIABLES,
    LetterKind,
    Variable,
)
from encours.core.letter_templates.syntax import (
    Block,
    LetterText,
    UnableToReadLetter,
    Words,
    filled,
    parse_text,
)

__all__ = [
    "LETTERS",
    "TEMPLATE_NAMES",
    "TONE_NAMES",
    "VARIABLES",
    "Block",
    "LetterKind",
    "LetterText",
    "UnableToReadLetter",
    "Variable",
    "Words",
    "check_text",
    "filled",
    "parse_text",
]
