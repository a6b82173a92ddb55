"""Plans the day and puts its messages into the outbox."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import polars as pl
from django.db import connection, transaction

from encours.actions.journal import record
from encours.actions.judge_plans import judge_plans
from encours.actions.judge_promises import judge_promises
from encours.actions.keep_ended import keep_ended
from encours.actions.revise_terms import apply_terms
from encours.actions.say_thanks import say_thanks
from encours.core.dunning import Plan, Policy, plan
from encours.core.dunning.checking import BY_POLICY
from encours.core.dunning.reasons import (
    CATCH_UP,
    FORMAL,
    NOTICE,
    OTHER_CHANNEL,
    PREFERRED_CHANNEL,
    REMINDER,
    REMINDER_FIRST,
)
from encours.core.wording import Sentence
from encours.queries.business_days import company_days_off
from encours.queries.dunning import situation
from encours.store.frames import staged
from encours.store.models import Company

# First key of the advisory lock that lets one planner of a company work at a time; the second is the company.
PLANNER_LOCK = 7101

_INSERT_MESSAGES = """
INSERT INTO store_message (id, company_id, customer_id, contact_id, policy_id, channel, template, step_code, currency,
                           amount_cents, document_count, oldest_due_date, planned_date, approval, state, reason,
                           approved_by, recipient, language, subject, text, html, created_at)
SELECT id, %s, customer_id, contact_id, policy_id, channel, template, step_code, currency, amount_cents,
       document_count, oldest_due_date, planned_date, approval,
       CASE approval WHEN 'automatic' THEN 'approved' ELSE 'waiting' END, reason::jsonb,
       CASE approval WHEN 'automatic' THEN %s ELSE '' END, '', '', '', '', '', now()
FROM {staged}
"""
_INSERT_REMINDERS = """
INSERT INTO store_reminder (company_id, customer_id, message_id, document_id, position, due_date, step_code, cycle,
                            amount_cents, counts, propensity_percent, created_at)
SELECT %s, customer_id, message_id, document_id, position, due_date, step_code, 1, amount_cents, true,
       propensity_percent, now()
FROM {staged}
"""
_INSERT_HELD_OUT = """
INSERT INTO store_heldoutreminder (company_id, customer_id, document_id, position, policy_id, step_code, cycle, template,
                                   channel, amount_cents, planned_date, propensity_percent, created_at)
SELECT %s, customer_id, document_id, position, policy_id, step_code, 1, template, channel, amount_cents, planned_date,
       propensity_percent, now()
FROM {staged}
"""


@dataclass(frozen=True)
class DunningRun:
    """What a run put into the outbox. `held` counts receivables that are due but held back; `message_ids` has one
    id for each action of `plan`, in its order.
    """

    messages: int
    receivables: int
    held: int
    warnings: tuple[Sentence, ...]
    plan: Plan
    message_ids: tuple[int, ...]


def plan_dunning(*, company: Company, on: date, policies: Mapping[int, Policy] | None = None) -> Plan:
    """The plan of the day, written nowhere; under the policies in force, or under others by the same ids."""
    found = situation(company=company, on=on, policies=policies)
    return plan(situation=found, on=on, days_off=company_days_off(company=company, on=on))


@transaction.atomic
def run_dunning(*, company: Company, on: date, actor: str) -> DunningRun:
    """Plans and stores, once it is said which promises and payment plans were kept. Running again adds nothing: what is in the outbox is done, as far as the plan goes.

    Two runs at once work one after the other. Whatever else went wrong, the unique index on reminders refuses a step
    that was done, and with it the whole run (`IntegrityError`): no message without its reminders is ever stored.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [PLANNER_LOCK, company.pk])
    apply_terms(company=company, on=on)
    judge_promises(company=company, on=on, actor=actor)
    judge_plans(company=company, on=on, actor=actor)
    found = plan_dunning(company=company, on=on)
    ids = _store(company, found) if len(found.actions) else ()
    _store_held_out(company, found)
    keep_ended(company=company, ended=found.ended, on=on)
    say_thanks(company=company, on=on, actor=actor)
    record(
        company=company,
        actor=actor,
        action="dunning.planned",
        subject_type="company",
        subject_id=company.pk,
        data={"on": on.isoformat(), "messages": len(found.actions), "receivables": len(found.lines)},
    )
    return DunningRun(
        len(found.actions), len(found.lines), len(found.held), found.warnings, plan=found, message_ids=ids
    )


def _store(company: Company, found: Plan) -> tuple[int, ...]:
    """The ids of the new messages, in the order of the plan's actions."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval('store_message_id_seq') FROM generate_series(1, %s)", [len(found.actions)]
        )
        ids = pl.Series("id", [row[0] for row in cursor.fetchall()], pl.Int64)
    messages = found.actions.with_columns(ids, reason=_reasons())
    columns = [
        "id", "customer_id", "contact_id", "policy_id", "channel", "template", "step_code", "currency",
        "amount_cents", "document_count", "oldest_due_date", "planned_date", "approval", "reason",
    ]  # fmt: skip
    # in the order of the indexes, the one that keeps steps from being done twice among them: each of their pages is
    # written once
    reminders = (
        found.lines.join(messages.select("action", "customer_id", message_id="id"), on="action")
        .drop("action")
        .sort("customer_id", "document_id", "position")
    )
    with connection.cursor() as cursor:
        with staged(messages.select(columns)) as table:
            cursor.execute(_INSERT_MESSAGES.format(staged=table), [company.pk, BY_POLICY])
        with staged(reminders) as table:
            cursor.execute(_INSERT_REMINDERS.format(staged=table), [company.pk])
    return tuple(ids)


def _store_held_out(company: Company, found: Plan) -> None:
    if len(found.held_out):
        with connection.cursor() as cursor, staged(found.held_out) as table:
            cursor.execute(_INSERT_HELD_OUT.format(staged=table), [company.pk])


def _reasons() -> pl.Expr:
    """`Sentence.as_json()` of `core.dunning.action_sentence`, for a whole frame."""
    day = "date"
    due = pl.struct(pl.col("leading_due_date").dt.to_string("%Y-%m-%d").alias(day)).alias("due_date")
    reminded = pl.struct(pl.col("reminded_date").dt.to_string("%Y-%m-%d").alias(day)).alias("reminded_date")
    step, days = pl.col("step_code").alias("step"), pl.col("days_late").alias("days")

    def stored(*params: pl.Expr) -> pl.Expr:
        return pl.struct(
            pl.col("reason").alias("code"), pl.struct(*params).alias("params")
        ).struct.json_encode()

    planned = (
        pl.when(pl.col("reason") == NOTICE.code)
        .then(stored(step, due))
        .when(pl.col("reason") == FORMAL.code)
        .then(stored(step, due, days, reminded))
        .when(pl.col("reason").is_in([REMINDER.code, CATCH_UP.code, REMINDER_FIRST.code]))
        .then(stored(step, due, days))
    )
    why_another = (
        pl.when("is_preferred").then(pl.lit(PREFERRED_CHANNEL.code)).otherwise(pl.lit(OTHER_CHANNEL.code))
    )
    by_another = pl.concat_str(
        pl.lit('{"code":"'),
        why_another,
        pl.lit('","params":{"planned":{"sentence":'),
        planned,
        pl.lit('},"channel":{"sentence":{"code":"channel.'),
        "channel",
        pl.lit('","params":{}}}}}'),
    )
    return (
        pl.when(pl.col("is_preferred") | pl.col("is_fallback"))
        .then(by_another)
        .otherwise(planned)
        .alias("reason")
    )
