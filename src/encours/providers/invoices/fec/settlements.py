"""Receipts of the books, and what they and the credit notes settled."""

from hashlib import sha256

import polars as pl

from encours.core.invoices import SETTLEMENTS
from encours.providers.invoices.fec.lettering import allocated


def settlements(lines: pl.DataFrame, *, currency: str) -> pl.DataFrame:
    """SETTLEMENTS: the credits of one customer in one entry on one day are one receipt.

    A receipt paid for several invoices is one transfer, however many lines it was booked in.
    """
    money = receipts(lines)
    pairs = _pairs(lines, money)
    by_money = pairs.filter(pl.col("settlement").is_not_null())
    rest = (
        money.unique("settlement")
        .join(by_money.group_by("settlement").agg(pl.col("allocated_cents").sum()), on="settlement", how="left")
        .with_columns(allocated_cents=pl.col("amount_cents") - pl.col("allocated_cents").fill_null(0))
        .filter(pl.col("allocated_cents") > 0)
        .select("settlement", "allocated_cents", line=pl.lit(None, dtype=pl.Int64), lettering=pl.lit(""),
                credit_note_line=pl.lit(None, dtype=pl.Int64))
    )  # fmt: skip
    facts = money.unique("settlement").select("settlement", "party", "received_date", "amount_cents", "label")
    paid = pl.concat([by_money.select(rest.columns), rest]).join(facts, on="settlement")
    notes = _by_credit_notes(pairs.filter(pl.col("credit_note_line").is_not_null()), lines)
    columns = [pl.col(name).cast(kind) for name, kind in SETTLEMENTS.items()]
    return (
        pl.concat([paid.select(sorted(paid.columns)), notes.select(sorted(paid.columns))])
        .with_columns(currency=pl.lit(currency))
        .sort("received_date", "settlement", "line", nulls_last=True)
        .select(columns)
    )


def receipts(lines: pl.DataFrame) -> pl.DataFrame:
    """The lines of receipts with the receipt each belongs to: `settlement` (key), day, whole amount, label."""
    whole = ["entry", "party", "date"]
    credits = lines.filter((pl.col("cents") < 0) & pl.col("document_type").is_null())
    found = credits.sort("line").with_columns(
        amount_cents=-pl.col("cents").sum().over(whole),
        label=pl.col("label").first().over(whole),
        received_date="date",
    )
    keys = found.unique(whole, keep="first", maintain_order=True)
    named = [
        _key(row) for row in keys.select("journal", "entry_number", "piece", "party", "date").iter_rows()
    ]
    return found.join(keys.select(whole).with_columns(settlement=pl.Series(named, dtype=pl.String)), on=whole)


def _key(row: tuple) -> str:
    """The same for the same receipt in every export of the year and in no other year."""
    return "fec:" + sha256("\x1f".join(str(part) for part in row).encode()).hexdigest()[:40]


def _pairs(lines: pl.DataFrame, money: pl.DataFrame) -> pl.DataFrame:
    """(settlement or credit_note_line, line of the document, lettering, allocated_cents)."""
    debits = lines.filter(pl.col("cents") > 0).select(debit_line="line", line="document")
    credit_notes = lines.filter((pl.col("cents") < 0) & pl.col("document_type").is_not_null())
    return (
        allocated(lines)
        .join(debits, on="debit_line")
        .join(money.select("settlement", credit_line="line"), on="credit_line", how="left")
        .join(
            credit_notes.select(credit_line="line", credit_note_line="document"), on="credit_line", how="left"
        )
        .group_by("settlement", "credit_note_line", "line", "lettering")
        .agg(pl.col("allocated_cents").sum())
    )


def _by_credit_notes(pairs: pl.DataFrame, lines: pl.DataFrame) -> pl.DataFrame:
    """What credit notes settled. The allocation happens on the day of the later of the two documents."""
    notes = lines.filter(pl.col("document_type") == "credit_note")
    notes = notes.group_by(credit_note_line="document").agg(
        pl.col("party", "number", "date").first(), amount_cents=-pl.col("cents").sum()
    )
    settled = lines.group_by(line="document").agg(settled_date=pl.col("date").first())
    return (
        pairs.drop("settlement")
        .join(notes, on="credit_note_line")
        .join(settled, on="line")
        .with_columns(
            settlement=pl.concat_str(pl.lit("credit_note:"), "number"),
            received_date=pl.max_horizontal("date", "settled_date"),
            label=pl.col("number"),
        )
        .drop("number", "date", "settled_date")
    )
