"""What a job makes row by row of its progress: a row that is asked for, running, then done or failed."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection


@contextmanager
def failed_if_it_breaks(row: Any) -> Iterator[None]:
    """Whatever error leaves the block, the row does not stay "running" while somebody is there to say so.

    The row's model has a `State` with FAILED. Nothing is written inside a transaction that is lost already.
    """
    try:
        yield
    except Exception:
        if not connection.needs_rollback:
            kept = type(row).objects.filter(company=row.company_id, pk=row.pk)
            kept.update(state=type(row).State.FAILED)
        raise
