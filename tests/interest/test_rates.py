"""Rates: those of the table, one that is missing, one that a contract agrees."""

from datetime import date, timedelta

import pytest

from encours.core.interest import (
    InterestTerms,
    PartPayment,
    UnableToComputeInterest,
    UnableToImputePayment,
    agreed_rate_warnings,
    interest_cents,
    late_interest,
    rate_spans,
)
from encours.core.reference_rates import REFERENCE_RATES, first_day_of, half_of, last_day_of


def interest(due: date, on: date, terms: InterestTerms, *payments: PartPayment):
    return late_interest(principal_cents=1_000_000, due_date=due, on=on, terms=terms, payments=payments)


def codes(due: date, on: date, basis_points: int, **terms) -> list[str]:
    agreed = InterestTerms(**{"debtor": "company", "agreed_basis_points": basis_points, **terms})
    found = interest(due, on, agreed)
    return [warning.code for warning in agreed_rate_warnings(found=found, terms=agreed)]


def test_a_half_year_without_a_rate_is_refused_not_guessed():
    with pytest.raises(UnableToComputeInterest) as refused:
        interest(date(2026, 6, 1), date(2026, 7, 2), InterestTerms("company"))
    assert refused.value.half == (2026, 2)
    assert "2e semestre 2026" in refused.value.sentence.say("fr")
    assert "second half of 2026" in refused.value.sentence.say("en")


def test_a_rate_that_is_not_needed_need_not_be_known():
    """Paid whole in the half-year that is known: later ones bear nothing."""
    paid = PartPayment(date(2026, 6, 20), 1_000_000 + 63_25)  # 19 days: 10 000 x 0.1215 x 19 / 365 = 63.2466
    found = interest(date(2026, 6, 1), date(2026, 11, 22), InterestTerms("company"), paid)
    assert found.principal_left_cents == found.interest_left_cents == 0
    assert found.interest_cents == 63_25


def test_a_rate_published_since_may_be_given():
    """30 days at 12.15 % and 1 at 12.40 %: 99.8630 + 3.3973 = 103.2603."""
    rates = {(2026, 1): 215, (2026, 2): 240}
    found = interest(date(2026, 5, 31), date(2026, 7, 1), InterestTerms("company", ecb_rates=rates))
    assert [piece.interest_cents for piece in found.pieces] == [99_86, 3_40]


def test_half_years_of_the_table_follow_one_another():
    for row, following in zip(REFERENCE_RATES, REFERENCE_RATES[1:], strict=False):
        assert last_day_of(row.half) + timedelta(days=1) == first_day_of(following.half)
    for row in REFERENCE_RATES:
        assert half_of(first_day_of(row.half)) == half_of(last_day_of(row.half)) == row.half


def test_each_rate_was_in_force_when_its_half_year_began():
    """One decision may rule several half-years, always with its one rate, and a later half-year has no older one."""
    for row, following in zip(REFERENCE_RATES, REFERENCE_RATES[1:], strict=False):
        assert row.ecb_since <= following.ecb_since
        same = row.ecb_since == following.ecb_since
        assert same == (row.ecb_basis_points == following.ecb_basis_points)
    assert all(row.ecb_since <= first_day_of(row.half) for row in REFERENCE_RATES)


def test_an_agreed_rate_below_three_times_the_legal_one_is_told():
    """Second half of 2025: 3 x 2.76 = 8.28 %."""
    due, on = date(2025, 7, 31), date(2025, 12, 31)
    assert codes(due, on, 827) == ["interest.below_floor"]
    assert codes(due, on, 828) == []


def test_the_highest_minimum_of_the_period_counts():
    """3 x 2.76 = 8.28 % in the end, 3 x 3.71 = 11.13 % when the delay began."""
    due, on = date(2025, 5, 31), date(2025, 12, 31)
    assert codes(due, on, 1112) == ["interest.below_floor"]
    assert codes(due, on, 1113) == []
    terms = InterestTerms("company", agreed_basis_points=1112)
    (warning,) = agreed_rate_warnings(found=interest(due, on, terms), terms=terms)
    assert "11,13\u00a0% au 1er semestre 2025" in warning.say("fr")


def test_a_minimum_that_is_not_known_is_told_too():
    assert codes(date(2026, 6, 1), date(2026, 7, 2), 1_800) == ["interest.floor_unknown"]
    assert codes(date(2026, 6, 1), date(2026, 7, 2), 500) == [
        "interest.below_floor",
        "interest.floor_unknown",
    ]


def test_the_rate_of_a_public_buyer_is_not_for_a_contract_to_set():
    assert codes(date(2025, 7, 31), date(2025, 12, 31), 500, debtor="public_buyer") == [
        "interest.public_rate_is_fixed"
    ]


def test_the_law_s_own_rate_and_what_is_not_late_warn_of_nothing():
    terms = InterestTerms("company")
    found = interest(date(2025, 7, 31), date(2025, 12, 31), terms)
    assert agreed_rate_warnings(found=found, terms=terms) == ()
    assert codes(date(2025, 7, 31), date(2025, 7, 31), 1) == []


@pytest.mark.parametrize(
    ("payment", "code"),
    [
        (PartPayment(date(2025, 9, 1), 100), "interest.paid_after"),
        (PartPayment(date(2025, 7, 1), 0), "interest.paid_nothing"),
        (PartPayment(date(2025, 7, 1), -100), "interest.paid_nothing"),
        (PartPayment(date(2025, 7, 1), 2_000_000), "interest.paid_too_much"),
    ],
)
def test_a_payment_that_settles_nothing_here_is_refused(payment, code):
    with pytest.raises(UnableToImputePayment) as refused:
        interest(date(2025, 5, 31), date(2025, 8, 31), InterestTerms("company"), payment)
    assert refused.value.sentence.code == code


def test_the_last_day_of_the_calendar_is_a_day_as_any():
    terms = InterestTerms("company", agreed_basis_points=1_000, day_count="actual/actual")
    found = interest(date(9998, 12, 31), date(9999, 12, 31), terms)
    assert (len(found.pieces), found.interest_cents) == (1, 100_000)


def test_many_amounts_due_on_one_day_bear_what_each_bears_by_itself():
    terms = InterestTerms("company")
    spans = rate_spans(due_date=date(2023, 11, 15), on=date(2025, 3, 14), terms=terms)
    for amount_cents in (1, 99, 12_345, 2_500_000):
        alone = late_interest(
            principal_cents=amount_cents, due_date=date(2023, 11, 15), on=date(2025, 3, 14), terms=terms
        )
        assert interest_cents(amount_cents=amount_cents, spans=spans) == alone.interest_cents
    assert interest_cents(amount_cents=-100, spans=spans) == 0
