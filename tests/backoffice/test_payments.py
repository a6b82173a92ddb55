"""Payments: the lists and their filters, one payment, giving back, mandates and what is announced."""

import pytest
from django.test import Client

from encours.actions import refund_charge as refunding
from encours.ports.connections import NOT_REACHED, UnableToAsk
from encours.store.models import ChargeNotice, DirectDebitFile, Document, JournalEntry, PaymentMandate, Refund
from tests.backoffice.conftest import House, SignIn


@pytest.fixture
def client(house: House, sign_in: SignIn) -> Client:
    assert house.paid.charge  # payments are in no house that nobody looks for them in
    return sign_in(house.company, "accountant")


@pytest.fixture
def silent_service(monkeypatch) -> None:
    """Stripe cannot be reached."""

    def closed(_connection):
        raise UnableToAsk(NOT_REACHED(host="api.stripe.com", reason="test"))

    for module in ("refund_charge", "follow_charge", "cancel_charge", "revoke_mandate"):
        monkeypatch.setattr(f"encours.actions.{module}.open_connection", closed)


@pytest.mark.parametrize(
    ("query", "count"),
    [("", 2), ("q=lumen0003", 1), ("q=lefèvre", 2), ("state=failed", 1), ("state=look", 0), ("method=card", 2),
     ("method=sepa_debit", 0), ("group=later", 1), ("since=2020-01-01", 2), ("until=2020-01-01", 0), ("state=nonsense", 2)],
)  # fmt: skip
def test_the_list_is_filtered(client: Client, query: str, count: int):
    assert len(client.get(f"/paiements/?{query}").context["page"].rows) == count


def test_by_service_and_customer(client: Client, house: House):
    for name, mine in (("service", house.gateway.pk), ("customer", house.customer.pk)):
        assert len(client.get("/paiements/", {name: mine}).context["page"].rows) == 2
    assert len(client.get("/paiements/", {"customer": mine + 1}).context["page"].rows) == 0


def test_one_payment_says_what_was_asked_told_and_booked(client: Client, house: House):
    page = client.get(f"/paiements/{house.paid.charge.pk}/").text
    for said in (
        "ECLUMEN0003",
        "FA-2026-0003",
        "po_lumen",
        "payment_intent.succeeded",
        "Geste de Lumen",
        "le précédent",
    ):
        assert said in page, said
    assert f"/paiements/{house.paid.failed.pk}/" in page  # the attempt before


def test_a_failure_says_what_happens_next(client: Client, house: House):
    page = client.get(f"/paiements/{house.paid.failed.pk}/").text
    assert "n’est pas approvisionné" in page
    assert "Un essai plus récent a suivi" in page


def test_an_event_is_shown_word_for_word(client: Client, house: House, sign_in: SignIn):
    url = f"/paiements/{house.paid.charge.pk}/evenements/{house.paid.event.pk}/"
    assert "{&quot;lumen&quot;: 1}" in client.get(url).text
    assert sign_in(house.company, "collector").get(url).status_code == 403
    # under another payment it is not there
    other = f"/paiements/{house.paid.failed.pk}/evenements/{house.paid.event.pk}/"
    assert client.get(other).status_code == 404


@pytest.mark.parametrize(("amount", "status"), [("", 422), ("peu", 422), ("0", 409), ("900,01", 409)])
def test_what_cannot_be_given_back_is_refused_in_words(
    client: Client, house: House, amount: str, status: int
):
    response = client.post(
        f"/paiements/{house.paid.charge.pk}/rembourser/", {"amount": amount, "reason": "Geste"}
    )
    assert response.status_code == status
    assert response.context["refund_form"].errors["amount"]
    assert Refund.objects.count() == 1


def test_a_part_is_given_back_with_its_reason(client: Client, house: House, monkeypatch, silent_service):
    assert refunding.open_connection  # the service is silent: the refund is written, and asked again
    response = client.post(
        f"/paiements/{house.paid.charge.pk}/rembourser/", {"amount": "25,50", "reason": "Colis abîmé"}, follow=True
    )  # fmt: skip
    asked = Refund.objects.latest("pk")
    assert (asked.amount_cents, asked.reason, asked.state) == (2_550, "Colis abîmé", "created")
    assert "Colis abîmé" in response.text
    assert response.context["detail"].refundable_cents == 100_000 - 10_000 - 2_550


@pytest.mark.parametrize("what", ["suivre", "annuler"])
def test_a_silent_service_is_said(client: Client, house: House, what: str, silent_service):
    response = client.post(f"/paiements/{house.paid.charge.pk}/{what}/", follow=True)
    assert "api.stripe.com" in response.text


def test_who_may_look_moves_no_money(house: House, sign_in: SignIn):
    looking = sign_in(house.company, "collector")
    page = looking.get(f"/paiements/{house.paid.charge.pk}/").text
    assert "rembourser/" not in page
    assert "evenements/" not in page
    given = {"amount": "1", "reason": "x"}
    assert looking.post(f"/paiements/{house.paid.charge.pk}/rembourser/", given).status_code == 403


@pytest.mark.parametrize(
    ("query", "count"),
    [("", 1), ("state=active", 1), ("state=ending", 1), ("state=revoked", 0), ("kind=card", 1), ("kind=sepa_core", 0),
     ("q=lumen0001", 1), ("q=dubois", 0)],
)  # fmt: skip
def test_mandates_are_filtered(client: Client, query: str, count: int):
    assert len(client.get(f"/paiements/mandats/?{query}").context["page"].rows) == count


def test_a_card_that_ends_before_the_next_due_date_stands_out(client: Client, house: House):
    row = client.get("/paiements/mandats/").context["page"].rows[0]
    assert row.uncovered_date == house.invoice.due_date  # the first that it cannot pay
    assert "expire avant l’échéance" in client.get("/paiements/mandats/").text
    last = Document.objects.filter(customer=house.customer).latest("due_date").due_date
    PaymentMandate.objects.update(expires_date=last)  # usable on that day
    assert client.get("/paiements/mandats/").context["page"].rows[0].uncovered_date is None


def test_a_mandate_shows_the_words_agreed_to_and_is_revoked(client: Client, house: House, silent_service):
    url = f"/paiements/mandats/{house.paid.mandate.pk}/"
    assert "J’autorise Atelier Lumen." in client.get(url).text
    response = client.post(f"{url}revoquer/", follow=True)
    assert PaymentMandate.objects.get().state == "revoked"
    assert "n’a pas pu être prévenu" in response.text
    assert "revoquer/" not in response.text


def test_an_announced_charge_is_stopped_with_a_reason(client: Client, house: House):
    url = f"/paiements/annonces/{house.paid.notice.pk}/arreter/"
    client.post(url, {"reason": ""})
    assert ChargeNotice.objects.get(pk=house.paid.notice.pk).state == "announced"
    client.post(url, {"reason": "Vu avec le client"})
    stopped = ChargeNotice.objects.get(pk=house.paid.notice.pk)
    assert stopped.state == "canceled"
    assert "Vu avec le client" in client.get("/paiements/annonces/?etat=canceled").text
    assert JournalEntry.objects.filter(action="charge_notice.canceled").exists()
    assert "n’est plus seulement annoncé" in client.post(url, {"reason": "encore"}, follow=True).text


def test_a_payout_adds_up_and_leads_to_its_bank_line(client: Client, house: House):
    page = client.get(f"/paiements/versements/{house.paid.payout.pk}/")
    assert f"/encaissements/{house.paid.payout.transaction_id}/" in page.text
    row = page.context["row"]
    assert row.gross_cents - row.refunded_cents - row.fee_cents == row.amount_cents


def test_the_customer_s_page_leads_there(client: Client, house: House):
    page = client.get(f"/clients/{house.customer.pk}/").text
    assert f"/paiements/{house.paid.charge.pk}/" in page
    assert f"/paiements/mandats/{house.paid.mandate.pk}/" in page


def test_failures_are_counted_by_cause_means_bank_and_amount(client: Client):
    page = client.get("/paiements/echecs/")
    assert page.context["found"].total.failures == 1
    for said in (
        "n’est pas approvisionné",
        "insufficient_funds",
        "Stripe de Lumen · Visa",
        "50 %",
        "1 000,00",
    ):
        assert said in page.text.replace("\u00a0", " ").replace("\u202f", " "), said
    assert client.get("/paiements/echecs/?until=2020-01-01").context["found"].total.failures == 0


def test_failures_leave_as_a_table(client: Client):
    text = b"".join(client.get("/paiements/echecs/export.csv")).decode()  # type: ignore[arg-type]
    header, *rows = text.strip().splitlines()
    assert header.count(";") == 8
    assert [row.split(";")[0] for row in rows] == ["Cause", "Moyen", "Service et banque", "Montant"]
    assert rows[0].endswith(";insufficient_funds;1;2;50,0;1000,00;0,00;EUR")


def test_a_file_for_the_bank_is_taken_and_handed_in(client: Client, house: House, sign_in: SignIn):
    url = f"/paiements/fichiers/{house.paid.file.pk}/"
    assert b"".join(client.get(f"{url}telecharger/")) == b"<Document/>"  # type: ignore[arg-type]
    assert sign_in(house.company, "collector").get(f"{url}telecharger/").status_code == 403
    # a debit that is in no charge any more: the bank may have it
    assert "remis" in client.post(f"{url}annuler/", follow=True).text
    client.post(f"{url}remettre/")
    house.paid.file.refresh_from_db()
    assert house.paid.file.state == "sent"


def test_files_are_not_made_before_they_are_set_up(client: Client):
    DirectDebitFile.objects.all().delete()
    page = client.post("/paiements/fichiers/faire/", follow=True)
    assert page.context["creditor"] is None
    assert page.context["messages"]
    assert "encours direct-debit creditor" in page.text
