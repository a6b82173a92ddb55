"""French business days, and the months of two years."""

from datetime import date, timedelta

import holidays as reference

from encours.demo import calendar


def test_holidays_are_those_of_france():
    for year in range(2020, 2036):
        assert calendar.holidays(year) == set(reference.country_holidays("FR", years=year))


def test_two_years_end_with_the_month_of_the_day():
    months = list(calendar.months(until=date(2026, 11, 22)))
    assert (months[0], months[-1], len(months)) == (date(2024, 12, 1), date(2026, 11, 1), 24)
    assert len(list(calendar.months(until=date(2026, 12, 31)))) == 24
    assert len(list(calendar.months(until=date(2027, 1, 1)))) == 24


def test_the_next_and_the_last_business_day_are_near():
    day = date(2024, 1, 1)
    while day < date(2027, 1, 1):
        after, before = calendar.business_day_from(day), calendar.business_day_until(day)
        assert calendar.is_business_day(after)
        assert calendar.is_business_day(before)
        assert before <= day <= after
        assert after - before <= timedelta(days=5)
        day += timedelta(days=1)
