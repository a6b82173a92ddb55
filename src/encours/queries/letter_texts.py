"""The library of letters as a company has it: the standard texts, and its own in their place."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from encours.core.letter_templates import LETTERS
from encours.core.letter_templates.library import has_subject
from encours.ports.letter_files import LANGUAGES, standard_text
from encours.store.models import Company, LetterTemplate


@dataclass(frozen=True)
class OwnText:
    """A version in the company's own words."""

    id: int
    version: int
    text: str
    saved_by: str
    saved_at: datetime
    is_active: bool


@dataclass(frozen=True)
class LetterRow:
    """A text of the library; `own` is the version in force in the company's own words, if it has any."""

    template: str
    tone: str
    language: str
    standard: str
    own: OwnText | None

    @property
    def text(self) -> str:
        return self.own.text if self.own else self.standard

    @property
    def subject(self) -> str:
        """Its first line; nothing for a text message."""
        return self.text.strip().partition("\n")[0] if has_subject(self.template) else ""


def library(*, company: Company) -> list[LetterRow]:
    """Every letter in every tone and language."""
    own = {
        (row.template, row.tone, row.language): _own(row)
        for row in LetterTemplate.objects.filter(company=company, is_active=True)
    }
    return [
        LetterRow(*key, standard_text(template=key[0], tone=key[1], language=key[2]), own.get(key))
        for key in _keys()
    ]


def letter_row(*, company: Company, template: str, tone: str, language: str) -> LetterRow | None:
    """One of them; None when there is no such letter."""
    if (template, tone, language) not in _keys():
        return None
    found = LetterTemplate.objects.filter(
        company=company, template=template, tone=tone, language=language, is_active=True
    ).first()
    standard = standard_text(template=template, tone=tone, language=language)
    return LetterRow(template, tone, language, standard, _own(found) if found else None)


def letter_versions(*, company: Company, template: str, tone: str, language: str) -> list[OwnText]:
    """All versions there ever were, the newest first."""
    rows = LetterTemplate.objects.filter(company=company, template=template, tone=tone, language=language)
    return [_own(row) for row in rows.order_by("-version")]


def _keys() -> Iterator[tuple[str, str, str]]:
    for template, kind in LETTERS.items():
        for tone in kind.tones:
            for language in LANGUAGES:
                yield template, tone, language


def _own(row: LetterTemplate) -> OwnText:
    return OwnText(row.pk, row.version, row.text, row.saved_by, row.created_at, row.is_active)
