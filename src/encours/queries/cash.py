"""Money received, by week, from the daily flows."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Sum
from django.db.models.functions import TruncWeek

from encours.store.models import Company, DailyFlow


@dataclass(frozen=True)
class CashWeek:
    """Receipts booked in the week that begins on `monday`; receipts taken back count negative when they were."""

    monday: date
    amount_cents: int


def cash_by_week(*, company: Company, on: date, weeks: int, currency: str = "") -> list[CashWeek]:
    """The last `weeks` weeks up to and with that of `on`, oldest first, empty weeks too. One query.

    In the company's currency unless one is named.
    """
    this_monday = on - timedelta(days=on.weekday())
    first = this_monday - timedelta(weeks=weeks - 1)
    flows = DailyFlow.objects.filter(
        company=company,
        currency=currency or company.currency,
        kind="paid",
        target="payment",
        booked_date__gte=first,
        booked_date__lte=on,
    )
    sums = (
        flows.annotate(monday=TruncWeek("booked_date")).values("monday").annotate(cents=Sum("amount_cents"))
    )
    received = {row["monday"]: -row["cents"] for row in sums.order_by()}
    mondays = [first + timedelta(weeks=number) for number in range(weeks)]
    return [CashWeek(monday, received.get(monday, 0)) for monday in mondays]
