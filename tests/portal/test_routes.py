"""Every route of the portal, with its own link, another customer's and another company's: who sees what, and is it sound."""

import json
import os
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from encours.store.models import PortalLink, PortalView
from encours.store.tenancy import company_scope
from tests import cast
from tests.backoffice.page import assert_sound
from tests.portal.conftest import NOW, TODAY, Visitor, visitor
from tests.portal.routes import NOT_A_PAGE, OF_NOBODY, all_routes, visitor_routes

ROUTES = visitor_routes()
PAGES = [route for route in ROUTES if route.name not in NOT_A_PAGE]
GOLDEN = Path(__file__).with_name("query_counts.json")
# of Lefèvre and of Atelier Lumen, which no stranger may read
SECRETS = ("Lefèvre", "FA-2026-", "FR7630004000031234567890143", "FR76 3000")


def body_of(response: Any) -> str:
    content = b"".join(response.streaming_content) if response.streaming else response.content
    return content.decode(errors="replace")


@pytest.fixture
def charge(books, pending, visit):
    """What of Lefèvre a route may name: a payment, which is returned, and a message."""
    visit.post("demandes/question/", {"text": "Lefèvre demande : FA-2026-0001 ?"})
    PortalView.objects.all().delete()
    return pending(books.upcoming, 45_050)


@pytest.fixture
def stranger(company, books, clock) -> Visitor:
    """Dubois, another customer of Atelier Lumen, with a link of its own."""
    return visitor(company, cast.good_payer(company))


@pytest.fixture
def foreigner(other_company, clock) -> Visitor:
    """A customer of another company, with a link of that company."""
    with company_scope(other_company.pk):
        customer = cast.customer(other_company, "X1", "Menuiserie du Val")
    return visitor(other_company, customer)


def test_every_route_is_behind_a_link_or_tells_nothing():
    open_ones = {route.name for route in all_routes() if not getattr(route.view, "is_portal_page", False)}
    assert open_ones == OF_NOBODY.keys()
    assert all({"company_id", "token"} <= route.parameters for route in ROUTES)


@pytest.mark.parametrize("language", ["fr", "en"])
def test_every_page_is_sound(visit, books, charge, language):
    for route in PAGES:
        response = visit.client.get(
            route.path(visit, books, charge), route.query(books) | {"langue": language}
        )
        assert response.status_code == 200, route.name
        try:
            assert_sound(response.content.decode(), language=language)
        except Exception as error:
            raise AssertionError(f"{route.name}: {error!r}") from error


def test_what_is_no_page_answers_as_it_should(visit, books, charge):
    for route in ROUTES:
        if route.name in NOT_A_PAGE:
            response = visit.client.get(route.path(visit, books, charge))
            assert response.status_code == NOT_A_PAGE[route.name], route.name


def test_every_answer_keeps_to_itself(visit, books, charge):
    for route in ROUTES:
        headers = visit.client.get(route.path(visit, books, charge), route.query(books)).headers
        assert headers["Cache-Control"] == "no-store", route.name
        assert "noindex" in headers["X-Robots-Tag"], route.name
        assert headers["Referrer-Policy"] == "no-referrer", route.name
        assert "form-action 'self'" in headers["Content-Security-Policy"], route.name


@pytest.mark.parametrize("who", ["stranger", "foreigner"])
def test_with_another_link_nothing_of_lefevre_is_there(who, request, books, charge):
    other: Visitor = request.getfixturevalue(who)
    for route in ROUTES:
        path = route.path(other, books, charge)
        for method in ("get", "post"):
            response = getattr(other.client, method)(path, route.query(books))
            leaked = [secret for secret in SECRETS if secret in body_of(response)]
            assert not leaked, f"{method} {route.name} shows {leaked}"
            # an id of somebody else's is as if it did not exist
            if route.parameters & {"document_id", "charge_id", "reply_id", "plan_id"}:
                assert response.status_code in (404, 405), f"{method} {route.name}"


def test_a_link_of_one_company_opens_nothing_under_anothers_address(visit, books, charge, other_company):
    for route in ROUTES:
        path = route.path(visit, books, charge).replace(
            f"/p/{visit.path.split('/')[2]}/", f"/p/{other_company.pk}/"
        )
        for method in ("get", "post"):
            response = getattr(visit.client, method)(path)
            assert response.status_code in (404, 405, 429), f"{method} {route.name}"
            assert not [secret for secret in (*SECRETS, "Lumen") if secret in body_of(response)], route.name


def test_revoked_and_expired_links_open_no_route(visit, books, charge, clock):
    PortalLink.objects.filter(pk=visit.link_id).update(revoked_at=NOW)
    for route in ROUTES:
        response = visit.client.get(route.path(visit, books, charge))
        assert response.status_code in (405, 410), route.name
    PortalLink.objects.filter(pk=visit.link_id).update(revoked_at=None)
    clock[0] += timedelta(days=61)
    for route in ROUTES:
        assert visit.client.get(route.path(visit, books, charge)).status_code in (405, 410), route.name


def test_a_signed_in_person_is_nobody_here(company, books, charge, clock):
    """No cookie opens a page, and no page of the portal gives or reads a session."""
    path = f"/p/{company.pk}/{'0' * 26}/"
    client = Client()
    client.cookies["sessionid"] = "x"
    response = client.get(path)
    assert response.status_code == 404
    assert "Set-Cookie" not in response.headers


def test_every_view_is_audited(visit, books, charge):
    for route in PAGES:
        visit.client.get(route.path(visit, books, charge), route.query(books))
    seen = PortalView.objects.filter(link=visit.link_id).values_list("what", flat=True)
    assert set(seen) == {route.name for route in PAGES}


def counts(visit, books, charge) -> dict[str, int]:
    found = {}
    for route in PAGES:
        path, query = route.path(visit, books, charge), route.query(books)
        visit.client.get(path, query)  # what is loaded once per process does not count
        with CaptureQueriesContext(connection) as captured:
            visit.client.get(path, query)
        found[route.name] = len(captured)
    return found


def test_pages_cost_the_recorded_number_of_queries(visit, books, charge):
    """Setting and leaving the company's scope, and the note of the view, are three of them."""
    found = counts(visit, books, charge)
    if os.environ.get("ENCOURS_RECORD"):
        GOLDEN.write_text(json.dumps(found, indent=2, sort_keys=True) + "\n")
    assert found == json.loads(GOLDEN.read_text())


def test_the_number_of_queries_does_not_grow_with_the_data(company, lefevre, visit, books, charge):
    before = counts(visit, books, charge)
    for number in range(30):
        cast.invoice(
            company, lefevre, f"G-{number}", payable_cents=10_000, issue_date=TODAY - timedelta(days=number)
        )
    assert counts(visit, books, charge) == before
