"""Signing in: the pages of allauth in our clothes, and a limit on guessing."""

import pytest
from allauth.mfa.totp.internal import auth as totp
from django.core.cache import cache
from django.test import Client

from encours.store.models import Company
from tests.backoffice.conftest import PASSWORD, SignIn, person
from tests.backoffice.page import assert_sound

OPEN_PAGES = (
    "/compte/login/",
    "/compte/signup/",
    "/compte/inactive/",
    "/compte/password/reset/",
    "/compte/password/reset/done/",
    "/compte/password/reset/key/done/",
    "/compte/password/reset/key/1-wrong/",
    "/compte/confirm-email/",
)
OWN_PAGES = (
    "/compte/logout/",
    "/compte/email/",
    "/compte/password/change/",
    "/compte/reauthenticate/",
    "/compte/mfa/",
)


@pytest.fixture(autouse=True)
def _forget_attempts():
    cache.clear()
    yield
    cache.clear()


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("url", OPEN_PAGES)
def test_open_pages_are_sound(url: str, language: str, db):
    response = Client(headers={"Accept-Language": language}).get(url)
    assert response.status_code == 200
    assert_sound(response.content.decode(), language=language)


@pytest.mark.parametrize("language", ["fr", "en"])
def test_own_pages_are_sound(language: str, company: Company, sign_in: SignIn):
    person(company, "viewer", language=language, password=PASSWORD)
    client = sign_in(company, "viewer", language)
    for url in OWN_PAGES:
        response = client.get(url)
        assert response.status_code == 200, url
        assert_sound(response.content.decode(), language=language)


def test_a_second_factor_is_set_up_and_asked_for(company: Company):
    member = person(company, "viewer", password=PASSWORD)
    client = Client()
    client.post("/compte/login/", {"login": member.email, "password": PASSWORD})
    url = "/compte/mfa/totp/activate/"
    again = client.get(url)  # a new factor needs the password once more
    page = client.post(again["Location"], {"password": PASSWORD}, follow=True)
    assert_sound(page.content.decode(), language="fr")
    assert "data:image/svg+xml" in page.content.decode()
    secret = page.context["form"].secret
    codes = client.post(url, {"code": _code(secret)}, follow=True)
    assert_sound(codes.content.decode(), language="fr")
    assert_sound(client.get("/compte/mfa/recovery-codes/").content.decode(), language="fr")

    cache.clear()  # a code counts once: the next one below is the same half minute's
    other = Client()
    asked = other.post("/compte/login/", {"login": member.email, "password": PASSWORD}, follow=True)
    assert_sound(asked.content.decode(), language="fr")
    assert other.get("/").status_code == 302
    other.post(asked.redirect_chain[-1][0], {"code": _code(secret)})
    assert other.get("/").status_code == 200


def _code(secret: str) -> str:
    counter = next(iter(totp.yield_hotp_counters_from_time()))
    return totp.format_hotp_value(totp.hotp_value(secret, counter))


def test_guessing_is_slowed_down(company: Company):
    member = person(company, "viewer", password=PASSWORD)
    client = Client()
    for _ in range(6):
        client.post("/compte/login/", {"login": member.email, "password": "wrong-password"})
    client.post("/compte/login/", {"login": member.email, "password": PASSWORD})
    assert client.get("/").status_code == 302, "the right password must wait too"


def test_nobody_signs_up(db):
    response = Client().post(
        "/compte/signup/", {"email": "x@x.example", "password1": PASSWORD, "password2": PASSWORD}
    )
    assert response.status_code == 200
    assert "Sur invitation" in response.content.decode()


def test_errors_say_what_to_do(company: Company, sign_in: SignIn):
    client = sign_in(company, "viewer")
    missing = client.get("/nulle-part/")
    assert missing.status_code == 404
    assert_sound(missing.content.decode(), language="fr")
    refused = client.get("/reglages/equipe/")
    assert refused.status_code == 403
    assert_sound(refused.content.decode(), language="fr")
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(person(company, "viewer"))
    expired = strict.post("/langue/", {"language": "en"})
    assert expired.status_code == 403
    assert "expiré" in expired.content.decode()


def test_a_crash_shows_a_page_without_the_database(
    company: Company, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
):
    client = sign_in(company, "viewer")
    client.raise_request_exception = False

    def broken(**_: object) -> None:
        raise RuntimeError

    monkeypatch.setattr("encours.backoffice.dashboard.views.metrics_on", broken)
    response = client.get("/")
    assert response.status_code == 500
    assert_sound(response.content.decode(), language="fr")
