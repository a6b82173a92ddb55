"""Customers: the list, the page, contacts, the statement of account (the house of test_documents)."""

import pytest
from django.test import Client

from encours.backoffice.customers import views
from encours.store.models import Contact, JournalEntry
from tests import cast
from tests.backoffice.conftest import House, SignIn


@pytest.fixture
def client(house: House, sign_in: SignIn) -> Client:
    return sign_in(house.company, "collector")


def names(client: Client, query: str) -> list[str]:
    return [row.name for row in client.get(f"/clients/?{query}").context["page"].rows]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", ["Menuiserie Lefèvre SAS", "Boulangerie Dubois SARL"]),
        ("sort=name", ["Boulangerie Dubois SARL", "Menuiserie Lefèvre SAS"]),
        ("state=overdue", ["Menuiserie Lefèvre SAS"]),
        ("state=held", ["Menuiserie Lefèvre SAS"]),
        ("state=unreachable", []),
        ("state=credit", ["Menuiserie Lefèvre SAS"]),
        ("q=dub", ["Boulangerie Dubois SARL"]),
        ("q=552 081 317", ["Menuiserie Lefèvre SAS"]),
        ("segment=PME&q=rennes", ["Menuiserie Lefèvre SAS"]),
    ],
)
def test_filters_and_sort(client: Client, query: str, expected: list[str]):
    assert names(client, query) == expected


def test_what_a_customer_owes_is_what_the_account_says(client: Client, house: House):
    row = next(row for row in client.get("/clients/").context["page"].rows if row.id == house.customer.pk)
    # 2,600 + 840 open, 100 of credit note, 100 received and not allocated; 600 + 840 are late
    assert (row.owed_cents, row.credit_total_cents, row.balance_cents) == (344_000, 20_000, 324_000)
    assert (row.overdue_cents, row.late_count) == (144_000, 2)


def test_a_customer_without_an_address_is_found(client: Client, house: House):
    cast.unreachable(house.company)
    assert names(client, "state=unreachable") == ["Garage Morel"]


def test_the_statement_runs_from_opening_to_closing(client: Client, house: House):
    (part,) = client.get(f"/clients/{house.customer.pk}/releve/").context["page"].rows
    account = part.account
    assert account.opening_cents == 0
    assert account.closing_cents == 324_000
    assert [line.amount_cents for line in account.lines] == [300_000, 84_000, -10_000, -50_000]


def test_a_long_statement_comes_in_pages_and_whole_for_the_printer(
    client: Client, house: House, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(views, "STATEMENT_LINES", 3)
    url = f"/clients/{house.customer.pk}/releve/"
    first = client.get(url)
    assert "Solde à reporter" in first.content.decode()
    assert "page=2" in first.content.decode()
    (second,) = client.get(f"{url}?page=2").context["page"].rows
    assert (second.account.opening_cents, second.account.closing_cents) == (374_000, 324_000)
    (whole,) = client.get(f"{url}?all=1").context["page"].rows
    assert len(whole.account.lines) == 4


def test_a_contact_is_added_corrected_and_removed(client: Client, house: House):
    url = f"/clients/{house.customer.pk}/contacts/"
    client.post(url, {"name": "Anne", "email": "anne@lefevre.example", "is_primary": "on"})
    anne = Contact.objects.get(email="anne@lefevre.example")
    house.contact.refresh_from_db()
    assert anne.is_primary
    assert not house.contact.is_primary
    client.post(f"{url}{anne.pk}/", {"name": "Anne Le Goff", "email": "anne@lefevre.example"})
    anne.refresh_from_db()
    assert (anne.name, anne.is_primary) == ("Anne Le Goff", True)  # somebody must be written to
    client.post(f"{url}{anne.pk}/retirer/")
    house.contact.refresh_from_db()
    assert house.contact.is_primary
    told = JournalEntry.objects.filter(action__startswith="contact.").order_by("sequence")
    assert [entry.action for entry in told] == ["contact.added", "contact.updated", "contact.removed"]


def test_a_contact_needs_an_address(client: Client, house: House):
    response = client.post(f"/clients/{house.customer.pk}/contacts/", {"name": "Anne"})
    assert response.status_code == 200
    assert "Donnez au moins une adresse" in response.content.decode()


def test_a_corrected_address_is_written_to_again(client: Client, house: House):
    house.contact.bounced_at = house.contact.created_at
    house.contact.save()
    client.post(
        f"/clients/{house.customer.pk}/contacts/{house.contact.pk}/",
        {"name": "X", "email": "new@lefevre.example"},
    )
    house.contact.refresh_from_db()
    assert house.contact.bounced_at is None
