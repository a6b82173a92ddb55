"""The plan of a day.

The rule, receivable by receivable:

1. The step due is the highest one of the policy whose day has come. A step before the due date is due only
   before it. Lower steps that were missed are skipped: nobody gets three reminders in a row because a server
   was down.
2. The formal notice never comes out of nowhere. It needs that a reminder of this receivable was really sent
   after its due date, at least the minimum gap ago; without one, the highest reminder below it is due instead.
   Old invoices that were just imported thus start with a reminder.
3. A step at or below the highest one already done, or on its way in a message, is never done again.
4. What blocks holds the receivable back, with its reason: a hold, credits that cover it, a receipt to be confirmed,
   a customer without a good address, a message that already waits, a contact less than the minimum gap ago.

Then, customer by customer and currency by currency: what is due goes into one message per channel, at the
level of its highest step, unless what is left to pay is below the policy's minimum. Each receivable keeps the step
that was due for it.
"""

from collections.abc import Set
from dataclasses import dataclass
from datetime import date

import polars as pl

from encours.core.dunning import reasons
from encours.core.dunning.assessing import assess, unreachable
from encours.core.dunning.policy import FORMAL_NOTICE
from encours.core.dunning.situation import Situation, next_business_day
from encours.core.wording import Sentence

# More than this many days after its day, a step is sent late: a weekend and a holiday are not worth a word.
LATE_BY_DAYS = 4

ACTIONS = pl.Schema(
    {
        "action": pl.Int64,  # key of `lines`
        "customer_id": pl.Int64,
        "contact_id": pl.Int64,
        "currency": pl.String,
        "channel": pl.String,
        "policy_id": pl.Int64,
        "step_code": pl.String,
        "template": pl.String,
        "approval": pl.String,
        "planned_date": pl.Date,
        "amount_cents": pl.Int64,  # left to pay on its documents, credits deducted
        "document_count": pl.Int64,
        "oldest_due_date": pl.Date,
        "leading_due_date": pl.Date,  # the oldest among the receivables at the message's own level
        "days_late": pl.Int64,
        "reminded_date": pl.Date,
        "reason": pl.String,  # code; the words are `reasons.action_sentence`
    }
)
LINES = pl.Schema(
    {
        "action": pl.Int64,
        "document_id": pl.Int64,
        "position": pl.Int64,
        "due_date": pl.Date,
        "step_code": pl.String,
        "amount_cents": pl.Int64,
    }
)
HELD = pl.Schema(
    {
        "document_id": pl.Int64,
        "position": pl.Int64,
        "customer_id": pl.Int64,
        "currency": pl.String,
        "step_code": pl.String,
        "remaining_cents": pl.Int64,
        "reason": pl.String,  # code; the words are `reasons.held_sentence`
        "until_date": pl.Date,
        "detail": pl.String,
    }
)


@dataclass(frozen=True)
class Plan:
    """What goes out (`actions` and their `lines`), what is due but held back, and what to know about the whole."""

    actions: pl.DataFrame
    lines: pl.DataFrame
    held: pl.DataFrame
    warnings: tuple[Sentence, ...] = ()


def plan(*, situation: Situation, on: date, days_off: Set[date] = frozenset()) -> Plan:
    """Everything that is due on this day. Steps fall due on any day; messages leave on business days.

    Holds and gaps are looked at for the day the messages leave.
    """
    sending_date = next_business_day(on=on, days_off=days_off)
    assessed = assess(situation=situation, on=sending_date).join(
        situation.customers, on="customer_id", how="left"
    )
    due = _steps_due(assessed, situation, on=on, sending_date=sending_date)
    due = _blocked(due, situation, sending_date)
    ready = _above_minimum(due.filter(pl.col("reason").is_null()))
    actions, lines = _grouped(ready.filter(pl.col("reason").is_null()), on=on, sending_date=sending_date)
    held = [part.filter(pl.col("reason").is_not_null()).select(list(HELD)) for part in (due, ready)]
    warning = reasons.bank_warning(
        known_until=situation.bank_known_until,
        max_age_days=situation.bank_data_max_age_days,
        on=on,
    )
    return Plan(actions, lines, pl.concat(held), (warning,) if warning else ())


_STEP = ("step_code", "offset_days", "channel", "template", "approval")


def _calendar(situation: Situation, due_dates: pl.DataFrame, *, on: date, sending_date: date) -> pl.DataFrame:
    """The step due per policy and due date, and (`early_…`) the reminder that stands in for a formal notice.

    There are few different due dates, however many receivables share them.
    """
    days_late = (pl.lit(on) - pl.col("due_date")).dt.total_days()
    key = ["policy_id", "due_date"]
    due = (
        due_dates.join(situation.steps, on="policy_id")
        .filter(pl.col("offset_days") <= days_late)
        .filter((pl.col("offset_days") >= 0) | (pl.col("due_date") > sending_date))
        .sort("offset_days")
    )
    reminders = due.filter((pl.col("template") != FORMAL_NOTICE) & (pl.col("offset_days") >= 0))
    stand_in = reminders.group_by(key).last().rename({name: f"early_{name}" for name in _STEP})
    return due.group_by(key).last().join(stand_in, on=key, how="left")


def _steps_due(rows: pl.DataFrame, situation: Situation, *, on: date, sending_date: date) -> pl.DataFrame:
    """Receivables with a step to do, which one, and whether a formal notice lacks its reminder."""
    key = ["policy_id", "due_date"]
    calendar = _calendar(situation, rows.select(key).unique(), on=on, sending_date=sending_date)
    no_policy = rows.filter(pl.col("policy_id").is_null() & (pl.col("due_date") < on))
    rows = (
        rows.join(calendar, on=key)
        .join(situation.policies, on="policy_id")
        .join(situation.done, on=["document_id", "position"], how="left")
        .with_columns(done=pl.col("done_offset_days").fill_null(-(1 << 40)))
        .filter(pl.col("offset_days") > pl.col("done"))
    )
    reminded = pl.col("reminded_date") <= pl.lit(sending_date) - pl.duration(days="min_gap_days")
    early = (pl.col("template") == FORMAL_NOTICE) & ~reminded.fill_null(False)
    stands_in = early & (pl.col("early_offset_days") > pl.col("done")).fill_null(False)
    rows = rows.with_columns(
        *(pl.when(stands_in).then(f"early_{name}").otherwise(name).alias(name) for name in _STEP),
        stands_in=stands_in,
        needs_reminder=early & ~stands_in,
    ).drop(f"early_{name}" for name in _STEP)
    return pl.concat([rows, no_policy.with_columns(step_code=pl.lit(""))], how="diagonal")


def _blocked(due: pl.DataFrame, situation: Situation, sending_date: date) -> pl.DataFrame:
    """`reason` filled where something stands in the way; what assess found comes first."""
    outbox = situation.outbox.sort("pending_since_date").unique(
        ["customer_id", "currency"], keep="first", maintain_order=True
    )
    due = due.join(outbox, on=["customer_id", "currency"], how="left").join(
        situation.contacted, on="customer_id", how="left"
    )
    next_date = pl.col("last_contact_date") + pl.duration(days="min_gap_days")
    address = unreachable(pl.col("email"), pl.col("bounced"))
    found = (
        pl.when(pl.col("policy_id").is_null())
        .then(pl.lit(reasons.NO_POLICY.code))
        .when(address.is_not_null() & (pl.col("channel") == "email"))
        .then(address)
        .when(pl.col("pending_state") == "unknown")
        .then(pl.lit(reasons.MESSAGE_UNKNOWN.code))
        .when(pl.col("pending_state").is_not_null())
        .then(pl.lit(reasons.MESSAGE_WAITING.code))
        .when(next_date > sending_date)
        .then(pl.lit(reasons.TOO_SOON.code))
        .when("needs_reminder")
        .then(pl.lit(reasons.FORMAL_NEEDS_REMINDER.code))
    )
    due = due.with_columns(found=found, new=pl.col("reason").is_null() & found.is_not_null())
    waits = pl.col("pending_state").is_not_null()
    return due.with_columns(
        reason=pl.coalesce("reason", "found"),
        until_date=pl.when("new")
        .then(
            pl.when(pl.col("found") == reasons.TOO_SOON.code)
            .then(next_date)
            .when(waits)
            .then("pending_since_date")
        )
        .otherwise("until_date"),
        detail=pl.when("new")
        .then(
            pl.when(pl.col("found").is_in([reasons.BAD_ADDRESS.code, reasons.BOUNCED.code]))
            .then("email")
            .when(waits)
            .then("pending_step_code")
        )
        .otherwise("detail"),
    )


def _above_minimum(ready: pl.DataFrame) -> pl.DataFrame:
    total = pl.col("remaining_cents").sum().over("customer_id", "currency")
    too_little = total < pl.col("min_amount_cents")
    return ready.with_columns(
        reason=pl.when(too_little).then(pl.lit(reasons.BELOW_MINIMUM.code)).otherwise("reason")
    )


def _grouped(ready: pl.DataFrame, *, on: date, sending_date: date) -> tuple[pl.DataFrame, pl.DataFrame]:
    """One action per customer, currency and channel, at the level of the highest step in it."""
    owner = ["customer_id", "currency", "channel"]
    leads = pl.col("offset_days") == pl.col("offset_days").max()
    leader = pl.col("offset_days").arg_max()
    actions = (
        ready.group_by(owner)
        .agg(
            pl.col("contact_id", "policy_id", "step_code", "template", "approval").get(leader),
            pl.col("offset_days").max(),
            amount_cents=pl.col("remaining_cents").sum(),
            document_count=pl.col("document_id").n_unique(),
            oldest_due_date=pl.col("due_date").min(),
            leading_due_date=pl.col("due_date").filter(leads).min(),
            reminded_date=pl.col("reminded_date").filter(leads).max(),
            any_stands_in=pl.col("stands_in").filter(leads).any(),
        )
        .sort("customer_id", "currency", "channel")
        .with_columns(
            days_late=(pl.lit(on) - pl.col("leading_due_date")).dt.total_days(),
            planned_date=pl.lit(sending_date),
        )
    )
    late = pl.col("days_late") > pl.col("offset_days") + LATE_BY_DAYS
    actions = (
        actions.with_columns(
            reason=pl.when(pl.col("offset_days") < 0)
            .then(pl.lit(reasons.NOTICE.code))
            .when(pl.col("template") == FORMAL_NOTICE)
            .then(pl.lit(reasons.FORMAL.code))
            .when("any_stands_in")
            .then(pl.lit(reasons.REMINDER_FIRST.code))
            .when(late)
            .then(pl.lit(reasons.CATCH_UP.code))
            .otherwise(pl.lit(reasons.REMINDER.code))
        )
        .with_row_index("action")
        .with_columns(pl.col("action").cast(pl.Int64))
    )
    lines = ready.join(actions.select("action", *owner), on=owner).select(
        "action", "document_id", "position", "due_date", "step_code", amount_cents="remaining_cents"
    )
    return actions.select(list(ACTIONS)), lines
