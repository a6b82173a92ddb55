"""Yearly rates the law refers to, by half-year, each with the day it took effect.

`ecb_basis_points`: fixed or minimum bid rate of the European Central Bank's main refinancing operations in force on
1 January (first half-year) or 1 July (second), with the date of the decision's effect. Source: European Central Bank,
Key ECB interest rates. It rules default interest (Code de commerce, art. L441-10 II; Code de la commande publique,
art. R2192-31).

`legal_basis_points`: rate of legal interest between professionals ("tous autres cas"), fixed for each half-year by an
arrêté of the minister of the economy (Code monétaire et financier, art. L313-2; Journal officiel). Three times of it
is the least that a contract may agree (L441-10 II).

A half-year that is not here is not known: nothing is computed for it. When its rates are published, add one row.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from encours.core.wording import Sentence, Wording

Half = tuple[int, int]  # a year, and 1 or 2

ECB = Wording(
    "rates.ecb",
    fr="Banque centrale européenne, opérations principales de refinancement : taux en vigueur le 1er janvier ou le 1er juillet",
    en="European Central Bank, main refinancing operations: rate in force on 1 January or 1 July",
)
LEGAL = Wording(
    "rates.legal",
    fr="Intérêt légal entre professionnels : arrêté de chaque semestre (Code monétaire et financier, art. L313-2)",
    en="Legal interest between professionals: order of each half-year (French Code monétaire et financier, art. L313-2)",
)
_HALVES = {
    1: Wording("rates.first_half", fr="1er semestre {year}", en="first half of {year}"),
    2: Wording("rates.second_half", fr="2e semestre {year}", en="second half of {year}"),
}


@dataclass(frozen=True)
class ReferenceRate:
    """What the law refers to in one half-year; `ecb_since` is the day the ECB's rate took effect."""

    half: Half
    ecb_basis_points: int
    ecb_since: date
    legal_basis_points: int


REFERENCE_RATES = (
    ReferenceRate((2019, 1), 0, date(2016, 3, 16), 86),
    ReferenceRate((2019, 2), 0, date(2016, 3, 16), 87),
    ReferenceRate((2020, 1), 0, date(2016, 3, 16), 87),
    ReferenceRate((2020, 2), 0, date(2016, 3, 16), 84),
    ReferenceRate((2021, 1), 0, date(2016, 3, 16), 79),
    ReferenceRate((2021, 2), 0, date(2016, 3, 16), 76),
    ReferenceRate((2022, 1), 0, date(2016, 3, 16), 76),
    ReferenceRate((2022, 2), 0, date(2016, 3, 16), 77),
    ReferenceRate((2023, 1), 250, date(2022, 12, 21), 206),
    ReferenceRate((2023, 2), 400, date(2023, 6, 21), 422),
    ReferenceRate((2024, 1), 450, date(2023, 9, 20), 507),
    ReferenceRate((2024, 2), 425, date(2024, 6, 12), 492),
    ReferenceRate((2025, 1), 315, date(2024, 12, 18), 371),
    ReferenceRate((2025, 2), 215, date(2025, 6, 11), 276),
    ReferenceRate((2026, 1), 215, date(2025, 6, 11), 262),
)
ECB_RATES: Mapping[Half, int] = {row.half: row.ecb_basis_points for row in REFERENCE_RATES}
LEGAL_RATES: Mapping[Half, int] = {row.half: row.legal_basis_points for row in REFERENCE_RATES}


def half_of(day: date) -> Half:
    """
    >>> half_of(date(2025, 6, 30)), half_of(date(2025, 7, 1))
    ((2025, 1), (2025, 2))
    """
    return day.year, 1 if day.month <= 6 else 2


def first_day_of(half: Half) -> date:
    """The day whose ECB rate holds for the half-year."""
    return date(half[0], 1 if half[1] == 1 else 7, 1)


def last_day_of(half: Half) -> date:
    return date(half[0], 6, 30) if half[1] == 1 else date(half[0], 12, 31)


def half_name(half: Half) -> Sentence:
    """A half-year in words, to be put into a sentence."""
    return _HALVES[half[1]](year=half[0])
