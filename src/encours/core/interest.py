"""Late-payment interest and the recovery indemnity between companies (Code de commerce, art. L441-10, D441-5).

An accrual of its own: it is told beside what is owed and never changes an issued invoice.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

Debtor = Literal["company", "public_buyer", "person"]
Half = tuple[int, int]

INDEMNITY_CENTS = 4_000  # 40 EUR per invoice, once, from the first day late (D441-5)
MARGIN_BASIS_POINTS = 1_000  # L441-10 II: what the ECB asks plus ten points
PUBLIC_MARGIN_BASIS_POINTS = 800  # Code de la commande publique, R2192-31
DAYS_IN_YEAR = 365

# ECB main refinancing rate on 1 January and 1 July, in basis points (source: European Central Bank, key
# interest rates). A half-year that is not here is not known: nothing is computed for it.
ECB_RATES: Mapping[Half, int] = {
    **{(year, half): 0 for year in (2019, 2020, 2021, 2022) for half in (1, 2)},
    (2023, 1): 250,
    (2023, 2): 400,
    (2024, 1): 450,
    (2024, 2): 425,
    (2025, 1): 315,
    (2025, 2): 215,
    (2026, 1): 215,
}


class UnableToComputeInterest(Exception):
    """No rate is known for `half`."""

    def __init__(self, half: Half) -> None:
        super().__init__(f"no ECB rate for half-year {half[0]}-{half[1]}")
        self.half = half


@dataclass(frozen=True)
class InterestPiece:
    """Days of one half-year at one yearly rate."""

    from_date: date
    until_date: date  # included
    rate_basis_points: int

    @property
    def days(self) -> int:
        return (self.until_date - self.from_date).days + 1


@dataclass(frozen=True)
class Interest:
    cents: int
    pieces: tuple[InterestPiece, ...]


def late_interest(
    *, amount_cents: int, due_date: date, on: date, debtor: Debtor, rates: Mapping[Half, int] = ECB_RATES
) -> Interest:
    """Interest on an unpaid amount (VAT included) from the day after the due date until `on`, included.

    Actual days over 365, rounded once, half up. A consumer owes none of it. Raises `UnableToComputeInterest` when a
    half-year's rate is not known: it is never guessed.
    """
    pieces = interest_pieces(due_date=due_date, on=on, debtor=debtor, rates=rates)
    return Interest(interest_cents(amount_cents=amount_cents, weight=interest_weight(pieces)), pieces)


def interest_pieces(
    *, due_date: date, on: date, debtor: Debtor, rates: Mapping[Half, int] = ECB_RATES
) -> tuple[InterestPiece, ...]:
    """The days an amount due that day bears interest, and at what rates; none for a consumer.

    Between companies the rate changes with each half-year; a public buyer keeps that of the half-year in which the
    delay began (R2192-31).
    """
    if debtor == "person" or on <= due_date:
        return ()
    return tuple(_pieces(due_date + timedelta(days=1), on, debtor, rates))


def interest_weight(pieces: Iterable[InterestPiece]) -> int:
    """Days times yearly rates in basis points: the same for every amount due on one day."""
    return sum(piece.days * piece.rate_basis_points for piece in pieces)


def interest_cents(*, amount_cents: int, weight: int) -> int:
    """The interest of one amount over days of that `interest_weight`, rounded half up; a credit bears none."""
    year = 10_000 * DAYS_IN_YEAR
    return (2 * max(0, amount_cents) * weight + year) // (2 * year)


def _pieces(first: date, last: date, debtor: Debtor, rates: Mapping[Half, int]) -> list[InterestPiece]:
    if debtor == "public_buyer":
        return [InterestPiece(first, last, _rate(_half(first), rates) + PUBLIC_MARGIN_BASIS_POINTS)]
    pieces = []
    while first <= last:
        year, half = _half(first)
        end = min(last, date(year, 6, 30) if half == 1 else date(year, 12, 31))
        pieces.append(InterestPiece(first, end, _rate((year, half), rates) + MARGIN_BASIS_POINTS))
        first = end + timedelta(days=1)
    return pieces


def _half(day: date) -> Half:
    return day.year, 1 if day.month <= 6 else 2


def _rate(half: Half, rates: Mapping[Half, int]) -> int:
    try:
        return rates[half]
    except KeyError:
        raise UnableToComputeInterest(half) from None
