"""Changes what a company lets its customers do in the portal, and how that looks."""

from typing import Any

from django.db import transaction

from encours.actions.journal import record
from encours.actions.keep_file import keep_file
from encours.core.court_files.papers import media_type_of
from encours.core.portal_limits import (
    LOGO_TOO_LARGE,
    LOGO_TYPES,
    MAX_LOGO_BYTES,
    NOT_A_LOGO,
    settings_problems,
)
from encours.core.problems import Problem
from encours.core.wording import Sentence
from encours.queries.portal_settings import portal_settings
from encours.store.models import Company, StoredFile

FIELDS = (
    "is_open", "colour", "link_days", "allows_part_payment", "min_part_cents", "sends_receipts", "allows_promise",
    "max_promise_days", "allows_dispute", "allows_plan", "plan_accepts_by_itself", "plan_max_instalments", "plan_max_days",
    "plan_min_first_percent", "plan_min_instalment_cents", "plan_max_cents", "plan_asks_interest", "allows_autopay",
    "charges_overdue", "overdue_days", "charge_notice_days", "charge_min_cents", "charge_max_cents",
)  # fmt: skip


class UnableToUpdatePortalSettings(Exception):
    """Nothing was changed; `problems` say which fields are wrong."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__(", ".join(problem.code for problem in problems))
        self.problems = problems


@transaction.atomic
def update_portal_settings(*, company: Company, actor: str, **changed: Any) -> bool:
    """Saves the fields of `FIELDS` that are given; whether anything changed. Raises `UnableToUpdatePortalSettings`."""
    assert changed.keys() <= set(FIELDS), f"not portal settings: {changed.keys() - set(FIELDS)}"
    Company.objects.select_for_update(no_key=True).get(pk=company.pk)
    settings = portal_settings(company=company)
    before = {field: getattr(settings, field) for field in FIELDS}
    problems = settings_problems(before | changed)
    if problems:
        raise UnableToUpdatePortalSettings(problems)
    changes = {field: [before[field], value] for field, value in changed.items() if before[field] != value}
    if not changes:
        return False
    for field in changes:
        setattr(settings, field, changed[field])
    settings.save()
    _tell(company, actor, changes)
    return True


@transaction.atomic
def change_portal_logo(*, company: Company, content: bytes | None, name: str, actor: str) -> None:
    """Takes a picture as the logo; None takes it away. What it is is read from its bytes, whatever it is called.

    Raises `UnableToUpdatePortalSettings`.
    """
    Company.objects.select_for_update(no_key=True).get(pk=company.pk)
    settings = portal_settings(company=company)
    before = settings.logo
    after = None if content is None else _logo(company, content, name)
    settings.logo = after
    settings.save()
    _tell(company, actor, {"logo": [logo.sha256 if logo else None for logo in (before, after)]})


def _logo(company: Company, content: bytes, name: str) -> StoredFile:
    if len(content) > MAX_LOGO_BYTES:
        raise _refused(LOGO_TOO_LARGE(limit=MAX_LOGO_BYTES >> 10))
    media_type = media_type_of(content)
    if media_type not in LOGO_TYPES:
        raise _refused(NOT_A_LOGO())
    return keep_file(company=company, name=name[:255], media_type=media_type, content=content)


def _refused(sentence: Sentence) -> UnableToUpdatePortalSettings:
    return UnableToUpdatePortalSettings((Problem(sentence, field="logo"),))


def _tell(company: Company, actor: str, changes: dict[str, Any]) -> None:
    record(
        company=company, actor=actor, action="portal_settings.updated", subject_type="company",
        subject_id=company.pk, data={"changes": changes},
    )  # fmt: skip
