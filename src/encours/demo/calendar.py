"""Days on which French companies invoice and banks book, and how much is invoiced in which month."""

from calendar import monthrange
from collections.abc import Iterator
from datetime import date, timedelta
from functools import lru_cache

# Share of an average month that is invoiced: August sleeps, quarters and the year are closed.
SEASON = (0.92, 0.93, 1.10, 0.98, 0.93, 1.12, 0.95, 0.48, 1.06, 1.08, 1.05, 1.40)


@lru_cache(maxsize=64)
def holidays(year: int) -> frozenset[date]:
    """The eleven public holidays of metropolitan France (Code du travail L3133-1)."""
    fixed = ((1, 1), (5, 1), (5, 8), (7, 14), (8, 15), (11, 1), (11, 11), (12, 25))
    easter = _easter(year)
    moving = (easter + timedelta(days=days) for days in (1, 39, 50))
    return frozenset({date(year, month, day) for month, day in fixed} | set(moving))


def is_business_day(day: date) -> bool:
    return day.weekday() < 5 and day not in holidays(day.year)


def business_day_from(day: date) -> date:
    """The day itself when business is done on it, else the next one."""
    while not is_business_day(day):
        day += timedelta(days=1)
    return day


def business_day_until(day: date) -> date:
    """The day itself when business is done on it, else the one before."""
    while not is_business_day(day):
        day -= timedelta(days=1)
    return day


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


def _easter(year: int) -> date:
    """Easter Sunday of the Gregorian calendar (the anonymous computus of 1876)."""
    a, (b, c) = year % 19, divmod(year, 100)
    d, e = divmod(b, 4)
    g = (8 * b + 13) // 25
    h = (19 * a + b - d - g + 15) % 30
    i, k = divmod(c, 4)
    m = (32 + 2 * e + 2 * i - h - k) % 7
    n = (a + 11 * h + 22 * m) // 451
    month, day = divmod(h + m - 7 * n + 114, 31)
    return date(year, month, day + 1)
