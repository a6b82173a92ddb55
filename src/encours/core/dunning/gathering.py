"""What is due becomes messages: how much is enough to write, at which level, what goes together, and on which day.

Frames of what is `ready` hold receivables with the step that is due for each (`core.dunning.planning`).
"""

from collections.abc import Set
from datetime import date

import polars as pl

from encours.core.dunning import reasons
from encours.core.dunning.policy import APPROVALS, NOTICES, WEEKDAYS
from encours.core.dunning.situation import Situation, next_business_day

# More than this many days after its day, a step is sent late: a weekend and a holiday are not worth a word.
LATE_BY_DAYS = 4

# What a receivable takes from the step of its message.
_OF_LEADER = (
    "policy_id", "step_code", "offset_days", "template", "channel", "is_fallback", "is_preferred", "planned_date",
    "approval", "stands_in",
)  # fmt: skip

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
        "is_fallback": pl.Boolean,  # by another channel than the step's first, which does not reach
        "is_preferred": pl.Boolean,  # by another channel than the step's first, which the customer prefers
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
        "propensity_percent": pl.Int64,  # how likely it was to be sent: core.dunning.hold_out
    }
)


def levelled(ready: pl.DataFrame, situation: Situation) -> pl.DataFrame:
    """`level`, by which a message takes the step it is at: the highest, or under policies that take it from the amounts the
    one for which most money is due. There a receivable with a higher step gets that one; if it had it already, it waits."""
    ready = ready.with_columns(
        level=pl.col("offset_days") + pl.when(pl.col("template").is_in(NOTICES)).then(1 << 20).otherwise(0)
    )
    if all(policy.level == "oldest" for policy in situation.policies.values()):
        return ready
    owner = ["customer_id", "currency"]
    leads = (
        ready.filter(pl.col("reason").is_null())
        .filter(
            pl.col("level_by_amount").all().over(owner),
            # what is not yet due never stands for what is late
            (pl.col("offset_days") >= 0) | (pl.col("offset_days") < 0).all().over(owner),
        )
        .group_by(*owner, "level")
        .agg(pl.col("remaining_cents").sum(), *(pl.col(name).first() for name in _OF_LEADER))
        .sort("remaining_cents", "level")
        .group_by(owner)
        .agg(pl.col("level", *_OF_LEADER).last().name.prefix("leading_"))
    )
    ready = ready.join(leads, on=owner, how="left")
    is_higher = (pl.col("level") > pl.col("leading_level")).fill_null(False) & pl.col("reason").is_null()
    had_it = is_higher & (pl.col("done") >= pl.col("leading_offset_days"))
    return ready.with_columns(
        pl.when(had_it).then(pl.lit(reasons.OTHER_LEVEL.code)).otherwise("reason").alias("reason"),
        pl.when(had_it).then("leading_step_code").otherwise("detail").alias("detail"),
        *(
            pl.when(is_higher & ~had_it).then(f"leading_{name}").otherwise(name).alias(name)
            for name in ("level", *_OF_LEADER)
        ),
    )


def above_minimum(ready: pl.DataFrame) -> pl.DataFrame:
    """`reason` filled for what is too little to bother a customer.

    Steps may have minimums of their own. What goes together is the most whose sum reaches the highest minimum among
    it.
    """
    owner = ["customer_id", "currency"]
    reached = (
        ready.group_by(*owner, "min_amount_cents")
        .agg(pl.col("remaining_cents").sum())
        .sort(*owner, "min_amount_cents")
        .with_columns(total=pl.col("remaining_cents").cum_sum().over(owner))
        .filter(pl.col("total") >= pl.col("min_amount_cents"))
        .group_by(owner)
        .agg(reached_cents=pl.col("min_amount_cents").max())
    )
    ready = ready.join(reached, on=owner, how="left")
    enough = (pl.col("min_amount_cents") <= pl.col("reached_cents")).fill_null(False)
    return ready.with_columns(
        reason=pl.when(~enough).then(pl.lit(reasons.BELOW_MINIMUM.code)).otherwise("reason")
    )


def gathered(ready: pl.DataFrame, *, on: date) -> tuple[pl.DataFrame, pl.DataFrame]:
    """One action per customer and currency, at the level and by the channel of the highest step in it.

    Under policies of their own a customer's documents may be at steps that do not follow each other: a formal notice is then
    the highest, and who asks for most is asked for approval.
    """
    owner = ["customer_id", "currency"]
    leads = pl.col("level") == pl.col("level").max()
    leader = pl.col("level").arg_max()
    strictness = pl.col("approval").replace_strict(list(APPROVALS), range(len(APPROVALS)))
    actions = (
        ready.group_by(owner)
        .agg(
            pl.col(
                "contact_id",
                "policy_id",
                "step_code",
                "template",
                "channel",
                "is_fallback",
                "is_preferred",
                "planned_date",
            ).get(leader),
            pl.col("offset_days").get(leader),
            approval=pl.col("approval").sort_by(strictness).last(),
            amount_cents=pl.col("remaining_cents").sum(),
            document_count=pl.col("document_id").n_unique(),
            oldest_due_date=pl.col("due_date").min(),
            leading_due_date=pl.col("due_date").filter(leads).min(),
            reminded_date=pl.col("reminded_date").filter(leads).max(),
            any_stands_in=pl.col("stands_in").filter(leads).any(),
            came_date=pl.col("came_date").filter(leads).min(),
        )
        .sort(owner)
        .with_columns(days_late=(pl.lit(on) - pl.col("leading_due_date")).dt.total_days())
    )
    late = (pl.lit(on) - pl.col("came_date")).dt.total_days() > LATE_BY_DAYS
    actions = (
        actions.with_columns(
            reason=pl.when(pl.col("offset_days") < 0)
            .then(pl.lit(reasons.NOTICE.code))
            .when(pl.col("template").is_in(NOTICES))
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
        "action",
        "document_id",
        "position",
        "due_date",
        "step_code",
        amount_cents="remaining_cents",
        propensity_percent="propensity_percent",
    )
    return actions.select(list(ACTIONS)), lines


def on_their_business_days(
    actions: pl.DataFrame, situation: Situation, *, days_off: Set[date]
) -> pl.DataFrame:
    """`planned_date` moved on where it is a public holiday at the customer's."""
    regions = situation.customers.select("customer_id", "region")
    actions = actions.join(regions, on="customer_id", how="left", maintain_order="left")
    days = actions.select("policy_id", "step_code", "planned_date", "region").unique()
    weekdays = {
        (policy_id, placed.code): placed.step.window.days
        for policy_id, policy in situation.policies.items()
        for placed in policy.timeline
        if placed.step.window
    }
    moved = [
        next_business_day(
            on=day,
            days_off={*days_off, *situation.regional_days_off.get(region, ())},
            weekdays=weekdays.get((policy_id, step_code), WEEKDAYS),
        )
        for policy_id, step_code, day, region in days.iter_rows()
    ]
    days = days.with_columns(moved_date=pl.Series(moved, dtype=pl.Date))
    return (
        actions.join(days, on=["policy_id", "step_code", "planned_date", "region"], how="left",
                     maintain_order="left", nulls_equal=True)
        .with_columns(planned_date="moved_date")
        .select(list(ACTIONS))
    )  # fmt: skip
