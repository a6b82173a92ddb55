"""The plan of a day.

The rule, receivable by receivable, under the policy of the document, else of the customer, the segment or the company:

1. The step due is the highest one of the policy whose day has come and whose condition is true. A step before the due
   date is due only before it. Lower steps that were missed are skipped: nobody gets three reminders in a row because
   a server was down.
2. A step counted from the previous one counts from the day on which the last step before it that applies was sent, and
   waits until then. Steps whose condition is not true are as if they were not there.
3. The formal notice never comes out of nowhere. It needs that a reminder of this receivable was really sent
   after its due date, at least the minimum gap ago; without one, the highest reminder below it is due instead.
   Old invoices that were just imported thus start with a reminder.
4. A step at or below the highest one already done, or on its way in a message, is never done again.
5. What blocks holds the receivable back, with its reason: a hold, credits that cover it, a receipt to be confirmed,
   a customer whom no channel of the step reaches, a message that already waits, a contact less than the minimum gap
   ago.

Then, customer by customer and currency by currency: what is due goes into one message, at the level and by the channel
of its highest step, unless what is left to pay is below the minimum of the policy or of the step. Each receivable
keeps the step that was due for it. Where the policy takes the level from the amounts, the message is at the step for which
most money is due; a receivable with a higher step gets that one, if it had not had it yet.

What is late and had the last step of its policy has come to the end of its cycle: a person decides what follows.
"""

import json
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import date, timedelta
from functools import reduce
from itertools import zip_longest

import polars as pl

from encours.core.dunning import reasons
from encours.core.dunning.assessing import assess, unreachable
from encours.core.dunning.conditions import FIELDS, compiled, fields_of, in_words
from encours.core.dunning.gathering import above_minimum, gathered, levelled, on_their_business_days
from encours.core.dunning.hold_out import held_back, with_hold_out
from encours.core.dunning.policy import CHANNELS, NOTICES, WEEKDAYS, Policy
from encours.core.dunning.situation import WEEK, Situation, next_business_day
from encours.core.wording import Sentence

# The channels of a step in their order, null where it has fewer.
_CHANNELS = tuple(f"channel_{rank + 1}" for rank in range(len(CHANNELS)))
_STEPS = pl.Schema(
    {
        "policy_id": pl.Int64,
        "rank": pl.Int32,
        "step_code": pl.String,
        "offset_days": pl.Int64,
        "template": pl.String,
        "approval": pl.String,
        "min_gap_days": pl.Int64,
        "max_contacts_per_week": pl.Int64,
        "level_by_amount": pl.Boolean,
        "min_amount_cents": pl.Int64,
        "condition_words": pl.String,
        "planned_date": pl.Date,
        **dict.fromkeys(_CHANNELS, pl.String),
    }
)
# What the plan needs of CUSTOMERS, beside the fields of conditions.
_CUSTOMER = (
    "customer_id",
    "policy_id",
    "contact_id",
    "email",
    "phone",
    "preferred_channel",
    *(f"no_{channel}" for channel in CHANNELS),
)
_NOTHING_DONE = -(1 << 40)
_NO_POLICIES = {0: Policy(slug="", name="", min_gap_days=0, min_amount_cents=0, steps=())}

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
# late receivables that had the last step of their policy: a person decides what follows
ENDED = pl.Schema(
    {
        "document_id": pl.Int64,
        "position": pl.Int64,
        "customer_id": pl.Int64,
        "currency": pl.String,
        "remaining_cents": pl.Int64,
        "step_code": pl.String,
        "done_date": pl.Date,  # null where the step never left and a person let it count
    }
)


@dataclass(frozen=True)
class Plan:
    """What goes out (`actions` and their `lines`), what is due but held back, what had its last step, and what to know
    about the whole."""

    actions: pl.DataFrame
    lines: pl.DataFrame
    held: pl.DataFrame
    ended: pl.DataFrame
    held_out: pl.DataFrame  # those of `held` that were drawn to be held back (hold_out.HELD_BACK)
    warnings: tuple[Sentence, ...] = ()


def plan(*, situation: Situation, on: date, days_off: Set[date] = frozenset()) -> Plan:
    """Everything that is due on this day. Steps fall due on any day; messages leave on business days.

    Holds and gaps are looked at for the day the messages leave.
    """
    sending_date = next_business_day(on=on, days_off=days_off)
    steps = _steps(situation, sending_date=sending_date, days_off=days_off)
    rows = _known(assess(situation=situation, on=sending_date), situation, on=on)
    rows = rows.join(situation.done, on=["document_id", "position"], how="left").with_columns(
        done=pl.col("done_offset_days").fill_null(_NOTHING_DONE)
    )
    due = _steps_due(rows, situation, steps, on=on, sending_date=sending_date)
    due = _blocked(_by_channel(due, situation), situation, sending_date)
    ready = above_minimum(due.filter(pl.col("reason").is_null()))
    ready = with_hold_out(levelled(ready, situation), situation)
    if ready["reason"].eq(reasons.HELD_OUT.code).any():  # what is left without them may be too little
        left = above_minimum(ready.filter(pl.col("reason").is_null()).drop("reached_cents"))
        ready = pl.concat([ready.filter(pl.col("reason").is_not_null()), left], how="diagonal")
    actions, lines = gathered(ready.filter(pl.col("reason").is_null()), on=on)
    actions = on_their_business_days(actions, situation, days_off=days_off)
    held = [part.filter(pl.col("reason").is_not_null()).select(list(HELD)) for part in (due, ready)]
    warning = reasons.bank_warning(
        known_until=situation.bank_known_until,
        max_age_days=situation.bank_data_max_age_days,
        on=on,
    )
    return Plan(
        actions,
        lines,
        pl.concat(held),
        _ended(rows, situation, on=on),
        held_back(ready),
        (warning,) if warning else (),
    )


def _steps(situation: Situation, *, sending_date: date, days_off: Set[date]) -> pl.DataFrame:
    """The steps of all policies, by `policy_id` and `rank`, with the day on which each may leave."""
    rows = [
        {
            "policy_id": policy_id,
            "rank": rank,
            "step_code": placed.code,
            "offset_days": placed.offset_days,
            "template": placed.step.template,
            "approval": placed.step.approval,
            "min_gap_days": policy.min_gap_days,
            "max_contacts_per_week": policy.max_contacts_per_week,
            "level_by_amount": policy.level == "amount",
            "min_amount_cents": max(policy.min_amount_cents, placed.step.min_amount_cents),
            "condition_words": json.dumps(in_words(condition).as_json()) if condition else None,
            "planned_date": next_business_day(
                on=sending_date, days_off=days_off, weekdays=window.days if window else WEEKDAYS
            ),
        }
        | dict(zip_longest(_CHANNELS, placed.step.channels))
        for policy_id, policy in situation.policies.items()
        for rank, placed in enumerate(policy.timeline)
        for condition, window in [(placed.step.condition, placed.step.window)]
    ]
    return pl.DataFrame(rows, schema=_STEPS)


def _known(rows: pl.DataFrame, situation: Situation, *, on: date) -> pl.DataFrame:
    """Receivables with their policy, how their customer is reached, and the fields that conditions look at."""
    wanted = {
        name
        for policy in situation.policies.values()
        for step in policy.steps
        for name in fields_of(step.condition)
    }
    looked_up = wanted.intersection(FIELDS, situation.customers.columns).difference(_CUSTOMER)
    customers = situation.customers.with_columns(
        unreachable(channel, channels=situation.channels).alias(f"no_{channel}") for channel in CHANNELS
    ).select(*_CUSTOMER, *sorted(looked_up))
    rows = rows.join(customers, on="customer_id", how="left")
    if len(situation.overrides):
        rows = rows.join(situation.overrides, on="document_id", how="left").with_columns(
            policy_id=pl.coalesce("own_policy_id", "policy_id")
        )
    overdue = pl.when(pl.col("due_date") < on).then("remaining_cents").otherwise(0)
    computed = {
        "amount": pl.col("remaining_cents"),
        "days_late": (pl.lit(on) - pl.col("due_date")).dt.total_days(),
        "overdue_total": overdue.sum().over("customer_id", "currency"),
    }
    return rows.with_columns(
        expression.alias(name) for name, expression in computed.items() if name in wanted
    )


def _steps_due(
    rows: pl.DataFrame, situation: Situation, steps: pl.DataFrame, *, on: date, sending_date: date
) -> pl.DataFrame:
    """Receivables with a step to do, which one, and whether a formal notice lacks its reminder; and those whose step
    came and does not apply."""
    no_policy = rows.filter(pl.col("policy_id").is_null() & (pl.col("due_date") < on))
    climbed = [
        _climbed(
            rows.filter(pl.col("policy_id") == policy_id) if len(situation.policies) > 1 else rows,
            policy,
            steps.filter(pl.col("policy_id") == policy_id)["planned_date"].to_list(),
            on=on,
            sending_date=sending_date,
        )
        for policy_id, policy in (situation.policies or _NO_POLICIES).items()
    ]
    due = (
        pl.concat(climbed)
        .join(steps, on=["policy_id", "rank"])
        .with_columns(
            reason=pl.when("applies")
            .then("reason")
            .otherwise(pl.coalesce("reason", pl.lit(reasons.DOES_NOT_APPLY.code))),
            detail=pl.when(pl.col("applies") | pl.col("reason").is_not_null())
            .then("detail")
            .otherwise("condition_words"),
        )
    )
    return pl.concat([due, no_policy.with_columns(step_code=pl.lit(""))], how="diagonal")


def _climbed(
    rows: pl.DataFrame, policy: Policy, planned_dates: Sequence[date], *, on: date, sending_date: date
) -> pl.DataFrame:
    """The rows of a policy that have a step to do (`rank`), or whose highest step that came `applies` not."""
    conditions = {
        rank: step.condition for rank, step in enumerate(policy.steps) if step.condition is not None
    }
    meets = {rank: f"meets_{rank}" for rank in conditions}
    # only what is true lets a step apply: what is unknown does not
    rows = rows.with_columns(
        compiled(condition).fill_null(False).alias(meets[rank]) for rank, condition in conditions.items()
    )
    ranks = _ranks(policy, planned_dates, meets, on=on)
    rows = rows.with_columns(**ranks).drop(meets.values())
    rows = rows.filter(pl.col("best").is_not_null() | pl.col("missed").is_not_null())
    formal = [rank for rank, step in enumerate(policy.steps) if step.template in NOTICES]
    is_formal = pl.col("best").is_in(formal).fill_null(False) if formal else pl.lit(False)
    reminded = pl.col("reminded_date") <= sending_date - timedelta(days=policy.min_gap_days)
    unprepared = is_formal & ~reminded.fill_null(False)
    stands_in = unprepared & pl.col("early").is_not_null()
    return rows.with_columns(
        rank=pl.when(stands_in).then("early").otherwise(pl.coalesce("best", "missed")),
        applies=pl.col("best").is_not_null(),
        stands_in=stands_in,
        needs_reminder=unprepared & ~stands_in,
    ).drop("best", "early", "missed")


def _ranks(
    policy: Policy, planned_dates: Sequence[date], meets: Mapping[int, str], *, on: date
) -> dict[str, pl.Expr]:
    """Ranks of a policy's steps, row by row: the `best` to do, since when (`came_date`), the highest that came and is
    `missed` for its condition, and the reminder that goes `early` in place of a formal notice."""
    nothing, never = pl.lit(None, pl.Int32), pl.lit(None, pl.Date)
    best, early, missed, came_date, base_date = nothing, nothing, nothing, never, never
    done, due_date = pl.col("done"), pl.col("due_date")
    for rank, (placed, planned_date) in enumerate(zip(policy.timeline, planned_dates, strict=True)):
        applies = pl.col(meets[rank]) if rank in meets else pl.lit(True)
        counted_from = {
            "due_date": due_date,
            "end_of_month": due_date.dt.month_end(),
            "previous_step": base_date,
        }[placed.step.clock]
        day = counted_from + pl.duration(days=placed.step.days)
        came = (day <= on).fill_null(False) & (done < placed.offset_days)
        if placed.offset_days < 0:
            came &= due_date > planned_date
        takes = came & applies
        this = pl.lit(rank, pl.Int32)
        best = pl.when(takes).then(this).otherwise(best)
        came_date = pl.when(takes).then(day).otherwise(came_date)
        if placed.offset_days >= 0:
            missed = pl.when(takes).then(nothing).when(came).then(this).otherwise(missed)
            if placed.step.template not in NOTICES:
                early = pl.when(takes).then(this).otherwise(early)
        # what is counted from the step before waits until the last that applies was done
        base_date = (
            pl.when(done >= placed.offset_days)
            .then("done_date")
            .when(applies)
            .then(never)
            .otherwise(base_date)
        )
    return {"best": best, "early": early, "missed": missed, "came_date": came_date}


def _by_channel(due: pl.DataFrame, situation: Situation) -> pl.DataFrame:
    """`channel`: the first of the step's that reaches the customer, in the order of `policy.tried_channels`;
    `address_reason` when none does."""
    ways = [step.channels for policy in situation.policies.values() for step in policy.steps]
    # only what some step names is looked at: each column more costs each day's plan a millisecond
    named = [channel for channel in CHANNELS if any(channel in way for way in ways)]
    first, *others = _CHANNELS[: max(map(len, ways), default=1)]

    def obstacle(name: str) -> pl.Expr:
        chosen = pl.col(name)
        return reduce(
            lambda rest, channel: pl.when(chosen == channel).then(f"no_{channel}").otherwise(rest),
            named,
            pl.lit(None, pl.String),
        )

    preferred = pl.when(
        ~pl.col("template").is_in(NOTICES)
        & pl.any_horizontal(pl.col(name) == pl.col("preferred_channel") for name in (first, *others))
        & obstacle("preferred_channel").is_null()
    ).then("preferred_channel")
    reached = [pl.when(obstacle(name).is_null() & pl.col(name).is_not_null()).then(name) for name in others]
    channel = pl.coalesce(preferred, pl.when(obstacle(first).is_null()).then(first), *reached)
    due = due.with_columns(tried=channel)
    is_other = (pl.col("tried") != pl.col(first)).fill_null(False)
    is_preferred = (pl.col("tried") == pl.col("preferred_channel")).fill_null(False)
    return due.with_columns(
        channel=pl.coalesce("tried", first),
        is_fallback=is_other & ~is_preferred,
        is_preferred=is_other & is_preferred,
        address_reason=pl.when(pl.col("tried").is_null()).then(obstacle(first)),
    )


def _blocked(due: pl.DataFrame, situation: Situation, sending_date: date) -> pl.DataFrame:
    """`reason` filled where something stands in the way; what assess found comes first."""
    outbox = situation.outbox.sort("pending_since_date").unique(
        ["customer_id", "currency"], keep="first", maintain_order=True
    )
    due = due.join(outbox, on=["customer_id", "currency"], how="left").join(
        situation.contacted, on="customer_id", how="left"
    )
    due = _with_full_weeks(due, situation, sending_date)
    next_date = pl.col("last_contact_date") + pl.duration(days="min_gap_days")
    found = (
        pl.when(pl.col("policy_id").is_null())
        .then(pl.lit(reasons.NO_POLICY.code))
        .when(pl.col("address_reason").is_not_null())
        .then("address_reason")
        .when(pl.col("pending_state") == "unknown")
        .then(pl.lit(reasons.MESSAGE_UNKNOWN.code))
        .when(pl.col("pending_state").is_not_null())
        .then(pl.lit(reasons.MESSAGE_WAITING.code))
        .when(next_date > sending_date)
        .then(pl.lit(reasons.TOO_SOON.code))
        .when(pl.col("week_free_date") > sending_date)
        .then(pl.lit(reasons.WEEK_FULL.code))
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
            .when(pl.col("found") == reasons.WEEK_FULL.code)
            .then("week_free_date")
            .when(waits)
            .then("pending_since_date")
        )
        .otherwise("until_date"),
        detail=pl.when("new")
        .then(
            pl.when(pl.col("found").is_in(reasons.ABOUT_EMAIL))
            .then("email")
            .when(pl.col("found").is_in(reasons.ABOUT_PHONE))
            .then("phone")
            .when(waits)
            .then("pending_step_code")
        )
        .otherwise("detail"),
    )


def _with_full_weeks(due: pl.DataFrame, situation: Situation, sending_date: date) -> pl.DataFrame:
    """`week_free_date`: when the customer may be contacted again after as many contacts as the policy allows a week."""
    recent = situation.contact_days.filter(pl.col("contact_date") > sending_date - WEEK)
    if recent.is_empty():
        return due.with_columns(week_free_date=pl.lit(None, pl.Date))
    days = recent.group_by("customer_id").agg(
        contact_dates=pl.col("contact_date").unique().sort(descending=True)
    )
    allowed = pl.col("max_contacts_per_week")
    # as soon as the earliest of so many lies a week back
    earliest = pl.col("contact_dates").list.get(allowed - 1, null_on_oob=True)
    return (
        due.join(days, on="customer_id", how="left")
        .with_columns(week_free_date=pl.when(allowed > 0).then(earliest + WEEK))
        .drop("contact_dates")
    )


def _ended(rows: pl.DataFrame, situation: Situation, *, on: date) -> pl.DataFrame:
    """ENDED: late, nothing in the way, and at or above the last step of its policy."""
    last = pl.DataFrame(
        [
            {"policy_id": policy_id, "step_code": last.code, "last_offset_days": last.offset_days}
            for policy_id, policy in situation.policies.items()
            if policy.steps
            for last in policy.timeline[-1:]
        ],
        schema={"policy_id": pl.Int64, "step_code": pl.String, "last_offset_days": pl.Int64},
    )
    return (
        rows.filter((pl.col("due_date") < on) & pl.col("reason").is_null() & (pl.col("done") > _NOTHING_DONE))
        .join(last, on="policy_id")
        .filter(pl.col("done") >= pl.col("last_offset_days"))
        .join(situation.outbox, on=["customer_id", "currency"], how="anti")
        .select(list(ENDED))
    )
