"""The last check before a planned message leaves, from what is true now."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import cast

import polars as pl

from encours.core.dunning import reasons
from encours.core.dunning.assessing import assess, unreachable
from encours.core.dunning.situation import WEEK, Situation
from encours.core.wording import Sentence

# Who approved it when the policy lets a step leave by itself.
BY_POLICY = "policy"

DRAFT_LINES = pl.Schema(
    {
        "document_id": pl.Int64,
        "position": pl.Int64,
        "step_code": pl.String,
        "offset_days": pl.Int64,
        "amount_cents": pl.Int64,
    }
)


@dataclass(frozen=True)
class Draft:
    """A planned message. `lines` (DRAFT_LINES) are the receivables it was planned for."""

    customer_id: int
    currency: str
    channel: str
    other_channels: tuple[str, ...]  # of its step, after this one
    step_code: str
    approval: str
    approved_by: str
    min_gap_days: int
    max_contacts_per_week: int
    min_amount_cents: int
    lines: pl.DataFrame


@dataclass(frozen=True)
class Checked:
    """What may leave: `lines` with today's `remaining_cents`; `dropped` with why; or why nothing may.

    `other_channel` is the one it is to go by instead, since its own does not reach any more: `unreached` says why."""

    lines: pl.DataFrame
    dropped: pl.DataFrame
    cancelled: Sentence | None
    other_channel: str = ""
    unreached: Sentence | None = None

    @property
    def amount_cents(self) -> int:
        return int(self.lines["remaining_cents"].sum())

    @property
    def document_count(self) -> int:
        return self.lines["document_id"].n_unique()

    @property
    def oldest_due_date(self) -> date | None:
        """None when nothing is left."""
        return cast(date | None, self.lines["due_date"].min())


def check(*, draft: Draft, situation: Situation, on: date) -> Checked:
    """Looks at one message with the situation of its customer, whose `contacted` leaves this message out.

    A receivable that was settled, covered or held drops out. The message is cancelled when none is left of the step
    it speaks for, when no channel of its step reaches the customer or they were contacted within the gap, or when a
    needed approval is missing.
    """
    lines = _remaining(draft, situation, on)
    dropped = lines.filter(pl.col("reason").is_not_null())
    left = lines.filter(pl.col("reason").is_null())
    obstacle = _obstacle(draft, situation, left=left, dropped=dropped, on=on)
    unreached = reach_obstacle(situation=situation, channel=draft.channel)
    if obstacle is not None or unreached is None:
        return Checked(left, dropped, obstacle)
    other = next_channel(situation=situation, channels=draft.other_channels)
    return Checked(left, dropped, None if other else unreached, other, unreached)


def reach_obstacle(*, situation: Situation, channel: str) -> Sentence | None:
    """Why a channel does not reach the one customer of a situation; None when it does."""
    reach = situation.customers.select(
        "email", "phone", code=unreachable(channel, channels=situation.channels)
    ).row(0, named=True)
    if reach["code"] is None:
        return None
    detail = reach["phone"] if reach["code"] in reasons.ABOUT_PHONE else reach["email"]
    return reasons.held_sentence({"reason": reach["code"], "until_date": None, "detail": detail})


def next_channel(*, situation: Situation, channels: Iterable[str]) -> str:
    """The first of these that reaches the one customer of a situation; "" when none does."""
    return next((each for each in channels if reach_obstacle(situation=situation, channel=each) is None), "")


def _remaining(draft: Draft, situation: Situation, on: date) -> pl.DataFrame:
    found = (
        assess(situation=situation, on=on)
        .filter(pl.col("currency") == draft.currency)
        .drop("customer_id", "currency")
    )
    lines = draft.lines.join(found, on=["document_id", "position"], how="left", maintain_order="left")
    too_late = (pl.col("offset_days") < 0) & (pl.col("due_date") <= on)
    settled = pl.col("open_cents").is_null()
    return lines.with_columns(
        currency=pl.lit(draft.currency),
        remaining_cents=pl.col("remaining_cents").fill_null(0),
        until_date=pl.when(pl.col("reason").is_null() & too_late).then("due_date").otherwise("until_date"),
        reason=pl.when(settled)
        .then(pl.lit(reasons.SETTLED.code))
        .when(pl.col("reason").is_null() & too_late)
        .then(pl.lit(reasons.NOTICE_TOO_LATE.code))
        .otherwise("reason"),
    )


def _obstacle(
    draft: Draft, situation: Situation, *, left: pl.DataFrame, dropped: pl.DataFrame, on: date
) -> Sentence | None:
    if draft.approval == "person" and draft.approved_by in ("", BY_POLICY):
        return reasons.NOT_APPROVED()
    leading = pl.col("step_code") == draft.step_code
    if left.filter(leading).is_empty():
        lost = dropped.filter(leading)
        return reasons.held_sentence(lost.row(0, named=True)) if len(lost) else reasons.SETTLED()
    amount_cents = int(left["remaining_cents"].sum())
    if amount_cents < draft.min_amount_cents:
        return reasons.held_sentence(
            {
                "reason": reasons.BELOW_MINIMUM.code,
                "remaining_cents": amount_cents,
                "currency": draft.currency,
            }
            | {"until_date": None, "detail": None}
        )
    for last in situation.contacted["last_contact_date"]:
        if (on - last).days < draft.min_gap_days:
            return reasons.TOO_SOON(until=date.fromordinal(last.toordinal() + draft.min_gap_days))
    recent = situation.contact_days["contact_date"].unique().sort(descending=True)
    recent = recent.filter(recent > on - WEEK)
    if 0 < draft.max_contacts_per_week <= len(recent):
        return reasons.WEEK_FULL(until=recent[draft.max_contacts_per_week - 1] + WEEK)
    return None
