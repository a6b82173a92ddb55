"""Reminders held back at random, so that what reminders do can be told from what would have happened anyway.

A company says which share (default none) and up to which amount. Who is held back follows from its seed, the receivable
and the step alone: planning again draws the same. Never a formal notice nor the reminder that must go before one; never
twice in a row for one receivable. What is held back counts as done, so the next step comes in its time.

How likely each reminder was to be sent is written down with it (100 where nothing could hold it back): only with that
can the two be compared later (`core.dunning.conversion`).
"""

from collections.abc import Mapping

import numpy as np
import polars as pl

from encours.core.dunning import reasons
from encours.core.dunning.policy import FORMAL_NOTICE, Policy
from encours.core.dunning.situation import HoldOut, Situation

# More than half held back is no longer dunning.
MAX_PERCENT = 50
ALWAYS = 100

HELD_BACK = pl.Schema(
    {
        "document_id": pl.Int64,
        "position": pl.Int64,
        "customer_id": pl.Int64,
        "policy_id": pl.Int64,
        "step_code": pl.String,
        "template": pl.String,
        "channel": pl.String,
        "amount_cents": pl.Int64,
        "planned_date": pl.Date,
        "propensity_percent": pl.Int64,
    }
)


def with_hold_out(ready: pl.DataFrame, situation: Situation) -> pl.DataFrame:
    """What is about to go out with `propensity_percent`, and with a `reason` where it is held back."""
    hold_out = situation.hold_out
    ready = ready.with_columns(propensity_percent=pl.lit(ALWAYS, pl.Int64))
    if hold_out is None or hold_out.percent == 0 or ready.is_empty():
        return ready
    ready = ready.join(situation.held_out, on=["document_id", "position"], how="left").with_columns(
        draws(
            seed=hold_out.seed,
            document_ids=ready["document_id"],
            positions=ready["position"],
            offset_days=ready["offset_days"],
        )
    )
    may = pl.col("reason").is_null() & _may_be_held_out(hold_out, situation.policies)
    return ready.with_columns(
        propensity_percent=pl.when(may).then(ALWAYS - hold_out.percent).otherwise(ALWAYS).cast(pl.Int64),
        reason=pl.when(may & (pl.col("draw") < hold_out.percent))
        .then(pl.lit(reasons.HELD_OUT.code))
        .otherwise("reason"),
    ).drop("draw", "held_out_offset_days")


def held_back(ready: pl.DataFrame) -> pl.DataFrame:
    """HELD_BACK of what `with_hold_out` found."""
    return (
        ready.filter(pl.col("reason") == reasons.HELD_OUT.code)
        .with_columns(amount_cents="remaining_cents")
        .select(list(HELD_BACK))
    )


def _may_be_held_out(hold_out: HoldOut, policies: Mapping[int, Policy]) -> pl.Expr:
    before_formal = [
        f"{policy_id} {placed.code}"
        for policy_id, policy in policies.items()
        for placed in policy.timeline
        if _leads_to_formal_notice(policy, placed.offset_days)
    ]
    step = pl.concat_str(pl.col("policy_id").cast(pl.String), pl.lit(" "), pl.col("step_code"))
    is_needed = pl.col("reminded_date").is_null() & step.is_in(before_formal)
    was_held_out = (pl.col("held_out_offset_days") == pl.col("done")).fill_null(value=False)
    return (
        (pl.col("template") != FORMAL_NOTICE)
        & ~pl.col("stands_in")
        & (pl.col("remaining_cents") <= hold_out.max_amount_cents)
        & ~was_held_out
        & ~is_needed
    )


def _leads_to_formal_notice(policy: Policy, offset_days: int) -> bool:
    """Whether the next step that is sure to come is a formal notice: it needs a reminder that was really sent."""
    if offset_days < 0:
        return False
    for placed in policy.timeline:
        if placed.offset_days <= offset_days:
            continue
        if placed.step.template == FORMAL_NOTICE:
            return True
        if placed.step.condition is None:
            return False
    return False


def draws(*, seed: int, document_ids: pl.Series, positions: pl.Series, offset_days: pl.Series) -> pl.Series:
    """A number from 0 to 99 for each receivable and step, the same whenever it is asked for (SplitMix64, Steele et al.
    2014)."""
    mixed = np.full(len(document_ids), seed & 0xFFFF_FFFF_FFFF_FFFF, dtype=np.uint64)
    for part in (document_ids, positions, offset_days):
        mixed = _mixed(mixed ^ part.cast(pl.Int64).to_numpy().astype(np.int64).view(np.uint64))
    return pl.Series("draw", (mixed >> np.uint64(11)) % np.uint64(100), dtype=pl.Int64)


def _mixed(values: np.ndarray) -> np.ndarray:
    with np.errstate(over="ignore"):
        values = values + np.uint64(0x9E37_79B9_7F4A_7C15)
        values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58_476D_1CE4_E5B9)
        values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D0_49BB_1331_11EB)
    return values ^ (values >> np.uint64(31))
