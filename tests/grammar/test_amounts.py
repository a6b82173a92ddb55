"""Amounts, shares and numbers in words, French and English."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from encours.core.grammar import find_amounts, plain
from encours.core.money import format_cents


@pytest.mark.parametrize(
    ("text", "cents"),
    [
        ("1 234,56 €", 123456),
        ("EUR 1,234.56", 123456),
        ("1.200,00 EUR", 120000),
        ("€450", 45000),
        ("1200 euros", 120000),
        ("mille deux cents euros", 120000),
        ("deux mille cinq cents euros", 250000),
        ("quatre-vingt-dix-neuf euros", 9900),
        ("twelve hundred euros", 120000),
        ("two thousand and fifty euros", 205000),
        ("2,5 k€", 250000),
        ("2k euros", 200000),
        ("120 € 50", 12050),
        ("600 balles", 60000),
        ("cent euros", 10000),
        ("1.234 €", 123400),
    ],
)
def test_an_amount_is_read_to_the_cent(text: str, cents: int):
    assert [found.cents for found in find_amounts(plain(f"je paie {text} vendredi"))] == [cents]


@pytest.mark.parametrize(
    ("text", "share"),
    [
        ("la moitié", Fraction(1, 2)),
        ("half of it", Fraction(1, 2)),
        ("30 %", Fraction(3, 10)),
        ("un tiers", Fraction(1, 3)),
        ("trois quarts", Fraction(3, 4)),
    ],
)
def test_a_share_is_no_amount(text: str, share: Fraction):
    assert [(found.cents, found.share) for found in find_amounts(plain(text))] == [(None, share)]


def test_other_currencies_keep_theirs():
    assert [(found.cents, found.currency) for found in find_amounts(plain("$100 and £20.50"))] == [
        (10000, "USD"),
        (2050, "GBP"),
    ]


@pytest.mark.parametrize("text", ["12 heures", "le 12 novembre", "facture 2026-0118", "not a cent", "01 44 00 00 12", "3 cartons"])  # fmt: skip
def test_what_is_no_amount_is_left(text: str):
    assert find_amounts(plain(text)) == []


@given(cents=st.integers(1, 10**9), language=st.sampled_from(["fr", "en"]))
def test_what_we_write_is_read_again(cents: int, language: str):
    written = format_cents(cents, "EUR", language)
    assert [found.cents for found in find_amounts(plain(f"voici {written}."))] == [cents]


@given(text=st.text(max_size=300))
def test_any_text_is_read_without_failing(text: str):
    for found in find_amounts(plain(text)):
        assert (found.cents is None) != (found.share is None)
