"""Whoever works on payments is killed with -9, events are lost, late and told twice: the ledger is the service's truth.

A small run of `./dev bench payments-chaos`: real processes, a real database, a service that keeps its own truth.
"""

import random

import pytest
from django.conf import settings

from benchmarks.payments.chaos import run_chaos
from benchmarks.payments.scripted import NAME, ScriptedGateway
from encours.actions.create_company import create_company
from encours.ports import registry
from encours.queries.doctor import examine
from encours.store.tenancy import company_scope

pytestmark = pytest.mark.crash
PAYMENTS = 60


def test_killed_at_any_step_no_cent_is_lost_or_taken_twice(committed_db, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(registry, "gateways", lambda: {NAME: ScriptedGateway})
    company = create_company(name="Atelier Lumen SAS", siren="732829320", slug="lumen", actor="test")
    seed = random.randrange(1_000_000)
    outcome = run_chaos(
        company=company, path=str(tmp_path / "service.db"), home=str(settings.DATA_FOLDER), payments=PAYMENTS,
        seed=seed, kill_percent=60,
    )  # fmt: skip
    told = f"seed {seed}: {outcome}"
    assert outcome.kills > 0, told
    assert (outcome.charged_twice, outcome.lost, outcome.drift_cents, outcome.unfinished) == (0, 0, 0, 0), (
        told
    )
    assert outcome.payments >= PAYMENTS * 0.9, told
    with company_scope(company.pk):
        assert [check.name for check in examine(company=company) if not check.ok] == [], told
