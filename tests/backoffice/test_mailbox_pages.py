"""Boîtes et réponses: what a person does so that a mail service posts here, and so that a mailbox is read with their consent."""

import base64
import html
import re
from collections.abc import Iterator
from urllib.parse import unquote, urlsplit

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from encours.actions.connect_mailbox import connect_mailbox
from encours.actions.keep_file import keep_file
from encours.providers.mailboxes.anymail import NOT_A_MAIL
from encours.store.models import Company, Mailbox, MailNotice
from tests.backoffice.conftest import SignIn
from tests.replies.identity_service import CLIENT_ID, CLIENT_SECRET, IdentityService
from tests.replies.imap_server import imap_server
from tests.replies.mail_services import postmark
from tests.replies.mails import mail


def page(client: Client, mailbox: Mailbox) -> str:
    return html.unescape(client.get(reverse("settings:mailbox", args=[mailbox.pk])).content.decode())


def address_on(shown: str) -> str:
    found = re.search(r"<code[^>]*>([^<]*/notifications/reponses/[^<]*)</code>", shown)
    assert found is not None
    return found[1]


def test_the_address_on_the_page_is_one_mail_can_be_posted_to(company: Company, sign_in: SignIn) -> None:
    client = sign_in(company, "admin")
    answer = client.post(
        reverse("settings:add_mailbox") + "?kind=postmark", {"name": "Postmark"}, follow=True
    )
    assert answer.status_code == 200
    mailbox = Mailbox.objects.get()
    assert answer.redirect_chain[-1][0] == reverse("settings:mailbox", args=[mailbox.pk])
    told = urlsplit(address_on(page(client, mailbox)))
    proof = f"{unquote(told.username or '')}:{unquote(told.password or '')}"
    headers = {"authorization": f"Basic {base64.b64encode(proof.encode()).decode()}"}
    posted = Client().post(
        told.path, data=postmark(mail("Je paie.")).body, content_type="application/json", headers=headers
    )
    assert posted.status_code == 200
    assert MailNotice.objects.get().mailbox == mailbox


def test_mailguns_address_ends_as_mailgun_wants_it(company: Company, sign_in: SignIn) -> None:
    mailbox = connect_mailbox(
        company=company, provider="mailgun", name="Mailgun", given={"signing_key": "k"}, actor="test"
    )
    told = urlsplit(address_on(page(sign_in(company, "admin"), mailbox)))
    assert told.path.endswith("/mime")
    assert told.username is None


@pytest.mark.parametrize(
    ("language", "words"), [("fr", "le message est alors gardé tel"), ("en", "Tick “Include raw email")]
)
def test_the_page_says_what_to_do_at_the_service(
    company: Company, sign_in: SignIn, language: str, words: str
) -> None:
    mailbox = connect_mailbox(company=company, provider="postmark", name="Postmark", given={}, actor="test")
    assert words in page(sign_in(company, "admin", language=language), mailbox)


def test_who_may_only_look_sees_no_address(company: Company, sign_in: SignIn) -> None:
    mailbox = connect_mailbox(company=company, provider="postmark", name="Postmark", given={}, actor="test")
    assert mailbox.hook_key not in page(sign_in(company, "accountant"), mailbox)


def test_what_could_not_be_read_is_taken_away_read_again_or_put_away(
    company: Company, sign_in: SignIn
) -> None:
    mailbox = connect_mailbox(company=company, provider="postmark", name="Postmark", given={}, actor="test")
    notice = MailNotice.objects.create(
        company=company, mailbox=mailbox, digest="0" * 64, content_type="application/json", size=2, state="refused",
        file=keep_file(company=company, name="notification", media_type="text/html", content=b"<script>"),
        received_at=timezone.now(), problem=NOT_A_MAIL(service="Postmark", reason="KeyError").as_json(),
    )  # fmt: skip
    client = sign_in(company, "admin")
    assert "ne contient pas de message lisible" in page(client, mailbox)
    came = client.get(reverse("settings:mail_notice", args=[mailbox.pk, notice.pk]))
    assert b"".join(came.streaming_content) == b"<script>"  # type: ignore[attr-defined]
    assert came["Content-Type"] == "application/octet-stream"
    assert came["Content-Disposition"].startswith("attachment")
    change = reverse("settings:change_mail_notice", args=[mailbox.pk, notice.pk])
    client.post(change, {"do": "retry"})
    notice.refresh_from_db()
    assert notice.state == "waiting"
    MailNotice.objects.update(state="refused")
    client.post(change, {"do": "seen"})
    assert "ne contient pas de message lisible" not in page(client, mailbox)


@pytest.fixture
def identity() -> Iterator[IdentityService]:
    with IdentityService() as running:
        yield running


def test_an_administrator_consents_and_the_mailbox_is_read(
    company: Company, sign_in: SignIn, identity: IdentityService
) -> None:
    client = sign_in(company, "admin")
    given = {
        "name": "Relances", "username": "relances@lumen.example", "client_id": CLIENT_ID, "client_secret": CLIENT_SECRET,
        "tenant": "lumen.example", "folder": "INBOX", "days_back": "14", "after": "leave",
    }  # fmt: skip
    add = reverse("settings:add_mailbox") + "?kind=microsoft"
    back = f"http://testserver{reverse('settings:mailbox_consent')}"
    assert back in client.get(add).content.decode()
    client.post(add, given)
    mailbox = Mailbox.objects.get()
    assert mailbox.state == "pending"
    with imap_server() as server:
        server.username, server.bearer = "relances@lumen.example", "access-1"
        mailbox.settings |= {
            "host": "localhost", "port": server.port, "certificate": server.certificate,
            "authorize_url": "https://login.example/{tenant}/authorize", "token_url": f"{identity.url}/token",
        }  # fmt: skip
        mailbox.save()
        shown = client.post(reverse("settings:authorise_mailbox", args=[mailbox.pk])).content.decode()
        link = re.search(r'href="(https://login\.example/[^"]*)"', shown)
        assert link is not None
        state, code = identity.person_says_yes(html.unescape(link[1]))
        # a link with the same answer is worth nothing in another person's browser
        other = sign_in(company, "admin", language="en").get(
            back, {"state": state, "code": code}, follow=True
        )
        assert "was not asked for from here" in html.unescape(other.content.decode())
        answer = client.get(back, {"state": state, "code": code}, follow=True)
    said = html.unescape(answer.content.decode())
    assert "La boîte peut être lue désormais" in said
    assert "Connecté" in said or "le dossier contient" in said
    assert client.get(back, {"state": state, "code": code}, follow=True).status_code == 200
    mailbox.refresh_from_db()
    assert mailbox.state == "active"


def test_a_no_at_the_service_is_told(company: Company, sign_in: SignIn, identity: IdentityService) -> None:
    given = {"username": "a@lumen.example", "client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}
    mailbox = connect_mailbox(company=company, provider="google", name="Google", given=given, actor="test")
    client = sign_in(company, "admin")
    shown = html.unescape(
        client.post(reverse("settings:authorise_mailbox", args=[mailbox.pk])).content.decode()
    )
    link = re.search(r'href="(https://accounts\.google\.com/[^"]*)"', shown)
    assert link is not None
    state, _ = identity.person_says_yes(link[1])
    answer = client.get(
        reverse("settings:mailbox_consent"), {"state": state, "error": "access_denied"}, follow=True
    )
    assert answer.redirect_chain[-1][0] == reverse("settings:mailbox", args=[mailbox.pk])
    assert "access_denied" in answer.content.decode()


def test_only_what_a_person_gave_can_be_replaced(company: Company, sign_in: SignIn) -> None:
    given = {"username": "a@lumen.example", "client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}
    mailbox = connect_mailbox(company=company, provider="google", name="Google", given=given, actor="test")
    shown = page(sign_in(company, "admin"), mailbox)
    assert 'name="client_secret"' in shown
    assert 'name="access_token"' not in shown
    posted = connect_mailbox(company=company, provider="postmark", name="Postmark", given={}, actor="test")
    assert "hook_secret" not in page(sign_in(company, "admin"), posted)
