"""The table of rates: what comes with the product, and what a company added."""

from collections.abc import Mapping
from dataclasses import dataclass

from encours.core.reference_rates import ECB_RATES, REFERENCE_RATES, Half
from encours.store.models import Company, ReferenceRate


@dataclass(frozen=True)
class RateRow:
    """`source` is empty for a row of the product's table (`core.reference_rates.ECB`)."""

    half: Half
    ecb_basis_points: int
    legal_basis_points: int | None
    source: str = ""
    added_by: str = ""


def ecb_rates(*, company: Company) -> Mapping[Half, int]:
    """Every half-year whose rate is known, in basis points."""
    rows = ReferenceRate.objects.filter(company=company).values_list("year", "half", "ecb_basis_points")
    return {(year, half): rate for year, half, rate in rows} | dict(ECB_RATES)


def rate_rows(*, company: Company) -> list[RateRow]:
    """The whole table, the newest first."""
    added = [
        RateRow((row.year, row.half), row.ecb_basis_points, row.legal_basis_points, row.source, row.added_by)
        for row in ReferenceRate.objects.filter(company=company)
        if (row.year, row.half) not in ECB_RATES
    ]
    table = [RateRow(row.half, row.ecb_basis_points, row.legal_basis_points) for row in REFERENCE_RATES]
    return sorted([*added, *table], key=lambda row: row.half, reverse=True)
