"""What the queue holds, and what it has done."""

from collections.abc import Iterable
from datetime import date

from django.db import connection


def companies_planned(*, days: Iterable[date]) -> set[tuple[int, date]]:
    """(company id, day) of every plan asked for, whatever became of it. Across companies: for the scheduler."""
    return _asked("plan_day", days)


def digests_asked(*, days: Iterable[date]) -> set[tuple[int, date]]:
    """The same of the forewarning digests."""
    return _asked("send_digests", days)


def _asked(task: str, days: Iterable[date]) -> set[tuple[int, date]]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT (args->>'company_id')::bigint, (args->>'on')::date FROM procrastinate_jobs"
            " WHERE task_name = %s AND args->>'on' = ANY(%s)",
            [task, [day.isoformat() for day in days]],
        )
        return set(cursor.fetchall())


def jobs_waiting(*, company_id: int) -> int:
    """Jobs of a company that are queued or running."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM procrastinate_jobs WHERE status IN ('todo', 'doing')"
            " AND (args->>'company_id')::bigint = %s",
            [company_id],
        )
        return cursor.fetchall()[0][0]
