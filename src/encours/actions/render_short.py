"""Words for the channels that are not letters: a text message, and what a person is to say on the phone.

Their texts lie beside those of letters (`sms_<template>`, `task_<template>`) and speak of the same facts.
"""

from dataclasses import dataclass, replace

from encours.actions.compose_letter import Composed, Paragraph, compose_letter
from encours.core.letters import Letter
from encours.core.texting import telephone_text
from encours.ports.letter_files import UnableToFindLetter
from encours.queries.letters import with_own_text
from encours.store.models import Company

# what stands in for a template without a text of its own
_USUAL = "reminder_1"


@dataclass(frozen=True)
class Short:
    """`title` is empty for a text message."""

    title: str
    text: str


def render_text_message(*, company: Company, letter: Letter) -> Short:
    """In the telephone's own alphabet where that can be: a text in another one costs more than twice as much. The address
    of the portal stands alone on its last line, so that telephones make a link of it."""
    said = _said(_composed(company, "sms", letter))
    return Short("", telephone_text("\n".join(part for part in (said, letter.portal_url) if part)))


def render_script(*, company: Company, letter: Letter) -> Short:
    """What a task asks for: its title, and what to say."""
    composed = _composed(company, "task", letter)
    return Short(composed.subject, _said(composed))


def _composed(company: Company, kind: str, letter: Letter) -> Composed:
    try:
        return _composed_as(company, f"{kind}_{letter.template}", letter)
    except UnableToFindLetter:
        return _composed_as(company, f"{kind}_{_USUAL}", letter)


def _composed_as(company: Company, template: str, letter: Letter) -> Composed:
    short = replace(letter, template=template, text="", text_id=None)
    return compose_letter(letter=with_own_text(company=company, letter=short))


def _said(composed: Composed) -> str:
    paragraphs = (piece for piece in composed.pieces if isinstance(piece, Paragraph))
    return "\n\n".join("\n".join(each.lines) for each in paragraphs)
