"""What was planned, and what of it leaves on a day: the last check of sending (`checking.check`) over frames."""

from collections import defaultdict
from collections.abc import Set
from dataclasses import dataclass
from datetime import date, timedelta

import polars as pl

from encours.core.dunning.assessing import assess, unreachable
from encours.core.dunning.policy import OFFSET_IN_CODE, WEEKDAYS, tried_channels
from encours.core.dunning.situation import DONE, OUTBOX, WEEK, Situation, next_business_day

# The lines of messages that wait in the outbox; what was done for each receivable before its message.
WAITING = pl.Schema(
    {
        "message_id": pl.Int64,
        "customer_id": pl.Int64,
        "currency": pl.String,
        "channel": pl.String,
        "policy_id": pl.Int64,
        "step_code": pl.String,
        "template": pl.String,
        "approval": pl.String,
        "is_approved": pl.Boolean,
        "planned_date": pl.Date,
        "document_id": pl.Int64,
        "position": pl.Int64,
        "line_step_code": pl.String,
        "before_done_offset_days": pl.Int64,
        "before_done_date": pl.Date,
        "before_reminded_date": pl.Date,
    }
)
_MESSAGE = (
    "planned_on", "customer_id", "currency", "channel", "policy_id", "step_code", "template", "approval", "planned_date",
)  # fmt: skip
_BEFORE = {f"before_{name}": kind for name, kind in DONE.items() if name not in ("document_id", "position")}
_LINE = ("document_id", "position", "step_code", "done_offset_days", *_BEFORE)


@dataclass(frozen=True)
class Left:
    """`messages` that left with their `lines` and what is left to pay; `called_off` messages; `freed` lines, whose steps
    were not done after all."""

    messages: pl.DataFrame
    lines: pl.DataFrame
    called_off: pl.DataFrame
    freed: pl.DataFrame


class Outbox:
    """Messages that were planned, by the day on which each leaves."""

    def __init__(self, *, situation: Situation, approval_days: int, days_off: Set[date]) -> None:
        self._approval_days, self._days_off = approval_days, days_off
        self._windows = {
            (policy_id, placed.code): placed.step.window.days
            for policy_id, policy in situation.policies.items()
            for placed in policy.timeline
            if placed.step.window
        }
        self._leaving: dict[date, list[tuple[pl.DataFrame, pl.DataFrame]]] = defaultdict(list)
        self._numbered = 0

    @property
    def count(self) -> int:
        return sum(len(messages) for parts in self._leaving.values() for messages, _ in parts)

    def pending(self) -> pl.DataFrame:
        """As OUTBOX."""
        parts = [messages for parts in self._leaving.values() for messages, _ in parts]
        empty = pl.DataFrame(schema=OUTBOX)
        return pl.concat(
            [
                empty,
                *(
                    part.select(
                        "customer_id",
                        "currency",
                        pending_step_code="step_code",
                        pending_state=pl.lit("waiting"),
                        pending_since_date="planned_date",
                    )
                    for part in parts
                ),
            ]
        )

    def take(self, actions: pl.DataFrame, lines: pl.DataFrame, done: pl.DataFrame, *, day: date) -> None:
        """The actions of a plan; `lines` have `done_offset_days`."""
        before = done.rename({name.removeprefix("before_"): name for name in _BEFORE})
        lines = lines.join(before, on=["document_id", "position"], how="left").select("action", *_LINE)
        messages = actions.with_columns(planned_on=pl.lit(day, pl.Date), is_approved=pl.lit(value=False))
        self._keep(messages, lines, on=day)

    def take_waiting(self, waiting: pl.DataFrame, *, on: date) -> None:
        """Messages of the outbox (WAITING)."""
        if waiting.is_empty():
            return
        waiting = waiting.with_columns(action="message_id", planned_on=pl.lit(None, pl.Date))
        messages = waiting.select("action", "is_approved", *_MESSAGE).unique("action", maintain_order=True)
        offset = pl.col("line_step_code").str.extract(f"({OFFSET_IN_CODE})").cast(pl.Int64)
        lines = waiting.with_columns(step_code="line_step_code", done_offset_days=offset)
        self._keep(messages, lines.select("action", *_LINE), on=on)

    def due(self, day: date) -> tuple[pl.DataFrame, pl.DataFrame]:
        """The messages whose day this is, and their lines."""
        parts = self._leaving.pop(day, [])
        if not parts:
            return pl.DataFrame(schema={"customer_id": pl.Int64}), pl.DataFrame()
        return pl.concat(messages for messages, _ in parts), pl.concat(lines for _, lines in parts)

    def _keep(self, messages: pl.DataFrame, lines: pl.DataFrame, *, on: date) -> None:
        messages = messages.with_row_index("message", offset=self._numbered).with_columns(
            pl.col("message").cast(pl.Int64)
        )
        self._numbered += len(messages)
        lines = lines.join(messages.select("action", "message"), on="action").select("message", *_LINE)
        when = messages.select("policy_id", "step_code", "approval", "is_approved", "planned_date").unique()
        days = [self._leaving_date(row, on) for row in when.iter_rows(named=True)]
        when = when.with_columns(leaving_date=pl.Series(days, dtype=pl.Date))
        messages = messages.join(when, on=when.columns[:-1], nulls_equal=True)
        for (day,), part in messages.partition_by("leaving_date", as_dict=True).items():
            theirs = lines.join(part.select("message"), on="message", how="semi")
            self._leaving[day].append((part.select("message", *_MESSAGE), theirs))

    def _leaving_date(self, row: dict, on: date) -> date:  # type: ignore[type-arg]
        """The first business day within the step's window, once it is approved."""
        approved = on
        if row["approval"] != "automatic" and not row["is_approved"]:
            for _ in range(self._approval_days):
                approved = next_business_day(on=approved + timedelta(days=1), days_off=self._days_off)
        window = self._windows.get((row["policy_id"], row["step_code"]), WEEKDAYS)
        return next_business_day(
            on=max(approved, row["planned_date"]), days_off=self._days_off, weekdays=window
        )


def leave(*, messages: pl.DataFrame, lines: pl.DataFrame, situation: Situation, on: date) -> Left:
    """Looks at messages once more with the situation of their customers."""
    lines = _remaining(messages, lines, situation, on)
    kept = lines.filter("stays")
    amounts = kept.group_by("message").agg(
        amount_cents=pl.col("remaining_cents").sum(),
        document_count=pl.col("document_id").n_unique().cast(pl.Int64),
        leads=(pl.col("step_code") == pl.col("message_step_code")).any(),
    )
    messages = _within_limits(_by_channel(messages, situation), situation, on).join(
        amounts, on="message", how="left"
    )
    leaves = (
        pl.col("leads").fill_null(value=False)
        & (pl.col("amount_cents") >= pl.col("min_amount_cents"))
        & pl.col("is_allowed")
    )
    left = messages.filter(leaves)
    kept = kept.join(left.select("message"), on="message", how="semi")
    freed = lines.join(kept, on=["message", "document_id", "position"], how="anti")
    return Left(
        messages=left.with_columns(sent_date=pl.lit(on, pl.Date)),
        lines=kept.with_columns(amount_cents="remaining_cents"),
        called_off=messages.filter(~leaves),
        freed=freed,
    )


def _remaining(messages: pl.DataFrame, lines: pl.DataFrame, situation: Situation, on: date) -> pl.DataFrame:
    """Lines with what is left to pay, and whether each `stays`."""
    found = assess(situation=situation, on=on).select(
        "document_id", "position", "due_date", "remaining_cents", "reason"
    )
    too_late = (pl.col("done_offset_days") < 0) & (pl.col("due_date") <= on)
    owner = messages.select("message", "customer_id", message_step_code="step_code")
    return (
        lines.join(owner, on="message")
        .join(found, on=["document_id", "position"], how="left")
        .with_columns(stays=pl.col("remaining_cents").is_not_null() & pl.col("reason").is_null() & ~too_late)
    )


def _by_channel(messages: pl.DataFrame, situation: Situation) -> pl.DataFrame:
    """`channel`: the message's own, else the first that is tried after it for the customer and reaches; null for none."""
    steps = {
        (policy_id, placed.code): (placed.step.template, placed.step.channels)
        for policy_id, policy in situation.policies.items()
        for placed in policy.timeline
    }
    messages = messages.join(
        situation.customers.select("customer_id", "preferred_channel"), on="customer_id", how="left"
    )
    planned = ("policy_id", "step_code", "channel", "preferred_channel")
    ways = [
        {
            "policy_id": policy_id,
            "step_code": code,
            "channel": own,
            "preferred_channel": preferred,
            "way": way,
            "rank": rank,
        }
        for policy_id, code, own, preferred in messages.select(planned).unique().iter_rows()
        for template, named in [steps.get((policy_id, code), ("", ()))]
        for channels in [tried_channels(template=template, channels=named, preferred=preferred or "")]
        for rank, way in enumerate([own, *(channels[channels.index(own) + 1 :] if own in channels else ())])
    ]
    reached = [
        situation.customers.filter(unreachable(way, channels=situation.channels).is_null()).select(
            "customer_id", way=pl.lit(way)
        )
        for way in {each["way"] for each in ways}
    ]
    schema = {
        "policy_id": pl.Int64,
        "step_code": pl.String,
        "channel": pl.String,
        "preferred_channel": pl.String,
        "way": pl.String,
        "rank": pl.Int64,
    }
    found = (
        messages.join(pl.DataFrame(ways, schema=schema), on=planned, nulls_equal=True)
        .join(pl.concat(reached), on=["customer_id", "way"])
        .group_by("message")
        .agg(pl.col("way").sort_by("rank").first())
    )
    return (
        messages.join(found, on="message", how="left")
        .with_columns(channel="way")
        .drop("way", "preferred_channel")
    )


def _within_limits(messages: pl.DataFrame, situation: Situation, on: date) -> pl.DataFrame:
    """`min_amount_cents`, and whether gap, week and channel allow it (`is_allowed`)."""
    limits = pl.DataFrame(
        [
            (
                policy_id,
                placed.code,
                policy.min_gap_days,
                policy.max_contacts_per_week,
                max(policy.min_amount_cents, placed.step.min_amount_cents),
            )
            for policy_id, policy in situation.policies.items()
            for placed in policy.timeline
        ],
        schema={
            "policy_id": pl.Int64,
            "step_code": pl.String,
            "min_gap_days": pl.Int64,
            "max_contacts_per_week": pl.Int64,
            "min_amount_cents": pl.Int64,
        },
        orient="row",
    )
    week = situation.contact_days.filter(pl.col("contact_date") > on - WEEK)
    contacts = week.group_by("customer_id").agg(week_contacts=pl.col("contact_date").n_unique())
    since = (pl.lit(on) - pl.col("last_contact_date")).dt.total_days()
    full = (pl.col("max_contacts_per_week") > 0) & (
        pl.col("week_contacts").fill_null(0) >= pl.col("max_contacts_per_week")
    )
    return (
        messages.join(limits, on=["policy_id", "step_code"], how="left", nulls_equal=True)
        .with_columns(pl.col("min_gap_days", "max_contacts_per_week", "min_amount_cents").fill_null(0))
        .join(situation.contacted, on="customer_id", how="left")
        .join(contacts, on="customer_id", how="left")
        .with_columns(
            is_allowed=pl.col("channel").is_not_null()
            & ~(since < pl.col("min_gap_days")).fill_null(value=False)
            & ~full
        )
    )
