"""From the link to the service's page and back: what the service says counts, never what an address says."""

from datetime import timedelta

import pytest

from encours.store.models import Charge, Payment, PortalView
from tests import cast
from tests.payments.conftest import connect, scripted, service  # noqa: F401  (fixtures)
from tests.portal.conftest import NOW, visitor
from tests.portal.test_paying import key, page_of


@pytest.fixture(autouse=True)
def connection(company, service):  # noqa: F811
    return connect(company, service)


def begin(visit, *documents, **more):
    return visit.post(
        "payer/ouvrir/", {"devise": "EUR", "d": [key(each) for each in documents], "moyen": "card", **more}
    )


def begun(visit, *documents, **more) -> Charge:
    assert begin(visit, *documents, **more).status_code == 303
    return Charge.objects.latest("pk")


def test_every_way_that_is_open_is_offered_and_said_in_plain_words(visit, books):
    page = page_of(visit.get("payer/", data={"devise": "EUR", "d": key(books.late)}))
    for said in ("Carte bancaire", "Prélèvement SEPA", "Virement instantané", "nous ne le voyons jamais"):
        assert said in page
    # more than Stripe takes by direct debit is a limit of that service; the scripted one has its own


def test_a_form_never_leaves_for_another_site(visit, books):
    response = begin(visit, books.late)
    assert response.status_code == 303
    assert response["Location"].startswith(visit.path)
    going = visit.client.get(response["Location"])
    assert going["Refresh"] == "0; url=https://pay.example/1"
    assert "form-action 'self'" in going["Content-Security-Policy"]
    assert 'href="https://pay.example/1"' in going.content.decode()


def test_amounts_are_the_ledgers_whatever_the_form_says(visit, books):
    charge = begun(visit, books.late, amount="1", amount_cents="1", cents="1")
    assert charge.amount_cents == 120_000
    assert charge.asked_by == f"portal:{visit.link_id}"


def test_a_part_is_charged_and_the_rest_stays_open(visit, books, service, clock):  # noqa: F811
    charge = begun(visit, tout="1", montant="1 250,00")
    assert charge.amount_cents == 125_000
    service.pay(charge.reference)
    clock[0] += timedelta(minutes=1)
    assert "votre paiement est reçu" in page_of(visit.get(f"paiements/{charge.pk}/"))
    books.late.refresh_from_db()
    books.split.refresh_from_db()
    assert (books.late.open_cents, books.split.open_cents) == (0, 85_000)


def test_coming_back_before_the_service_was_paid_is_no_payment(visit, books):
    charge = begun(visit, books.late)
    page = page_of(visit.get(f"paiements/{charge.pk}/?redirect_status=succeeded&payment_intent=pi_1"))
    assert "n’est pas terminé" in page
    assert not Payment.objects.exists()


def test_coming_back_after_it_was_paid_shows_it_and_books_it_once(visit, books, service, clock):  # noqa: F811
    charge = begun(visit, books.late)
    service.pay(charge.reference)
    for _ in range(3):
        clock[0] += timedelta(seconds=10)
        assert "votre paiement est reçu" in page_of(visit.get(f"paiements/{charge.pk}/"))
    assert Payment.objects.get().amount_cents == 120_000
    assert "FA-2026-0001" not in page_of(visit.get())


def test_a_decline_is_said_and_may_be_tried_again(visit, books, service, clock):  # noqa: F811
    charge = begun(visit, books.late)
    service.decline(charge.reference)
    clock[0] += timedelta(seconds=10)
    assert "Rien n’a été débité" in page_of(visit.get(f"paiements/{charge.pk}/"))
    assert begin(visit, books.late).status_code == 303


def test_money_on_its_way_counts_and_is_not_asked_for_again(visit, books, service, clock):  # noqa: F811
    charge = begun(visit, books.late, moyen="sepa_debit")
    service.debit(charge.reference)
    clock[0] += timedelta(seconds=10)
    assert "Votre paiement est en cours" in page_of(visit.get(f"paiements/{charge.pk}/"))
    assert "Paiement en cours 1 200,00 €" in page_of(visit.get())
    assert "Rien de ce qui est choisi" in page_of(begin(visit, books.late))
    assert Charge.objects.count() == 1


def test_another_customers_payment_is_not_there(company, visit, books):
    charge = begun(visit, books.late)
    stranger = visitor(company, cast.good_payer(company), now=NOW)
    for page in (f"paiements/{charge.pk}/", f"paiements/{charge.pk}/aller/"):
        assert stranger.get(page).status_code == 404


def test_what_was_done_is_written_down(visit, books):
    begun(visit, books.late)
    begin(visit, books.late, moyen="cheque")
    seen = PortalView.objects.filter(link=visit.link_id, what="begin").order_by("pk")
    assert [view.outcome for view in seen] == ["done", "refused"]
