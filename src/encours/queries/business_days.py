"""Days on which nothing is sent: public holidays. Weekends are known to core."""

from datetime import date
from functools import cache

import holidays


def days_off(*, country: str, on: date) -> frozenset[date]:
    """Public holidays of a country from this day's year on; none where the library does not know the country."""
    return _holidays(country or "FR", on.year)


@cache
def _holidays(country: str, year: int) -> frozenset[date]:
    try:
        # a plan of 31 December looks into January
        return frozenset(holidays.country_holidays(country, years=(year, year + 1)))
    except NotImplementedError:
        return frozenset()
