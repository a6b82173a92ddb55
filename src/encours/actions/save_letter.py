"""Puts a company's own words in the place of a letter's, as its next version; and the standard ones back."""

from django.db import transaction

from encours.actions.journal import record
from encours.core.letter_templates import LETTERS, check_text
from encours.core.letter_templates.library import has_subject
from encours.core.problems import Problem
from encours.core.wording import Wording
from encours.ports.letter_files import LANGUAGES, UnableToFindLetter, standard_text
from encours.store.models import Company, LetterTemplate

NO_SUCH = Wording(
    "letter_text.no_such",
    fr="Il n’y a pas de lettre {template} ({tone}, {language})",
    en="There is no letter {template} ({tone}, {language})",
)
CHANGED_MEANWHILE = Wording(
    "letter_text.changed_meanwhile",
    fr="La version {version} de cette lettre a été enregistrée pendant que vous écriviez : relisez-la avant de la remplacer",
    en="Version {version} of this letter was saved while you were writing: read it before you replace it",
)


class UnableToSaveLetter(Exception):
    """Nothing was saved; `problems` say at which lines and why."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__(", ".join(problem.code for problem in problems))
        self.problems = problems


@transaction.atomic
def save_letter(
    *,
    company: Company,
    template: str,
    tone: str,
    language: str,
    text: str,
    actor: str,
    base_version: int | None = None,
) -> tuple[LetterTemplate | None, bool]:
    """The version in force, and whether anything changed: the same text twice makes no second one, the standard text
    puts the standard letter back (None).

    A version is never changed, because messages were made from it. `base_version` is what whoever saves has seen, 0 for
    the standard text. Raises `UnableToSaveLetter`.
    """
    text = "\n".join(line.rstrip() for line in text.replace("\r\n", "\n").split("\n")).strip() + "\n"
    standard = _standard(template, tone, language)
    problems = check_text(text, template=template, language=language)
    if problems:
        raise UnableToSaveLetter(problems)
    Company.objects.select_for_update(no_key=True).get(pk=company.pk)  # one writer counts versions at a time
    versions = LetterTemplate.objects.filter(company=company, template=template, tone=tone, language=language)
    active = versions.filter(is_active=True).first()
    _check_base(base_version, active)
    if text == standard.strip() + "\n":
        return None, _retire(company, active, actor)
    if active is not None and active.text == text:
        return active, False
    last = versions.order_by("-version").first()
    versions.update(is_active=False)
    created = LetterTemplate.objects.create(
        company=company,
        template=template,
        tone=tone,
        language=language,
        version=last.version + 1 if last else 1,
        text=text,
        saved_by=actor,
    )
    _tell(company, created, "letter.saved", actor)
    return created, True


@transaction.atomic
def reset_letter(*, company: Company, template: str, tone: str, language: str, actor: str) -> bool:
    """The standard words again; whether the company had its own. Its versions stay, messages were made from them."""
    _standard(template, tone, language)
    Company.objects.select_for_update(no_key=True).get(pk=company.pk)
    active = LetterTemplate.objects.filter(
        company=company, template=template, tone=tone, language=language, is_active=True
    ).first()
    return _retire(company, active, actor)


def _standard(template: str, tone: str, language: str) -> str:
    known = language in LANGUAGES and (
        tone in LETTERS[template].tones if template in LETTERS else not has_subject(template)
    )
    try:
        if known:
            return standard_text(template=template, tone=tone, language=language)
    except UnableToFindLetter:
        pass
    raise UnableToSaveLetter((Problem(NO_SUCH(template=template, tone=tone, language=language)),))


def _check_base(base_version: int | None, active: LetterTemplate | None) -> None:
    current = active.version if active else 0
    if base_version is not None and base_version != current:
        raise UnableToSaveLetter((Problem(CHANGED_MEANWHILE(version=current)),))


def _retire(company: Company, active: LetterTemplate | None, actor: str) -> bool:
    if active is None:
        return False
    active.is_active = False
    active.save(update_fields=["is_active"])
    _tell(company, active, "letter.reset", actor)
    return True


def _tell(company: Company, row: LetterTemplate, action: str, actor: str) -> None:
    record(
        company=company,
        actor=actor,
        action=action,
        subject_type="letter_template",
        subject_id=row.pk,
        data={"template": row.template, "tone": row.tone, "language": row.language, "version": row.version},
    )
