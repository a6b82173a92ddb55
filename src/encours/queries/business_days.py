"""Days on which nothing is sent: public holidays. Weekends are known to core."""

from collections.abc import Iterable
from datetime import date
from functools import cache

import holidays

from encours.core.business_days import REGIONS, holiday_region
from encours.store.models import Company, Customer


def days_off(*, country: str, on: date, postcode: str = "") -> frozenset[date]:
    """Public holidays where an address is, from this day's year on; none where the library does not know the country."""
    return _holidays(holiday_region(country=country or "FR", postcode=postcode), on.year)


def company_days_off(*, company: Company, on: date) -> frozenset[date]:
    """Public holidays where the company is: nothing of it leaves on them."""
    return days_off(country=company.country, on=on, postcode=company.postcode)


def regional_days_off(*, regions: Iterable[str], on: date) -> dict[str, frozenset[date]]:
    """Public holidays by region (`core.business_days.holiday_region`)."""
    return {region: _holidays(region, on.year) for region in regions}


def regions_off(*, company: Company, on: date) -> list[str]:
    """Regions of customers that have a public holiday on this day, those of France whether anybody lives there or not."""
    countries = Customer.objects.filter(company=company).values_list("country", flat=True).distinct()
    regions = {"FR", *REGIONS.values(), *countries}
    return sorted(region for region in regions if on in _holidays(region, on.year))


@cache
def _holidays(region: str, year: int) -> frozenset[date]:
    country, _, part = region.partition("-")
    try:
        # a plan of 31 December looks into January
        return frozenset(holidays.country_holidays(country, subdiv=part or None, years=(year, year + 1)))
    except NotImplementedError:
        return frozenset()
