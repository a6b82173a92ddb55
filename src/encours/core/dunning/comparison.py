"""Two plans of one day, or two simulations of the same days, held against each other: whose message changes, and how."""

import polars as pl

from encours.core.dunning.planning import Plan

# In the order in which a person wants to know them.
CHANGES = ("new", "gone", "step", "channel", "day", "amount")

# A change that is told by its column, the weightiest first.
_COLUMN_OF_CHANGE = (
    ("step", "step_code"),
    ("channel", "channel"),
    ("day", "planned_date"),
    ("amount", "amount_cents"),
)
_SIDE = ("step_code", "channel", "planned_date", "amount_cents", "document_count")
COMPARED = pl.Schema(
    {
        "change": pl.String,
        "customer_id": pl.Int64,
        "currency": pl.String,
        "step_code": pl.String,
        "channel": pl.String,
        "planned_date": pl.Date,
        "amount_cents": pl.Int64,
        "document_count": pl.Int64,
        "new_step_code": pl.String,
        "new_channel": pl.String,
        "new_planned_date": pl.Date,
        "new_amount_cents": pl.Int64,
        "new_document_count": pl.Int64,
        # why nothing goes out any more: a row of `Plan.held` of that customer, null where nothing is due
        "held_reason": pl.String,
        "held_until_date": pl.Date,
        "held_detail": pl.String,
        "held_cents": pl.Int64,
    }
)


def compare(*, before: Plan, after: Plan) -> pl.DataFrame:
    """COMPARED: a row per customer and currency whose message is not the same, the new ones first."""
    owner = ["customer_id", "currency"]
    wanted = after.actions.select(*owner, *(pl.col(name).alias(f"new_{name}") for name in _SIDE))
    both = before.actions.select(*owner, *_SIDE).join(wanted, on=owner, how="full", coalesce=True)
    change = (
        pl.when(pl.col("step_code").is_null())
        .then(pl.lit("new"))
        .when(pl.col("new_step_code").is_null())
        .then(pl.lit("gone"))
    )
    for name, column in _COLUMN_OF_CHANGE:
        change = change.when(pl.col(column) != pl.col(f"new_{column}")).then(pl.lit(name))
    held = (
        after.held.group_by(owner)
        .first()
        .select(
            *owner,
            held_reason="reason",
            held_until_date="until_date",
            held_detail="detail",
            held_cents="remaining_cents",
        )
    )
    return (
        both.with_columns(change=change)
        .filter(pl.col("change").is_not_null())
        .join(held, on=owner, how="left")
        .sort(pl.col("change").replace_strict(list(CHANGES), range(len(CHANGES))), *owner)
        .select(list(COMPARED))
    )


def compare_ahead(*, before: pl.DataFrame, after: pl.DataFrame) -> pl.DataFrame:
    """Two simulations of the same days (`simulation.MESSAGES`) held against each other: COMPARED without what is held.

    A row per customer and currency whose messages are not the same: the first that is not, message by message in the
    order of their days. `planned_date` is the day on which it leaves.
    """
    owner = ["customer_id", "currency"]
    sides = [
        frame.rename({"sent_date": "planned_date"}).sort("planned_date", "message")
        for frame in (before, after)
    ]
    rank = pl.int_range(pl.len()).over(owner).alias("rank")
    old, new = (side.select(*owner, rank, *_SIDE) for side in sides)
    new = new.rename({name: f"new_{name}" for name in _SIDE})
    change = (
        pl.when(pl.col("step_code").is_null())
        .then(pl.lit("new"))
        .when(pl.col("new_step_code").is_null())
        .then(pl.lit("gone"))
    )
    for name, column in _COLUMN_OF_CHANGE:
        change = change.when(pl.col(column) != pl.col(f"new_{column}")).then(pl.lit(name))
    return (
        old.join(new, on=[*owner, "rank"], how="full", coalesce=True)
        .with_columns(change=change)
        .filter(pl.col("change").is_not_null())
        .sort("rank")
        .group_by(owner, maintain_order=True)
        .first()
        .with_columns(
            pl.lit(None, COMPARED[name]).alias(name) for name in COMPARED if name.startswith("held_")
        )
        .sort(pl.col("change").replace_strict(list(CHANGES), range(len(CHANGES))), *owner)
        .select(list(COMPARED))
    )
