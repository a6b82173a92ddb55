"""What would go out over the days to come, under the policies in force or another one. Writes nothing."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

import polars as pl

from encours.core.dunning import Policy, Situation
from encours.core.dunning.conditions import fields_of
from encours.core.dunning.costs import message_costs
from encours.core.dunning.outlook import with_costs
from encours.core.dunning.simulation import Events, Simulation, expected_payments, simulate
from encours.core.wording import Sentence
from encours.queries.business_days import company_days_off
from encours.queries.dunning import situation
from encours.queries.policies import active_policy_values
from encours.queries.simulations import first_documents, habitual_payment_dates, waiting_lines
from encours.store.models import Company
from encours.store.models import Policy as PolicyRow

Pays = Literal["nobody", "habits"]
MAX_DAYS = 366
# No step is further from its due date than this before it.
_NOTICE_DAYS = 60


@dataclass(frozen=True)
class Foretold:
    """`messages` (simulation.MESSAGES with `cost_cents` and `is_letter`) and their `lines`."""

    messages: pl.DataFrame
    lines: pl.DataFrame
    simulation: Simulation
    warnings: tuple[Sentence, ...] = ()


def simulate_dunning(
    *,
    company: Company,
    on: date,
    days: int = 90,
    policy: Policy | None = None,
    pays: Pays = "nobody",
    expected: pl.DataFrame | None = None,
    approval_days: int = 1,
    progress: Callable[[int, int], None] | None = None,
) -> Foretold:
    """`policy` applies as `policies_with` says. Nobody pays, or each as is their habit, or by dates that are given
    (`queries.simulations.EXPECTED`)."""
    assert 1 <= days <= MAX_DAYS
    policies = policies_with(company=company, policy=policy)
    found = situation(company=company, on=on, policies=policies, horizon_days=days + _NOTICE_DAYS)
    found = with_default(found, policies)
    if expected is None and pays == "habits":
        expected = habitual_payment_dates(company=company, receivables=found.receivables, on=on)
    events = (
        expected_payments(receivables=found.receivables, expected=expected, on=on)
        if expected is not None
        else Events()
    )
    done = simulate(
        situation=found,
        on=on,
        days=days,
        days_off=company_days_off(company=company, on=on),
        events=events,
        waiting=waiting_lines(company=company),
        approval_days=approval_days,
        customers_on=customers_by_day(company=company, policies=policies),
        progress=progress,
    )
    costs = message_costs(company.channel_costs)
    return Foretold(with_costs(done.messages, costs), done.lines, done)


def policies_with(*, company: Company, policy: Policy | None) -> Mapping[int, Policy]:
    """The policies in force by id, `policy` among them: in place of the version of its slug, as saving it would do. A
    slug that applies to nobody, and one that is in force just as it is, takes the place of the company's default."""
    in_force = active_policy_values(company=company)
    if policy is None:
        return in_force
    changed = {key for key, value in in_force.items() if value.slug == policy.slug and value != policy}
    if not changed:
        default = PolicyRow.objects.filter(company=company, is_default=True, is_active=True).first()
        changed = {default.pk if default else 0}
    return in_force | dict.fromkeys(changed, policy)


def with_default(found: Situation, policies: Mapping[int, Policy]) -> Situation:
    """Where a company has no default, the policy tried (id 0) is one."""
    if 0 not in policies:
        return found
    return replace(
        found, policies=policies, customers=found.customers.with_columns(pl.col("policy_id").fill_null(0))
    )


def customers_by_day(
    *, company: Company, policies: Mapping[int, Policy]
) -> Callable[[pl.DataFrame, date], pl.DataFrame] | None:
    """What time alone changes of customers that conditions look at (CUSTOMERS, day); None when none looks."""
    wanted = {
        name for policy in policies.values() for step in policy.steps for name in fields_of(step.condition)
    }
    if "relationship_months" not in wanted:
        return None
    first = first_documents(company=company)

    def on_day(customers: pl.DataFrame, day: date) -> pl.DataFrame:
        since, today = pl.col("since"), pl.lit(day)
        months = (
            (today.dt.year() - since.dt.year()) * 12
            + today.dt.month().cast(pl.Int64)
            - since.dt.month().cast(pl.Int64)
            - (since.dt.day() > today.dt.day()).cast(pl.Int64)
        )
        return (
            customers.drop("relationship_months", strict=False)
            .join(first, on="customer_id", how="left")
            .with_columns(relationship_months=months.cast(pl.Int64))
            .drop("since")
        )

    return on_day
