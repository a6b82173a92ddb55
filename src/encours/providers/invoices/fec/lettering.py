"""Lettrage: which credits of a customer's account settle which debits."""

import polars as pl


def allocated(lines: pl.DataFrame) -> pl.DataFrame:
    """Pairs (debit_line, credit_line, lettering, allocated_cents) of the lettered lines on 411.

    Within a group (account, auxiliary, code) the oldest credit settles the oldest debit first, to the cent.
    A group that does not balance is settled as far as it goes.

    Debits and credits of a group are laid end to end on two rulers; every mark on either ruler ends a piece
    that one debit and one credit share. One sort, whatever the size of a group.
    """
    group = ["account", "auxiliary", "lettering"]
    lettered = lines.filter(pl.col("lettering") != "").sort("date", "line")
    side = pl.when(pl.col("cents") > 0).then(pl.lit("debit_line")).otherwise(pl.lit("credit_line"))
    marks = lettered.with_columns(side=side, size=pl.col("cents").abs()).with_columns(
        end=pl.col("size").cum_sum().over([*group, "side"])
    )
    rulers = (
        marks.with_columns(
            debit_line=pl.when(pl.col("side") == "debit_line").then("line"),
            credit_line=pl.when(pl.col("side") == "credit_line").then("line"),
        )
        .sort([*group, "end"])
        .with_columns(
            pl.col("debit_line", "credit_line").backward_fill().over(group),
            allocated_cents=pl.col("end") - pl.col("end").shift(1, fill_value=0).over(group),
        )
    )
    return rulers.filter(
        pl.col("debit_line").is_not_null()
        & pl.col("credit_line").is_not_null()
        & (pl.col("allocated_cents") > 0)
    ).select("debit_line", "credit_line", "lettering", "allocated_cents")


def unbalanced(lines: pl.DataFrame) -> pl.DataFrame:
    """Groups that do not balance: line (of their first), auxiliary, lettering, gap. Small letters mean a
    partial lettrage by custom: those are expected not to."""
    return (
        lines.filter(
            (pl.col("lettering") != "") & (pl.col("lettering") == pl.col("lettering").str.to_uppercase())
        )
        .group_by("account", "auxiliary", "lettering")
        .agg(pl.col("line").min(), gap=pl.col("cents").sum(), party=pl.col("party").first())
        .filter(pl.col("gap") != 0)
        .sort("line")
    )
