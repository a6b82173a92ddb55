"""Late-payment interest, by hand from the published rates."""

from datetime import date

import pytest

from encours.core.interest import UnableToComputeInterest, late_interest


def test_each_half_year_has_its_own_rate():
    """10 000 € due 31 May 2025, paid 31 August 2025: 30 days at 13.15 %, then 62 days at 12.15 %."""
    interest = late_interest(
        amount_cents=1_000_000, due_date=date(2025, 5, 31), on=date(2025, 8, 31), debtor="company"
    )
    assert [(piece.days, piece.rate_basis_points) for piece in interest.pieces] == [(30, 1315), (62, 1215)]
    assert interest.cents == 31_447  # 108,08 € + 206,38 € = 314,466 €


def test_a_public_buyer_keeps_the_rate_of_the_half_year_in_which_the_delay_began():
    interest = late_interest(
        amount_cents=1_000_000, due_date=date(2025, 5, 31), on=date(2025, 8, 31), debtor="public_buyer"
    )
    assert [(piece.days, piece.rate_basis_points) for piece in interest.pieces] == [(92, 1115)]
    assert interest.cents == 28_104  # 281,04 €


def test_interest_runs_from_the_day_after_the_due_date():
    def cents(on: date) -> int:
        return late_interest(amount_cents=36_500_00, due_date=date(2026, 3, 2), on=on, debtor="company").cents

    assert cents(date(2026, 3, 2)) == 0
    assert cents(date(2026, 3, 3)) == 12_15  # one day of 36 500 € at 12.15 %


def test_a_consumer_owes_none():
    assert (
        late_interest(
            amount_cents=10_000, due_date=date(2026, 1, 1), on=date(2026, 9, 1), debtor="person"
        ).cents
        == 0
    )


def test_a_half_year_without_a_rate_is_refused_not_guessed():
    with pytest.raises(UnableToComputeInterest) as refused:
        late_interest(amount_cents=10_000, due_date=date(2026, 6, 1), on=date(2026, 7, 2), debtor="company")
    assert refused.value.half == (2026, 2)
