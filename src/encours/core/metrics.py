"""The figures a receivables manager steers by: outstanding, overdue, ageing, days sales outstanding.

Amounts are cents of one currency; currencies are never added. A receivable is overdue when its due date is
before the day asked for. Credit notes count at their due date, so ageing is signed.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from typing import Any

DSO_DAYS = 365
# code, first and last day late, both included; None is without end
_BUCKETS = (
    ("not_due", None, 0),
    ("1_30", 1, 30),
    ("31_60", 31, 60),
    ("61_90", 61, 90),
    ("91_plus", 91, None),
)
DSO_METHOD = "outstanding / invoiced incl. VAT over {days} days x {days}"


@dataclass(frozen=True)
class AgeingBucket:
    """Open amount by days late. `document_count` counts documents (and instalments) owed, not credit notes."""

    code: str
    from_days: int | None
    to_days: int | None
    amount_cents: int
    document_count: int


@dataclass(frozen=True)
class CurrencyMetrics:
    """The position of the accounts in one currency.

    `outstanding_cents` is the balance of the customers' accounts: all buckets less `unallocated_cents`, the
    receipts no document has taken.
    """

    currency: str
    outstanding_cents: int
    overdue_cents: int
    unallocated_cents: int
    ageing: tuple[AgeingBucket, ...]
    dso_days: float | None
    dso_countback_days: float | None
    best_possible_dso_days: float | None
    dso_method: str


@dataclass(frozen=True)
class Metrics(CurrencyMetrics):
    """The company's own currency, and each other one apart."""

    on: date
    other_currencies: tuple[CurrencyMetrics, ...] = ()

    def as_json(self) -> dict[str, Any]:
        body = asdict(self)
        return {
            "on": body.pop("on").isoformat(),
            **body,
            "ageing": [asdict(bucket) for bucket in self.ageing],
        }


def bucket_ranges() -> tuple[tuple[str, int | None, int | None], ...]:
    """Code, first and last day late of each ageing bucket, the least late first."""
    return _BUCKETS


def ageing(*, on: date, open_by_due_date: Mapping[date, tuple[int, int]]) -> tuple[AgeingBucket, ...]:
    """Buckets over {due date: (open cents, documents owed)}."""
    amounts = dict.fromkeys((code for code, _, _ in _BUCKETS), 0)
    counts = dict(amounts)
    for due_date, (cents, documents) in open_by_due_date.items():
        code = bucket_of((on - due_date).days)
        amounts[code] += cents
        counts[code] += documents
    return tuple(
        AgeingBucket(code, from_days, to_days, amounts[code], counts[code])
        for code, from_days, to_days in _BUCKETS
    )


def bucket_of(days_late: int) -> str:
    """
    >>> [bucket_of(days) for days in (-3, 0, 1, 30, 31, 90, 91, 4000)]
    ['not_due', 'not_due', '1_30', '1_30', '31_60', '61_90', '91_plus', '91_plus']
    """
    return next(code for code, _, to_days in _BUCKETS if to_days is None or days_late <= to_days)


def position(
    *,
    currency: str,
    on: date,
    open_by_due_date: Mapping[date, tuple[int, int]],
    unallocated_cents: int,
    invoiced_by_day: Sequence[tuple[date, int]],
) -> CurrencyMetrics:
    """The metrics of one currency.

    `invoiced_by_day` holds (day, cents incl. VAT, credit notes deducted) of the days up to `on`, in order.
    """
    buckets = ageing(on=on, open_by_due_date=open_by_due_date)
    outstanding = sum(bucket.amount_cents for bucket in buckets) - unallocated_cents
    overdue = sum(bucket.amount_cents for bucket in buckets if bucket.code != "not_due")
    days = sales_days(on=on, invoiced_by_day=invoiced_by_day)
    return CurrencyMetrics(
        currency=currency,
        outstanding_cents=outstanding,
        overdue_cents=overdue,
        unallocated_cents=unallocated_cents,
        ageing=buckets,
        dso_days=days_sales_outstanding(outstanding, on=on, invoiced_by_day=invoiced_by_day),
        dso_countback_days=countback(outstanding, on=on, invoiced_by_day=invoiced_by_day),
        best_possible_dso_days=days_sales_outstanding(
            buckets[0].amount_cents, on=on, invoiced_by_day=invoiced_by_day
        ),
        dso_method=DSO_METHOD.format(days=days),
    )


def sales_days(*, on: date, invoiced_by_day: Sequence[tuple[date, int]]) -> int:
    """Days the sales are taken over: 365, or since the first invoice when that is less; 0 without sales."""
    if not invoiced_by_day:
        return 0
    return min(DSO_DAYS, (on - invoiced_by_day[0][0]).days + 1)


def days_sales_outstanding(
    owed_cents: int, *, on: date, invoiced_by_day: Sequence[tuple[date, int]]
) -> float | None:
    """Owed ÷ invoiced incl. VAT over the last days x those days; None when nothing was invoiced.

    With what is not yet due instead of all that is owed it is the best possible DSO.
    """
    days = sales_days(on=on, invoiced_by_day=invoiced_by_day)
    first = on - timedelta(days=days - 1)
    start = bisect_left(invoiced_by_day, first, key=lambda row: row[0])
    invoiced = sum(cents for _, cents in invoiced_by_day[start:])
    return round(owed_cents / invoiced * days, 1) if invoiced > 0 else None


def countback(owed_cents: int, *, on: date, invoiced_by_day: Sequence[tuple[date, int]]) -> float | None:
    """Days of the most recent sales that make up what is owed: each day back uses up that day's invoices.

    The day that more than covers the rest counts in proportion. None when nothing was invoiced or the sales known
    do not cover what is owed.
    """
    if not invoiced_by_day:
        return None
    left = owed_cents
    last = bisect_right(invoiced_by_day, on, key=lambda row: row[0])
    previous = on + timedelta(days=1)
    counted = 0.0
    for day, cents in reversed(invoiced_by_day[:last]):
        if left <= 0:
            break
        gap = (previous - day).days
        if cents > left:
            counted += gap - 1 + left / cents
            left = 0
        else:
            counted += gap
            left -= cents
        previous = day
    return round(counted, 1) if left <= 0 else None
