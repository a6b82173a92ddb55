"""A reconciliation to be killed (`tests.crash.dying`), in batches of a few lines so that a run has many."""

import os
from typing import Any

import django

if __name__ == "__main__":
    os.environ["DJANGO_SETTINGS_MODULE"] = "encours.config.settings"
    django.setup()

from benchmarks.statements.world import MONTH_ENDS
from encours.actions import reconcile, write_decisions
from encours.store.tenancy import company_scope
from tests.crash.dying import AFTER, BEFORE, Points, work_on_orders

BATCH_LINES = 9
POINTS: Points = {
    "a batch is read": (reconcile, "_receipts", BEFORE),
    "a batch is decided": (reconcile, "_decide", AFTER),
    "a batch is locked": (write_decisions, "apply_matches", BEFORE),
    "receipts are written": (write_decisions, "apply_matches", AFTER),
    "returns are taken back": (write_decisions, "take_back_returns", AFTER),
    "proposals are written": (write_decisions, "save_matches", AFTER),
    "all is written, nothing committed": (write_decisions, "_save_undecided", AFTER),
    "a batch is committed": (reconcile, "write_decisions", AFTER),
    "a pass is done": (reconcile, "_learn", BEFORE),
    "the journal tells of the run": (reconcile, "record", BEFORE),
}


def run(order: dict[str, Any]) -> None:
    from encours.store.models import Company

    reconcile._batch_lines = lambda total: BATCH_LINES
    company = Company.objects.get(pk=order["company"])
    with company_scope(company.pk):
        reconcile.reconcile(company=company, on=MONTH_ENDS, actor="worker")


if __name__ == "__main__":
    work_on_orders(run, POINTS)
