"""The address payment services send payers back to is not the key of the portal: one payment, its state, for a day."""

import json
from datetime import timedelta

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from benchmarks.payments.scripted import ScriptedGateway
from encours.actions.open_portal_return import GOOD_FOR
from encours.actions.revoke_portal_link import revoke_portal_link
from encours.core.portal_tokens import is_return_token, return_token
from encours.store.models import Charge, PortalLink, PortalView
from tests import cast
from tests.payments.conftest import connect, scripted, service  # noqa: F401 (fixtures)
from tests.portal.conftest import visitor
from tests.portal.test_checkout import begun
from tests.portal.test_paying import page_of


@pytest.fixture(autouse=True)
def connection(company, service):  # noqa: F811
    return connect(company, service)


def way_back(charge: Charge, *, token: str | None = None) -> str:
    own = return_token(
        key=settings.SECRET_KEY.encode(), company_id=charge.company_id, reference=charge.reference
    )
    return reverse(
        "portal:returning",
        kwargs={"company_id": charge.company_id, "reference": charge.reference, "token": token or own},
    )


def token_of(visit) -> str:
    return visit.path.split("/")[3]


def test_the_service_is_never_told_the_link(visit, books, monkeypatch):
    asked = []
    checkout = ScriptedGateway.checkout
    monkeypatch.setattr(
        ScriptedGateway, "checkout", lambda self, request: asked.append(request) or checkout(self, request)
    )
    charge = begun(visit, books.late)
    (request,) = asked
    assert request.return_url == f"http://testserver{way_back(charge)}"
    assert token_of(visit) not in repr(request)


def test_neither_link_nor_return_token_is_at_rest(visit, books):
    charge = begun(visit, books.late)
    stored = json.dumps(charge.request)
    assert way_back(charge).split("/")[-2] not in stored
    assert token_of(visit) not in stored


def test_the_browser_that_left_goes_on_to_its_own_page(visit, books, service, clock):  # noqa: F811
    charge = begun(visit, books.late)
    service.pay(charge.reference)
    clock[0] += timedelta(minutes=1)
    response = visit.client.get(way_back(charge))
    assert (response.status_code, response["Location"]) == (303, f"{visit.path}paiements/{charge.pk}/")
    assert "votre paiement est reçu" in page_of(visit.client.get(response["Location"]))


def test_the_cookie_is_for_the_way_back_alone(visit, books):
    begun(visit, books.late)
    cookie = visit.client.cookies["encours_retour"]
    assert cookie["path"] == f"/p/{books.late.company_id}/retour/"
    assert (cookie["httponly"], cookie["samesite"]) == (True, "Lax")


@pytest.mark.parametrize("become", ["pay", "decline", "debit", None])
def test_another_browser_sees_what_became_of_it(visit, books, service, clock, become):  # noqa: F811
    charge = begun(visit, books.late)
    if become:
        getattr(service, become)(charge.reference)
    clock[0] += timedelta(minutes=1)
    response = Client().get(way_back(charge))
    page = page_of(response)
    said = {
        "pay": "votre paiement est reçu", "decline": "Rien n’a été débité", "debit": "paiement est en cours",
        None: "n’est pas terminé",
    }  # fmt: skip
    assert said[become] in page
    for secret in ("Lefèvre", "FA-2026", "1 200", token_of(visit), f"paiements/{charge.pk}"):
        assert secret not in response.content.decode()
    assert response["Cache-Control"] == "no-store"


def test_it_opens_nothing_else(visit, books):
    charge = begun(visit, books.late)
    token = way_back(charge).split("/")[-2]
    for page in ("", "payer/?devise=EUR&tout=1", f"paiements/{charge.pk}/"):
        assert Client().get(f"/p/{charge.company_id}/{token}/{page}").status_code == 404


def test_a_token_is_of_one_payment_of_one_company(company, other_company, visit, books):
    first = begun(visit, books.late)
    second = begun(visit, books.upcoming)
    token = way_back(first).split("/")[-2]
    assert Client().get(way_back(second, token=token)).status_code == 404
    elsewhere = way_back(first).replace(f"/p/{company.pk}/", f"/p/{other_company.pk}/")
    assert Client().get(elsewhere).status_code == 404
    assert not is_return_token(token, key=b"another", company_id=company.pk, reference=first.reference)
    assert Client().get(way_back(first, token="é" * 26)).status_code == 404
    assert Client().get(way_back(first).replace(f"/p/{company.pk}/", f"/p/{1 << 70}/")).status_code == 404


def test_a_day_later_it_shows_nothing(visit, books, clock):
    charge = begun(visit, books.late)
    Charge.objects.update(created_at=clock[0] - GOOD_FOR)
    response = Client().get(way_back(charge))
    assert response.status_code == 410
    assert "Lefèvre" not in response.content.decode()


def test_a_link_that_was_revoked_meanwhile_is_not_gone_on_to(company, visit, books, clock):
    charge = begun(visit, books.late)
    revoke_portal_link(company=company, customer_id=visit.customer.pk, now=clock[0], actor="test")
    assert Client().get(way_back(charge)).status_code == 200
    response = visit.client.get(way_back(charge))
    assert (response.status_code, "Location" in response) == (200, False)


def test_another_customers_cookie_leads_nowhere(company, visit, books):
    charge = begun(visit, books.late)
    stranger = visitor(company, cast.good_payer(company))
    browser = Client()
    browser.cookies["encours_retour"] = token_of(stranger)
    assert browser.get(way_back(charge)).status_code == 200


def test_every_return_is_written_down(visit, books):
    charge = begun(visit, books.late)
    Client().get(way_back(charge))
    seen = PortalView.objects.get(what="returning")
    assert (seen.link_id, seen.object_id) == (visit.link_id, charge.pk)
    assert PortalLink.objects.get(pk=visit.link_id).revoked_at is None


def test_guessing_is_slowed_down(visit, books):
    charge = begun(visit, books.late)
    answers = [Client().get(way_back(charge, token="0" * 26)).status_code for _ in range(25)]
    assert answers[0] == 404
    assert answers[-1] == 429


def test_nothing_is_posted_there(visit, books):
    charge = begun(visit, books.late)
    assert Client().post(way_back(charge)).status_code == 405
