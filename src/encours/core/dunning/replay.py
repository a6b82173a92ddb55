"""A policy over the company's own past: what was open on each day as it was known then, rebuilt from the account's lines.

What an allocation settles counts from the day its money was known (the receipt's, a day later: banks tell in the night), or
from the credit note's own day, and never before the document was issued; everything else from the day it was booked.
So the sum of all lines of a document is what is open of it today, and an invoice that a person matched weeks later
was covered from the day the money came, as it was for whoever looked at the account.

What a message would have changed nobody can know: invoices are paid when they were. That is the point of it: a message
to an invoice that was paid without any (`by_itself`) would have been one too many.
"""

from collections.abc import Sequence
from datetime import date

import polars as pl

from encours.core.dunning.simulation import CREDIT_CHANGES, OPEN_CHANGES

# A line of a document's account, by the day it was known. Signed: positive when the customer owes more.
LEDGER = pl.Schema({"document_id": pl.Int64, "day": pl.Date, "amount_cents": pl.Int64})
# What is asked for by a document, or by each of its instalments in their order.
PARTS = pl.Schema(
    {
        "document_id": pl.Int64,
        "position": pl.Int64,
        "customer_id": pl.Int64,
        "currency": pl.String,
        "due_date": pl.Date,
        "payable_cents": pl.Int64,  # of the whole document
        "amount_cents": pl.Int64,
        "before_cents": pl.Int64,  # of the instalments that are settled before this one
    }
)
# What makes or uses up a customer's credits: receipts, credit notes.
CREDITED = pl.Schema(
    {"customer_id": pl.Int64, "currency": pl.String, "day": pl.Date, "amount_cents": pl.Int64}
)
# When a receivable was first reminded in earnest.
REMINDED = pl.Schema({"document_id": pl.Int64, "position": pl.Int64, "first_reminded_date": pl.Date})
SETTLED = pl.Schema({"document_id": pl.Int64, "position": pl.Int64, "settled_date": pl.Date})

WITHIN_DAYS = (7, 15, 30)


def open_amounts(*, ledger: pl.DataFrame, parts: pl.DataFrame) -> pl.DataFrame:
    """OPEN_CHANGES: what was open of each receivable from each day on which that changed."""
    balances = (
        ledger.group_by("document_id", "day")
        .agg(pl.col("amount_cents").sum())
        .sort("document_id", "day")
        .select("document_id", "day", balance_cents=pl.col("amount_cents").cum_sum().over("document_id"))
    )
    taken = pl.min_horizontal(
        "amount_cents",
        (pl.col("payable_cents") - pl.col("balance_cents") - pl.col("before_cents")).clip(0),
    )
    return (
        balances.join(parts, on="document_id")
        .with_columns(open_cents=pl.col("amount_cents") - taken)
        .sort("document_id", "position", "day")
        .select(list(OPEN_CHANGES))
    )


def credits(*, credited: pl.DataFrame) -> pl.DataFrame:
    """CREDIT_CHANGES: what each customer's credit notes and receipts were still worth from each day on."""
    owner = ["customer_id", "currency"]
    return (
        credited.group_by(*owner, "day")
        .agg(pl.col("amount_cents").sum())
        .filter(pl.col("amount_cents") != 0)
        .sort(*owner, "day")
        .with_columns(credit_cents=(-pl.col("amount_cents").cum_sum().over(owner)).clip(0))
        .select(list(CREDIT_CHANGES))
    )


def as_of(
    changes: pl.DataFrame, *, on: date, until: date, key: Sequence[str]
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """How things stood in the morning of a day, and what changed on the days after it, `until` included."""
    before = (
        changes.filter(pl.col("day") <= on).sort("day").unique(list(key), keep="last", maintain_order=True)
    )
    return before, changes.filter(pl.col("day").is_between(on, until, closed="right"))


def settled_dates(*, opened: pl.DataFrame) -> pl.DataFrame:
    """SETTLED: the day from which nothing was open any more (OPEN_CHANGES without an end)."""
    key = ["document_id", "position"]
    still = opened.filter(pl.col("open_cents") > 0).group_by(key).agg(last_open_date=pl.col("day").max())
    zero = opened.filter(pl.col("open_cents") <= 0).join(still, on=key, how="left")
    after = pl.col("last_open_date").is_null() | (pl.col("day") > pl.col("last_open_date"))
    return zero.filter(after).group_by(key).agg(settled_date=pl.col("day").min()).select(list(SETTLED))


def what_became(
    *, messages: pl.DataFrame, lines: pl.DataFrame, settled: pl.DataFrame, reminded: pl.DataFrame
) -> pl.DataFrame:
    """`lines` with `paid_days` (from the message to the money; null while open) and whether it came `by_itself`."""
    key = ["document_id", "position"]
    by_itself = pl.col("settled_date").is_not_null() & (
        pl.col("first_reminded_date").is_null() | (pl.col("first_reminded_date") >= pl.col("settled_date"))
    )
    return (
        lines.join(messages.select("message", "sent_date"), on="message")
        .join(settled, on=key, how="left")
        .join(reminded, on=key, how="left")
        .with_columns(
            paid_days=(pl.col("settled_date") - pl.col("sent_date")).dt.total_days(), by_itself=by_itself
        )
    )


def with_what_became(messages: pl.DataFrame, became: pl.DataFrame) -> pl.DataFrame:
    """`messages` with `by_itself_count` (of its receivables) and `by_itself_days` (until the last of them was paid)."""
    found = (
        became.filter("by_itself")
        .group_by("message")
        .agg(by_itself_count=pl.len().cast(pl.Int64), by_itself_days=pl.col("paid_days").max())
    )
    return messages.join(found, on="message", how="left", maintain_order="left").with_columns(
        pl.col("by_itself_count").fill_null(0)
    )


def by_itself_within(became: pl.DataFrame) -> dict[str, int]:
    """How many receivables that messages spoke of were paid by themselves within so many days of the message, later,
    after a reminder that was really sent, and not at all yet."""
    alone = became.filter("by_itself")
    counts = {f"within_{days}_days": int((alone["paid_days"] <= days).sum()) for days in WITHIN_DAYS}
    return counts | {
        "by_themselves": len(alone),
        "after_a_real_reminder": int((became["settled_date"].is_not_null() & ~became["by_itself"]).sum()),
        "still_open": int(became["settled_date"].is_null().sum()),
        "lines": len(became),
    }
