"""Tokens from the command line."""

import json

import pytest
from django.test import Client
from typer.testing import CliRunner

from encours.actions.create_company import create_company
from encours.cli import api
from encours.store.models import ApiToken, Company
from encours.store.tenancy import company_scope


@pytest.fixture
def lumen(committed_db) -> Company:
    return create_company(name="Atelier Lumen SAS", siren="732829320", slug="lumen", actor="test")


def answer(*args: str) -> tuple[int, dict]:
    result = CliRunner().invoke(api.app, [*args, "--json"])
    return result.exit_code, json.loads(result.stdout)


def test_a_token_made_here_opens_the_api_until_it_is_revoked(lumen):
    code, told = answer(
        "token", "create", "--name", "ERP", "--scope", "receipts:read", "--expires", "2099-12-31"
    )
    assert (code, told["ok"]) == (0, True)
    headers = {"Authorization": f"Bearer {told['token']['text']}"}
    assert Client().get("/api/v1/bank-lines", headers=headers).status_code == 200
    (row,) = answer("token", "list")[1]["tokens"]
    assert (row["name"], row["state"], row["scopes"]) == ("ERP", "active", ["receipts:read"])
    assert row["last_used_at"]
    assert told["token"]["text"] not in json.dumps(row)
    assert answer("token", "revoke", str(row["id"]))[0] == 0
    assert Client().get("/api/v1/bank-lines", headers=headers).status_code == 401
    assert answer("token", "revoke", str(row["id"]))[1]["problems"][0]["code"] == "api_token.unknown"


@pytest.mark.parametrize(
    ("args", "code"),
    [
        (["--scope", "everything"], "api_token.unknown_scope"),
        (["--scope", "reconcile", "--expires", "demain"], "api_token.bad_date"),
        (["--scope", "reconcile", "--expires", "2001-01-01"], "api_token.expired_already"),
    ],
)
def test_what_makes_no_token_is_wrong_usage(lumen, args, code):
    exit_code, told = answer("token", "create", "--name", "ERP", *args)
    assert (exit_code, told["ok"], told["problems"][0]["code"]) == (2, False, code)
    with company_scope(lumen.pk):
        assert not ApiToken.objects.exists()
