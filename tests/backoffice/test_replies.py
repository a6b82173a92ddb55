"""Réponses: gone through on the page, by people who may, shown without anything of the mail coming alive."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from encours.actions.take_reply import take_reply
from encours.store.models import Company, Contact, Customer, Document, Mailbox, Promise, Reply, ReplySettings
from tests import cast
from tests.backoffice.conftest import SignIn
from tests.replies.imap_server import imap_server
from tests.replies.mails import mail

HOSTILE = '<img src="https://tracker.example/x.png"><script>alert(1)</script> Nous paierons vendredi.'


@pytest.fixture
def late(company: Company) -> Customer:
    customer = cast.late_payer(company)
    on = timezone.localdate()
    for number, cents in (("FA-2026-0001", 120_000), ("FA-2026-0002", 80_000)):
        cast.invoice(
            company, customer, number, payable_cents=cents, issue_date=on - timedelta(days=60),
            due_date=on - timedelta(days=30),
        )  # fmt: skip
    return customer


def received(company: Company, text: str, **more: object) -> Reply:
    now = timezone.now()
    sender = more.pop("sender", None) or Contact.objects.filter(company=company).order_by("pk")[0].email
    content = mail(text, sender=str(sender), at=now, **more)  # type: ignore[arg-type]
    return take_reply(company=company, content=content, received_at=now, actor="test").reply


def test_the_words_a_reading_rests_on_are_marked_and_nothing_else_is_markup(
    company: Company, late: Customer, sign_in: SignIn
) -> None:
    assert late.pk
    reply = received(company, HOSTILE)
    client = sign_in(company, "viewer")
    for url in (reverse("replies:list"), reverse("replies:show", args=[reply.pk])):
        page = client.get(url).content.decode()
        assert "<mark>" in page
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
        assert '<img src="https://tracker' not in page


def test_a_reply_is_followed_in_the_list_and_taken_back(
    company: Company, late: Customer, sign_in: SignIn
) -> None:
    assert late.pk
    reply = received(company, "Nous réglerons la facture FA-2026-0002 vendredi.")
    client = sign_in(company, "collector")
    answer = client.post(reverse("replies:accept", args=[reply.pk]), headers={"HX-Request": "true"})
    assert "Promesse enregistrée" in answer.content.decode()
    assert f'id="reply-{reply.pk}"' in answer.content.decode()
    assert "<html" not in answer.content.decode()
    assert Promise.objects.get(company=company).amount_cents == 80_000
    answer = client.post(reverse("replies:undo", args=[reply.pk]), headers={"HX-Request": "true"})
    assert "attend de nouveau" in answer.content.decode()
    assert Promise.objects.get(company=company).state == "withdrawn"


def test_without_javascript_one_goes_from_reply_to_reply(
    company: Company, late: Customer, sign_in: SignIn
) -> None:
    assert late.pk
    first, second = (
        received(company, text)
        for text in ("Nous réglerons tout vendredi.", "Qui êtes-vous ? Merci de répondre.")
    )
    client = sign_in(company, "collector")
    answer = client.post(reverse("replies:accept", args=[first.pk]))
    assert answer.headers["Location"] == reverse("replies:show", args=[second.pk])
    answer = client.post(reverse("replies:dismiss", args=[second.pk]), {"back": "https://elsewhere.example/"})
    assert answer.headers["Location"] == reverse("replies:list")


def test_a_person_corrects_the_reading_and_follows_it(
    company: Company, late: Customer, sign_in: SignIn
) -> None:
    reply = received(company, "Ok pour la deuxième, à bientôt.")
    document = Document.objects.get(company=company, number="FA-2026-0002")
    client = sign_in(company, "collector")
    day = timezone.localdate() + timedelta(days=10)
    given = {"intent": "promise", "day": day.isoformat(), "amount": "500,00", "documents": [str(document.pk)]}
    answer = client.post(reverse("replies:correct", args=[reply.pk]), {**given, "amount": "beaucoup"})
    assert (answer.status_code, Promise.objects.count()) == (409, 0)
    client.post(reverse("replies:correct", args=[reply.pk]), {**given, "follow": "yes"})
    promise = Promise.objects.get(company=company, customer=late)
    assert (promise.amount_cents, promise.promised_date) == (50_000, day)


def test_an_unmatched_reply_gets_its_customer_by_search(
    company: Company, late: Customer, sign_in: SignIn
) -> None:
    reply = received(company, "Nous paierons vendredi.", sender="paul@ailleurs.example")
    client = sign_in(company, "collector")
    page = client.get(reverse("replies:show", args=[reply.pk]), {"client": late.name[:6]}).content.decode()
    assert late.name in page
    client.post(reverse("replies:match", args=[reply.pk]), {"customer": str(late.pk), "keeps_address": "yes"})
    reply.refresh_from_db()
    assert (reply.customer, late.contacts.filter(email="paul@ailleurs.example").count()) == (late, 1)
    assert client.post(reverse("replies:match", args=[reply.pk]), {"customer": "999999"}).status_code == 404


def test_attachments_and_the_mail_leave_as_downloads(
    company: Company, late: Customer, sign_in: SignIn
) -> None:
    assert late.pk
    reply = received(company, "Ci-joint.", attachments=(("page.html", "text/html", b"<script>x</script>"),))
    client = sign_in(company, "viewer")
    answer = client.get(reverse("replies:attachment", args=[reply.pk, 0]))
    assert answer.content == b"<script>x</script>"
    assert answer.headers["Content-Type"] == "application/octet-stream"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="page.html"'
    raw = client.get(reverse("replies:raw", args=[reply.pk]))
    assert raw.headers["Content-Disposition"].startswith("attachment")
    assert b"".join(raw.streaming_content).startswith(b"From: ")  # type: ignore[attr-defined]
    assert client.get(reverse("replies:attachment", args=[reply.pk, 9])).status_code == 404


def test_whoever_only_reads_decides_nothing(company: Company, late: Customer, sign_in: SignIn) -> None:
    assert late.pk
    reply = received(company, "Nous réglerons tout vendredi.")
    client = sign_in(company, "viewer")
    for action in ("accept", "dismiss", "undo", "correct", "match"):
        assert client.post(reverse(f"replies:{action}", args=[reply.pk])).status_code == 403
    reply.refresh_from_db()
    assert reply.state == "waiting"


def test_another_companys_collector_finds_nothing(
    company: Company, other_company: Company, late: Customer, sign_in: SignIn
) -> None:
    assert late.pk
    reply = received(
        company, "Nous réglerons tout vendredi.", attachments=(("a.pdf", "application/pdf", b"x"),)
    )
    client = sign_in(other_company, "collector")
    for name in ("show", "raw"):
        assert client.get(reverse(f"replies:{name}", args=[reply.pk])).status_code == 404
    assert client.get(reverse("replies:attachment", args=[reply.pk, 0])).status_code == 404
    for action in ("accept", "dismiss", "undo", "correct"):
        assert client.post(reverse(f"replies:{action}", args=[reply.pk])).status_code == 404
    assert "vendredi" not in client.get(reverse("replies:list") + "?state=all").content.decode()


def test_how_many_wait_is_told_in_every_room(company: Company, late: Customer, sign_in: SignIn) -> None:
    assert late.pk
    client = sign_in(company, "viewer")
    assert 'class="count"' not in client.get(reverse("customers:list")).content.decode()
    received(company, "Nous réglerons tout vendredi.")
    assert '<span class="count">1</span>' in client.get(reverse("customers:list")).content.decode()


def test_replies_stand_on_their_customers_page(company: Company, late: Customer, sign_in: SignIn) -> None:
    reply = received(company, "Merci de me désinscrire de votre liste.", subject="Stop")
    client = sign_in(company, "collector")
    client.post(reverse("replies:accept", args=[reply.pk]))
    page = client.get(reverse("customers:show", args=[late.pk])).content.decode()
    assert reverse("replies:show", args=[reply.pk]) in page
    assert "ne veut plus d" in page


def test_a_mailbox_is_connected_tried_and_revoked_on_the_page(company: Company, sign_in: SignIn) -> None:
    client = sign_in(company, "admin")
    with imap_server() as server:
        given = {
            "name": "Relances",
            "security": "tls",
            "folder": "INBOX",
            "after": "leave",
            "days_back": "14",
        }
        given |= {name: str(value) for name, value in server.settings().items()}
        answer = client.post(reverse("settings:add_mailbox"), given, follow=True)
        assert "Connexion réussie" in answer.content.decode()
        mailbox = Mailbox.objects.get(company=company)
        assert server.password not in answer.content.decode()
        server.password = "autre"
        answer = client.post(
            reverse("settings:change_mailbox", args=[mailbox.pk]), {"do": "test"}, follow=True
        )
        assert "refuse l" in answer.content.decode()
        client.post(reverse("settings:replace_mailbox_secrets", args=[mailbox.pk]), {"password": "autre"})
        answer = client.post(
            reverse("settings:change_mailbox", args=[mailbox.pk]), {"do": "test"}, follow=True
        )
        assert "Connexion réussie" in answer.content.decode()
    client.post(reverse("settings:revoke_mailbox", args=[mailbox.pk]))
    mailbox.refresh_from_db()
    assert (mailbox.state, mailbox.sealed) == ("revoked", "")


def test_thresholds_are_set_by_an_administrator(company: Company, sign_in: SignIn) -> None:
    given = {"holds_while_waiting": "on", "payment_wait_days": "7", "from_promise": "90"}
    url = reverse("settings:change_reply_rules")
    assert sign_in(company, "collector").post(url, given).status_code == 403
    client = sign_in(company, "admin")
    client.post(url, given)
    stored = ReplySettings.objects.get(company=company)
    assert (stored.thresholds, stored.payment_wait_days) == ({"promise": 90}, 7)
    client.post(url, {**given, "from_promise": "20"})
    stored.refresh_from_db()
    assert stored.thresholds == {"promise": 90}
