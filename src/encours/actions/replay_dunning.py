"""What a policy would have sent over the company's own past, and to invoices that were then paid by themselves. Writes
nothing."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date

import polars as pl

from encours.actions.simulate_dunning import customers_by_day, policies_with, with_default
from encours.core.cases.holding import CASES
from encours.core.dunning import Policy, Situation
from encours.core.dunning.costs import message_costs
from encours.core.dunning.outlook import with_costs
from encours.core.dunning.replay import (
    as_of,
    by_itself_within,
    credits,
    open_amounts,
    settled_dates,
    what_became,
    with_what_became,
)
from encours.core.dunning.simulation import Events, Simulation, simulate
from encours.core.dunning.situation import (
    CONTACT_DAYS,
    CONTACTED,
    CREDITS,
    DONE,
    HELD_OUT,
    OUTBOX,
    PENDING,
    RECEIVABLES,
)
from encours.queries.business_days import company_days_off, regional_days_off
from encours.queries.dunning import situation
from encours.queries.replay import Past, past
from encours.store.models import Company

MAX_DAYS = 1100


@dataclass(frozen=True)
class Replayed:
    """`messages` (simulation.MESSAGES with `cost_cents`, `is_letter`, `by_itself_count`, `by_itself_days`), their `lines` with
    what became of them, and of how many the money came by itself (`replay.by_itself_within`)."""

    messages: pl.DataFrame
    lines: pl.DataFrame
    within: dict[str, int]
    simulation: Simulation


def replay_dunning(
    *,
    company: Company,
    since: date,
    until: date,
    policy: Policy | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Replayed:
    """From `since` to `until`, both included, as if the policies had begun on the first day. `policy` applies as
    `policies_with` says; everything that waits for a person is approved the same day."""
    days = (until - since).days + 1
    assert 1 <= days <= MAX_DAYS
    policies = policies_with(company=company, policy=policy)
    known = past(company=company, since=since, until=until)
    opened = open_amounts(ledger=known.ledger, parts=known.parts)
    found = with_default(situation(company=company, on=since, policies=policies, horizon_days=0), policies)
    found, events = _as_it_was(found, known, opened, since=since, until=until)
    days_off = frozenset().union(
        *(
            company_days_off(company=company, on=date(year, 1, 1))
            for year in range(since.year, until.year + 1)
        )
    )
    done = simulate(
        situation=replace(found, regional_days_off=_regional(found, since, until)),
        on=since,
        days=days,
        days_off=days_off,
        events=events,
        approval_days=0,
        customers_on=customers_by_day(company=company, policies=policies),
        progress=progress,
    )
    became = what_became(
        messages=done.messages,
        lines=done.lines,
        settled=settled_dates(opened=opened),
        reminded=known.reminded,
    )
    messages = with_costs(done.messages, message_costs(company.channel_costs))
    return Replayed(with_what_became(messages, became), became, by_itself_within(became), done)


def _as_it_was(
    found: Situation, known: Past, opened: pl.DataFrame, *, since: date, until: date
) -> tuple[Situation, Events]:
    """The situation of the first morning, and what changed on the days after it."""
    key = ["document_id", "position"]
    before, later = as_of(opened, on=since, until=until, key=key)
    receivables = (
        known.parts.join(before.select(*key, "open_cents"), on=key, how="left")
        .with_columns(pl.col("open_cents").fill_null(0), invoice_amount="amount_cents")
        .select(*RECEIVABLES, "invoice_amount", "product_type")
    )
    receivables = receivables.filter(pl.col("open_cents") > 0).vstack(
        receivables.filter(pl.col("open_cents") <= 0).join(later.select(key).unique(), on=key, how="semi")
    )
    credit, credit_later = as_of(
        credits(credited=known.credited), on=since, until=until, key=["customer_id", "currency"]
    )
    now = replace(
        found,
        receivables=receivables,
        credits=credit.filter(pl.col("credit_cents") > 0).select(list(CREDITS)),
        pending=pl.DataFrame(schema=PENDING),
        done=pl.DataFrame(schema=DONE),
        contacted=pl.DataFrame(schema=CONTACTED),
        contact_days=pl.DataFrame(schema=CONTACT_DAYS),
        outbox=pl.DataFrame(schema=OUTBOX),
        holds=known.holds,
        cases=pl.DataFrame(schema=CASES),
        held_out=pl.DataFrame(schema=HELD_OUT),
        hold_out=None,
    )
    return now, Events(open_amounts=later, credits=credit_later, contacts=known.contacts)


def _regional(found: Situation, since: date, until: date) -> dict[str, frozenset[date]]:
    regions = list(found.regional_days_off)
    years = [
        regional_days_off(regions=regions, on=date(year, 1, 1)) for year in range(since.year, until.year + 1)
    ]
    return {region: frozenset().union(*(each[region] for each in years)) for region in regions}
