"""Changes a company's accounts, journals and choices for its books. What was booked before stays as it is."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from django.db import transaction

from encours.actions.journal import record
from encours.core.accounting.accounts import Accounts, changed
from encours.core.problems import Problem
from encours.queries.accounting import accounts_of
from encours.store.models import AccountingSettings, Company


class UnableToUpdateAccounting(Exception):
    """Nothing was changed; `problems` say which fields are wrong."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__(", ".join(problem.code for problem in problems))
        self.problems = problems


@transaction.atomic
def update_accounting(*, company: Company, actor: str, values: Mapping[str, Any]) -> Accounts:
    """The settings (fields of `Accounts`) after `values` were changed. Raises `UnableToUpdateAccounting`."""
    Company.objects.select_for_update().get(pk=company.pk)
    before = accounts_of(company=company)
    after, problems = changed(before, values)
    if problems:
        raise UnableToUpdateAccounting(problems)
    old, new = before.as_json(), after.as_json()
    if old == new:
        return after
    AccountingSettings.objects.update_or_create(company=company, defaults={"values": new})
    defaults = asdict(Accounts())
    changes = {
        name: [old.get(name, defaults[name]), new.get(name, defaults[name])]
        for name in old.keys() | new.keys()
        if old.get(name) != new.get(name)
    }
    record(
        company=company, actor=actor, action="accounting.settings_changed", subject_type="company",
        subject_id=company.pk, data={"changes": changes},
    )  # fmt: skip
    return after
