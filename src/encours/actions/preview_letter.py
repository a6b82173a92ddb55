"""Shows a text as a real customer would read it. Writes nothing."""

from dataclasses import dataclass, replace
from datetime import date

from encours.actions.make_portal_link import sample_portal_url
from encours.actions.render_letter import render_letter
from encours.actions.render_message import Rendered, render_message
from encours.core.letter_templates import check_text
from encours.core.letters import Letter
from encours.core.problems import Problem
from encours.queries.letter_samples import sample_letter
from encours.store.models import Company


@dataclass(frozen=True)
class LetterPreview:
    """What the text says to a customer; nothing when it cannot be read, or nobody owes anything."""

    letter: Letter | None
    rendered: Rendered | None
    problems: tuple[Problem, ...]


def preview_letter(
    *,
    company: Company,
    template: str,
    tone: str,
    language: str,
    text: str,
    customer_id: int | None,
    on: date,
) -> LetterPreview:
    """The text over what a customer owes today; `problems` are those that would keep it from being saved."""
    problems = check_text(text, template=template, language=language)
    letter = sample_letter(
        company=company, customer_id=customer_id, template=template, tone=tone, language=language, on=on
    )
    if letter is None or problems:
        return LetterPreview(letter, None, problems)
    letter = replace(letter, text=text, portal_url=sample_portal_url(company=company))
    return LetterPreview(letter, render_message(letter=letter), ())


def preview_letter_pdf(*, preview: LetterPreview) -> bytes | None:
    """The same on paper."""
    return render_letter(letter=preview.letter) if preview.letter and preview.rendered else None
