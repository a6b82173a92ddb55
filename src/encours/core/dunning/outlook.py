"""What a simulation or a replay comes to: messages by day, step and channel, customers, letters, costs; two side by side."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import polars as pl

from encours.core.dunning.costs import LETTERS, ChannelCost

BY_DAY = pl.Schema(
    {
        "sent_date": pl.Date,
        "step_code": pl.String,
        "channel": pl.String,
        "template": pl.String,
        "messages": pl.Int64,
        "documents": pl.Int64,
        "cost_cents": pl.Int64,
        "letters": pl.Int64,
        "by_itself": pl.Int64,
    }
)
COMPARED = pl.Schema(
    {
        "key": pl.String,
        "messages": pl.Int64,
        "cost_cents": pl.Int64,
        "by_itself": pl.Int64,
        "other_messages": pl.Int64,
        "other_cost_cents": pl.Int64,
        "other_by_itself": pl.Int64,
    }
)


@dataclass(frozen=True)
class Outlook:
    """Counts of messages. `customers` are written to at least once, the busiest of them `most_contacts` times.

    `by_itself` (replays): messages that spoke of something then paid without having been reminded.
    """

    messages: int
    customers: int
    documents: int
    letters: int
    cost_cents: int
    most_contacts: int
    by_itself: int

    @property
    def contacts_per_customer(self) -> float:
        """On average, of those who are written to at all; two decimals."""
        return round(self.messages / self.customers, 2) if self.customers else 0.0


def with_costs(messages: pl.DataFrame, costs: Sequence[ChannelCost]) -> pl.DataFrame:
    """`messages` with `cost_cents` and `is_letter`."""
    cents = pl.DataFrame(
        [(each.channel, each.cents) for each in costs],
        schema={"channel": pl.String, "cost_cents": pl.Int64},
        orient="row",
    )
    return messages.join(cents, on="channel", how="left", maintain_order="left").with_columns(
        pl.col("cost_cents").fill_null(0), is_letter=pl.col("channel").is_in(LETTERS)
    )


def outlook_of(messages: pl.DataFrame) -> Outlook:
    """Of `with_costs` messages."""
    per_customer = messages.group_by("customer_id").len()
    return Outlook(
        messages=len(messages),
        customers=len(per_customer),
        documents=int(messages["document_count"].sum()),
        letters=int(messages["is_letter"].sum()),
        cost_cents=int(messages["cost_cents"].sum()),
        most_contacts=int(per_customer["len"].max() or 0),  # type: ignore[arg-type]
        by_itself=int((messages["by_itself_count"] > 0).sum())
        if "by_itself_count" in messages.columns
        else 0,
    )


def by_day(messages: pl.DataFrame) -> pl.DataFrame:
    """BY_DAY of `with_costs` messages, in the order of days and steps."""
    return _counted(messages, ["sent_date", "step_code", "channel", "template"]).select(list(BY_DAY))


def compared(messages: pl.DataFrame, other: pl.DataFrame, *, by: str) -> pl.DataFrame:
    """COMPARED by step_code or channel, a row for each that either side has."""
    counts = ["messages", "cost_cents", "by_itself"]
    mine = _counted(messages, [by]).select(by, *counts)
    theirs = _counted(other, [by]).select(by, *(pl.col(name).alias(f"other_{name}") for name in counts))
    offset = pl.col("key").str.extract(r"([+-][0-9]+)$").cast(pl.Int64)
    return (
        mine.join(theirs, on=by, how="full", coalesce=True)
        .with_columns(pl.col(counts + [f"other_{name}" for name in counts]).fill_null(0), key=by)
        .sort(offset, "key")
        .select(list(COMPARED))
    )


def _counted(messages: pl.DataFrame, keys: list[str]) -> pl.DataFrame:
    by_itself = (pl.col("by_itself_count") > 0).sum() if "by_itself_count" in messages.columns else pl.lit(0)
    return (
        messages.group_by(keys)
        .agg(
            messages=pl.len().cast(pl.Int64),
            documents=pl.col("document_count").sum(),
            cost_cents=pl.col("cost_cents").sum(),
            letters=pl.col("is_letter").sum().cast(pl.Int64),
            by_itself=by_itself.cast(pl.Int64),
        )
        .sort(keys)
    )


def told(messages: pl.DataFrame) -> dict[str, Any]:
    """The figures of one side, as JSON says them; `with_costs` messages."""
    found = outlook_of(messages)
    rows = by_day(messages).rename({"sent_date": "date", "step_code": "step"})
    return {
        "messages_count": found.messages,
        "customers": found.customers,
        "documents": found.documents,
        "letters": found.letters,
        "cost_cents": found.cost_cents,
        "contacts_per_customer": found.contacts_per_customer,
        "most_contacts": found.most_contacts,
        "messages_to_paid_by_themselves": found.by_itself,
        "by_day": rows.with_columns(pl.col("date").dt.to_string("%Y-%m-%d")).to_dicts(),
    }


def differences(messages: pl.DataFrame, other: pl.DataFrame) -> dict[str, Any]:
    """Two sides, step by step and channel by channel; the first less the other on the whole."""
    mine, theirs = outlook_of(messages), outlook_of(other)
    return {
        "by_step": compared(messages, other, by="step_code").rename({"key": "step"}).to_dicts(),
        "by_channel": compared(messages, other, by="channel").rename({"key": "channel"}).to_dicts(),
        "messages": mine.messages - theirs.messages,
        "cost_cents": mine.cost_cents - theirs.cost_cents,
        "letters": mine.letters - theirs.letters,
        "contacts_per_customer": round(mine.contacts_per_customer - theirs.contacts_per_customer, 2),
        "messages_to_paid_by_themselves": mine.by_itself - theirs.by_itself,
    }


def pictured(messages: pl.DataFrame) -> dict[str, Any]:
    """What a page shows of one side: the figures, counts by week and template, by step, and by day."""
    found = outlook_of(messages)
    weeks = messages.with_columns(pl.col("sent_date").dt.truncate("1w"))
    by_week = _counted(weeks, ["sent_date", "template"]).select("sent_date", "template", "messages")
    by_step = _counted(messages, ["step_code", "channel", "template"])
    offset = pl.col("step_code").str.extract(r"([+-][0-9]+)$").cast(pl.Int64)
    days = _counted(messages, ["sent_date"]).select(
        "sent_date", "messages", "documents", "letters", "cost_cents"
    )
    written = pl.col("sent_date").dt.to_string("%Y-%m-%d")
    return {
        **asdict(found),
        "contacts_per_customer": found.contacts_per_customer,
        "by_week": by_week.with_columns(written).to_dicts(),
        "by_step": by_step.sort(offset, "channel", "template").to_dicts(),
        "by_day": days.with_columns(written).to_dicts(),
    }
