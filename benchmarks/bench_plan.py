"""A plan over 1,000,000 open invoices of 50,000 customers, from the database to stored messages and reminders.

The worst day there is: nothing was ever sent and nearly every invoice is overdue, so that each gets its reminder.
Then the same day again, which reads a million reminders and adds nothing; and a plan under a policy of seven steps
and ten conditions, not stored.
"""

import json
import os
import sys
from datetime import date

from benchmarks.data import in_own_process, million_database
from benchmarks.figures import Figure, measured, median
from benchmarks.invoices import MILLION
from encours.core.dunning.conditions import All, Any, Comparison, Not
from encours.core.dunning.policy import FORMAL_NOTICE, Policy, Step

ON = date(2026, 1, 5)  # days after the last of the invoices was issued
RUNS = 3


def run() -> list[Figure]:
    with million_database() as home:
        runs = json.loads(in_own_process("benchmarks.bench_plan", home=home))
    first, again = runs["first"], runs["again"]

    def middle(costs: list[dict[str, float]], name: str) -> float:
        return median([cost[name] for cost in costs])

    what = f"{runs['receivables']:,} receivables in {runs['messages']:,} messages"
    return [
        Figure("plan of the first day, stored", middle(first, "wall_s"), "s", 10, what),
        Figure("peak memory of the planning process", middle(first, "peak_mb"), "MB", 2048),
        Figure("CPU of the planning process", middle(first, "cpu_s"), "s"),
        Figure("CPU of PostgreSQL", middle(first, "postgres_cpu_s"), "s"),
        Figure(
            "the same day again, nothing to add",
            middle(again, "wall_s"),
            "s",
            10,
            f"CPU {middle(again, 'cpu_s'):.1f} + {middle(again, 'postgres_cpu_s'):.1f} s",
        ),
        Figure(
            "seven steps and ten conditions, not stored",
            runs["conditions"]["wall_s"],
            "s",
            15,
            f"CPU {runs['conditions']['cpu_s']:.1f} + {runs['conditions']['postgres_cpu_s']:.1f} s",
        ),
        Figure("peak memory of it", runs["conditions"]["peak_mb"], "MB", 3072),
    ]


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "encours.config.settings")
    import django

    django.setup()
    from encours.actions.run_dunning import plan_dunning, run_dunning
    from encours.queries.companies import company_named
    from encours.queries.policies import active_policy_values
    from encours.store.tenancy import company_scope

    company = company_named(slug="bench")
    first, again, done = [], [], None
    with company_scope(company.pk):
        for _ in range(RUNS):
            _clear()
            with measured() as cost:
                done = run_dunning(company=company, on=ON, actor="bench")
            first.append(cost.as_json())
            with measured() as cost:
                assert run_dunning(company=company, on=ON, actor="bench").messages == 0
            again.append(cost.as_json())
        _clear()
        policies = dict.fromkeys(active_policy_values(company=company), _seven_steps())
        with measured() as cost:
            plan_dunning(company=company, on=ON, policies=policies)
    assert done is not None
    assert done.receivables + done.held > 0.9 * MILLION
    json.dump(
        {
            "first": first,
            "again": again,
            "conditions": cost.as_json(),
            "messages": done.messages,
            "receivables": done.receivables,
        },
        sys.stdout,
    )


def _seven_steps() -> Policy:
    """Three clocks and ten conditions, those that need the payment history among them."""
    large = Comparison("amount", "at_least", 20_000)
    known = Comparison("segment", "known", value=True)
    good = All(
        (Comparison("average_days_late", "at_most", 5), Comparison("relationship_months", "at_least", 12))
    )
    often = Any(
        (Comparison("share_paid_late", "at_least", 50), Comparison("overdue_total", "at_least", 100_000))
    )
    here = Comparison("country", "in", ("FR", "MC"))
    written = Comparison("language", "in", ("fr", "en"))
    company = Not(Comparison("consumer", "is", value=True))
    return Policy(
        slug="standard",
        name="Seven steps",
        min_gap_days=5,
        min_amount_cents=1_000,
        steps=(
            Step(-7, "courtesy", condition=Any((often, known))),
            Step(1, "reminder_1", condition=Not(good)),
            Step(8, "reminder_1", condition=Comparison("invoice_amount", "above", 5_000)),
            Step(15, "reminder_2", channels=("email", "letter"), min_amount_cents=2_000, condition=written),
            Step(16, "reminder_2", clock="end_of_month", condition=All((large, here))),
            Step(60, FORMAL_NOTICE, approval="person", condition=company),
            Step(20, FORMAL_NOTICE, clock="previous_step", approval="person", channels=("email", "letter")),
        ),
    )


def _clear() -> None:
    """As before any plan: the database is kept for other benchmarks."""
    from django.db import connection

    from encours.store.tenancy import as_owner

    with as_owner(), connection.cursor() as cursor:
        cursor.execute("TRUNCATE store_reminder, store_message CASCADE")


if __name__ == "__main__":
    main()
