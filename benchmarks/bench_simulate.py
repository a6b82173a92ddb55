"""Ninety days of dunning foretold over 100,000 open invoices of 5,000 customers, and what one plan of them costs.

Due dates lie evenly from four months before the first day to four months after, so that steps come every day; nobody pays. Then
under a policy whose conditions change with time alone, for which everybody is planned every day.
"""

from collections.abc import Callable
from datetime import date, timedelta
from resource import RUSAGE_SELF, getrusage
from time import process_time

import numpy as np
import polars as pl

from benchmarks.figures import Figure, median
from encours.core.dunning import DEFAULT_POLICY, Policy, Situation, plan
from encours.core.dunning.conditions import Comparison
from encours.core.dunning.policy import FORMAL_NOTICE, Step
from encours.core.dunning.simulation import Simulation, simulate
from encours.core.dunning.situation import CUSTOMERS, RECEIVABLES

ON, DAYS, INVOICES, CUSTOMER_COUNT, RUNS = date(2026, 3, 2), 90, 100_000, 5_000, 3
# Conditions that another day may change.
RESTLESS = Policy(
    slug="restless",
    name="Restless",
    min_gap_days=5,
    min_amount_cents=1_000,
    steps=(
        Step(1, "reminder_1", condition=Comparison("overdue_total", "at_least", 20_000)),
        Step(10, "reminder_2", condition=Comparison("days_late", "at_least", 12)),
        Step(30, FORMAL_NOTICE, approval="person"),
    ),
)


def run() -> list[Figure]:
    calm = _situation(DEFAULT_POLICY)
    plans = [_cpu(lambda: plan(situation=calm, on=ON)) for _ in range(RUNS)]
    runs = [_cpu(lambda: _simulated(calm)) for _ in range(RUNS)]
    restless = _situation(RESTLESS)
    changing = _cpu(lambda: _simulated(restless))
    one, ninety = median(plans), median(runs)
    return [
        Figure("CPU of one plan", one, "s", note=f"{INVOICES:,} receivables"),
        Figure(
            f"CPU of {DAYS} days foretold",
            ninety,
            "s",
            20,
            f"{len(_simulated(calm).messages):,} messages",
        ),
        Figure("as many plans", ninety / one, "times", DAYS),
        Figure("CPU with conditions that time changes", changing, "s", 40),
        Figure("peak memory", getrusage(RUSAGE_SELF).ru_maxrss / 1024, "MB", 2048),
    ]


def _simulated(situation: Situation) -> Simulation:
    return simulate(situation=situation, on=ON, days=DAYS)


def _cpu(work: Callable[[], object]) -> float:
    """Seconds of all threads."""
    before = process_time()
    work()
    return process_time() - before


def _situation(policy: Policy) -> Situation:
    """The same every time."""
    chance = np.random.default_rng(1)
    days = chance.integers(-120, 121, INVOICES)
    receivables = pl.DataFrame(
        {
            "document_id": np.arange(1, INVOICES + 1),
            "position": np.zeros(INVOICES, dtype=np.int64),
            "customer_id": chance.integers(1, CUSTOMER_COUNT + 1, INVOICES),
            "currency": ["EUR"] * INVOICES,
            "due_date": [ON + timedelta(days=int(each)) for each in days],
            "open_cents": chance.integers(500, 500_000, INVOICES),
        },
        schema=RECEIVABLES,
    )
    known = {
        "customer_id": pl.Series(range(1, CUSTOMER_COUNT + 1), dtype=pl.Int64),
        "policy_id": pl.lit(1, pl.Int64),
        "contact_id": pl.lit(1, pl.Int64),
        "email": pl.lit("compta@client.example"),
        "has_address": pl.lit(value=True),
        "letters_return": pl.lit(value=False),
        "region": pl.lit("FR"),
    }
    nothing = {pl.Boolean: pl.lit(value=False), pl.String: pl.lit("")}
    customers = pl.DataFrame({"customer_id": known["customer_id"]}).with_columns(
        known.get(name, nothing.get(kind, pl.lit(None, kind))).alias(name)
        for name, kind in CUSTOMERS.items()
        if name != "customer_id"
    )
    return Situation(
        receivables=receivables, customers=customers.select(list(CUSTOMERS)), policies={1: policy}
    )
