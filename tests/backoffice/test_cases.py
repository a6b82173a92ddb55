"""Litiges et promesses: a collector opens, records, agrees and ends; a reader only reads."""

import re
from datetime import date, timedelta

import pytest
from django.test import Client

from encours.store.models import Dispute, Hold, PaymentPlan, Promise
from tests import cast
from tests.backoffice.conftest import House, SignIn

ON = date.today()  # noqa: DTZ011 (the pages show today)


@pytest.fixture
def client(house: House, sign_in: SignIn) -> Client:
    return sign_in(house.company, "collector")


@pytest.fixture
def owing(house: House):
    """A customer with two overdue invoices nobody spoke about yet."""
    customer = cast.customer(house.company, "C0099", "Cave Bernard", email="c@bernard.example")
    for number in ("FA-2026-0091", "FA-2026-0092"):
        cast.invoice(
            house.company, customer, number, payable_cents=50_000, issue_date=ON - timedelta(days=50)
        )
    return customer


def test_the_three_lists_say_what_is_open(client: Client, house: House):
    disputes = client.get("/litiges/").content.decode()
    assert "Hôtel des Voyageurs" in disputes
    assert "Quantité facturée erronée" in disputes
    assert "300,00" in disputes
    promises = client.get("/litiges/?kind=promises").content.decode()
    assert "FA-2026-0011" in promises
    assert "au téléphone" in promises
    plans = client.get("/litiges/?kind=plans").content.decode()
    assert "FA-2026-0012" in plans
    assert "900,00" in plans


def test_lists_are_filtered_by_state_and_text(client: Client, house: House):
    assert "Hôtel des Voyageurs" not in client.get("/litiges/?state=closed").content.decode()
    assert "FA-2026-0010" in client.get("/litiges/?q=FA-2026-0010").content.decode()
    assert "FA-2026-0010" in client.get("/litiges/?q=camille").content.decode()
    assert "Aucun dossier ne répond" in client.get("/litiges/?kind=plans&q=personne").content.decode()


def test_a_dispute_is_opened_changed_and_resolved(client: Client, owing):
    invoice = owing.documents.get(number="FA-2026-0091")
    page = client.get(f"/litiges/clients/{owing.pk}/litige/?document={invoice.pk}").content.decode()
    assert re.search(rf'value="{invoice.pk}" checked', page)
    response = client.post(
        f"/litiges/clients/{owing.pk}/litige/",
        {"document": invoice.pk, "reason_code": "PU_ERR", "disputed_cents": "120,50", "owner": "Karim"},
    )
    dispute = Dispute.objects.get(document=invoice)
    assert response["Location"] == f"/litiges/{dispute.pk}/"
    assert (dispute.disputed_cents, dispute.is_whole) == (12_050, False)
    client.post(f"/litiges/{dispute.pk}/modifier/", {"owner": "Lise", "disputed_cents": ""})
    dispute.refresh_from_db()
    assert (dispute.owner, dispute.is_whole) == ("Lise", True)
    client.post(f"/litiges/{dispute.pk}/resoudre/", {"outcome": "rejected", "note": "bon de livraison signé"})
    dispute.refresh_from_db()
    assert (dispute.outcome, dispute.resolved_date) == ("rejected", ON)
    assert "bon de livraison signé" in client.get(f"/litiges/{dispute.pk}/").content.decode()


def test_what_cannot_be_contested_is_said(client: Client, owing):
    invoice = owing.documents.get(number="FA-2026-0091")
    page = client.post(
        f"/litiges/clients/{owing.pk}/litige/",
        {"document": invoice.pk, "reason_code": "PU_ERR", "disputed_cents": "500,01"},
    ).content.decode()
    assert "seraient contestés" in page
    assert not Dispute.objects.filter(document=invoice).exists()


def test_a_promise_is_recorded_and_withdrawn(client: Client, owing):
    response = client.post(
        f"/litiges/clients/{owing.pk}/promesse/",
        {"promised_date": (ON + timedelta(days=5)).isoformat(), "source": "Mme Bernard"},
    )
    promise = Promise.objects.get(customer=owing)
    assert (promise.amount_cents, promise.documents.count()) == (100_000, 2)
    assert client.get(response["Location"]).status_code == 200
    client.post(f"/litiges/promesses/{promise.pk}/retirer/", {"note": "erreur de client"})
    promise.refresh_from_db()
    assert (promise.state, promise.ended_note) == ("withdrawn", "erreur de client")


def test_instalments_are_worked_out_then_agreed_as_changed(client: Client, owing):
    url = f"/litiges/clients/{owing.pk}/echeancier/"
    first = ON + timedelta(days=10)
    terms = {
        "documents": [document.pk for document in owing.documents.all()], "count": "3", "every": "week",
        "first_date": first.isoformat(), "grace_days": "5", "when_broken": "all_due",
    }  # fmt: skip
    page = client.post(url, terms | {"work_out": "1"}).content.decode()
    amounts = re.findall(r'name="part-\d-amount_cents" value="([^"]+)"', page)
    assert amounts == ["333,34", "333,33", "333,33"]
    assert not PaymentPlan.objects.filter(customer=owing).exists()
    parts = {"part-TOTAL_FORMS": "2", "part-INITIAL_FORMS": "0"}
    for rank, (later, cents) in enumerate([(0, "400"), (7, "599,99")]):
        parts[f"part-{rank}-due_date"] = (first + timedelta(days=later)).isoformat()
        parts[f"part-{rank}-amount_cents"] = cents
    refused = client.post(url, terms | parts | {"agree": "1"}).content.decode()
    assert "Les échéances font" in refused
    response = client.post(url, terms | parts | {"agree": "1", "part-1-amount_cents": "600"})
    plan = PaymentPlan.objects.get(customer=owing)
    assert response["Location"] == f"/litiges/echeanciers/{plan.pk}/"
    assert [part.amount_cents for part in plan.instalments.all()] == [40_000, 60_000]
    client.post(f"/litiges/echeanciers/{plan.pk}/arreter/", {"note": "dépôt de bilan"})
    plan.refresh_from_db()
    assert plan.state == "ended"


def test_a_customer_is_paused_until_a_day(client: Client, owing):
    until = ON + timedelta(days=20)
    client.post(
        f"/litiges/clients/{owing.pk}/pause/",
        {"until_date": until.isoformat(), "reason": "fermeture annuelle"},
    )
    hold = Hold.objects.get(customer=owing)
    assert (hold.kind, hold.until_date, hold.reason) == ("pause", until, "fermeture annuelle")
    early = {"until_date": (ON - timedelta(days=1)).isoformat(), "reason": "trop tard"}
    assert "Une pause finit" in client.post(f"/litiges/clients/{owing.pk}/pause/", early).content.decode()


def test_the_pages_of_the_customer_and_of_the_invoice_show_their_cases(client: Client, house: House):
    customer = client.get(f"/clients/{house.dispute.customer_id}/").content.decode()
    for said in (f"/litiges/{house.dispute.pk}/", f"/litiges/promesses/{house.promise.pk}/", f"/litiges/echeanciers/{house.plan.pk}/"):  # fmt: skip
        assert said in customer
    invoice = client.get(f"/factures/{house.dispute.document_id}/").content.decode()
    assert f"/litiges/{house.dispute.pk}/" in invoice
    assert f"/litiges/promesses/{house.promise.pk}/" not in invoice


def test_a_reader_reads_only(house: House, sign_in: SignIn):
    client = sign_in(house.company, "viewer")
    page = client.get(f"/litiges/{house.dispute.pk}/").content.decode()
    assert "3 chambres de trop" in page
    assert '<form method="post" action="/litiges/' not in page
    assert client.post(f"/litiges/{house.dispute.pk}/resoudre/", {"outcome": "accepted"}).status_code == 403
