"""Late-payment interest worked out by hand from the published rates, compared to the cent.

A line reads: first day, last day, days, principal, yearly rate, interest of the line | its working, and what that gives
before it is rounded to the cent. Day counts were made month by month: 2023-11-16..2023-12-31 is 15 + 31 = 46 days.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from encours.core.interest import (
    DayCount,
    Debtor,
    Imputation,
    InterestTerms,
    LateInterest,
    PartPayment,
    late_interest,
)
from encours.core.money import to_cents


@dataclass(frozen=True)
class Case:
    """A debt, the lines of its interest and the total; amounts in euros."""

    principal: str
    due: str
    on: str
    lines: str
    interest: str
    indemnity: str = "40"
    debtor: Debtor = "company"
    agreed: int | None = None
    day_count: DayCount = "actual/365"
    paid: str = ""  # day, amount, of it interest, of it principal
    imputation: Imputation = "interest"
    left: str = ""  # principal and interest still owed in the end


CASES = {
    "two half-years, each at its own rate": Case(
        "10000", due="2025-05-31", on="2025-08-31", interest="314.46",
        lines="""
        2025-06-01 2025-06-30  30  10000.00  13.15  108.08 | 10 000 x 0.1315 x 30 / 365                     108.0822
        2025-07-01 2025-08-31  62  10000.00  12.15  206.38 | 10 000 x 0.1215 x 62 / 365                     206.3836
        """,
    ),
    "one day late": Case(
        "36500", due="2026-03-02", on="2026-03-03", interest="12.15",
        lines="2026-03-03 2026-03-03   1  36500.00  12.15   12.15 | 36 500 / 365 = 100 a day x 0.1215          12.1500",
    ),
    "paid on the due date: not late": Case(
        "36500", due="2026-03-02", on="2026-03-02", interest="0", indemnity="0", lines="",
    ),
    "due on the last day of a half-year: the next one's rate from the first day on": Case(
        "36500", due="2025-06-30", on="2025-07-01", interest="12.15",
        lines="2025-07-01 2025-07-01   1  36500.00  12.15   12.15 | 100 x 0.1215                               12.1500",
    ),
    "one day on either side of the half-year": Case(
        "36500", due="2025-06-29", on="2025-07-01", interest="25.30",
        lines="""
        2025-06-30 2025-06-30   1  36500.00  13.15   13.15 | 100 x 0.1315                                    13.1500
        2025-07-01 2025-07-01   1  36500.00  12.15   12.15 | 100 x 0.1215                                    12.1500
        """,
    ),
    "the 29th of February counts, of a year of 365": Case(
        "7300", due="2024-01-31", on="2024-03-31", interest="174",
        lines="2024-02-01 2024-03-31  60   7300.00  14.50  174.00 | 7 300 / 365 = 20 x 0.145 x (29 + 31) days  174.0000",
    ),
    "the same of a year of 366, where that was agreed": Case(
        "7300", due="2024-01-31", on="2024-03-31", interest="173.52", day_count="actual/actual",
        lines="2024-02-01 2024-03-31  60   7300.00  14.50  173.52 | 7 300 x 0.145 x 60 / 366                   173.5246",
    ),
    "four half-years over a leap year": Case(
        "25000", due="2023-11-15", on="2025-03-14", interest="4702.02",
        lines="""
        2023-11-16 2023-12-31  46  25000.00  14.00   441.10 | 25 000 x 0.14 x 46 / 365                       441.0959
        2024-01-01 2024-06-30 182  25000.00  14.50  1807.53 | 25 000 x 0.145 x 182 / 365                    1807.5342
        2024-07-01 2024-12-31 184  25000.00  14.25  1795.89 | 25 000 x 0.1425 x 184 / 365                   1795.8904
        2025-01-01 2025-03-14  73  25000.00  13.15   657.50 | 25 000 x 0.1315 x 73 / 365                     657.5000
        """,
    ),
    "the same with the leap year's 366 days": Case(
        "25000", due="2023-11-15", on="2025-03-14", interest="4692.18", day_count="actual/actual",
        lines="""
        2023-11-16 2023-12-31  46  25000.00  14.00   441.10 | 25 000 x 0.14 x 46 / 365                       441.0959
        2024-01-01 2024-06-30 182  25000.00  14.50  1802.60 | 25 000 x 0.145 x 182 / 366                    1802.5956
        2024-07-01 2024-12-31 184  25000.00  14.25  1790.98 | 25 000 x 0.1425 x 184 / 366                   1790.9836
        2025-01-01 2025-03-14  73  25000.00  13.15   657.50 | 25 000 x 0.1315 x 73 / 365                     657.5000
        """,
    ),
    "the ECB asks nothing: ten points": Case(
        "4380", due="2020-12-31", on="2021-03-31", interest="108",
        lines="2021-01-01 2021-03-31  90   4380.00  10.00  108.00 | 4 380 / 365 = 12 x 0.10 x 90               108.0000",
    ),
    "ten half-years": Case(
        "1234.56", due="2021-09-30", on="2026-04-30", interest="701.63",
        lines="""
        2021-10-01 2021-12-31  92   1234.56  10.00   31.12 | 1 234.56 x 0.10 x 92 / 365                       31.1177
        2022-01-01 2022-06-30 181   1234.56  10.00   61.22 | 1 234.56 x 0.10 x 181 / 365                      61.2206
        2022-07-01 2022-12-31 184   1234.56  10.00   62.24 | 1 234.56 x 0.10 x 184 / 365                      62.2354
        2023-01-01 2023-06-30 181   1234.56  12.50   76.53 | 1 234.56 x 0.125 x 181 / 365                     76.5258
        2023-07-01 2023-12-31 184   1234.56  14.00   87.13 | 1 234.56 x 0.14 x 184 / 365                      87.1295
        2024-01-01 2024-06-30 182   1234.56  14.50   89.26 | 1 234.56 x 0.145 x 182 / 365                     89.2604
        2024-07-01 2024-12-31 184   1234.56  14.25   88.69 | 1 234.56 x 0.1425 x 184 / 365                    88.6854
        2025-01-01 2025-06-30 181   1234.56  13.15   80.51 | 1 234.56 x 0.1315 x 181 / 365                    80.5052
        2025-07-01 2025-12-31 184   1234.56  12.15   75.62 | 1 234.56 x 0.1215 x 184 / 365                    75.6160
        2026-01-01 2026-04-30 120   1234.56  12.15   49.31 | 1 234.56 x 0.1215 x 120 / 365                    49.3148
        """,
    ),
    "a public buyer keeps the rate of the half-year in which the delay began": Case(
        "50000", due="2024-06-20", on="2025-01-20", debtor="public_buyer", interest="3664.38",
        lines="2024-06-21 2025-01-20 214  50000.00  12.50  3664.38 | 50 000 x (0.045 + 0.08) x (10 + 184 + 20) / 365  3664.3836",
    ),
    "a public buyer's delay that begins on 1 July": Case(
        "50000", due="2024-06-30", on="2025-01-20", debtor="public_buyer", interest="3423.29",
        lines="2024-07-01 2025-01-20 204  50000.00  12.25  3423.29 | 50 000 x (0.0425 + 0.08) x (184 + 20) / 365      3423.2877",
    ),
    "a public buyer's delay goes on into a half-year whose rate is not known": Case(
        "80000", due="2025-12-31", on="2026-09-30", debtor="public_buyer", interest="6073.32",
        lines="2026-01-01 2026-09-30 273  80000.00  10.15  6073.32 | 80 000 x 0.1015 x (181 + 92) / 365               6073.3151",
    ),
    "a public buyer, years of 365 and 366 days": Case(
        "18300", due="2023-11-30", on="2024-01-31", debtor="public_buyer", day_count="actual/actual", interest="372.51",
        lines="""
        2023-12-01 2023-12-31  31  18300.00  12.00  186.51 | 18 300 x 0.12 x 31 / 365                        186.5096
        2024-01-01 2024-01-31  31  18300.00  12.00  186.00 | 18 300 / 366 = 50 x 0.12 x 31                   186.0000
        """,
    ),
    "an agreed rate holds throughout, whatever the ECB asks": Case(
        "12000", due="2026-03-10", on="2026-09-10", agreed=1800, interest="1088.88",
        lines="2026-03-11 2026-09-10 184  12000.00  18.00  1088.88 | 12 000 x 0.18 x 184 / 365                        1088.8767",
    ),
    "half a cent is rounded up": Case(
        "18.25", due="2021-01-01", on="2021-01-02", interest="0.01",
        lines="2021-01-02 2021-01-02   1     18.25  10.00    0.01 | 18.25 / 365 = 0.05 x 0.10                     0.0050",
    ),
    "less is rounded down, and the indemnity is due all the same": Case(
        "18.24", due="2021-01-01", on="2021-01-02", interest="0",
        lines="2021-01-02 2021-01-02   1     18.24  10.00    0.00 | 18.24 x 0.10 / 365 = 0.0050 (0.004997)        0.0050",
    ),
    "a thousand billion euros, to the cent": Case(
        "1000000000000", due="2026-03-02", on="2026-03-03", interest="332876712.33",
        lines="2026-03-03 2026-03-03 1 1000000000000.00 12.15 332876712.33 | 10^12 x 0.1215 / 365               332876712.3288",
    ),
    "a consumer owes neither": Case(
        "100", due="2026-01-01", on="2026-09-01", debtor="person", interest="0", indemnity="0", lines="",
    ),
    "a part payment goes to interest first": Case(
        "10000", due="2024-12-31", on="2025-06-30", interest="629.94",
        paid="2025-03-31 1000.00 324.25 675.75", left="9324.25 305.69",
        lines="""
        2025-01-01 2025-03-31  90  10000.00  13.15  324.25 | 10 000 x 0.1315 x 90 / 365                      324.2466
        2025-04-01 2025-06-30  91   9324.25  13.15  305.69 | 9 324.25 x 0.1315 x 91 / 365                    305.6949
        """,
    ),
    "the same to the principal first, by agreement": Case(
        "10000", due="2024-12-31", on="2025-06-30", interest="619.31", imputation="principal",
        paid="2025-03-31 1000.00 0.00 1000.00", left="9000.00 619.31",
        lines="""
        2025-01-01 2025-03-31  90  10000.00  13.15  324.25 | 10 000 x 0.1315 x 90 / 365                      324.2466
        2025-04-01 2025-06-30  91   9000.00  13.15  295.06 | 9 000 x 0.1315 x 91 / 365                       295.0644
        """,
    ),
    "a payment smaller than the interest: no interest on what is left of it": Case(
        "10000", due="2024-12-31", on="2025-06-30", interest="652.10",
        paid="2025-03-31 100.00 100.00 0.00", left="10000.00 552.10",
        lines="""
        2025-01-01 2025-03-31  90  10000.00  13.15  324.25 | 10 000 x 0.1315 x 90 / 365                      324.2466
        2025-04-01 2025-06-30  91  10000.00  13.15  327.85 | 10 000 x 0.1315 x 91 / 365                      327.8493
        """,
    ),
    "the principal paid first, its interest later": Case(
        "10000", due="2024-12-31", on="2025-06-30", interest="324.25", imputation="principal",
        paid="""2025-03-31 10000.00 0.00 10000.00
                2025-05-15 324.25 324.25 0.00""",
        left="0.00 0.00",
        lines="2025-01-01 2025-03-31  90  10000.00  13.15  324.25 | 10 000 x 0.1315 x 90 / 365                     324.2466",
    ),
    "paid in part before the due date": Case(
        "10000", due="2024-12-31", on="2025-03-31", interest="194.55",
        paid="2024-12-20 4000.00 0.00 4000.00", left="6000.00 194.55",
        lines="2025-01-01 2025-03-31  90   6000.00  13.15  194.55 | 6 000 x 0.1315 x 90 / 365                      194.5479",
    ),
    "paid whole on the due date": Case(
        "5000", due="2024-12-31", on="2026-09-30", interest="0", indemnity="0",
        paid="2024-12-31 5000.00 0.00 5000.00", left="0.00 0.00", lines="",
    ),
    "paid whole on the day after: a day of interest and the whole indemnity": Case(
        "5000", due="2024-12-31", on="2026-09-30", interest="1.80",
        paid="2025-01-01 5001.80 1.80 5000.00", left="0.00 0.00",
        lines="2025-01-01 2025-01-01   1   5000.00  13.15    1.80 | 5 000 x 0.1315 / 365                             1.8014",
    ),
    "two payments over a half-year, interest first": Case(
        "20000", due="2025-05-31", on="2025-08-31", interest="480.22",
        paid="""2025-06-30 5000.00 216.16 4783.84
                2025-07-31 5000.00 157.02 4842.98""",
        left="10373.18 107.04",
        # 20 000 - (5 000 - 216.16) = 15 216.16; 15 216.16 - (5 000 - 157.02) = 10 373.18
        lines="""
        2025-06-01 2025-06-30  30  20000.00  13.15  216.16 | 20 000 x 0.1315 x 30 / 365                      216.1644
        2025-07-01 2025-07-31  31  15216.16  12.15  157.02 | 15 216.16 x 0.1215 x 31 / 365                   157.0183
        2025-08-01 2025-08-31  31  10373.18  12.15  107.04 | 10 373.18 x 0.1215 x 31 / 365                   107.0427
        """,
    ),
    "two payments on one day": Case(
        "10000", due="2024-12-31", on="2025-06-30", interest="629.94",
        paid="""2025-03-31 300.00 300.00 0.00
                2025-03-31 700.00 24.25 675.75""",
        left="9324.25 305.69",
        lines="""
        2025-01-01 2025-03-31  90  10000.00  13.15  324.25 | as one payment of 1 000                         324.2466
        2025-04-01 2025-06-30  91   9324.25  13.15  305.69 | 9 324.25 x 0.1315 x 91 / 365                    305.6949
        """,
    ),
    "a public buyer that pays a part in the next half-year keeps its rate": Case(
        "36500", due="2025-05-31", on="2025-08-09", debtor="public_buyer", interest="692.94",
        paid="2025-07-10 10000.00 446.00 9554.00", left="26946.00 246.94",
        # 30 + 10 days at 3.15 + 8 points; 36 500 - (10 000 - 446) = 26 946
        lines="""
        2025-06-01 2025-07-10  40  36500.00  11.15  446.00 | 36 500 / 365 = 100 x 0.1115 x 40                446.0000
        2025-07-11 2025-08-09  30  26946.00  11.15  246.94 | 26 946 x 0.1115 x 30 / 365                      246.9435
        """,
    ),
}  # fmt: skip


@pytest.fixture(params=CASES.values(), ids=list(CASES))
def case(request: pytest.FixtureRequest) -> Case:
    return request.param


def test_interest_is_what_was_worked_out_by_hand(case: Case):
    found = computed(case)
    assert told(found) == written(case)
    assert found.interest_cents == cents(case.interest)
    assert found.indemnity_cents == cents(case.indemnity)
    if case.left:
        assert [found.principal_left_cents, found.interest_left_cents] == [
            cents(x) for x in case.left.split()
        ]


def test_payments_settle_what_was_worked_out_by_hand(case: Case):
    expected = [
        (date.fromisoformat(day), *map(cents, amounts))
        for day, *amounts in map(str.split, case.paid.splitlines())
    ]
    settled = [
        (each.payment.date, each.payment.cents, each.interest_cents, each.principal_cents)
        for each in computed(case).payments
    ]  # fmt: skip
    assert settled == expected


def test_the_working_itself_is_right(case: Case):
    """Independent of the code: each line in fractions."""
    total = Decimal(0)
    for line in filter(None, map(str.strip, case.lines.splitlines())):
        row, working = line.split("|")
        first, last, days, principal, rate, interest = row.split()
        assert (date.fromisoformat(last) - date.fromisoformat(first)).days + 1 == int(days)
        year_days = 366 if case.day_count == "actual/actual" and first.startswith("2024") else 365
        exact = Fraction(principal) * Fraction(rate) * int(days) / (100 * year_days)
        assert abs(exact - Fraction(working.split()[-1])) <= Fraction("0.00005")
        assert abs(exact - Fraction(interest)) <= Fraction("0.005")
        total += Decimal(interest)
    assert total == Decimal(case.interest)


def computed(case: Case) -> LateInterest:
    return late_interest(
        principal_cents=cents(case.principal),
        due_date=date.fromisoformat(case.due),
        on=date.fromisoformat(case.on),
        terms=InterestTerms(case.debtor, agreed_basis_points=case.agreed, day_count=case.day_count),
        payments=[
            PartPayment(date.fromisoformat(day), cents(amount))
            for day, amount, *_ in map(str.split, case.paid.splitlines())
        ],
        imputation=case.imputation,
    )


def told(found: LateInterest) -> list[tuple[Any, ...]]:
    return [
        (
            piece.span.from_date,
            piece.span.until_date,
            piece.span.days,
            piece.principal_cents,
            piece.span.rate_basis_points,
            piece.interest_cents,
        )
        for piece in found.pieces
    ]


def written(case: Case) -> list[tuple[Any, ...]]:
    rows = [line.partition("|")[0].split() for line in case.lines.splitlines() if line.strip()]
    return [
        (date.fromisoformat(first), date.fromisoformat(last), int(days), cents(principal), cents(rate), cents(interest))
        for first, last, days, principal, rate, interest in rows
    ]  # fmt: skip


def cents(text: str) -> int:
    """Also basis points of a rate: both are hundredths."""
    return to_cents(Decimal(text))
