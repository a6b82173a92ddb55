"""Direct debits put into a file, to be killed (`tests.crash.dying`)."""

import os
from datetime import date
from typing import Any

import django

if __name__ == "__main__":
    os.environ["DJANGO_SETTINGS_MODULE"] = "encours.config.settings"
    django.setup()

from encours.actions import make_direct_debit_files, write_direct_debit_file
from encours.store.tenancy import company_scope
from tests.crash.dying import AFTER, BEFORE, Points, work_on_orders

POINTS: Points = {
    "what is owed is locked": (make_direct_debit_files, "decide_charges", AFTER),
    "charges are written": (make_direct_debit_files, "_charges", AFTER),
    "the file is not kept": (write_direct_debit_file, "keep_file", BEFORE),
    "the file is kept": (write_direct_debit_file, "keep_file", AFTER),
    "its row is written": (write_direct_debit_file, "record", BEFORE),
    "all is written, nothing committed": (make_direct_debit_files, "tell_ordered", AFTER),
}


def run(order: dict[str, Any]) -> None:
    from django.utils import timezone

    from encours.store.models import Company

    company = Company.objects.get(pk=order["company"])
    with company_scope(company.pk):
        make_direct_debit_files.make_direct_debit_files(
            company=company,
            on=date.fromisoformat(order["on"]),
            now=timezone.now(),
            actor="worker",
            accept_bank_age=True,
        )


if __name__ == "__main__":
    work_on_orders(run, POINTS)
