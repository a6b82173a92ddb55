"""A run of reconciliation that another program asks for: put into the queue, run by a job, its answers kept to be read."""

import json
from collections.abc import Callable
from datetime import date, datetime, timedelta

import polars as pl
from django.db import connection, transaction

from encours.actions.defer_job import defer
from encours.actions.reconcile import Reconciliation, reconcile
from encours.store.frames import staged
from encours.store.models import Company, ReconciliationAnswer, ReconciliationRun

_LANGUAGES = ("fr", "en")
_KEPT = timedelta(days=30)
_INSERT = """
INSERT INTO store_reconciliationanswer (company_id, run_id, position, outcome, told, created_at)
SELECT %s, %s, position, outcome, told::jsonb, now() FROM {staged}
"""


@transaction.atomic
def request_reconciliation(*, company: Company, is_dry: bool, on: date, now: datetime, actor: str) -> int:
    """Id of the run, which waits for a worker."""
    run = ReconciliationRun.objects.create(
        company=company, is_dry=is_dry, on_date=on, asked_by=actor, asked_at=now
    )
    defer("reconciliation_run", company_id=company.pk, run_id=run.pk)
    return run.pk


def run_reconciliation(*, company: Company, run_id: int, clock: Callable[[], datetime]) -> None:
    """Runs what was asked for and keeps what it found. Run twice, the second run does nothing.

    A run that was interrupted goes on: its answers are those of the lines that were still to explain.
    """
    runs = ReconciliationRun.objects.filter(company=company, pk=run_id)
    run = runs.exclude(state=ReconciliationRun.State.DONE).first()
    if run is None:
        return
    runs.update(state=ReconciliationRun.State.RUNNING)
    try:
        outcome = reconcile(
            company=company,
            on=run.on_date,
            actor=run.asked_by,
            apply=not run.is_dry,
            progress=lambda done, total: _note(run, done, total),
        )
    except Exception:
        # whatever it was, who waits for the run must learn of it; the job itself tells the log and tries again
        runs.update(state=ReconciliationRun.State.FAILED, ended_at=clock())
        raise
    with transaction.atomic():
        _keep(run, outcome)
        runs.update(
            state=ReconciliationRun.State.DONE, ended_at=clock(), set_aside_count=len(outcome.set_aside)
        )


def forget_old_runs(*, company: Company, now: datetime) -> int:
    """How many runs were forgotten: what they did is in the books and the journal."""
    count, _ = ReconciliationRun.objects.filter(company=company, asked_at__lt=now - _KEPT).delete()
    return count


def _note(run: ReconciliationRun, done: int, total: int) -> None:
    ReconciliationRun.objects.filter(company=run.company, pk=run.pk).update(
        done_count=done, total_count=total
    )


def _keep(run: ReconciliationRun, outcome: Reconciliation) -> None:
    told = {language: outcome.as_json(language) for language in _LANGUAGES}
    rows = [
        (outcome_name, json.dumps({language: told[language][outcome_name][index] for language in _LANGUAGES}))
        for outcome_name in ("matched", "proposed", "unmatched")
        for index in range(len(told["fr"][outcome_name]))
    ]
    ReconciliationAnswer.objects.filter(company=run.company, run=run).delete()
    if not rows:
        return
    frame = pl.DataFrame(
        [(position, name, text) for position, (name, text) in enumerate(rows, start=1)],
        schema={"position": pl.Int64, "outcome": pl.String, "told": pl.String},
        orient="row",
    )
    with staged(frame) as table, connection.cursor() as cursor:
        cursor.execute(_INSERT.format(staged=table), [run.company_id, run.pk])
