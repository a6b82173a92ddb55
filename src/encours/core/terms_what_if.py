"""What other payment terms would change, seen on invoices there are: due dates, cash by month, days, interest at stake.

Nothing is edited: issued invoices keep their due dates. Cash is foretold on the assumption that customers keep their
habits, paying as many days before or after the due date as they do now.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from typing import Any

import polars as pl

from encours.core.interest import MARGIN_BASIS_POINTS, PUBLIC_MARGIN_BASIS_POINTS
from encours.core.reference_rates import Half, first_day_of, half_of, last_day_of
from encours.core.terms import PaymentTerms, due_dates

INVOICES = pl.Schema(
    {
        "document_id": pl.Int64,
        "customer_id": pl.Int64,
        "kind": pl.String,  # of the customer
        "currency": pl.String,
        "issue_date": pl.Date,
        "due_date": pl.Date,
        "payable_cents": pl.Int64,
        "open_cents": pl.Int64,
        "paid_date": pl.Date,  # when the last of it was settled; null while something is open
    }
)


@dataclass(frozen=True)
class MonthOfCash:
    """What comes in during a month, under the terms as they are and under the others."""

    month: date  # its first day
    before_cents: int
    after_cents: int

    @property
    def change_cents(self) -> int:
        return self.after_cents - self.before_cents


@dataclass(frozen=True)
class Impact:
    """What changes in one currency. Days are means weighted by amount.

    `tied_up_cents` is the money carried more (or, negative, less) all through a year of such invoices; `financing_cents`
    what that costs a year at `financing_basis_points`. `late_interest_*` is what the law grants on these invoices when
    customers go on paying on the very days they do now.
    """

    currency: str
    invoice_count: int
    moved_count: int
    earlier_count: int
    later_count: int
    amount_cents: int
    open_count: int
    open_cents: int
    term_days_before: float
    term_days_after: float
    days_to_pay_before: float
    days_to_pay_after: float
    months: tuple[MonthOfCash, ...]
    tied_up_cents: int
    financing_basis_points: int
    financing_cents: int
    late_interest_before_cents: int
    late_interest_after_cents: int
    unknown_halves: tuple[Half, ...]  # half-years without a rate: their days bear nothing here

    def as_json(self) -> dict[str, Any]:
        told = asdict(self) | {
            "months": [
                {
                    "month": f"{each.month:%Y-%m}",
                    "before_cents": each.before_cents,
                    "after_cents": each.after_cents,
                    "change_cents": each.change_cents,
                }
                for each in self.months
            ],
            "unknown_halves": [f"{year}-{half}" for year, half in self.unknown_halves],
        }
        days = ("term_days_before", "term_days_after", "days_to_pay_before", "days_to_pay_after")
        return told | {name: round(told[name], 1) for name in days}


def impacts(
    *,
    invoices: pl.DataFrame,
    to: PaymentTerms,
    on: date,
    ecb_rates: Mapping[Half, int],
    financing_basis_points: int,
) -> list[Impact]:
    """One a currency, the largest amount first; none without invoices. `invoices` has INVOICES."""
    rows = _paid(_moved(invoices, to), on)
    found = [
        _impact(mine, on, ecb_rates, financing_basis_points)
        for _, mine in rows.group_by("currency", maintain_order=True)
    ]
    return sorted(found, key=lambda each: (-each.amount_cents, each.currency))


def _moved(invoices: pl.DataFrame, to: PaymentTerms) -> pl.DataFrame:
    """With `new_due_date` and how many days that is later."""
    rows = invoices.with_columns(notation=pl.lit(to.notation)).with_columns(
        new_due_date=due_dates(pl.col("issue_date"), pl.col("notation"))
    )
    return rows.drop("notation").with_columns(
        shift_days=(pl.col("new_due_date") - pl.col("due_date")).dt.total_days()
    )


def _paid(rows: pl.DataFrame, on: date) -> pl.DataFrame:
    """With the days of payment before and after, `late_days` being the customer's habit where nothing is paid yet."""
    settled = rows.filter(pl.col("paid_date").is_not_null())
    late, weight = (pl.col("paid_date") - pl.col("due_date")).dt.total_days(), pl.col("payable_cents")
    habit = ((late * weight).sum() / weight.sum()).round().cast(pl.Int64)
    usual = settled.select(habit).item() if settled.height else 0
    by_customer = settled.group_by("customer_id").agg(own_days=habit)
    told = rows.join(by_customer, on="customer_id", how="left", maintain_order="left")
    days = pl.coalesce("own_days", pl.lit(usual, pl.Int64))
    expected = pl.max_horizontal(pl.col("due_date") + pl.duration(days=days), pl.lit(on))
    moved = pl.max_horizontal(pl.col("new_due_date") + pl.duration(days=days), pl.lit(on))
    return told.with_columns(
        before=pl.coalesce("paid_date", expected).cast(pl.Date),
        after=pl.when(pl.col("paid_date").is_null())
        .then(moved)
        .otherwise(pl.col("paid_date") + pl.duration(days=pl.col("shift_days")))
        .cast(pl.Date),
    )


def _impact(
    rows: pl.DataFrame, on: date, ecb_rates: Mapping[Half, int], financing_basis_points: int
) -> Impact:
    weight = pl.col("payable_cents")
    total = int(rows["payable_cents"].sum())

    def mean(until: str) -> float:
        days = (pl.col(until) - pl.col("issue_date")).dt.total_days()
        return float(rows.select((days * weight).sum()).item()) / total if total else 0.0

    days_moved = int(rows.select((pl.col("shift_days") * weight).sum()).item())
    tied_up = _rounded(days_moved, 365)
    halves = _halves(rows, on)
    return Impact(
        currency=rows["currency"][0],
        invoice_count=rows.height,
        moved_count=int((rows["shift_days"] != 0).sum()),
        earlier_count=int((rows["shift_days"] < 0).sum()),
        later_count=int((rows["shift_days"] > 0).sum()),
        amount_cents=total,
        open_count=int((rows["open_cents"] > 0).sum()),
        open_cents=int(rows["open_cents"].sum()),
        term_days_before=mean("due_date"),
        term_days_after=mean("new_due_date"),
        days_to_pay_before=mean("before"),
        days_to_pay_after=mean("after"),
        months=_months(rows),
        tied_up_cents=tied_up,
        financing_basis_points=financing_basis_points,
        financing_cents=_rounded(tied_up * financing_basis_points, 10_000),
        late_interest_before_cents=_late_interest(rows, "due_date", on, halves, ecb_rates),
        late_interest_after_cents=_late_interest(rows, "new_due_date", on, halves, ecb_rates),
        unknown_halves=tuple(half for half in halves if half not in ecb_rates),
    )


def _months(rows: pl.DataFrame) -> tuple[MonthOfCash, ...]:
    # of what is paid in part, the rest is still to come
    expected = pl.when(pl.col("paid_date").is_null()).then("open_cents").otherwise("payable_cents")
    sums = {
        name: dict(
            rows.group_by(pl.col(name).dt.month_start().alias("month")).agg(expected.sum()).iter_rows()
        )
        for name in ("before", "after")
    }
    months = sorted(sums["before"].keys() | sums["after"].keys())
    return tuple(
        MonthOfCash(month, int(sums["before"].get(month, 0)), int(sums["after"].get(month, 0)))
        for month in months
    )


def _halves(rows: pl.DataFrame, on: date) -> list[Half]:
    """The half-years in which something of these invoices is late, under either terms."""
    until = pl.coalesce("paid_date", pl.lit(on))
    due = pl.min_horizontal("due_date", "new_due_date")
    late = rows.filter((until > due) & (pl.col("currency") == "EUR") & (pl.col("kind") != "person"))
    if late.is_empty():
        return []
    first, last = late.select(due.min()).item(), late.select(until.max()).item()
    halves, half = [], half_of(first + timedelta(days=1))
    while first_day_of(half) <= last:
        halves.append(half)
        half = (half[0], 2) if half[1] == 1 else (half[0] + 1, 1)
    return halves


def _late_interest(
    rows: pl.DataFrame, due: str, on: date, halves: list[Half], ecb_rates: Mapping[Half, int]
) -> int:
    """Cents the law grants from the day after the due date to the payment, a half-year at a time (core.interest)."""
    if not halves:
        return 0
    start = pl.col(due) + pl.duration(days=1)
    until = pl.coalesce("paid_date", pl.lit(on))
    late = rows.filter((pl.col("currency") == "EUR") & (pl.col("kind") != "person")).with_columns(
        start=start.cast(pl.Date), until=until
    )
    company_cents = pl.lit(0, pl.Int64)
    public_days = pl.lit(0, pl.Int64)
    public_rate = pl.lit(0, pl.Int64)
    for half in halves:
        if half not in ecb_rates:
            continue
        first, last = pl.lit(first_day_of(half)), pl.lit(last_day_of(half))
        days = (
            (pl.min_horizontal("until", last) - pl.max_horizontal("start", first)).dt.total_days() + 1
        ).clip(0)
        rate = ecb_rates[half] + MARGIN_BASIS_POINTS
        company_cents += (pl.col("payable_cents") * days * rate + 1_825_000) // 3_650_000
        public_days += days
        # a public buyer's rate is that of the half-year in which interest began (R2192-31)
        began = pl.col("start").is_between(first, last)
        public_rate += pl.when(began).then(ecb_rates[half] + PUBLIC_MARGIN_BASIS_POINTS).otherwise(0)
    public_cents = (pl.col("payable_cents") * public_days * public_rate + 1_825_000) // 3_650_000
    cents = pl.when(pl.col("kind") == "public_buyer").then(public_cents).otherwise(company_cents)
    return int(late.select(cents.sum()).item() or 0)


def _rounded(numerator: int, denominator: int) -> int:
    """Half away from zero."""
    sign = -1 if numerator < 0 else 1
    return sign * ((abs(numerator) * 2 + denominator) // (denominator * 2))
