"""Money: no cent lost between what people write, what is kept and what they read."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from encours.core.money import (
    MAX_CENTS,
    UnableToReadAmount,
    decimals_of,
    format_cents,
    parse_amount,
    split_cents,
    to_cents,
    to_decimal,
)

CENTS = st.integers(-MAX_CENTS, MAX_CENTS)
CURRENCIES = st.sampled_from(["EUR", "USD", "GBP", "JPY", "TND", "CHF"])


@given(CENTS, CURRENCIES)
def test_decimal_and_back(cents: int, currency: str):
    assert to_cents(to_decimal(cents, currency), currency) == cents


@given(CENTS, st.sampled_from(["EUR", "USD", "GBP"]), st.sampled_from(["fr", "en"]))
def test_what_is_shown_reads_back(cents: int, currency: str, language: str):
    assert parse_amount(format_cents(cents, currency, language), currency) == cents


@given(st.integers(-(10**12), 10**12), st.lists(st.integers(0, 10**9), min_size=1, max_size=12).filter(sum))
def test_shares_sum_to_the_whole_and_are_a_cent_from_fair(total: int, weights: list[int]):
    shares = split_cents(total, weights)
    assert sum(shares) == total
    for share, weight in zip(shares, weights, strict=True):
        assert abs(share - Decimal(total) * weight / sum(weights)) <= 1


@pytest.mark.parametrize(
    ("written", "cents"),
    [
        ("1 234,56 €", 123456),
        ("1\u202f234,56\u00a0€", 123456),
        ("1.234,56", 123456),
        ("1,234.56", 123456),
        ("1.234.567", 123456700),
        ("-12,5", -1250),
        ("12-", -1200),
        ("(12.00)", -1200),
        ("+31070,11", 3107011),
        (",50", 50),
        ("0", 0),
    ],
)
def test_amounts_as_people_write_them(written: str, cents: int):
    assert parse_amount(written) == cents


@pytest.mark.parametrize(
    "written", ["", "abc", "12,345,67.8.9", "1e5", "--3", "12.345", "٣", "1 000 000 000 000,01", "1,234,56"]
)
def test_what_is_no_amount_is_refused_never_rounded(written: str):
    with pytest.raises(UnableToReadAmount):
        parse_amount(written)


def test_currencies_keep_their_own_digits():
    assert [decimals_of(code) for code in ("EUR", "JPY", "TND")] == [2, 0, 3]
    assert format_cents(1234567, "JPY", "en") == "¥1,234,567"
    assert format_cents(-5, "EUR", "fr") == "-0,05\u00a0€"
