"""The letters that come with the product, as text files: one folder per language.

`<template>.txt`, or `<template>.<tone>.txt` where a template has several; a tone without a file of its own is read from
`neutral`, else from the only one there is. Text messages are `sms_<template>.txt`, without a subject. `mentions/` holds
the words of the blocks that the law wants in a notice.
"""

from functools import cache
from importlib.resources import files

from encours.core.letter_templates.checking import read_mention, read_text
from encours.core.letter_templates.library import MANDATE_MENTIONS, MENTIONS
from encours.core.letter_templates.syntax import LetterText, Words

LANGUAGES = ("fr", "en")
# told by a third party in the contacts that follow its first letter; no block of a text
RECALL = "recall"


class UnableToFindLetter(LookupError):
    """There is no text of this name."""


@cache
def standard_text(*, template: str, tone: str, language: str) -> str:
    """A text as it comes with the product. Raises `UnableToFindLetter`."""
    folder = files("encours.ports").joinpath("letters", language if language in LANGUAGES else "en")
    for name in (f"{template}.{tone}.txt", f"{template}.neutral.txt", f"{template}.txt"):
        file = folder.joinpath(name)
        if file.is_file():
            return file.read_text("utf-8")
    raise UnableToFindLetter(f"{template} ({tone}, {language})")


@cache
def standard_letter(*, template: str, tone: str, language: str) -> LetterText:
    """The same as a tree, read once."""
    return read_text(standard_text(template=template, tone=tone, language=language), template=template)


@cache
def mention(*, name: str, language: str) -> tuple[Words, ...]:
    """The paragraphs of a mention (`core.letter_templates.library.MENTIONS`, or `RECALL`)."""
    assert name in (*MENTIONS, *MANDATE_MENTIONS, RECALL)
    folder = files("encours.ports").joinpath(
        "letters", language if language in LANGUAGES else "en", "mentions"
    )
    return read_mention(folder.joinpath(f"{name}.txt").read_text("utf-8"))
