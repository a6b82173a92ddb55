"""Debts nobody is sure to be paid for: 416, the allowance on 491, and back."""

from datetime import date

import pytest

from encours.actions.doubt_debt import UnableToDoubt, doubt_debt, end_doubt
from encours.actions.write_off import write_off
from tests import cast
from tests.accounting.conftest import told
from tests.accounting.test_export import settle, taxed

JAN, FEB = date(2026, 1, 5), date(2026, 2, 10)


def month(number: int) -> tuple[date, date]:
    return date(2026, number, 1), date(2026, number, 28)


@pytest.fixture
def doubted(company, settle_accounts):
    """120.00 of which half is expected to be lost."""
    settle_accounts(sales_entries=True)
    invoice = taxed(company, cast.late_payer(company), "FA-1")
    doubt_debt(
        company=company,
        number="FA-1",
        allowance_basis_points=5_000,
        reason="Redressement",
        on=FEB,
        actor="test",
    )
    return invoice


def test_it_moves_to_416_and_is_written_down_without_vat(doubted, export):
    assert [(row[2], row[4], row[5]) for row in told(export(*month(1), on=date(2026, 2, 1)))] == [
        ("411000", 12_000, ""), ("707000", -10_000, ""), ("445710", -2_000, ""),
    ]  # fmt: skip
    assert [(row[2], row[3], row[4], row[5]) for row in told(export(*month(2), on=date(2026, 3, 1)))] == [
        ("681740", "", 5_000, ""), ("491000", "", -5_000, ""),
        ("416000", "C0002", 12_000, ""), ("411000", "C0002", -12_000, "A"),
    ]  # fmt: skip
    assert told(export(*month(3), on=date(2026, 4, 1))) == []


def test_what_is_paid_comes_back_and_what_is_lost_leaves_416(company, doubted, export):
    export(*month(2), on=date(2026, 3, 1))
    settle(company, doubted, 6_000, on=date(2026, 3, 10))
    march = told(export(*month(3), on=date(2026, 4, 1)))
    assert [(row[2], row[4]) for row in march] == [
        ("512000", 6_000), ("411000", -6_000),
        ("491000", 2_500), ("781740", -2_500), ("411000", 6_000), ("416000", -6_000),
    ]  # fmt: skip
    assert {row[5] for row in march if row[2] == "411000"} == {"B"}
    write_off(
        company=company,
        document_id=doubted.pk,
        amount_cents=6_000,
        reason="Liquidation",
        on=date(2026, 4, 9),
        actor="t",
    )
    assert [(row[2], row[4]) for row in told(export(*month(4), on=date(2026, 5, 1)))] == [
        ("654000", 6_000), ("411000", -6_000),
        ("491000", 2_500), ("781740", -2_500), ("411000", 6_000), ("416000", -6_000),
    ]  # fmt: skip
    everything = told(export(date(2026, 1, 1), date(2026, 12, 31)))
    assert sum(row[4] for row in everything if row[2] in ("416000", "491000")) == 0


def test_a_doubt_that_ends_puts_everything_back(company, doubted, export):
    export(*month(2), on=date(2026, 3, 1))
    end_doubt(company=company, number="FA-1", on=date(2026, 3, 5), actor="test")
    assert [(row[2], row[4]) for row in told(export(*month(3), on=date(2026, 4, 1)))] == [
        ("491000", 5_000), ("781740", -5_000), ("411000", 12_000), ("416000", -12_000),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"number": "FA-9"}, "doubt_unknown_document"),
        ({"reason": " "}, "doubt_without_reason"),
        ({"allowance_basis_points": 10_001}, "doubt_bad_share"),
        ({}, "doubt_already"),
    ],
)
def test_a_doubt_that_cannot_be(company, doubted, change, code):
    asked = {"number": "FA-1", "allowance_basis_points": 100, "reason": "Huissier"} | change
    with pytest.raises(UnableToDoubt) as refused:
        doubt_debt(company=company, on=FEB, actor="test", **asked)
    assert refused.value.sentence.code == code


def test_what_is_paid_is_not_doubtful(company):
    settle(company, taxed(company, cast.good_payer(company), "FA-2"), 12_000)
    with pytest.raises(UnableToDoubt) as refused:
        doubt_debt(company=company, number="FA-2", allowance_basis_points=0, reason="?", on=FEB, actor="test")
    assert refused.value.sentence.code == "doubt_nothing_open"
    with pytest.raises(UnableToDoubt) as refused:
        end_doubt(company=company, number="FA-2", on=FEB, actor="test")
    assert refused.value.sentence.code == "doubt_none"
