"""A sender to be killed (`tests.crash.dying`). Orders also name the day: `"on": date`."""

import os
from datetime import UTC, date, datetime, time
from typing import Any

os.environ["DJANGO_SETTINGS_MODULE"] = "encours.config.settings"
import django

django.setup()

from encours.actions import claim_message, prepare_message, send_messages, write_message, write_outcome  # noqa: E402
from encours.store.tenancy import company_scope  # noqa: E402
from tests.crash.dying import AFTER, BEFORE, Points, work_on_orders  # noqa: E402

POINTS: Points = {
    "step 1: message locked": (claim_message.Attempt.objects, "create", BEFORE),
    "step 1: attempt written": (claim_message, "_lock", AFTER),
    "between 1 and 2": (send_messages, "prepare_message", BEFORE),
    "step 2: rows locked": (prepare_message, "customer_situation", AFTER),
    "step 2: before the words": (write_message, "render_message", BEFORE),
    "step 2: file kept": (prepare_message, "keep_file", AFTER),
    "step 2: committed": (send_messages, "prepare_message", AFTER),
    "step 3: connection open": (send_messages._Run, "_hand_over", BEFORE),
    "step 3: taken": (send_messages._Run, "_hand_over", AFTER),
    "step 3: outcome not committed": (write_outcome, "record", AFTER),
    "step 3: outcome committed": (send_messages, "write_outcome", AFTER),
    "done, lock held": (claim_message, "_unlock", BEFORE),
}


def send(order: dict[str, Any]) -> None:
    from encours.store.models import Company

    company = Company.objects.get(pk=order["company"])
    on = date.fromisoformat(order["on"])
    with company_scope(company.pk):
        send_messages.send_messages(
            company=company,
            now=datetime.combine(on, time(9), UTC),
            on=on,
            actor="sender",
            accept_bank_age=True,
        )


if __name__ == "__main__":
    work_on_orders(send, POINTS)
