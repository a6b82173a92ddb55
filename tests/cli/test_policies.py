"""`encours dunning policy off` as scripts call it."""

import json

import pytest
from typer.testing import CliRunner

from encours.actions.create_company import create_company
from encours.cli import policies
from encours.store.models import Company, Policy
from encours.store.tenancy import company_scope


@pytest.fixture
def lumen(committed_db) -> Company:
    return create_company(name="Atelier Lumen SAS", siren="732829320", slug="lumen", actor="test")


def answer(*arguments: str) -> tuple[int, dict]:
    result = CliRunner().invoke(policies.app, [*arguments, "--json"])
    return result.exit_code, json.loads(result.stdout)


def test_a_policy_is_switched_off_and_an_import_puts_it_back(lumen):
    assert answer("use", "distribution")[0] == 0
    code, off = answer("off", "distribution")
    assert (code, off["policy"], off["version"], off["active"]) == (0, "distribution", 1, False)
    assert answer("off", "distribution")[0] == 0, "twice changes nothing"
    with company_scope(lumen.pk):
        assert not Policy.objects.get(slug="distribution").is_active
    answer("use", "distribution")
    with company_scope(lumen.pk):
        assert Policy.objects.get(slug="distribution", is_active=True).version == 2


def test_the_companys_own_policy_and_one_that_is_not_there_stay(lumen):
    code, refused = answer("off", "standard")
    assert code != 0
    assert [problem["code"] for problem in refused["problems"]] == ["policy.is_default"]
    code, refused = answer("off", "nothing")
    assert code != 0
    assert [problem["code"] for problem in refused["problems"]] == ["policy.not_there"]
    with company_scope(lumen.pk):
        assert Policy.objects.get(is_default=True).is_active
