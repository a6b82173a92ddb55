"""`encours charge`: planned, announced, charged, told and ended from the command line."""

import json
from contextlib import contextmanager

import pytest
from typer.testing import CliRunner

from encours.cli import charge
from encours.cli.main import app
from encours.store.models import ChargeNotice, PaymentMandate
from tests.dunning.conftest import post_office, send
from tests.payments.test_charged_by_mandate import DUE, TOLD, mandate, owed

pytestmark = pytest.mark.django_db
__all__ = ["mandate", "post_office"]


@pytest.fixture
def encours(company, monkeypatch):
    """Runs `encours charge` in this process, in the company's scope; what it answers."""

    @contextmanager
    def chosen(slug: str, *, as_json: bool):
        yield company

    monkeypatch.setattr(charge, "company", chosen)
    monkeypatch.setenv("ENCOURS_LANGUAGE", "en")

    def run(*given: str):
        result = CliRunner().invoke(app, ["charge", *given, "--json"])
        return result.exit_code, json.loads(result.stdout)

    return run


def test_from_the_plan_to_the_money(company, dubois, mandate, post_office, encours):
    owed(company, dubois)
    code, told = encours("plan", "--on", TOLD.isoformat())
    assert code == 0
    assert [(each["document"], each["amount_cents"], each["charge_date"]) for each in told["notices"]] == [
        ("FA-1", 50_000, DUE.isoformat())
    ]
    assert not ChargeNotice.objects.exists()
    _, told = encours("run", "--on", TOLD.isoformat())
    assert (told["notices"], told["messages"], told["charges"]) == (1, 1, 0)
    send(company, TOLD)
    _, told = encours("run", "--on", DUE.isoformat(), "--accept-bank-age")
    assert (told["charges"], told["states"], told["warning"]) == (1, ["succeeded"], None)
    _, told = encours("list")
    assert [(each["document"], each["state"]) for each in told["notices"]] == [("FA-1", "charged")]


def test_a_mandate_is_told_and_ended(mandate, encours):
    _, told = encours("mandates")
    assert [each["means"] for each in told["mandates"]] == ["Visa bank card ending in 4242"]
    code, _ = encours("revoke", mandate.reference)
    assert code == 0
    assert PaymentMandate.objects.get().state == "revoked"
    code, refused = encours("revoke", "EC0")
    assert code == 2
    assert "EC0" in refused["problems"][0]["message"]
