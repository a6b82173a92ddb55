"""`encours accounts` as people and scripts call it."""

import json
from contextlib import contextmanager
from types import SimpleNamespace

import pytest
from typer.testing import CliRunner

from encours.cli import accounts
from encours.cli.main import app
from encours.store.models import BankAccount
from tests.actions.test_merge_accounts import IBAN, two_accounts


@pytest.fixture
def encours(company, monkeypatch):
    """Runs a command in this process, in the company's scope; gives (exit code, answer)."""

    @contextmanager
    def chosen(slug: str, *, as_json: bool):
        yield company

    monkeypatch.setattr(accounts, "company", chosen)
    monkeypatch.setenv("ENCOURS_LANGUAGE", "fr")

    def run(*arguments: object):
        result = CliRunner().invoke(app, ["accounts", *(str(each) for each in arguments)])
        answer = json.loads(result.stdout) if result.stdout.startswith("{") else None
        return SimpleNamespace(code=result.exit_code, answer=answer, output=result.output)

    return run


def test_accounts_that_tell_the_same_lines_are_shown_and_merged(company, encours):
    kept, other = two_accounts(company)
    told = {row["account"]: row for row in encours("list", "--json").answer["accounts"]}
    assert told[IBAN]["tells_the_same"] == [{"id": other.pk, "line_count": 3}]
    assert (told["Compte courant"]["line_count"], told[IBAN]["line_count"]) == (4, 3)
    assert "3 lignes comme Compte courant" in encours("list").output
    merged = encours("merge", IBAN, other.pk, "--json")
    assert (merged.code, merged.answer["moved"], merged.answer["told_twice"]) == (0, 1, 3)
    (row,) = encours("list", "--json").answer["accounts"]
    assert (row["id"], row["also_called"], row["line_count"], row["tells_the_same"]) == (
        kept.pk, ["Compte courant"], 4, [],
    )  # fmt: skip
    assert "aussi Compte courant" in encours("list").output


def test_what_cannot_be_merged_is_said(company, encours):
    two_accounts(company)
    for arguments, code in (((IBAN, "nowhere"), "accounts.no_account"), ((IBAN, IBAN), "bank_account.same")):
        refused = encours("merge", *arguments, "--json")
        assert (refused.code, refused.answer["problems"][0]["code"]) == (2, code)
    assert BankAccount.objects.count() == 2
    assert "encours accounts list" in encours("merge", IBAN, "nowhere").output


def test_people_are_told_what_was_merged(company, encours):
    two_accounts(company)
    assert "1 ligne(s) reprise(s), 3 présente(s)" in encours("merge", IBAN, "Compte courant").output
