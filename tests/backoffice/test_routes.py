"""Every route as every role, as another company's administrator, and as nobody: who sees what, and is it sound."""

import pytest
from django.test import Client

from encours.queries.people import Role, is_at_least
from encours.store.models import Company, User
from tests.backoffice.conftest import SECRETS, House, SignIn
from tests.backoffice.page import assert_fragment_sound, assert_sound
from tests.backoffice.routes import NOT_A_PAGE, OF_EVERY_COMPANY, all_routes

ROUTES = all_routes()
GUARDED = [route for route in ROUTES if getattr(route.view, "needed_role", "") in Role.values]
PAGES = [route for route in GUARDED if route.name not in NOT_A_PAGE]


def test_every_route_says_who_may():
    silent = [route.name for route in ROUTES if not hasattr(route.view, "needed_role")]
    assert silent == []


@pytest.mark.parametrize("role", Role.values)
def test_each_role_sees_what_it_may_and_no_more(role: str, house: House, sign_in: SignIn):
    client = sign_in(house.company, role)
    for route in GUARDED:
        response = client.get(route.url(house))
        if not is_at_least(held=role, needed=route.needed_role):
            # a button that only takes a POST may say so before it says no
            assert response.status_code in (403, 405), route.name
            assert client.post(route.url(house)).status_code == 403, route.name
        else:
            assert response.status_code in (200, 405, NOT_A_PAGE.get(route.name, 200)), route.name


@pytest.mark.parametrize("language", ["fr", "en"])
def test_every_page_is_sound(language: str, house: House, sign_in: SignIn):
    client = sign_in(house.company, "admin", language)
    for route in PAGES:
        response = client.get(route.url(house))
        if response.status_code == 405 or not response["Content-Type"].startswith("text/html"):
            continue
        try:
            assert_sound(response.content.decode(), language=language)
        except Exception as error:
            raise AssertionError(f"{route.name}: {error!r}") from error


def test_lists_answer_htmx_with_their_results_alone(house: House, sign_in: SignIn):
    client = sign_in(house.company, "viewer")
    for name in ("customers:list", "documents:list", "journal:list"):
        route = next(route for route in ROUTES if route.name == name)
        response = client.get(route.url(house), headers={"HX-Request": "true"})
        assert_fragment_sound(response.content.decode())
        assert "HX-Request" in response["Vary"]
        # going back in the browser's history needs the whole page
        whole = client.get(
            route.url(house), headers={"HX-Request": "true", "HX-History-Restore-Request": "true"}
        )
        assert "<html" in whole.content.decode()


def test_nobody_is_sent_to_sign_in(house: House):
    client = Client()
    for route in ROUTES:
        if route.needed_role == "anybody":
            continue
        response = client.get(route.url(house))
        assert response.status_code == 302, route.name
        assert response["Location"].startswith("/compte/login/"), route.name
        assert client.post(route.url(house)).status_code == 302, route.name


def test_another_companys_administrator_sees_nothing(house: House, other_company: Company, sign_in: SignIn):
    client = sign_in(other_company, "admin")
    for route in GUARDED:
        url = route.url(house)
        response = client.get(url)
        body = b"".join(response) if response.streaming else response.content
        leaked = [secret for secret in SECRETS if secret in body.decode()]
        assert not leaked, f"{route.name} shows {leaked}"
        if route.has_parameters and route.name not in OF_EVERY_COMPANY:
            assert response.status_code in (404, 405), route.name
            assert client.post(url).status_code in (404, 405), route.name


def test_filters_do_not_reach_into_another_company(house: House, other_company: Company, sign_in: SignIn):
    client = sign_in(other_company, "viewer")
    for url in (
        f"/factures/?customer={house.customer.pk}",
        "/factures/?q=FA",
        "/clients/?q=lef",
        "/journal/?action=company",
    ):
        body = client.get(url).content.decode()
        assert "Lefèvre" not in body
        assert "FA-2026-0001" not in body


def test_a_person_without_a_company_learns_what_to_do(db):
    client = Client()
    client.force_login(User.objects.create_user("alone@nowhere.example", "x"))
    response = client.get("/")
    assert response.status_code == 403
    assert "alone@nowhere.example" in response.content.decode()
    assert client.get("/reglages/profil/").status_code == 200


def test_the_security_policy_is_strict(house: House, sign_in: SignIn):
    policy = sign_in(house.company, "viewer").get("/")["Content-Security-Policy"]
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
    assert rules["default-src"] == "'none'"
    assert rules["script-src"] == "'self'"
    assert rules["style-src"] == "'self'"
    assert rules["frame-ancestors"] == "'none'"
    assert "unsafe-eval" not in policy


def test_addresses_are_french(house: House):
    """Addresses are seen by people: no English word slips into them."""
    for route in GUARDED:
        words = set(route.url(house).strip("/").split("/"))
        assert not words & {"list", "show", "add", "edit", "customers", "invoices", "settings"}, route.name
