"""What holds of the interest of any debt, however it is paid."""

from dataclasses import fields, is_dataclass
from datetime import date, timedelta
from fractions import Fraction
from typing import Any, get_args

from hypothesis import given
from hypothesis import strategies as st

from encours.core.interest import (
    INDEMNITY_CENTS,
    DayCount,
    Imputation,
    InterestTerms,
    LateInterest,
    PartPayment,
    late_interest,
)
from encours.core.money import MAX_CENTS
from encours.core.reference_rates import ECB_RATES, half_of

KNOWN = st.dates(date(2019, 1, 1), date(2026, 6, 30))
ONE_DAY = timedelta(days=1)
principals = st.one_of(st.integers(1, 100_000), st.integers(1, MAX_CENTS))
terms = st.builds(
    InterestTerms,
    debtor=st.sampled_from(["company", "public_buyer"]),
    agreed_basis_points=st.one_of(st.none(), st.integers(0, 10_000)),
    day_count=st.sampled_from(get_args(DayCount)),
)
by_law = st.builds(InterestTerms, debtor=st.just("company"), day_count=st.sampled_from(get_args(DayCount)))


@st.composite
def debts(draw: st.DrawFn) -> dict[str, Any]:
    """Arguments of `late_interest`: payments on any days, never of more than the principal."""
    due_date, on = sorted((draw(KNOWN), draw(KNOWN)))
    principal_cents = draw(principals)
    payments, left = [], principal_cents
    for day in draw(st.lists(st.dates(due_date - timedelta(days=40), on), max_size=4)):
        if left:
            payments.append(PartPayment(day, draw(st.integers(1, left))))
            left -= payments[-1].cents
    return {
        "principal_cents": principal_cents,
        "due_date": due_date,
        "on": on,
        "terms": draw(terms),
        "payments": payments,
        "imputation": draw(st.sampled_from(get_args(Imputation))),
    }


@given(debts())
def test_pieces_follow_one_another_without_gap_or_overlap(debt):
    found = late_interest(**debt)
    expected = debt["due_date"] + ONE_DAY
    for piece in found.pieces:
        assert piece.span.from_date == expected
        assert piece.span.until_date >= expected
        expected = piece.span.until_date + ONE_DAY
    if found.principal_left_cents:
        assert expected == debt["on"] + ONE_DAY
    else:
        paid_on = next(each.payment.date for each in found.payments if not each.principal_left_cents)
        assert expected == max(paid_on, debt["due_date"]) + ONE_DAY


@given(debts())
def test_every_cent_is_accounted_for(debt):
    found = late_interest(**debt)
    assert sum(piece.interest_cents for piece in found.pieces) == found.interest_cents
    to_interest = sum(each.interest_cents for each in found.payments)
    to_principal = sum(each.principal_cents for each in found.payments)
    assert to_interest + to_principal == sum(payment.cents for payment in debt["payments"])
    assert to_interest + found.interest_left_cents == found.interest_cents
    assert to_principal + found.principal_left_cents == debt["principal_cents"]
    assert all(piece.interest_cents >= 0 < piece.principal_cents for piece in found.pieces)
    assert found.interest_left_cents >= 0 <= found.principal_left_cents
    assert found.indemnity_cents == (INDEMNITY_CENTS if found.pieces else 0)


@given(debts())
def test_a_line_is_the_exact_one_to_half_a_cent(debt):
    for piece in late_interest(**debt).pieces:
        exact = Fraction(
            piece.principal_cents * piece.span.days * piece.span.rate_basis_points,
            10_000 * piece.span.year_days,
        )
        assert abs(piece.interest_cents - exact) <= Fraction(1, 2)


@given(debts())
def test_each_piece_has_one_rate_and_one_length_of_year(debt):
    law = debt["terms"]
    began = half_of(debt["due_date"] + ONE_DAY)
    for span in (piece.span for piece in late_interest(**debt).pieces):
        if law.agreed_basis_points is not None:
            assert span.rate_basis_points == law.agreed_basis_points
        elif law.debtor == "public_buyer":
            assert span.rate_basis_points == ECB_RATES[began] + 800
        else:
            assert half_of(span.from_date) == half_of(span.until_date)
            assert span.rate_basis_points == ECB_RATES[half_of(span.from_date)] + 1_000
        if law.day_count == "actual/actual":
            assert span.from_date.year == span.until_date.year
            assert span.year_days == (366 if span.from_date.year in (2020, 2024) else 365)


@given(debts(), st.data())
def test_days_added_later_change_no_line_already_told(debt, data):
    """An accrual that was booked at the end of a half-year stands."""
    earlier = data.draw(st.dates(debt["due_date"], debt["on"]))
    known = [payment for payment in debt["payments"] if payment.date <= earlier]
    before = late_interest(**{**debt, "on": earlier, "payments": known}).pieces
    after = late_interest(**debt).pieces
    complete = before[:-1]  # the last line may still grow
    assert after[: len(complete)] == complete
    assert sum(piece.interest_cents for piece in before) <= sum(piece.interest_cents for piece in after)


@given(principals, KNOWN, KNOWN, by_law, st.data())
def test_splitting_a_period_at_any_day_changes_the_sum_by_the_rounding_only(
    principal_cents, one, other, law, data
):
    due_date, on = sorted((one, other))
    day = data.draw(st.dates(due_date, on))

    def cents(since: date, until: date) -> int:
        return late_interest(
            principal_cents=principal_cents, due_date=since, on=until, terms=law
        ).interest_cents

    assert abs(cents(due_date, day) + cents(day, on) - cents(due_date, on)) <= 1


@given(debts(), st.integers(1, 10**9))
def test_a_larger_debt_bears_no_less(debt, more_cents):
    debt["payments"] = []
    larger = {**debt, "principal_cents": debt["principal_cents"] + more_cents}
    assert late_interest(**larger).interest_cents >= late_interest(**debt).interest_cents


@given(debts())
def test_interest_first_never_bears_less_than_principal_first(debt):
    def accrued(imputation: Imputation) -> int:
        return late_interest(**{**debt, "imputation": imputation}).interest_cents

    assert accrued("interest") >= accrued("principal")


@given(debts())
def test_the_order_in_which_payments_are_given_is_none_of_their_days(debt):
    turned = {**debt, "payments": sorted(debt["payments"], key=lambda each: each.date, reverse=True)}
    days = [payment.date for payment in debt["payments"]]
    if len(set(days)) == len(days):
        assert late_interest(**turned) == late_interest(**debt)


@given(debts())
def test_no_float_anywhere(debt):
    found = late_interest(**debt)
    assert {type(value) for value in values(found)} <= {int, date, str}


def values(found: Any) -> list[Any]:
    if is_dataclass(found):
        return [value for field in fields(found) for value in values(getattr(found, field.name))]
    if isinstance(found, tuple):
        return [value for each in found for value in values(each)]
    return [found]


def test_values_are_looked_for_everywhere():
    found = LateInterest((), (), 0.5, 0, 0, 0, "actual/365")  # type: ignore[arg-type]
    assert float in {type(value) for value in values(found)}
