"""Months and days on which companies invoice and banks book, and how much is invoiced in which month."""

from calendar import monthrange
from collections.abc import Iterator
from datetime import date, timedelta

from encours.core.business_days import is_business_day

# Share of an average month that is invoiced: August sleeps, quarters and the year are closed.
SEASON = (0.92, 0.93, 1.10, 0.98, 0.93, 1.12, 0.95, 0.48, 1.06, 1.08, 1.05, 1.40)


def month_end(day: date) -> date:
    return day.replace(day=monthrange(day.year, day.month)[1])


def next_month(day: date) -> date:
    return month_end(day) + timedelta(days=1)


def months(*, until: date, years: int = 2) -> Iterator[date]:
    """First days of the months of the last `years` years, the month of `until` included."""
    month = next_month(until.replace(day=1)).replace(year=until.year - years + (until.month == 12))
    while month <= until:
        yield month
        month = next_month(month)


def business_days(month: date, *, until: date) -> list[date]:
    """Business days of the month that are not after `until`."""
    days = (month.replace(day=n) for n in range(1, month_end(month).day + 1))
    return [day for day in days if day <= until and is_business_day(day)]
