"""`encours reconcile rules` as scripts and people call it."""

import json
from datetime import date

import pytest
from typer.testing import CliRunner

from encours.actions.create_company import create_company
from encours.cli import reconcile
from encours.store.models import Company, Match
from encours.store.tenancy import company_scope
from tests import cast


@pytest.fixture
def lumen(committed_db) -> Company:
    """One line pays an invoice less 2 %, another names nothing."""
    company = create_company(name="Atelier Lumen SAS", siren="732829320", slug="lumen", actor="test")
    with company_scope(company.pk):
        customer = cast.good_payer(company)
        cast.invoice(company, customer, "FA-2026-0102", payable_cents=1_234_500, issue_date=date(2026, 1, 5))
        cast.bank_line(company, 1_209_810, "VIR FA-2026-0102 DUBOIS", bank_reference="BK1")
        cast.bank_line(company, 700, "RIEN", bank_reference="BK2")
    return company


def answer(*arguments: str) -> tuple[int, dict]:
    result = CliRunner().invoke(reconcile.app, ["rules", *arguments, "--json"])
    return result.exit_code, json.loads(result.stdout)


def test_rules_are_shown_tried_and_saved(lumen):
    code, shown = answer()
    assert (code, shown["rules"]["fee_cents"], shown["rules"]["automatic"]) == (
        0,
        3_000,
        ["rounding_difference"],
    )
    code, tried = answer("--set", "automatic=discount", "--preview")
    assert (code, tried["counts"]["automatic"], tried["counts"]["proposed"]) == (0, [0, 1], [1, 0])
    (change,) = tried["changes"]
    assert (change["bank_reference"], change["change"]) == ("BK1", "matched_more")
    assert (change["before"]["outcome"], change["after"]["outcome"]) == ("proposed", "automatic")
    assert change["after"]["adjustments"] == [
        {"number": "FA-2026-0102", "kind": "discount", "amount_cents": 24_690}
    ]
    lumen.refresh_from_db()
    assert lumen.matching_rules == {}
    code, saved = answer("--set", "automatic=discount", "--set", "fee_cents=1500")
    assert (code, saved["rules"]["fee_cents"]) == (0, 1_500)
    lumen.refresh_from_db()
    assert lumen.matching_rules == {"automatic": ["discount"], "fee_cents": 1_500}
    with company_scope(lumen.pk):
        assert not Match.objects.exists()
    answer("--set", "fee_cents=")
    lumen.refresh_from_db()
    assert lumen.matching_rules == {"automatic": ["discount"]}


def test_what_cannot_be_is_refused_with_its_reason(lumen):
    for more in ([], ["--preview"]):
        code, refused = answer("--set", "fee_cents=30 €", "--set", "escompte=2", *more)
        assert (code, refused["ok"]) == (1, False)
        assert [problem["code"] for problem in refused["problems"]] == ["rules.not_cents", "rules.unknown"]
    code, refused = answer("--preview")
    assert (code, refused["problems"][0]["code"]) == (2, "rules.nothing_to_try")
    code, refused = answer("--set", "fee_cents")
    assert (code, refused["problems"][0]["code"]) == (2, "rules.not_a_pair")


def test_people_read_rules_and_changes_in_their_language(lumen, monkeypatch):
    monkeypatch.setenv("ENCOURS_LANGUAGE", "fr")
    french = CliRunner().invoke(reconcile.app, ["rules"]).stdout.replace("\xa0", " ")
    assert "Frais bancaires jusqu'à (fee_cents)  30,00 €" in french
    monkeypatch.setenv("ENCOURS_LANGUAGE", "en")
    told = CliRunner().invoke(reconcile.app, ["rules", "--set", "automatic=discount", "--preview"]).stdout
    assert "matched by itself  2 Mar 2026  €12,098.10  BK1" in told
    assert "0 → 1  matched by themselves" in told
