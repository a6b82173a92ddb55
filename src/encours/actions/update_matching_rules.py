"""Changes what a company lets matching do. What was matched before stays as it is: rules apply from the next run."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from encours.actions.journal import record
from encours.core.matching.rules import changed, values_of
from encours.core.problems import Problem
from encours.store.models import Company, RulesPreview


class UnableToUpdateMatchingRules(Exception):
    """Nothing was changed; `problems` say which rules are wrong."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__(", ".join(problem.code for problem in problems))
        self.problems = problems


@transaction.atomic
def update_matching_rules(*, company: Company, actor: str, values: Mapping[str, Any]) -> bool:
    """Sets the rules in `values` (`core.matching.rules`, None for the default); whether anything changed.

    The journal keeps which rules changed, from what to what. What a preview foretold is then no longer to be decided:
    it goes. Raises `UnableToUpdateMatchingRules`.
    """
    locked = Company.objects.select_for_update().get(pk=company.pk)
    after, problems = changed(locked.matching_rules, values)
    if problems:
        raise UnableToUpdateMatchingRules(problems)
    RulesPreview.objects.filter(company=company).delete()
    old, new = values_of(locked.matching_rules), values_of(after)
    company.matching_rules = after
    if old == new:
        return False
    Company.objects.filter(pk=company.pk).update(matching_rules=after)
    record(
        company=company, actor=actor, action="matching.rules_changed", subject_type="company", subject_id=company.pk,
        data={"changes": {name: [old[name], new[name]] for name in old if old[name] != new[name]}},
    )  # fmt: skip
    return True
