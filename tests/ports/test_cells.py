"""Dates of every usual kind, amounts of every usual spelling."""

from datetime import date

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from encours.core.money import format_cents
from encours.ports.tables.cells import Evidence, cents, dates, gather


def read_dates(*cells: str) -> list[date | None]:
    column = pl.Series("c", cells, dtype=pl.String)
    return column.to_frame().select(dates("c", gather([column])))["c"].to_list()


def read_cents(*cells: str, currency: str = "EUR") -> list[int | None]:
    column = pl.Series("c", cells, dtype=pl.String)
    return column.to_frame().select(cents("c", gather([column]), default_currency=currency))["c"].to_list()


@pytest.mark.parametrize(
    "cell",
    [
        "31/12/2025", "31.12.2025", "31-12-2025", "31/12/25", "31.12.25", "2025-12-31", "2025/12/31", "20251231",
        "2025-12-31 00:00:00", "2025-12-31T10:15:00Z", "2025-12-31T10:15:00+01:00", "31/12/2025 14:30", "31-déc-2025",
        "31 déc. 2025", "31-dec-25", "31 décembre 2025", "31 December 2025", "Dec 31, 2025", "December 31st, 2025",
        "mercredi 31 décembre 2025", "46022", "46022.0", " 31/12/2025 ",
    ],
)  # fmt: skip
def test_one_day_in_many_spellings(cell):
    assert read_dates(cell) == [date(2025, 12, 31)]


@pytest.mark.parametrize(
    "cell", ["", "31/02/2026", "0", "demain", "2026-13-01", "12", "99999999", "1/1", "31/12/1"]
)
def test_what_is_no_date(cell):
    assert read_dates(cell) == [None]


def test_the_whole_column_decides_on_the_order():
    assert read_dates("03/04/2026", "25/04/2026") == [date(2026, 4, 3), date(2026, 4, 25)]
    assert read_dates("03/04/2026", "04/25/2026") == [date(2026, 3, 4), date(2026, 4, 25)]
    assert read_dates("03/04/2026") == [date(2026, 4, 3)]


def test_a_column_in_both_orders_is_french_and_its_odd_cells_are_refused():
    assert read_dates("03/04/2026", "25/04/2026", "04/25/2026") == [date(2026, 4, 3), date(2026, 4, 25), None]


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("1 234,56 €", 123456), ("1\u202f234,56\u00a0€", 123456), ("1,234.56", 123456), ("1.234,56", 123456),
        ("1'234.56", 123456), ("1234.5", 123450), ("1234", 123400), ("-12,00", -1200), ("12,00-", -1200),
        ("(12.00)", -1200), ("+12", 1200), ("−12", -1200), ("EUR 12", 1200), (".5", 50), (",5", 50), ("0", 0),
        ("1,234,567.89", 123456789), ("1.234.567", 123456700), ("12.10000", 1210), ("-0,01", -1),
    ],
)  # fmt: skip
def test_amounts(cell, expected):
    assert read_cents(cell) == [expected]


@pytest.mark.parametrize(
    "cell",
    [
        "",
        "abc",
        "12,345",
        "1.2.3,4,5",
        "12,3456",
        "9" * 17,
        "1e5",
        "--",
        "12;5",
        "%",
        "12,500",
        "1.000",
        "1,234,56",
        "12.34.567,00",
        "2026-01-31",
        "+-12",
        "(12",
        "12-34",
    ],
)
def test_what_is_no_amount(cell):
    assert read_cents(cell) == [None]


def test_the_whole_column_decides_on_thousands():
    assert read_cents("1,234", "12.50") == [123400, 1250]
    assert read_cents("1.234", "12,50") == [123400, 1250]
    assert read_cents("1.234", "12,50", "8.25") == [None, 1250, 825]
    assert read_cents("12,500", "1234,500") == [1250, 123450]
    assert read_cents("12,500", "1,5") == [1250, 150]


def test_currencies_have_their_own_decimals():
    assert read_cents("1200", "12,5", currency="JPY") == [1200, None]
    assert read_cents("1,234", currency="TND") == [1234]
    column = pl.DataFrame({"a": ["10", "10", "10,5"], "k": ["EUR", "JPY", "XOF"]})
    assert column.select(cents("a", Evidence(comma_decimals=True), pl.col("k")))["a"].to_list() == [
        1000,
        10,
        None,
    ]


@given(st.integers(-(10**12), 10**12), st.sampled_from(["fr", "en"]))
def test_what_we_print_is_read_back_to_the_cent(amount, language):
    # beside an amount that settles which sign is which
    witness = format_cents(123456, "EUR", language)
    assert read_cents(format_cents(amount, "EUR", language), witness) == [amount, 123456]


@given(
    st.dates(date(1960, 1, 1), date(2059, 12, 31)),
    st.sampled_from(["%d/%m/%Y", "%Y-%m-%d", "%d.%m.%y", "%Y%m%d"]),
)
def test_dates_are_read_back(day, form):
    if form == "%d.%m.%y" and day.year < 1970:
        return
    assert read_dates(day.strftime(form)) == [day]
