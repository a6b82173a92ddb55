"""French business days."""

from datetime import date, timedelta

import holidays as reference

from encours.core.business_days import business_day_from, business_day_until, is_business_day, public_holidays


def test_holidays_are_those_of_france():
    for year in range(2020, 2036):
        assert public_holidays(year) == set(reference.country_holidays("FR", years=year))


def test_the_next_and_the_last_business_day_are_near():
    day = date(2024, 1, 1)
    while day < date(2027, 1, 1):
        after, before = business_day_from(day), business_day_until(day)
        assert is_business_day(after)
        assert is_business_day(before)
        assert before <= day <= after
        assert after - before <= timedelta(days=5)
        day += timedelta(days=1)
