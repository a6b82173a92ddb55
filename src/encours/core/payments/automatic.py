"""Which invoices are charged by mandate, and when: on their due date (autopay), or some days after it (R+30).

Nothing is charged that was not announced before, nothing without a mandate given for that purpose, and nothing that is
disputed, promised, planned, held, covered or on its way: the same assessment as before a reminder (`core.dunning.assess`).
"""

from dataclasses import dataclass
from datetime import date, timedelta

import polars as pl

from encours.core.business_days import business_day_from
from encours.core.wording import Wording

AUTOPAY, OVERDUE = "autopay", "overdue"

# Mandates in force, with what they were given for.
AGREED = pl.Schema(
    {
        "mandate_id": pl.Int64,
        "customer_id": pl.Int64,
        "currency": pl.String,  # in which its method can be charged; null: any
        "pays_on_due_date": pl.Boolean,
        "pays_overdue": pl.Boolean,
        "max_cents": pl.Int64,  # of one charge: the customer's, the company's and the service's least; null: none
        "min_cents": pl.Int64,
        "expires_date": pl.Date,  # last day it can be used; null: none known
        "signed_date": pl.Date,
    }
)
# Documents announced and not charged yet, and those that were: what follows is for retries and people.
BEGUN = pl.Schema({"document_id": pl.Int64})
# What to announce today: one charge for each document.
NOTICES = pl.Schema(
    {
        "customer_id": pl.Int64,
        "mandate_id": pl.Int64,
        "document_id": pl.Int64,
        "currency": pl.String,
        "amount_cents": pl.Int64,
        "due_date": pl.Date,
        "origin": pl.String,  # autopay, overdue
        "charge_date": pl.Date,  # a business day
    }
)
# What a mandate was given for and yet is not charged, with the code of one of `REASONS`.
LEFT_OUT = pl.Schema({**{name: NOTICES[name] for name in NOTICES if name != "origin"}, "reason": pl.String})

# Charges that were announced, as they are looked at once more.
ANNOUNCED = pl.Schema(
    {"document_id": pl.Int64, "origin": pl.String, "announced_date": pl.Date, "announced_cents": pl.Int64}
)

TOO_MUCH = Wording(
    "automatic_charge.too_much",
    fr="au-delà de ce que le mandat, la société ou le service permettent en une fois",
    en="more than the mandate, the company or the service allows at once",
)
TOO_LITTLE = Wording(
    "automatic_charge.too_little",
    fr="en dessous du montant à partir duquel on prélève",
    en="below the amount from which one charges",
)
EXPIRES = Wording(
    "automatic_charge.expires",
    fr="le moyen de paiement expire avant le jour du paiement : demandez-en un nouveau au client",
    en="the method expires before the day of the charge: ask the customer for a new one",
)
REASONS = {wording.code: wording for wording in (TOO_MUCH, TOO_LITTLE, EXPIRES)}


@dataclass(frozen=True)
class Rules:
    """What the company wants. `notice_days` lie between the notice and the charge (14 for SEPA unless agreed otherwise:
    EPC016-06, 4.3.4); `overdue_days` between the due date and an automatic charge of what is late."""

    autopay: bool
    overdue: bool
    overdue_days: int = 30
    notice_days: int = 14


def plan_notices(
    *, assessed: pl.DataFrame, agreed: pl.DataFrame, begun: pl.DataFrame, rules: Rules, on: date
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """What is announced on a day (schema `NOTICES`), and what is not though a mandate was given for it (`LEFT_OUT`).

    `assessed` are receivables as `core.dunning.assess` returns them; `agreed` and `begun` have this module's schemas. A
    document is announced once, `notice_days` before it is charged; instalments of a document that are due by then are one
    charge. Autopay takes what falls due from the day it was agreed to. Of several mandates the one signed last is used.
    """
    asked = _asked_by_then(assessed, rules, on)
    found = (
        asked.join(begun, on="document_id", how="anti")
        .join(agreed, on="customer_id", how="inner", suffix="_agreed")
        .filter(
            pl.col("currency_agreed").is_null() | (pl.col("currency_agreed") == pl.col("currency")),
            pl.when(pl.col("origin") == AUTOPAY)
            .then(pl.col("pays_on_due_date") & (pl.col("due_date") >= pl.col("signed_date")))
            .otherwise("pays_overdue"),
        )
        # by one mandate for both purposes it is autopay that takes it
        .sort("signed_date", "mandate_id", pl.col("origin") == AUTOPAY, descending=True)
        .unique("document_id", keep="first", maintain_order=True)
    )
    reason = (
        pl.when(pl.col("expires_date") < pl.col("charge_date"))
        .then(pl.lit(EXPIRES.code))
        .when(pl.col("amount_cents") > pl.col("max_cents"))
        .then(pl.lit(TOO_MUCH.code))
        .when(pl.col("amount_cents") < pl.col("min_cents"))
        .then(pl.lit(TOO_LITTLE.code))
    )
    found = found.with_columns(reason=reason).sort("customer_id", "due_date", "document_id")
    return (
        found.filter(pl.col("reason").is_null()).select(NOTICES.names()),
        found.filter(pl.col("reason").is_not_null()).select(LEFT_OUT.names()),
    )


def still_owed(*, assessed: pl.DataFrame, announced: pl.DataFrame, rules: Rules) -> pl.DataFrame:
    """Rows of `assessed` (core.dunning.assess) that announced charges (schema `ANNOUNCED`, its columns beside) are for and
    that nothing blocks: what fell due too late to have been announced is left out."""
    days = pl.when(pl.col("origin") == AUTOPAY).then(0).otherwise(rules.overdue_days)
    age = (pl.col("announced_date") - pl.col("due_date")).dt.total_days()
    return assessed.join(announced, on="document_id", how="inner", maintain_order="left").filter(
        pl.col("reason").is_null(), pl.col("remaining_cents") > 0, age >= days - rules.notice_days
    )


def charge_day(day: date, *, on: date, notice_days: int) -> date:
    """The business day on which what is announced `on` a day and wanted for `day` is charged.

    >>> charge_day(date(2026, 3, 1), on=date(2026, 2, 1), notice_days=14)
    datetime.date(2026, 3, 2)
    """
    return business_day_from(max(day, on + timedelta(days=notice_days)))


def _asked_by_then(assessed: pl.DataFrame, rules: Rules, on: date) -> pl.DataFrame:
    """Each document for each purpose whose notice is due, with what is left to pay of it by the day of the charge."""
    free = assessed.filter(pl.col("reason").is_null(), pl.col("remaining_cents") > 0)
    wanted = []
    for origin, is_wanted, days in (
        (AUTOPAY, rules.autopay, 0),
        (OVERDUE, rules.overdue, rules.overdue_days),
    ):
        if not is_wanted:
            continue
        wanted_date = pl.col("due_date").dt.offset_by(f"{days}d")
        wanted.append(
            free.filter(wanted_date <= on + timedelta(days=rules.notice_days))
            .group_by("customer_id", "document_id", "currency")
            .agg(
                pl.col("remaining_cents").sum().alias("amount_cents"),
                pl.col("due_date").min(),
                wanted_date.max().alias("wanted_date"),
            )
            .with_columns(origin=pl.lit(origin))
        )
    if not wanted:
        return pl.DataFrame(schema={**NOTICES, "wanted_date": pl.Date}).drop("mandate_id", "charge_date")
    rows = pl.concat(wanted)
    days = {
        day: charge_day(day, on=on, notice_days=rules.notice_days) for day in rows["wanted_date"].unique()
    }
    return rows.with_columns(
        charge_date=pl.col("wanted_date").replace_strict(
            list(days), list(days.values()), default=None, return_dtype=pl.Date
        )
    )
