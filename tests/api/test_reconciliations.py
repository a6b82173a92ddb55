"""A run asked for by another program: queued, run by the worker, told under the names of the command line."""

from datetime import UTC, datetime, timedelta

import pytest

from encours.actions import request_reconciliation as action
from encours.actions.answer_once import forget_old_answers
from encours.actions.reconcile import reconcile
from encours.actions.request_reconciliation import forget_old_runs, run_reconciliation
from encours.queries.jobs import jobs_waiting
from encours.store.models import KeptAnswer, Match, Payment, ReconciliationAnswer, ReconciliationRun
from tests import cast
from tests.api.conftest import MARCH

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.fixture
def lines(company, invoice, paid_line) -> None:
    """One line that is certain, one that is likely, one nobody can explain, one that is no receipt."""
    cast.invoice(company, invoice.customer, "FA-2026-0002", payable_cents=90_000, issue_date=MARCH)
    cast.bank_line(company, 40_000, "FA-2026-0002")
    cast.bank_line(company, 777, "VIR INCONNU")
    cast.bank_line(company, -1_500, "FRAIS DE TENUE DE COMPTE")


def test_a_run_is_queued_and_told_when_it_is_done(company, program, lines):
    asked = program.post("reconciliations", {"on": "2026-03-05"})
    run = asked.json()
    assert (asked.status_code, run["state"], run["on"]) == (202, "waiting", "2026-03-05")
    assert asked["Location"] == run["url"]
    assert jobs_waiting(company_id=company.pk) == 1
    assert not Payment.objects.exists()
    run_reconciliation(company=company, run_id=run["id"], clock=lambda: NOON)
    told = program.get(f"reconciliations/{run['id']}").json()
    assert (told["state"], told["done_count"] >= 4, told["set_aside_count"]) == ("done", True, 1)
    assert [told[f"{name}_count"] for name in ("matched", "proposed", "unmatched")] == [1, 1, 1]
    assert [len(told[name]) for name in ("matched", "proposed", "unmatched")] == [1, 1, 1]
    assert told["matched"][0]["documents"] == [{"number": "FA-2026-0001", "allocated_cents": 120_000}]
    assert Payment.objects.get().amount_cents == 120_000


def test_a_run_says_what_the_command_line_says(company, program, lines):
    expected = reconcile(company=company, on=MARCH, actor="cli", apply=False).as_json("en")
    run_id = program.post("reconciliations", {"dry_run": True}).json()["id"]
    run_reconciliation(company=company, run_id=run_id, clock=lambda: NOON)
    told = program.get(f"reconciliations/{run_id}").json()
    assert {name: told[name] for name in expected} == expected
    assert told["dry_run"]
    assert not Payment.objects.exists()
    assert not Match.objects.exists()


def test_a_long_answer_comes_in_parts_and_in_order(company, program, lines):
    run_id = program.post("reconciliations", {"dry_run": True}).json()["id"]
    run_reconciliation(company=company, run_id=run_id, clock=lambda: NOON)
    seen, cursor = [], ""
    while cursor is not None:
        page = program.get(f"reconciliations/{run_id}", limit=1, cursor=cursor).json()
        seen += [name for name in ("matched", "proposed", "unmatched") for _ in page[name]]
        cursor = page["next_cursor"]
    assert seen == ["matched", "proposed", "unmatched"]


def test_a_run_that_is_done_is_not_run_again(company, program, lines):
    run_id = program.post("reconciliations", {}).json()["id"]
    run_reconciliation(company=company, run_id=run_id, clock=lambda: NOON)
    run_reconciliation(company=company, run_id=run_id, clock=lambda: NOON)
    told = program.get(f"reconciliations/{run_id}").json()
    assert (told["matched_count"], Payment.objects.count()) == (1, 1)


def test_a_run_that_failed_says_so_and_may_succeed_later(company, program, lines, monkeypatch):
    run_id = program.post("reconciliations", {}).json()["id"]

    def broken(**_):
        raise RuntimeError("no disk")

    with monkeypatch.context() as patch:
        patch.setattr(action, "reconcile", broken)
        with pytest.raises(RuntimeError):
            run_reconciliation(company=company, run_id=run_id, clock=lambda: NOON)
    assert program.get(f"reconciliations/{run_id}").json()["state"] == "failed"
    run_reconciliation(company=company, run_id=run_id, clock=lambda: NOON)
    assert program.get(f"reconciliations/{run_id}").json()["state"] == "done"


def test_a_key_asks_for_one_run(company, program, lines):
    first = program.post("reconciliations", {}, Idempotency_Key="nightly-1")
    again = program.post("reconciliations", {}, Idempotency_Key="nightly-1")
    assert (again.status_code, again.json(), again["Location"]) == (202, first.json(), first["Location"])
    assert ReconciliationRun.objects.count() == 1


def test_a_run_of_another_company_is_not_found(program, stranger, lines):
    run_id = program.post("reconciliations", {}).json()["id"]
    assert stranger.get(f"reconciliations/{run_id}").status_code == 404


def test_old_runs_and_answers_are_forgotten(company, program, lines):
    run_id = program.post("reconciliations", {"dry_run": True}, Idempotency_Key="k").json()["id"]
    now = datetime.now(UTC)
    run_reconciliation(company=company, run_id=run_id, clock=lambda: now)
    assert forget_old_runs(company=company, now=now) == forget_old_answers(company=company, now=now) == 0
    later = now + timedelta(days=31)
    assert forget_old_runs(company=company, now=later) > 0
    assert forget_old_answers(company=company, now=later) == 1
    assert not ReconciliationAnswer.objects.exists()
    assert not KeptAnswer.objects.exists()
