"""A link opens what it was made for, as long as it may, and tells nobody anything else."""

import hmac
from datetime import timedelta
from hashlib import sha256

import pytest
from django.test import Client

from encours.actions.make_portal_link import message_portal_url
from encours.actions.revoke_portal_link import revoke_portal_link
from encours.core.portal_tokens import portal_token, read_token
from encours.portal import limits
from encours.store.models import JournalEntry, Message, PortalLink, PortalSettings, PortalView
from encours.store.tenancy import company_scope
from tests import cast
from tests.portal.conftest import NOW, TODAY, visitor

SECRETS = ("Lumen", "Lefèvre", "FA-2026", "732829320")


def assert_tells_nothing(response):
    body = response.content.decode()
    assert not [secret for secret in SECRETS if secret in body]


def test_a_link_opens_the_account_in_one_request(visit, books):
    response = visit.get()
    assert response.status_code == 200
    assert "Lefèvre" in response.content.decode()


@pytest.mark.parametrize(
    "spoil", [str.upper, lambda path: path.rstrip("/"), lambda path: path.replace("0", "O")]
)
def test_a_link_typed_from_paper_opens_too(visit, books, spoil):
    company, token = visit.path.strip("/").split("/")[1:]
    path = f"/p/{company}/{spoil(token)}"
    assert visit.client.get(path).status_code == 200


def test_headers_keep_the_page_out_of_caches_indexes_frames_and_logs(visit, books):
    headers = visit.get().headers
    assert headers["Cache-Control"] == "no-store"
    assert "noindex" in headers["X-Robots-Tag"]
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["X-Frame-Options"] == "DENY"
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert "Set-Cookie" not in headers


def test_an_expired_link_says_so_and_nothing_else(visit, books, clock):
    clock[0] += timedelta(days=61)
    response = visit.get()
    assert response.status_code == 410
    assert_tells_nothing(response)


def test_a_revoked_link_opens_nothing_any_more(visit, books, company):
    assert revoke_portal_link(company=company, customer_id=visit.customer.pk, now=NOW, actor="test") == 1
    response = visit.get()
    assert response.status_code == 410
    assert_tells_nothing(response)
    assert JournalEntry.objects.filter(action="portal.revoked", subject_id=visit.link_id).count() == 1


def test_a_closed_portal_opens_for_nobody(visit, books, company):
    PortalSettings.objects.create(company=company, is_open=False)
    response = visit.get()
    assert response.status_code == 410
    assert_tells_nothing(response)


def test_a_token_of_another_company_is_unknown_here(visit, books, company, other_company):
    _, _, _, token, _ = visit.path.split("/")
    response = visit.client.get(f"/p/{other_company.pk}/{token}/")
    assert response.status_code == 404
    assert_tells_nothing(response)


@pytest.mark.parametrize(
    "path",
    [
        "/p/",
        "/p/1/",
        "/p/1/abc/",
        "/p/99999999999999999999/" + "a" * 26 + "/",
        "/p/x/y/",
        "/p/1/" + "a" * 5000,
    ],
)
def test_what_is_no_link_is_not_found(db, path):
    response = Client().get(path)
    assert response.status_code == 404
    assert response.headers["X-Robots-Tag"]


def test_the_token_is_nowhere_at_rest(visit, books, company):
    token = visit.path.split("/")[3]
    link = PortalLink.objects.get(pk=visit.link_id)
    assert token not in (link.digest, link.salt)
    assert link.digest == sha256(f"{company.pk}\0{token}".encode()).hexdigest()
    # whoever reads the row still lacks the installation's key
    assert portal_token(key=b"another key", company_id=company.pk, salt=link.salt) != token


def test_tokens_are_long_and_each_another(company, lefevre):
    tokens = {visitor(company, lefevre).path.split("/")[3] for _ in range(20)}
    assert len(tokens) == 20
    assert all(len(token) == 26 and read_token(token) == token for token in tokens)


def test_the_digest_is_compared_in_constant_time(visit, books, monkeypatch):
    compared = []
    real = hmac.compare_digest
    monkeypatch.setattr(hmac, "compare_digest", lambda *two: compared.append(two) or real(*two))
    visit.get()
    assert compared


def test_every_view_is_written_down_and_a_scanner_changes_nothing(visit, books):
    before = list(PortalLink.objects.values_list("revoked_at", "expires_at"))
    scanner = {"HTTP_SEC_PURPOSE": "prefetch", "HTTP_USER_AGENT": "MailScanner"}
    visit.client.head(visit.path)
    visit.client.get(visit.path, **scanner)
    link = PortalLink.objects.get(pk=visit.link_id)
    assert link.first_seen_at is None
    assert list(PortalLink.objects.values_list("revoked_at", "expires_at")) == before
    visit.client.get(visit.path, REMOTE_ADDR="203.0.113.77", HTTP_USER_AGENT="Firefox")
    link.refresh_from_db()
    assert link.first_seen_at == NOW
    assert PortalView.objects.filter(link=link).count() == 3
    seen = PortalView.objects.filter(link=link).latest("pk")
    assert (seen.what, seen.outcome, seen.network, seen.browser) == (
        "owed",
        "shown",
        "203.0.113.0",
        "Firefox",
    )


def test_wrong_links_are_soon_not_looked_up_any_more(visit, books):
    for _ in range(limits.WRONG._capacity):
        assert visit.client.get("/p/1/" + "a" * 26 + "/", REMOTE_ADDR="203.0.113.9").status_code == 404
    refused = visit.client.get(visit.path, REMOTE_ADDR="203.0.113.200")
    assert refused.status_code == 429
    assert int(refused.headers["Retry-After"]) > 0
    assert_tells_nothing(refused)
    assert visit.client.get(visit.path, REMOTE_ADDR="198.51.100.1").status_code == 200


def test_one_link_may_not_be_asked_for_ever(visit, books, clock):
    answers = [visit.get().status_code for _ in range(limits.LINK._capacity + 3)]
    assert answers == [200] * limits.LINK._capacity + [429] * 3
    clock[0] += timedelta(minutes=1)
    assert visit.get().status_code == 200


def test_behind_a_proxy_the_network_is_the_one_it_saw(visit, books, settings):
    settings.PROXIES = 1
    visit.client.get(visit.path, REMOTE_ADDR="10.0.0.1", HTTP_X_FORWARDED_FOR="1.2.3.4, 203.0.113.5")
    assert PortalView.objects.latest("pk").network == "203.0.113.0"


def test_a_form_of_another_site_is_refused(visit, books):
    assert visit.post("", headers={"Sec-Fetch-Site": "cross-site"}).status_code in (404, 405)


class TestMessageLinks:
    """Each message has one link, the same whenever it is written again."""

    @pytest.fixture
    def message(self, company, lefevre, books):
        return Message.objects.create(
            company=company, customer=lefevre, channel="email", template="reminder_1", step_code="R+1",
            currency="EUR", amount_cents=120_000, planned_date=TODAY, state=Message.State.CLAIMED, reason={},
        )  # fmt: skip

    def test_the_same_message_says_the_same_link(self, company, lefevre, message, settings):
        settings.PORTAL_URL = "https://encours.lumen.example"
        said = [
            message_portal_url(company=company, customer_id=lefevre.pk, message_id=message.pk, now=NOW)
            for _ in range(2)
        ]
        assert said[0] == said[1]
        assert said[0].startswith(f"https://encours.lumen.example/p/{company.pk}/")
        assert PortalLink.objects.filter(message=message).count() == 1

    def test_a_revoked_link_stays_revoked_when_the_message_is_written_again(
        self, company, lefevre, message, settings, clock
    ):
        settings.PORTAL_URL = "http://testserver"
        url = message_portal_url(company=company, customer_id=lefevre.pk, message_id=message.pk, now=NOW)
        revoke_portal_link(company=company, customer_id=lefevre.pk, now=NOW, actor="test")
        again = message_portal_url(company=company, customer_id=lefevre.pk, message_id=message.pk, now=NOW)
        assert again == url
        assert Client().get(url).status_code == 410

    def test_no_link_without_an_address_or_with_the_portal_closed(self, company, lefevre, message, settings):
        settings.PORTAL_URL = ""
        asked = {"company": company, "customer_id": lefevre.pk, "message_id": message.pk, "now": NOW}
        assert message_portal_url(**asked) == ""
        settings.PORTAL_URL = "https://encours.lumen.example"
        PortalSettings.objects.create(company=company, is_open=False)
        assert message_portal_url(**asked) == ""
        assert not PortalLink.objects.exists()


def test_a_link_of_one_customer_shows_nothing_of_another(company, books, clock):
    dubois = cast.good_payer(company)
    with company_scope(company.pk):
        cast.invoice(company, dubois, "FA-2026-0777", payable_cents=7_700, issue_date=NOW.date())
    page = visitor(company, dubois).get().content.decode()
    assert "FA-2026-0777" in page
    assert "FA-2026-0001" not in page
