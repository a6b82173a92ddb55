"""Réglages, Comptabilité: a period handed over, a draft looked at, accounts changed."""

from datetime import date

import pytest
from django.test import Client

from encours.queries.accounting import accounts_of
from encours.store.models import AccountingExport, Company, EntryLine
from tests import cast
from tests.accounting.books import lawful, rows
from tests.backoffice.conftest import SignIn

ADDRESS = "/reglages/comptabilite/"
PERIOD = {"from_date": "2026-01-01", "to_date": "2026-01-31", "format": "fec"}


@pytest.fixture
def client(company: Company, sign_in: SignIn) -> Client:
    cast.receipt(company, cast.good_payer(company), amount_cents=1_050, received_date=date(2026, 1, 5))
    return sign_in(company, "accountant")


def test_a_period_is_handed_over_listed_and_downloaded(client: Client, company: Company):
    response = client.post(f"{ADDRESS}remettre/", PERIOD, follow=True)
    assert "732829320FEC20260131.txt" in response.content.decode()
    export = AccountingExport.objects.get(company=company)
    assert export.exported_by.startswith("user:")
    file = b"".join(client.get(f"{ADDRESS}remises/{export.pk}/"))
    assert lawful(file) == []
    assert [row["Debit"] for row in rows(file)] == [1_050, 0]


def test_a_draft_is_a_download_and_nothing_else(client: Client, company: Company):
    response = client.post(f"{ADDRESS}remettre/", PERIOD | {"draft": "1", "format": "sage"})
    assert response["Content-Disposition"].endswith('"lumen-sage-20260101-20260131.csv"')
    assert not AccountingExport.objects.exists()
    assert not EntryLine.objects.exists()


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"to_date": "2025-12-31"}, "avant de commencer"),
        ({"from_date": ""}, "obligatoire"),
        ({"format": "x"}, "choix"),
    ],
)
def test_a_period_that_cannot_be_is_said(client: Client, wrong: dict, said: str):
    response = client.post(f"{ADDRESS}remettre/", PERIOD | wrong)
    assert response.status_code == 200
    assert said in response.content.decode()
    assert not AccountingExport.objects.exists()


def accounts(client: Client) -> dict[str, str]:
    """What the form shows, as a browser would send it back."""
    form = client.get(ADDRESS).context["accounts_form"]
    values = {name: form.initial.get(name) for name in form.fields}
    return {
        name: "on" if value is True else str(value)
        for name, value in values.items()
        if value not in (None, False)
    }


def test_accounts_are_changed_where_they_are_shown(client: Client, company: Company):
    response = client.post(
        f"{ADDRESS}comptes/", accounts(client) | {"receivable": "411100", "sales_entries": "on"}
    )
    assert response.status_code == 302
    changed = accounts_of(company=company)
    assert (changed.receivable, changed.sales_entries, changed.discount_lowers_vat) == ("411100", True, True)
    assert "411100" in client.get(ADDRESS).content.decode()


def test_an_account_that_does_not_fit_is_said_beside_its_field(client: Client, company: Company):
    response = client.post(f"{ADDRESS}comptes/", accounts(client) | {"receivable": "401000"})
    assert response.status_code == 200
    assert "401000 ne convient pas ici" in response.content.decode()
    assert accounts_of(company=company).receivable == "411000"


def test_who_only_reads_hands_nothing_over(company: Company, sign_in: SignIn):
    reader = sign_in(company, "collector")
    page = reader.get(ADDRESS).content.decode()
    assert "remettre" not in page
    assert reader.post(f"{ADDRESS}remettre/", PERIOD).status_code == 403
    assert reader.post(f"{ADDRESS}comptes/", {}).status_code == 403
