"""The worker for real: under the restricted role, one company at a time, and killed half-way."""

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection, transaction
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from encours.actions.create_company import create_company
from encours.actions.defer_job import defer
from encours.actions.import_file import receive_file
from encours.queries.jobs import jobs_waiting
from encours.store.models import Company, Document, ImportBatch
from encours.store.tenancy import company_scope
from encours.store.worker import worker_connector

INVOICES = """\
N° facture;Date facture;Date échéance;Code client;Client;Montant HT;Montant TVA;Montant TTC
F-1;02/03/2026;01/04/2026;C1;Scierie du Val;100,00;20,00;120,00
F-2;03/03/2026;02/04/2026;C1;Scierie du Val;50,00;10,00;60,00
F-3;04/03/2026;03/04/2026;C2;Fonderie Roc;10,00;2,00;12,00
"""


def work_until_idle() -> None:
    with app.replace_connector(worker_connector()):
        app.run_worker(wait=False, install_signal_handlers=False, listen_notify=False)


def jobs(name: str) -> list[tuple[str, int]]:
    """(status, attempts) of the jobs of this name, oldest first."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT status, attempts FROM procrastinate_jobs WHERE task_name = %s ORDER BY id", [name]
        )
        return cursor.fetchall()


@pytest.fixture
def lumen(committed_db) -> Company:
    return create_company(name="Atelier Lumen SAS", siren="732829320", slug="lumen", actor="test")


@pytest.fixture
def waiting_batch(lumen, tmp_path) -> int:
    """A received file whose import was asked for."""
    file = tmp_path / "factures.csv"
    file.write_text(INVOICES)
    with company_scope(lumen.pk):
        batch = receive_file(company=lumen, source=file, actor="test")
        defer("import_file", company_id=lumen.pk, batch_id=batch.pk)
    return batch.pk


def test_an_import_runs_and_is_reconciled(lumen, waiting_batch):
    work_until_idle()
    assert jobs("import_file") == [("succeeded", 1)]
    assert jobs("reconcile") == [("succeeded", 1)]
    assert jobs_waiting(company_id=lumen.pk) == 0
    with company_scope(lumen.pk):
        assert ImportBatch.objects.get(pk=waiting_batch).state == "done"
        assert Document.objects.count() == 3


def test_the_worker_is_bound_by_row_level_security(committed_db):
    """Its own connections take the role too: the queue is all it could see without a company."""
    seen = []

    @app.task(name="test_role")
    def look() -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT current_user")
            seen.append(cursor.fetchone()[0])

    app.configure_task("test_role").defer()
    with app.replace_connector(worker_connector()):

        async def role_of_queue() -> str:
            async with app.open_async():
                row = await app.connector.execute_query_one_async("SELECT current_user AS role")
                return row["role"]

        assert asyncio.run(role_of_queue()) == "encours_app"
    work_until_idle()
    assert seen == ["encours_app"]


def test_a_job_that_ran_may_run_again(lumen, waiting_batch):
    work_until_idle()
    with company_scope(lumen.pk):
        defer("import_file", company_id=lumen.pk, batch_id=waiting_batch)
    work_until_idle()
    assert jobs("import_file") == [("succeeded", 1), ("succeeded", 1)]
    with company_scope(lumen.pk):
        assert Document.objects.count() == 3


@pytest.mark.crash
def test_a_killed_worker_leaves_its_job_to_the_next_one(lumen, waiting_batch):
    """The worker is held in the middle of its import by a lock, killed with -9, and the import is done once."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("LOCK TABLE store_document IN EXCLUSIVE MODE")
        worker = _start_worker()
        try:
            _wait_until(_somebody_waits_for_documents)
            assert jobs("import_file") == [("doing", 0)]
        finally:
            os.killpg(worker.pid, signal.SIGKILL)
            worker.wait()
    with company_scope(lumen.pk):
        assert ImportBatch.objects.get(pk=waiting_batch).state == "running"
        assert Document.objects.count() == 0
    _let_time_pass()
    for _ in range(2):  # one run finds the job nobody works on any more, the next one does it
        work_until_idle()
    assert [status for status, _ in jobs("import_file")] == ["succeeded"]
    with company_scope(lumen.pk):
        assert ImportBatch.objects.get(pk=waiting_batch).state == "done"
        assert sorted(Document.objects.values_list("number", flat=True)) == ["F-1", "F-2", "F-3"]


def _start_worker() -> "subprocess.Popen[bytes]":
    environment = os.environ | {
        "ENCOURS_HOME": str(settings.DATA_FOLDER), "DJANGO_SETTINGS_MODULE": "encours.config.settings",
    }  # fmt: skip
    return subprocess.Popen(
        [sys.executable, "-m", "encours", "worker"],
        env=environment, cwd=Path(__file__).parents[2], start_new_session=True,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip


def _somebody_waits_for_documents() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_locks WHERE relation = 'store_document'::regclass AND NOT granted"
        )
        return cursor.fetchone()[0] > 0


def _let_time_pass() -> None:
    """Nobody has heard of the dead worker for an hour, and the minute's check for such workers is due."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_workers SET last_heartbeat = now() - interval '1 hour'")
    with contextlib.suppress(AlreadyEnqueued):  # the dead worker may have asked for it
        app.configure_task("retry_stalled").defer(timestamp=0)


def _wait_until(condition: Callable[[], bool], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it never happened"
        time.sleep(0.05)
