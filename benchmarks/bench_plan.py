"""A plan over 1,000,000 open invoices of 50,000 customers, from the database to stored messages and reminders.

The worst day there is: nothing was ever sent and nearly every invoice is overdue, so that each gets its reminder.
Then the same day again, which reads a million reminders and adds nothing.
"""

import json
import os
import sys
from datetime import date

from benchmarks.data import in_own_process, million_database
from benchmarks.figures import Figure, measured, median
from benchmarks.invoices import MILLION

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
    ]


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "encours.config.settings")
    import django

    django.setup()
    from encours.actions.run_dunning import run_dunning
    from encours.queries.companies import company_named
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
    assert done is not None
    assert done.receivables + done.held > 0.9 * MILLION
    json.dump(
        {"first": first, "again": again, "messages": done.messages, "receivables": done.receivables},
        sys.stdout,
    )


def _clear() -> None:
    """As before any plan: the database is kept for other benchmarks."""
    from django.db import connection

    from encours.store.tenancy import as_owner

    with as_owner(), connection.cursor() as cursor:
        cursor.execute("TRUNCATE store_reminder, store_messageattachment, store_attempt, store_message")


if __name__ == "__main__":
    main()
