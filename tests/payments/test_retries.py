"""When a failed charge is tried again."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from encours.core.business_days import is_business_day
from encours.core.payments.failures import CUSTOMER, GROUPS, LATER, NEVER, OURS
from encours.core.payments.retries import RULES, next_attempt, paydays

FIRST = date(2026, 3, 9)  # a Monday


def _next(**given):
    asked = {
        "group": LATER,
        "method": "card",
        "attempt_number": 1,
        "first_date": FIRST,
        "failed_date": FIRST,
    }
    return next_attempt(**(asked | given))


def test_a_lack_of_funds_is_tried_again_on_a_payday():
    assert _next() == date(2026, 3, 11)  # customers of this customer paid it on the 10th


def test_the_customer_s_own_paydays_come_before_the_usual_ones():
    assert _next(paydays=frozenset({17})) == date(2026, 3, 17)


def test_a_payday_on_a_weekend_is_the_monday_after():
    assert _next(paydays=frozenset({14})) == date(2026, 3, 16)


def test_without_a_payday_in_time_the_last_business_day_in_time_is_used():
    assert _next(paydays=frozenset({30})) == date(2026, 3, 23)


def test_only_what_may_pass_by_itself_is_tried_again():
    assert [_next(group=group) for group in (NEVER, CUSTOMER, OURS)] == [None, None, None]


def test_a_direct_debit_is_presented_once_more_and_no_further():
    assert _next(method="sepa_debit", attempt_number=1) == date(2026, 3, 16)
    assert _next(method="sepa_debit", attempt_number=2) is None


def test_a_service_that_asks_to_wait_is_waited_for():
    assert _next(not_before=date(2026, 3, 12)) == date(2026, 3, 16)


def test_a_way_of_paying_that_nobody_is_charged_by_is_not_tried_again():
    assert _next(method="transfer") is None


def test_two_payments_on_a_day_are_no_habit():
    assert paydays([date(2026, 1, 20), date(2026, 2, 20)]) == paydays([])


@given(
    group=st.sampled_from(sorted(GROUPS)),
    method=st.sampled_from(sorted(RULES)),
    first=st.dates(date(2024, 1, 1), date(2028, 12, 31)),
    waits=st.lists(st.integers(0, 12), max_size=10),
    days=st.frozensets(st.integers(1, 31), min_size=1, max_size=4),
)
def test_attempts_end_within_the_rule_of_the_method(group, method, first, waits, days):
    """However late each failure is told: never more attempts, never later, never on a day banks are closed."""
    rule, made, failed = RULES[method], 1, first
    for wait in waits:
        failed += timedelta(days=wait)
        day = next_attempt(
            group=group,
            method=method,
            attempt_number=made,
            first_date=first,
            failed_date=failed,
            paydays=days,
        )
        if day is None:
            break
        made += 1
        assert is_business_day(day)
        assert failed + timedelta(days=rule.gap_days) <= day <= first + timedelta(days=rule.days)
        failed = day
    assert made <= rule.attempts
