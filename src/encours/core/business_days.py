"""Days on which companies in France work: neither weekend nor public holiday (Code du travail, L3133-1)."""

from datetime import date, timedelta
from functools import lru_cache

# Parts of France with holidays of their own, by the beginning of the postcode; the longest that fits counts. Codes of ISO
# 3166-2 where there is one: Alsace and Moselle keep two days more (local law of 1892), overseas parts the day slavery
# ended there (Code du travail, L3422-2) among others.
REGIONS = {
    "57": "FR-57", "67": "FR-6AE", "68": "FR-6AE",
    "971": "FR-971", "972": "FR-972", "973": "FR-973", "974": "FR-974", "975": "FR-PM", "976": "FR-976",
    "97133": "FR-BL", "97150": "FR-MF", "986": "FR-WF", "987": "FR-PF", "988": "FR-NC",
}  # fmt: skip
# Overseas parts are often written as countries, after ISO 3166-1.
WRITTEN_AS_COUNTRIES = {
    "GP": "FR-971", "MQ": "FR-972", "GF": "FR-973", "RE": "FR-974", "PM": "FR-PM", "YT": "FR-976",
    "BL": "FR-BL", "MF": "FR-MF", "WF": "FR-WF", "PF": "FR-PF", "NC": "FR-NC",
}  # fmt: skip


def holiday_region(*, country: str, postcode: str) -> str:
    """Whose public holidays an address keeps: a country, or a part of France that has more of them.

    >>> holiday_region(country="FR", postcode="67000"), holiday_region(country="FR", postcode="75011")
    ('FR-6AE', 'FR')
    >>> holiday_region(country="RE", postcode=""), holiday_region(country="DE", postcode="57072")
    ('FR-974', 'DE')
    """
    if country != "FR":
        return WRITTEN_AS_COUNTRIES.get(country, country)
    bare = postcode.replace(" ", "")
    return next((REGIONS[bare[:size]] for size in (5, 3, 2) if bare[:size] in REGIONS), "FR")


@lru_cache(maxsize=64)
def public_holidays(year: int) -> frozenset[date]:
    """The eleven of metropolitan France; other parts have more (`holiday_region`)."""
    sunday = easter(year)
    moving = {sunday + timedelta(days=days) for days in (1, 39, 50)}
    fixed = {
        date(year, month, day)
        for month, day in ((1, 1), (5, 1), (5, 8), (7, 14), (8, 15), (11, 1), (11, 11), (12, 25))
    }
    return frozenset(moving | fixed)


def easter(year: int) -> date:
    """Easter Sunday of the Gregorian calendar (the computus of Butcher, 1876)."""
    golden, (century, in_century) = year % 19, divmod(year, 100)
    leaps, odd = divmod(century, 4)
    correction = (century - (century + 8) // 25 + 1) // 3
    epact = (19 * golden + century - leaps - correction + 15) % 30
    quarter, left = divmod(in_century, 4)
    weekday = (32 + 2 * odd + 2 * quarter - epact - left) % 7
    shift = (golden + 11 * epact + 22 * weekday) // 451
    month, day = divmod(epact + weekday - 7 * shift + 114, 31)
    return date(year, month, day + 1)


def is_business_day(day: date) -> bool:
    return day.weekday() < 5 and day not in public_holidays(day.year)


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


def add_business_days(day: date, count: int) -> date:
    """The count-th business day after a day.

    >>> add_business_days(date(2026, 7, 10), 3)
    datetime.date(2026, 7, 16)
    """
    while count > 0:
        day += timedelta(days=1)
        count -= is_business_day(day)
    return day
