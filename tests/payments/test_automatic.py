"""Which invoices are charged by mandate, and when."""

from datetime import date, timedelta

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from encours.core.business_days import is_business_day
from encours.core.payments.automatic import (
    AGREED,
    BEGUN,
    EXPIRES,
    LEFT_OUT,
    NOTICES,
    TOO_LITTLE,
    TOO_MUCH,
    Rules,
    plan_notices,
)

TODAY = date(2026, 3, 2)  # a Monday
BOTH = Rules(autopay=True, overdue=True)


def _assessed(*rows):
    whole = {"customer_id": 1, "position": 0, "currency": "EUR", "remaining_cents": 10_000, "reason": None}
    schema = {
        "document_id": pl.Int64, "position": pl.Int64, "customer_id": pl.Int64, "currency": pl.String,
        "due_date": pl.Date, "remaining_cents": pl.Int64, "reason": pl.String,
    }  # fmt: skip
    return pl.DataFrame([whole | row for row in rows], schema=schema)


def _agreed(*rows):
    whole = {
        "mandate_id": 7, "customer_id": 1, "currency": None, "pays_on_due_date": True, "pays_overdue": True,
        "max_cents": None, "min_cents": 0, "expires_date": None, "signed_date": date(2026, 1, 1),
    }  # fmt: skip
    return pl.DataFrame([whole | row for row in rows], schema=AGREED)


def _plan(assessed, agreed, *, rules=BOTH, begun=(), on=TODAY):
    frame = pl.DataFrame({"document_id": list(begun)}, schema=BEGUN)
    return plan_notices(assessed=assessed, agreed=agreed, begun=frame, rules=rules, on=on)


def _due(days, **given):
    return {"document_id": 1, "due_date": TODAY + timedelta(days=days), **given}


def test_autopay_is_announced_two_weeks_before_the_due_date_and_charged_on_it():
    assert _plan(_assessed(_due(15)), _agreed({}))[0].is_empty()
    announced, _ = _plan(_assessed(_due(14)), _agreed({}))
    assert announced.schema == NOTICES
    assert announced.select("origin", "charge_date", "amount_cents").rows() == [
        ("autopay", TODAY + timedelta(days=14), 10_000)
    ]


def test_what_is_late_is_announced_so_that_it_is_charged_thirty_days_after_it_was_due():
    only_overdue = _agreed({"pays_on_due_date": False})
    assert _plan(_assessed(_due(-15)), only_overdue)[0].is_empty()
    announced, _ = _plan(_assessed(_due(-16)), only_overdue)
    assert announced["charge_date"].to_list() == [TODAY + timedelta(days=14)]
    assert announced["origin"].to_list() == ["overdue"]


def test_nothing_is_charged_sooner_than_announced_however_late_it_is():
    announced, _ = _plan(_assessed(_due(-200)), _agreed({"pays_on_due_date": False}))
    assert announced["charge_date"].to_list() == [TODAY + timedelta(days=14)]


def test_a_charge_falls_on_a_business_day():
    announced, _ = _plan(
        _assessed(_due(12)), _agreed({}), rules=Rules(autopay=True, overdue=False, notice_days=12)
    )
    assert announced["charge_date"].to_list() == [date(2026, 3, 16)]  # the due date is a Saturday


def test_a_mandate_is_used_for_what_it_was_given_for_only():
    late = _assessed(_due(-60))
    assert _plan(late, _agreed({"pays_overdue": False}), rules=Rules(autopay=False, overdue=True))[
        0
    ].is_empty()
    assert _plan(late, _agreed({"pays_on_due_date": False}), rules=Rules(autopay=True, overdue=False))[
        0
    ].is_empty()
    assert _plan(late, _agreed({"customer_id": 2}))[0].is_empty()


def test_autopay_does_not_take_what_was_late_before_it_was_agreed_to():
    late = _assessed(_due(-5))
    agreed = _agreed({"pays_overdue": False, "signed_date": TODAY - timedelta(days=4)})
    assert _plan(late, agreed)[0].is_empty()


def test_what_is_held_or_covered_or_on_its_way_is_not_charged():
    held = _assessed(_due(-60, reason="dunning.disputed"), _due(-60, document_id=2, remaining_cents=0))
    announced, left_out = _plan(held, _agreed({}))
    assert announced.is_empty()
    assert left_out.is_empty()


def test_a_document_is_announced_once():
    assert _plan(_assessed(_due(-60)), _agreed({}), begun=[1])[0].is_empty()


def test_instalments_due_by_then_are_one_charge():
    parts = _assessed(_due(-40, position=1), _due(-20, position=2), _due(40, position=3))
    announced, _ = _plan(parts, _agreed({}), rules=Rules(autopay=True, overdue=False))
    assert announced["amount_cents"].to_list() == [20_000]


def test_the_mandate_signed_last_is_used():
    announced, _ = _plan(
        _assessed(_due(-60)), _agreed({}, {"mandate_id": 8, "signed_date": date(2026, 2, 1)})
    )
    assert announced["mandate_id"].to_list() == [8]


def test_what_a_mandate_cannot_take_is_said():
    for limits, reason in (
        ({"max_cents": 9_999}, TOO_MUCH),
        ({"min_cents": 10_001}, TOO_LITTLE),
        ({"expires_date": TODAY + timedelta(days=13)}, EXPIRES),
    ):
        announced, left_out = _plan(_assessed(_due(-60)), _agreed(limits))
        assert announced.is_empty()
        assert left_out.schema == LEFT_OUT
        assert left_out["reason"].to_list() == [reason.code]


def test_another_currency_than_the_method_s_is_not_charged():
    assert _plan(_assessed(_due(-60, currency="USD")), _agreed({"currency": "EUR"}))[0].is_empty()


@given(
    due=st.lists(st.integers(-90, 60), min_size=1, max_size=8),
    notice=st.integers(1, 30),
    overdue=st.integers(0, 60),
    on=st.dates(date(2025, 1, 1), date(2027, 12, 31)),
)
def test_whatever_is_announced_is_announced_in_time_and_never_charged_before_it_is_due(
    due, notice, overdue, on
):
    rows = [{"document_id": n, "due_date": on + timedelta(days=days)} for n, days in enumerate(due)]
    rules = Rules(autopay=True, overdue=True, overdue_days=overdue, notice_days=notice)
    announced, _ = _plan(_assessed(*rows), _agreed({}), rules=rules, on=on)
    assert announced["document_id"].is_unique().all()
    for row in announced.iter_rows(named=True):
        assert row["charge_date"] >= on + timedelta(days=notice)
        assert row["charge_date"] >= row["due_date"]
        assert is_business_day(row["charge_date"])
