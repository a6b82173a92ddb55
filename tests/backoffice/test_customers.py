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
        ("", ["Menuiserie Lefèvre SAS", "Hôtel des Voyageurs", "Boulangerie Dubois SARL"]),
        ("sort=name", ["Boulangerie Dubois SARL", "Hôtel des Voyageurs", "Menuiserie Lefèvre SAS"]),
        ("state=overdue", ["Menuiserie Lefèvre SAS", "Hôtel des Voyageurs"]),
        ("state=held", ["Menuiserie Lefèvre SAS"]),
        ("state=unreachable", []),
        ("state=credit", ["Menuiserie Lefèvre SAS"]),
        ("q=dub", ["Boulangerie Dubois SARL"]),
        ("q=552 081 317", ["Menuiserie Lefèvre SAS"]),
        ("segment=Lumen&q=rennes", ["Menuiserie Lefèvre SAS"]),
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


def details(client: Client, house: House, **changed: str):
    """The form as it is shown, with what a person changes."""
    url = f"/clients/{house.customer.pk}/modifier/"
    form = client.get(url).context["form"]
    shown = {bound.name: bound.value() for bound in form}
    return url, shown | changed


def test_a_customers_details_are_changed_and_the_journal_says_what(client: Client, house: House):
    url, given = details(
        client, house, name="Menuiserie Lefèvre et Fils SAS", siret="552 081 317 66522", preferred_channel="letter",
        payment_terms="45 jours fin de mois",
    )  # fmt: skip
    page = client.post(url, given, follow=True)
    customer = house.customer
    customer.refresh_from_db()
    assert (customer.name, customer.siret) == ("Menuiserie Lefèvre et Fils SAS", "55208131766522")
    assert (customer.preferred_channel, customer.payment_terms) == ("letter", "45 FDM")
    assert customer.search_name == "MENUISERIE LEFEVRE ET FILS", "the bank's name follows"
    entry = JournalEntry.objects.get(action="customer.updated")
    assert set(entry.data["changes"]) == {"name", "siret", "preferred_channel", "payment_terms"}
    assert entry.data["changes"]["preferred_channel"] == ["", "letter"]
    said = [str(message) for message in page.context["messages"]]
    assert "45 jours, puis fin de mois" in said[1]
    assert len(said) == 2, "45 days end of month is what the law allows at most"
    assert "Canal préféré" in page.content.decode()


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("name", "  ", ""),
        ("siren", "552081318", "n’est pas valable"),
        ("siret", "55208131766523", "n’est pas valable"),
        ("siret", "44306184100005", ""),
        ("vat_number", "FR00552081317", "n’est pas valable"),
        ("vat_number", "DE123", "n’est pas valable"),
        ("country", "France", ""),
        ("payment_terms", "quand il veut", "non comprises"),
        ("preferred_channel", "task", ""),
        ("kind", "ghost", ""),
    ],
)
def test_wrong_details_are_refused_where_they_stand(
    client: Client, house: House, field: str, value: str, words: str
):
    url, given = details(client, house, **{field: value})
    page = client.post(url, given)
    assert field in page.context["form"].errors
    assert words in page.context["form"].errors.as_text()
    assert not JournalEntry.objects.filter(action="customer.updated").exists()


def test_terms_beyond_the_law_are_saved_and_said(client: Client, house: House):
    url, given = details(client, house, payment_terms="90 jours")
    said = [str(message) for message in client.post(url, given, follow=True).context["messages"]]
    assert "L441-10" in said[2]


def test_two_people_change_a_customer_at_once(client: Client, house: House):
    url, mine = details(client, house, city="Brest", segment="ETI")
    _, theirs = details(client, house, sector="Bâtiment", segment="Grands comptes")
    client.post(url, theirs)
    page = client.post(url, mine)
    assert "Grands comptes" in page.context["form"].errors["segment"][0]
    house.customer.refresh_from_db()
    assert (house.customer.city, house.customer.segment) == ("Rennes", "Grands comptes")
    again = {bound.name: bound.value() for bound in page.context["form"]}
    client.post(url, again)
    house.customer.refresh_from_db()
    # mine where I wrote, theirs where I did not
    assert (house.customer.city, house.customer.segment) == ("Brest", "ETI")
    assert house.customer.sector == "Bâtiment"


def test_who_only_reads_changes_nothing(house: House, sign_in: SignIn):
    viewer = sign_in(house.company, "viewer")
    assert viewer.get(f"/clients/{house.customer.pk}/modifier/").status_code == 403
    assert b"/modifier/" not in viewer.get(f"/clients/{house.customer.pk}/").content
