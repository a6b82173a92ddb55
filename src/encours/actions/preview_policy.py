"""Says whom a policy would change something for, before it takes effect. Writes nothing."""

from dataclasses import dataclass
from datetime import date

import polars as pl

from encours.actions.run_dunning import plan_dunning
from encours.core.dunning import Plan
from encours.core.dunning import Policy as PolicyValue
from encours.core.dunning.comparison import compare
from encours.queries.policies import active_policy_values
from encours.store.models import Company, Policy


@dataclass(frozen=True)
class PolicyPreview:
    """The day's plan as it is and as it would be; `changes` are `core.dunning.comparison.COMPARED`."""

    before: Plan
    after: Plan
    changes: pl.DataFrame


def preview_policy(
    *, company: Company, policy: PolicyValue, is_default: bool = False, on: date
) -> PolicyPreview:
    """`policy` in place of the version of its slug in force, and of the company's default with `is_default`.

    A slug that is new applies to nobody until it is chosen: nothing changes.
    """
    in_force = active_policy_values(company=company)
    default = Policy.objects.filter(company=company, is_default=True, is_active=True).first()
    wanted = {
        key: policy if value.slug == policy.slug or (is_default and default and key == default.pk) else value
        for key, value in in_force.items()
    }
    before = plan_dunning(company=company, on=on, policies=in_force)
    after = plan_dunning(company=company, on=on, policies=wanted)
    return PolicyPreview(before, after, compare(before=before, after=after))
