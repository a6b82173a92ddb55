"""Days of payment as French and English debtors write and say them, on Monday 16 November 2026."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from encours.core.business_days import add_business_days, easter, public_holidays
from encours.core.grammar import find_dates, plain, standing

MONDAY = date(2026, 11, 16)


def promised(text: str, on: date = MONDAY) -> list[tuple[str, str]]:
    """(day, certainty) of each day of a promise that still stands."""
    said = plain(text)
    return [
        (day.date.isoformat(), day.certainty)
        for day in standing(said.text, find_dates(said, on=on, side="future"))
    ]


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("le 15", "2026-12-15"),
        ("le quinze", "2026-12-15"),
        ("avant le 20 mars", "2027-03-20"),
        ("pour le 5 février", "2027-02-05"),
        ("jusqu'au 1er mars", "2027-03-01"),
        ("jusqu'au 20", "2026-11-20"),
        ("vendredi", "2026-11-20"),
        ("vendredi en huit", "2026-11-27"),
        ("vendredi de la semaine prochaine", "2026-11-27"),
        ("lundi 23", "2026-11-23"),
        ("mardi 24/11/2026", "2026-11-24"),
        ("sous huitaine", "2026-11-24"),
        ("sous quinzaine", "2026-12-01"),
        ("d'ici 10 jours", "2026-11-26"),
        ("sous 48 heures", "2026-11-18"),
        ("sous cinq jours ouvrés", "2026-11-23"),
        ("fin de mois", "2026-11-30"),
        ("à la fin du mois prochain", "2026-12-31"),
        ("d'ici la fin de la semaine", "2026-11-20"),
        ("mi-décembre", "2026-12-15"),
        ("le premier décembre", "2026-12-01"),
        ("le 5 du mois prochain", "2026-12-05"),
        ("le vingt et un", "2026-11-21"),
        ("20/01/27", "2027-01-20"),
        ("le 2.12", "2026-12-02"),
        ("avant la fin de l'année", "2026-12-31"),
        ("après-demain", "2026-11-18"),
        ("this Friday", "2026-11-20"),
        ("Friday week", "2026-11-27"),
        ("by the end of next week", "2026-11-27"),
        ("by month end", "2026-11-30"),
        ("December 15th", "2026-12-15"),
        ("the second of December", "2026-12-02"),
        ("the twenty-first", "2026-11-21"),
        ("within five working days", "2026-11-23"),
        ("in a fortnight", "2026-11-30"),
        ("within ten (10) days", "2026-11-26"),
        ("payment by COB Friday", "2026-11-20"),
        ("mid-January", "2027-01-15"),
    ],
)
def test_a_day_is_read(text: str, day: str):
    assert promised(text) == [(day, "exact")]


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("la semaine prochaine", "2026-11-27"),
        ("début janvier", "2027-01-05"),
        ("entre le 10 et le 15 décembre", "2026-12-15"),
        ("semaine 49", "2026-12-04"),
        ("en avril", "2027-04-30"),
    ],
)
def test_a_period_is_approximate(text: str, day: str):
    assert promised(text) == [(day, "approximate")]


def test_next_friday_of_the_same_week_is_asked_again():
    assert promised("next Friday") == [("2026-11-20", "ambiguous")]


def test_in_english_the_month_may_come_first():
    said = plain("05/06/2027")
    assert [day.certainty for day in find_dates(said, on=MONDAY, language="en")] == ["ambiguous"]
    assert [day.certainty for day in find_dates(said, on=MONDAY, language="fr")] == ["exact"]


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("mercredi, non, plutôt jeudi", "2026-11-19"),
        ("mercredi. Pardon, vendredi", "2026-11-20"),
        ("on Wednesday, I mean Thursday", "2026-11-19"),
        ("pas mercredi, jeudi", "2026-11-19"),
        ("on the 20th, not the 18th", "2026-11-20"),
    ],
)
def test_what_is_taken_back_does_not_stand(text: str, day: str):
    assert [found for found, _ in promised(text)] == [day]


def test_not_before_a_day_names_it():
    assert promised("pas avant le 15 décembre") == [("2026-12-15", "exact")]


@pytest.mark.parametrize(
    "text",
    ["01 44 00 00 12", "le 12 rue des Lilas", "ça fait 3 semaines", "the last time", "24/7", "1 200 €", "je paie", "we may pay", "dès que possible"],
)  # fmt: skip
def test_what_is_no_day_is_left(text: str):
    assert promised(text) == []


def test_a_payment_made_looks_back():
    said = plain("payé vendredi et le 12/11 et il y a 3 jours")
    days = [day.date for day in find_dates(said, on=MONDAY, side="past")]
    assert days == [date(2026, 11, 13), date(2026, 11, 12), date(2026, 11, 13)]


def test_working_days_pass_over_easter_and_may():
    assert easter(2026) == date(2026, 4, 5)
    assert date(2026, 5, 14) in public_holidays(2026)  # Ascension
    assert add_business_days(date(2026, 4, 3), 1) == date(2026, 4, 7)


@given(
    day=st.dates(date(2000, 1, 1), date(2090, 12, 31)),
    written=st.sampled_from(["{0:%d/%m/%Y}", "{0:%Y-%m-%d}", "{0.day}.{0.month}.{0.year}"]),
)
def test_a_day_written_in_full_is_that_day(day: date, written: str):
    said = plain(f"payé le {written.format(day)} merci")
    assert [found.date for found in find_dates(said, on=day)] == [day]


@given(text=st.text(max_size=300), on=st.dates(date(1, 1, 1), date.max))
def test_any_text_on_any_day_is_read_without_failing(text: str, on: date):
    said = plain(text)
    for side in ("future", "past", "nearest"):
        for day in find_dates(said, on=on, side=side):
            assert said.verbatim(day.start, day.end) in text


@given(text=st.text(alphabet="le15 vendrdifnmospchai/-.0123456789éà'", max_size=120))
def test_days_are_apart_and_in_order(text: str):
    said = plain(text)
    found = find_dates(said, on=MONDAY)
    assert all(before.end <= after.start for before, after in zip(found, found[1:], strict=False))
