"""A reconciliation is killed with -9 in the middle of its batches, and gone on with: as if nothing had happened.

A real process, a real database, the hard statements of `./dev bench matching`. Each killed run has a company of its own with the
same books; in the end its ledger is that of a run nobody disturbed, and nothing is settled twice.
"""

import json
import os
import random
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings

from benchmarks.statements.make_books import import_file, write_files
from benchmarks.statements.mix import make_statements
from benchmarks.statements.world import MONTH_ENDS, Size
from encours.actions import reconcile
from encours.actions.create_company import create_company
from encours.store.models import Company, JournalEntry, Match, Payment, Transaction
from encours.store.tenancy import company_scope
from tests.crash.reconciler import BATCH_LINES, POINTS
from tests.matching.proofs import check_no_cent_twice, ledger

pytestmark = pytest.mark.crash

SMALL = Size(customers=25, documents=160, history_lines=45, lines=45)


@dataclass
class Reconciler:
    """The program that forks a run per order."""

    process: subprocess.Popen[str]

    def start(self, company: Company, **order: Any) -> int:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps(order | {"company": company.pk}) + "\n")
        self.process.stdin.flush()
        return int(self.process.stdout.readline())

    def wait(self) -> int:
        """Exit code; -9 when it was killed."""
        assert self.process.stdout is not None
        return int(self.process.stdout.readline())


@pytest.fixture
def reconciler(committed_db) -> Iterator[Reconciler]:
    program = Path(__file__).with_name("reconciler.py")
    root = Path(__file__).parents[2]
    environment = os.environ | {
        "ENCOURS_HOME": str(django_settings.DATA_FOLDER), "ENCOURS_LOG_LEVEL": "CRITICAL", "PYTHONPATH": str(root),
    }  # fmt: skip
    process = subprocess.Popen(
        [sys.executable, str(program)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment, cwd=root,
    )  # fmt: skip
    yield Reconciler(process)
    assert process.stdin is not None
    process.stdin.close()
    process.wait(10)


@pytest.fixture
def companies(committed_db, tmp_path) -> Iterator[Company]:
    """As many as wanted, each with the same books and lines that wait."""
    files = write_files(tmp_path, make_statements(seed=21, size=SMALL))

    def made() -> Iterator[Company]:
        for rank in count(1):
            company = create_company(
                name=f"Atelier {rank}", siren="732829320", slug=f"atelier-{rank}", actor="test"
            )
            with company_scope(company.pk):
                for path in (*files["history"], *files["month"]):
                    import_file(company, path)
            yield company

    return made()


@pytest.fixture
def undisturbed(companies, monkeypatch) -> dict[str, list[Any]]:
    monkeypatch.setattr(reconcile, "_batch_lines", lambda total: BATCH_LINES)
    company = next(companies)
    with company_scope(company.pk):
        outcome = reconcile.reconcile(company=company, on=MONTH_ENDS, actor="worker")
        assert len(outcome.matched) > 3 * BATCH_LINES, "a run of several batches"
        return ledger()


def go_on(company: Company) -> None:
    """The run that comes after the dead one, and one more that finds nothing to do."""
    reconcile.reconcile(company=company, on=MONTH_ENDS, actor="worker")
    assert reconcile.reconcile(company=company, on=MONTH_ENDS, actor="worker").changed_count == 0


def check_as_if_nothing_had_happened(company: Company, undisturbed: dict[str, list[Any]]) -> None:
    check_no_cent_twice(company)
    applied = Match.objects.filter(state="applied")
    told = JournalEntry.objects.filter(action="match.applied").values_list("subject_id", flat=True)
    assert sorted(told) == sorted(applied.values_list("pk", flat=True)), "each match is told once"
    lines = Payment.objects.filter(transaction__isnull=False).values_list("transaction", "customer")
    assert len(lines) == len(set(lines)), "a line is received once"
    assert ledger() == undisturbed


def test_killed_at_every_point_of_a_batch(companies, reconciler, undisturbed):
    for point in POINTS:
        company = next(companies)
        with company_scope(company.pk):
            # the second batch, or the only time it comes to it
            reconciler.start(
                company,
                die_at=point,
                after=0 if point in ("a pass is done", "the journal tells of the run") else 1,
            )
            assert reconciler.wait() == -signal.SIGKILL, f"{point} was not reached"
            go_on(company)
            check_as_if_nothing_had_happened(company, undisturbed)


def test_killed_again_and_again_at_any_time(companies, reconciler, undisturbed):
    chance = random.Random(20260303)
    company, killed = next(companies), 0
    with company_scope(company.pk):
        for _ in range(12):
            pid = reconciler.start(company)
            timer = threading.Timer(chance.uniform(0.05, 0.6), os.kill, (pid, signal.SIGKILL))
            timer.start()
            killed += reconciler.wait() == -signal.SIGKILL
            timer.cancel()
            timer.join()
            check_no_cent_twice(company)
        assert killed > 0
        go_on(company)
        check_as_if_nothing_had_happened(company, undisturbed)
        assert Transaction.objects.filter(state="matched").exists()
