"""The months of two years."""

from datetime import date

from encours.demo import calendar


def test_two_years_end_with_the_month_of_the_day():
    months = list(calendar.months(until=date(2026, 11, 22)))
    assert (months[0], months[-1], len(months)) == (date(2024, 12, 1), date(2026, 11, 1), 24)
    assert len(list(calendar.months(until=date(2026, 12, 31)))) == 24
    assert len(list(calendar.months(until=date(2027, 1, 1)))) == 24
