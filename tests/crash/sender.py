"""A sender to be killed. Run as a program; forks a process per order so that each is a real one and starts at once.

Orders come as JSON lines on stdin: `{"company": id, "on": date, "die_at": point, "after": n}`. The sender dies by
SIGKILL when it comes to the point for the (n + 1)th time. The points are put around the product's functions
from here: there is no test code in the product.
"""

import json
import os
import signal
import sys
from collections.abc import Callable
from datetime import UTC, date, datetime, time
from typing import Any

os.environ["DJANGO_SETTINGS_MODULE"] = "encours.config.settings"
import django

django.setup()

from encours.actions import claim_message, prepare_message, send_messages  # noqa: E402 (after setup)
from encours.store.postgres import embedded  # noqa: E402
from encours.store.tenancy import company_scope  # noqa: E402

BEFORE, AFTER = "before", "after"
# point -> (where the name is looked up, name, whether it dies before or after the call)
POINTS: dict[str, tuple[Any, str, str]] = {
    "step 1: message locked": (claim_message.Attempt.objects, "create", BEFORE),
    "step 1: attempt written": (claim_message, "_lock", AFTER),
    "between 1 and 2": (send_messages, "prepare_message", BEFORE),
    "step 2: rows locked": (prepare_message, "customer_situation", AFTER),
    "step 2: before the words": (prepare_message, "render_message", BEFORE),
    "step 2: file kept": (prepare_message, "keep_file", AFTER),
    "step 2: committed": (send_messages, "prepare_message", AFTER),
    "step 3: connection open": (send_messages._Run, "_hand_over", BEFORE),
    "step 3: taken": (send_messages._Run, "_hand_over", AFTER),
    "step 3: outcome not committed": (send_messages, "record", AFTER),
    "step 3: outcome committed": (send_messages, "write_outcome", AFTER),
    "done, lock held": (claim_message, "_unlock", BEFORE),
}


def die_at(point: str, after: int) -> None:
    holder, name, when = POINTS[point]
    original: Callable[..., Any] = getattr(holder, name)
    calls = 0

    def dying(*args: Any, **kwargs: Any) -> Any:
        nonlocal calls
        calls += 1
        now = calls > after
        if now and when == BEFORE:
            os.kill(os.getpid(), signal.SIGKILL)
        result = original(*args, **kwargs)
        if now:
            os.kill(os.getpid(), signal.SIGKILL)
        return result

    setattr(holder, name, dying)


def send(order: dict[str, Any]) -> None:
    from encours.store.models import Company

    if order.get("die_at"):
        die_at(order["die_at"], order["after"])
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


def main() -> None:
    from pathlib import Path

    from django.conf import settings

    embedded.socket_folder(Path(settings.DATA_FOLDER))
    for line in sys.stdin:
        order = json.loads(line)
        go, ready = os.pipe()
        pid = os.fork()
        if pid == 0:
            os.read(go, 1)
            status = 1
            try:
                send(order)
                status = 0
            finally:
                os._exit(status)
        print(pid, flush=True)
        os.write(ready, b".")
        os.close(go)
        os.close(ready)
        print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), flush=True)


if __name__ == "__main__":
    main()
