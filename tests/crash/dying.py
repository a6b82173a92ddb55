"""Processes that are to be killed. A program built on this forks one per order, so that each is a real one and starts at once.

Orders come as JSON lines on stdin: `{"company": id, "die_at": point, "after": n, …}`. The process dies by SIGKILL when it comes
to the point for the (n + 1)th time. The points are put around the product's functions from here: there is no test code in
the product.
"""

import json
import os
import signal
import sys
import traceback
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

BEFORE, AFTER = "before", "after"

Points = Mapping[str, tuple[Any, str, str]]
"""By point: where the name is looked up, the name, and whether it dies before or after the call."""


def die_at(points: Points, point: str, after: int) -> None:
    holder, name, when = points[point]
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


def work_on_orders(work: Callable[[dict[str, Any]], None], points: Points) -> None:
    """Tells of each order the id of its process, and how that ended."""
    from django.conf import settings

    from encours.store.postgres import embedded

    embedded.socket_folder(Path(settings.DATA_FOLDER))
    for line in sys.stdin:
        order = json.loads(line)
        go, ready = os.pipe()
        pid = os.fork()
        if pid == 0:
            os.read(go, 1)
            status = 1
            try:
                if order.get("die_at"):
                    die_at(points, order["die_at"], order["after"])
                work(order)
                status = 0
            except BaseException:
                traceback.print_exc()
                raise
            finally:
                os._exit(status)
        print(pid, flush=True)
        os.write(ready, b".")
        os.close(go)
        os.close(ready)
        print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), flush=True)
