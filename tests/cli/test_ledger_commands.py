"""`encours reconcile`, `metrics` and `doctor` as scripts call them."""

import json
from datetime import date

import pytest
from typer.testing import CliRunner

from encours.actions.create_company import create_company
from encours.cli import doctor, metrics, reconcile
from encours.store.models import Transaction
from encours.store.tenancy import company_scope
from tests import cast


@pytest.fixture
def lumen(committed_db):
    company = create_company(name="Atelier Lumen SAS", siren="732829320", slug="lumen", actor="test")
    with company_scope(company.pk):
        cast.invoice(
            company,
            cast.good_payer(company),
            "FACT-2025-0001",
            payable_cents=1_000,
            issue_date=date(2026, 1, 5),
        )
        cast.bank_line(company, 1_000, "FACT-2025-0001", bank_reference="BK1")
        cast.bank_line(company, 700, "RIEN", bank_reference="BK2")
    return company


def answer(app, *arguments: str) -> tuple[int, dict]:
    result = CliRunner().invoke(app, [*arguments, "--json"])
    return result.exit_code, json.loads(result.stdout)


def test_reconcile_answers_with_the_names_scripts_rely_on(lumen):
    code, foreseen = answer(reconcile.app, "--dry-run")
    assert (code, foreseen["ok"], len(foreseen["matched"])) == (0, True, 1)
    with company_scope(lumen.pk):
        assert set(Transaction.objects.values_list("state", flat=True)) == {"new"}
    code, done = answer(reconcile.app, "--company", "lumen", "--on", "2026-03-05")
    (matched,) = done["matched"]
    assert matched["bank_reference"] == "BK1"
    assert matched["documents"] == [{"number": "FACT-2025-0001", "allocated_cents": 1_000}]
    assert matched["reason"]
    assert matched["confidence"] >= 0.995
    assert done["proposed"] == []
    assert [line["bank_reference"] for line in done["unmatched"]] == ["BK2"]
    code, position = answer(metrics.app, "--on", "2026-03-05")
    assert (code, position["outstanding_cents"], position["overdue_cents"]) == (0, 0, 0)
    code, past = answer(metrics.app, "--on", "2026-02-10")
    assert (past["outstanding_cents"], past["overdue_cents"]) == (1_000, 1_000)
    code, health = answer(doctor.app)
    assert code == 0
    assert all(check["ok"] for check in health["checks"])
    assert {"document_balances", "row_level_security"} <= {check["name"] for check in health["checks"]}


def test_people_read_words_and_tables(lumen):
    for app in (reconcile.app, metrics.app, doctor.app):
        result = CliRunner().invoke(app, [])
        assert result.exit_code == 0, result.output
        assert result.stdout.strip()


def test_a_wrong_date_is_wrong_usage(lumen):
    code, body = answer(metrics.app, "--on", "demain")
    assert (code, body["ok"], body["problems"][0]["code"]) == (2, False, "bad_date")


def test_reconcile_explains_a_line_by_the_banks_reference(lumen):
    answer(reconcile.app, "--company", "lumen", "--on", "2026-03-05")
    with company_scope(lumen.pk):
        reference = Transaction.objects.exclude(bank_reference="").earliest("pk").bank_reference
    code, told = answer(reconcile.app, "explain", reference)
    assert code == 0
    (line,) = told["lines"]
    assert line["bank_reference"] == reference
    assert line["reason"] or line["explanations"][0]["reason"]
    code, told = answer(reconcile.app, "explain", "NO-SUCH-REFERENCE")
    assert (code, told["problems"][0]["code"]) == (2, "bank_reference_unknown")
