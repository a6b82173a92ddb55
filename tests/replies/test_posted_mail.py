"""Mail that a mail service posts to us: proven, kept before it is read, each once, and in its thread like any other."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl, urlencode

import pytest
from django.db import connection as database
from django.test import Client
from django.utils import timezone

from encours.actions import receive_mail as receiving
from encours.actions.change_connection import pause_connection, resume_connection, revoke_connection
from encours.actions.connect_mailbox import connect_mailbox
from encours.actions.open_connection import open_connection
from encours.actions.read_mailbox import MailboxRead, read_mailbox
from encours.actions.take_notices import retry_notice, see_notice
from encours.actions.take_reply import take_reply
from encours.backoffice.mail_notices import views
from encours.ports.connections import ConnectionKind
from encours.ports.notices import Notice
from encours.queries.files import file_on_disk
from encours.store.models import Company, Customer, Mailbox, MailNotice, Reply
from encours.store.secrets import seal
from encours.store.tenancy import company_scope
from tests import cast
from tests.replies.mail_services import GIVEN, SECRET, SERVICES, FakeBrevo, brevo, mailjet, postmark
from tests.replies.mails import mail

pytestmark = pytest.mark.django_db


def connected(company: Company, provider: str, **settings: Any) -> Mailbox:
    """With a secret this test knows."""
    mailbox = connect_mailbox(
        company=company, provider=provider, name="Réponses", given=GIVEN[provider], actor="test"
    )
    if provider != "mailgun":
        mailbox.sealed = seal({**GIVEN[provider], "hook_secret": SECRET}, owner=mailbox.seal_owner)
    mailbox.settings |= settings
    mailbox.save()
    return mailbox


def post(mailbox: Mailbox, notice: Notice, *, company_id: int | None = None, key: str = "") -> int:
    """The answer's status, as the service gets it."""
    ending = "mime" if notice.url.endswith("mime") else ""
    address = f"/notifications/reponses/{company_id or mailbox.company_id}/{key or mailbox.hook_key}/{ending}"
    headers = {name: value for name, value in notice.headers.items() if name != "content-type"}
    answer = Client().post(
        address, data=notice.body, content_type=notice.headers.get("content-type", ""), headers=headers
    )
    return answer.status_code


def read(mailbox: Mailbox, *, days: int = 0) -> MailboxRead:
    now = timezone.now() + timedelta(days=days)
    return read_mailbox(company=mailbox.company, mailbox_id=mailbox.pk, now=now, actor="worker")


def texts(company: Company) -> list[str]:
    return list(Reply.objects.filter(company=company).order_by("pk").values_list("text", flat=True))


def told(name: str, content: bytes, **more: Any) -> Notice:
    if name == "mailgun":
        more.setdefault("at", timezone.now().timestamp())
    return SERVICES[name](content, **more)


@pytest.fixture
def late(company: Company) -> Customer:
    return cast.late_payer(company)


@pytest.mark.parametrize("name", list(SERVICES))
def test_a_mail_is_kept_at_once_and_a_reply_after_the_job(
    company: Company, late: Customer, name: str
) -> None:
    mailbox = connected(company, name)
    sender = late.contacts.get().email
    notice = told(name, mail("Je paie vendredi.", sender=sender))

    assert post(mailbox, notice) == 200
    kept = MailNotice.objects.get()
    assert (kept.state, kept.size) == ("waiting", len(notice.body))
    assert kept.file is not None
    assert file_on_disk(kept.file).path.read_bytes() == notice.body
    assert _jobs("read_mailbox") == 1
    assert texts(company) == []

    assert len(read(mailbox).reply_ids) == 1
    reply = Reply.objects.get()
    assert (reply.text, reply.customer, reply.intent, reply.mailbox) == (
        "Je paie vendredi.",
        late,
        "promise",
        mailbox,
    )
    kept.refresh_from_db()
    assert kept.state == "taken"


@pytest.mark.parametrize("name", list(SERVICES))
def test_a_notice_that_comes_twice_is_one_reply(company: Company, name: str) -> None:
    mailbox = connected(company, name)
    content = mail("Payé hier.")
    assert [post(mailbox, told(name, content)) for _ in range(2)] == [200, 200]
    read(mailbox)
    # tried again by the service after it was worked on, and signed anew
    again = told(name, content, token="b" * 50) if name == "mailgun" else told(name, content)
    assert post(mailbox, again) == 200
    read(mailbox)
    assert texts(company) == ["Payé hier."]


def test_what_came_by_imap_before_is_known_in_the_wrapping_of_a_service(company: Company) -> None:
    content = mail("Nous contestons la facture.\n\nBien à vous", mail_id="seen")
    take_reply(company=company, content=content, received_at=timezone.now(), actor="test")
    for provider in ("mailjet", "brevo", "postmark"):
        mailbox = connected(company, provider)
        assert post(mailbox, told(provider, content)) == 200
        assert read(mailbox).known_count == 1
    assert Reply.objects.count() == 1


def test_other_words_under_the_same_id_are_another_mail(company: Company) -> None:
    mailbox = connected(company, "mailjet")
    for text in ("Je paie vendredi.", "Je ne paierai pas."):
        post(mailbox, mailjet(mail(text, mail_id="same")))
    assert len(read(mailbox).reply_ids) == 2


def test_replies_in_any_order_come_into_their_threads(company: Company, late: Customer) -> None:
    mailbox = connected(company, "postmark")
    sender = late.contacts.get().email
    first = mail("Je regarde.", sender=sender, mail_id="one", at=timezone.now() - timedelta(hours=2))
    second = mail(
        "Payé ce matin.", sender=sender, mail_id="two", answers="one@lefevre.example", at=timezone.now()
    )
    for content in (second, first):
        post(mailbox, postmark(content))
    read(mailbox)
    assert texts(company) == ["Payé ce matin.", "Je regarde."]
    assert {reply.customer for reply in Reply.objects.all()} == {late}


@pytest.mark.parametrize("name", list(SERVICES))
def test_a_forged_notice_is_refused_and_leaves_nothing(company: Company, name: str) -> None:
    mailbox = connected(company, name)
    wrong = {"key": "another"} if name == "mailgun" else {"secret": "encours:devine"}
    assert post(mailbox, told(name, mail("Je paie."), **wrong)) == 401
    assert post(mailbox, replace(told(name, mail("Je paie.")), headers={})) == 401
    assert MailNotice.objects.count() == 0


def test_a_key_opens_only_its_own_companys_address(company: Company, other_company: Company) -> None:
    mailbox = connected(company, "postmark")
    with company_scope(other_company.pk):
        theirs = connected(other_company, "postmark")
    notice = postmark(mail("Je paie."))
    assert post(mailbox, notice, key=theirs.hook_key) == 401
    assert post(mailbox, notice, company_id=other_company.pk) == 401
    assert post(mailbox, notice, company_id=1 << 62) == 401
    assert post(mailbox, notice, key="x" * 43) == 401
    assert MailNotice.objects.count() == 0
    assert post(mailbox, notice) == 200


def test_a_mailbox_that_is_asked_takes_no_notices(company: Company) -> None:
    given = {"host": "mail.example", "username": "x", "password": "y"}
    mailbox = connect_mailbox(company=company, provider="imap", name="IMAP", given=given, actor="test")
    assert post(mailbox, postmark(mail("Je paie."))) == 401


def test_a_service_may_ask_whether_somebody_is_there(company: Company) -> None:
    mailbox = connected(company, "postmark")
    address = f"/notifications/reponses/{company.pk}/{mailbox.hook_key}/"
    assert Client().head(address).status_code == 200
    assert Client().head(address.replace(mailbox.hook_key, "x")).status_code == 401
    assert Client().get(address).status_code == 405


def test_a_mail_too_large_is_not_read_and_a_person_learns_of_it(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(views, "MAX_NOTICE_BYTES", 5000)
    mailbox = connected(company, "postmark")
    notice = postmark(mail("x" * 9000))
    assert [post(mailbox, notice) for _ in range(3)] == [413, 413, 413]
    refused = MailNotice.objects.get()
    assert (refused.state, refused.file, refused.size) == ("refused", None, len(notice.body))
    assert refused.problem is not None
    assert refused.problem["code"] == "mail_notice.too_large"
    assert not retry_notice(company=company, mailbox_id=mailbox.pk, notice_id=refused.pk)
    assert see_notice(company=company, mailbox_id=mailbox.pk, notice_id=refused.pk)


def test_a_mail_larger_than_any_form_is_taken(company: Company) -> None:
    """Django refuses forms of more than some megabytes; a mail with a scan is no form."""
    mailbox = connected(company, "mailgun")
    content = mail("Voir le scan.", attachments=(("scan.tif", "image/tiff", bytes(12 << 20)),))
    assert post(mailbox, told("mailgun", content)) == 200
    read(mailbox)
    assert [each["size"] for each in Reply.objects.get().attachments] == [12 << 20]


def test_too_many_within_a_minute_come_back_later(company: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(receiving, "NOTICES_PER_MINUTE", 2)
    mailbox = connected(company, "postmark")
    assert [post(mailbox, postmark(mail(f"Message {n}."))) for n in range(3)] == [200, 200, 429]
    MailNotice.objects.update(received_at=timezone.now() - timedelta(minutes=2))
    assert post(mailbox, postmark(mail("Message 2."))) == 200


def test_what_cannot_be_read_waits_for_a_person_and_holds_nothing_up(company: Company) -> None:
    mailbox = connected(company, "postmark")
    broken = replace(postmark(mail("x")), body=b'{"FromFull": {"Email": "a@b.example"}, "Headers": 5}')
    assert post(mailbox, broken) == 200
    post(mailbox, postmark(mail("Je paie vendredi.")))
    assert len(read(mailbox).reply_ids) == 1
    refused = MailNotice.objects.get(state="refused")
    assert refused.problem is not None
    assert refused.problem["code"] == "mail_notice.not_a_mail"
    assert refused.file is not None
    # tried once more, it is refused once more; then somebody has seen it
    assert retry_notice(company=company, mailbox_id=mailbox.pk, notice_id=refused.pk)
    read(mailbox)
    assert see_notice(company=company, mailbox_id=mailbox.pk, notice_id=refused.pk)
    assert not see_notice(company=company, mailbox_id=mailbox.pk, notice_id=refused.pk)


@pytest.mark.parametrize(
    "content",
    [
        b"no header at all",
        b"From: a@b.example\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n--y",
        b"From: a@b.example\r\nSubject: =?utf-99?Q?=FF?=\r\nContent-Type: text/plain; charset=klingon\r\n\r\n?\r\n",
        b"From: a@b.example\r\nContent-Transfer-Encoding: base64\r\n\r\n!!!!",
    ],
)
def test_malformed_mail_is_a_reply_a_person_can_look_at(company: Company, content: bytes) -> None:
    mailbox = connected(company, "mailgun")
    fields = told("mailgun", mail("x"))
    body = urlencode(
        [*((k, v) for k, v in parse_qsl(fields.body.decode()) if k != "body-mime"), ("body-mime", content)]
    )
    assert post(mailbox, replace(fields, body=body.encode())) == 200
    read(mailbox)
    reply = Reply.objects.get()
    assert reply.state == "waiting"
    assert file_on_disk(reply.file).path.read_bytes() == content


def test_a_paused_mailbox_keeps_what_comes_until_it_is_resumed(company: Company) -> None:
    mailbox = connected(company, "postmark")
    which: dict[str, Any] = {
        "kind": ConnectionKind.MAILBOX,
        "company": company,
        "connection_id": mailbox.pk,
        "actor": "test",
    }
    pause_connection(**which)
    assert post(mailbox, postmark(mail("Je paie."))) == 200
    assert _jobs("read_mailbox") == 0
    read(mailbox)
    assert texts(company) == []
    resume_connection(**which)
    read(mailbox)
    assert texts(company) == ["Je paie."]
    revoke_connection(**which)
    assert post(mailbox, postmark(mail("Encore."))) == 401


@pytest.fixture
def files() -> Iterator[FakeBrevo]:
    with FakeBrevo({"token-a.pdf": b"%PDF-1.7 x"}) as fake:
        yield fake


def test_attachments_of_brevo_are_asked_for_until_they_come(company: Company, files: FakeBrevo) -> None:
    mailbox = connected(company, "brevo", api_url=files.url + "/")
    content = mail("Voir la preuve.", attachments=(("a.pdf", "application/pdf", b"%PDF-1.7 x"),))
    post(mailbox, brevo(content))
    post(mailbox, brevo(mail("Sans rien.")))
    files.troubles = [500]
    came = read(mailbox)
    assert came.problem is not None
    assert texts(company) == ["Sans rien."]  # which did not have to wait for the other
    assert read(mailbox).problem is None
    assert Reply.objects.get(text="Voir la preuve.").attachments == [
        {"name": "a.pdf", "media_type": "application/pdf", "size": 10}
    ]


def test_attachments_that_never_come_do_not_keep_a_mail_back(company: Company, files: FakeBrevo) -> None:
    mailbox = connected(company, "brevo", api_url=files.url + "/")
    post(mailbox, brevo(mail("Voir la preuve.", attachments=(("a.pdf", "application/pdf", b"%PDF-1.7 x"),))))
    files.troubles = [500, 500]
    read(mailbox)
    assert texts(company) == []
    read(mailbox, days=4)
    reply = Reply.objects.get()
    assert reply.problem is not None
    assert reply.problem["code"] == "mail_notice.attachments_gone"
    assert "a.pdf" in json.dumps(reply.problem)


def test_the_secret_of_the_address_is_made_here_and_sealed(company: Company) -> None:
    made = [
        connect_mailbox(
            company=company, provider="postmark", name=name, given={"hook_secret": "chosen"}, actor="test"
        )
        for name in ("Un", "Deux")
    ]
    secrets = {open_connection(mailbox).credentials() for mailbox in made}
    assert len(secrets) == 2
    assert "chosen" not in secrets
    assert all(
        len(secret) > 30 and secret not in json.dumps(each.settings) for secret in secrets for each in made
    )


def _jobs(name: str) -> int:
    with database.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM procrastinate_jobs WHERE task_name = %s AND status = 'todo'", [name]
        )
        return cursor.fetchall()[0][0]
