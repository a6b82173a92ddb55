"""What Brevo, Mailjet, Mailgun and Postmark tell of a mail becomes the mail again: its thread, its words, what hangs on it."""

import base64
import json
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from encours.core.replies.arriving import Arrived, attachment_content, take_apart
from encours.ports.connections import UnableToAsk, configured
from encours.ports.mailboxes import HOOK_SECRET, Posted, UnableToReadNotice
from encours.ports.notices import Notice, UnableToTrustNotice
from encours.ports.registry import mailboxes
from tests.replies.mail_services import GIVEN, SECRET, SERVICES, FakeBrevo, brevo, mailgun, mailjet, postmark
from tests.replies.mails import NOON, mail

ANSWERED = "k1@lumen.example"
REPLY = mail(
    "Nous réglerons la facture FA-2026-0002 vendredi.\n\nÀ bientôt — Zoé\n",
    sender="Zoé Lefèvre <compta@lefevre.example>", mail_id="re-1", answers=ANSWERED, references=f"k0@lumen.example {ANSWERED}",
    attachments=(("preuve de virement.pdf", "application/pdf", b"%PDF-1.7 \x00\xff"), ("note.txt", "text/plain", b"ok")),
)  # fmt: skip


def service(name: str, **more: Any) -> Any:
    kind: Any = mailboxes()[name]
    known = {HOOK_SECRET: SECRET} if name != "mailgun" else {}
    made = kind(configured(kind.Config, {**GIVEN[name], **known, **more}))
    assert isinstance(made, Posted)
    return made


@pytest.fixture
def files() -> Iterator[FakeBrevo]:
    with FakeBrevo(
        {"token-preuve%20de%20virement.pdf": b"%PDF-1.7 \x00\xff", "token-note.txt": b"ok"}
    ) as fake:
        yield fake


def arrived(name: str, notice: Notice, **more: Any) -> Arrived:
    [posted] = service(name, **more).mails(notice=notice)
    return take_apart(posted.content)


@pytest.mark.parametrize(
    ("name", "notice"),
    [
        ("brevo", brevo(REPLY)),
        ("mailjet", mailjet(REPLY)),
        ("mailgun", mailgun(REPLY)),
        ("mailgun", mailgun(REPLY, raw=False)),
        ("postmark", postmark(REPLY)),
        ("postmark", postmark(REPLY, raw=False)),
    ],
    ids=["brevo", "mailjet", "mailgun-mime", "mailgun-fields", "postmark-raw", "postmark-fields"],
)
def test_a_mail_is_the_same_by_whatever_service_it_comes(name: str, notice: Notice, files: FakeBrevo) -> None:
    more = {"api_url": files.url + "/"} if name == "brevo" else {}
    came, was = arrived(name, notice, **more), take_apart(REPLY)
    for field in (
        "mail_id",
        "answers",
        "sender_name",
        "sender_address",
        "subject",
        "written_at",
        "nature",
        "problem",
    ):
        assert getattr(came, field) == getattr(was, field), field
    assert came.reply is not None
    assert was.reply is not None
    assert came.reply.text.split() == was.reply.text.split()
    assert [(each.name, each.size) for each in came.attachments] == [
        ("preuve de virement.pdf", 11),
        ("note.txt", 2),
    ]
    [posted] = service(name, **more).mails(notice=notice)
    found = attachment_content(posted.content, number=0)
    assert found is not None
    assert found[1] == b"%PDF-1.7 \x00\xff"


@pytest.mark.parametrize("name", ["brevo", "mailjet"])
def test_told_twice_it_is_the_same_mail_to_the_byte(name: str, files: FakeBrevo) -> None:
    more = {"api_url": files.url + "/"} if name == "brevo" else {}
    notice = SERVICES[name](REPLY)
    assert arrived(name, notice, **more).digest == arrived(name, notice, **more).digest


@pytest.mark.parametrize("name", ["mailgun", "postmark"])
def test_a_mail_told_as_it_came_keeps_every_byte(name: str) -> None:
    [posted] = service(name).mails(notice=SERVICES[name](REPLY))
    assert posted.content == REPLY


def test_mailgun_keeps_the_bytes_of_a_charset_of_its_own() -> None:
    old = (
        b"From: a@b.example\r\nContent-Type: text/plain; charset=iso-8859-1\r\n\r\nPay\xe9 hier, 12 \x80\r\n"
    )
    [posted] = service("mailgun").mails(notice=mailgun(old.replace(b"From", b"To: c@d.example\r\nFrom")))
    assert b"Pay\xe9 hier, 12 \x80" in posted.content


@pytest.mark.parametrize("name", list(SERVICES))
def test_what_the_service_did_not_prove_to_be_its_own_is_refused(name: str) -> None:
    genuine = SERVICES[name](REPLY)
    service(name).check_notice(notice=genuine, now=NOON)
    wrong = {"key": "another-key"} if name == "mailgun" else {"secret": "encours:faux"}
    forged = [SERVICES[name](REPLY, **wrong), replace(genuine, headers={}), replace(genuine, body=b"")]
    if name != "mailgun":
        forged[2] = replace(genuine, headers={**genuine.headers, "authorization": "Basic \xff!"})
    for notice in forged:
        with pytest.raises(UnableToTrustNotice):
            service(name).check_notice(notice=notice, now=NOON)


def test_a_signature_of_mailgun_is_good_for_a_day() -> None:
    service("mailgun").check_notice(notice=mailgun(REPLY), now=NOON + timedelta(hours=23))
    with pytest.raises(UnableToTrustNotice):
        service("mailgun").check_notice(notice=mailgun(REPLY), now=NOON + timedelta(hours=25))


@pytest.mark.parametrize("name", ["brevo", "mailjet", "postmark"])
def test_without_a_secret_nothing_is_trusted(name: str) -> None:
    kind: Any = mailboxes()[name]
    with pytest.raises(UnableToTrustNotice):
        kind(kind.Config()).check_notice(notice=SERVICES[name](REPLY, secret=""), now=NOON)


@pytest.mark.parametrize("name", list(SERVICES))
@pytest.mark.parametrize(
    "body",
    [b"", b"\xff\xfe\x00", b"{", b"[]", b"null", b'{"items": [7]}', b'{"items": {"a": 1}}', b'{"Headers": 3}', b'{"FromFull": 1, "Headers": [{"x": 1}]}', b"[" * 50_000],
)  # fmt: skip
def test_what_is_no_mail_is_told_and_never_breaks(name: str, body: bytes) -> None:
    kind = "application/x-www-form-urlencoded" if name == "mailgun" else "application/json"
    for content_type in (kind, "multipart/form-data; boundary=x", "multipart/form-data"):
        notice = Notice("", {"content-type": content_type}, body)
        with suppress(UnableToReadNotice):
            for each in service(name).mails(notice=notice):
                assert take_apart(each.content).digest


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("postmark", {"RecordType": "Bounce", "ID": 42, "Type": "HardBounce"}),
        ("brevo", {"event": "delivered", "message-id": "<1@smtp-relay.example>"}),
    ],
)
def test_notices_of_something_else_say_what_is_set_up_wrongly(name: str, told: dict[str, Any]) -> None:
    notice = Notice("", {"content-type": "application/json"}, json.dumps(told).encode())
    with pytest.raises(UnableToReadNotice) as raised:
        service(name).mails(notice=notice)
    assert raised.value.sentence.code == "mail_notice.wrong_notice"


def test_headers_cannot_smuggle_others_in() -> None:
    told = json.loads(mailjet(REPLY).body)
    told["Headers"]["Subject"] = "Re\r\nBcc: x@y.example\r\n\r\nbody"
    told["Headers"]["X-Evil\r\nReply-To"] = "x"
    [posted] = service("mailjet").mails(
        notice=Notice("", {"content-type": "application/json"}, json.dumps(told).encode())
    )
    head = posted.content.partition(b"\r\n\r\n")[0]
    assert not any(line.startswith((b"Bcc:", b"Reply-To:")) for line in head.split(b"\r\n"))


def test_an_attachment_that_brevo_does_not_hand_over_is_named(files: FakeBrevo) -> None:
    del files.files["token-note.txt"]
    [posted] = service("brevo", api_url=files.url + "/").mails(notice=brevo(REPLY))
    assert [each.name for each in take_apart(posted.content).attachments] == ["preuve de virement.pdf"]
    assert posted.problem is not None
    assert "note.txt" in posted.problem.say("fr")


@pytest.mark.parametrize(
    ("trouble", "needs_person"), [(500, False), ("cut", False), (429, False), (401, True)]
)
def test_an_attachment_that_cannot_be_had_now_is_asked_for_again(
    files: FakeBrevo, trouble: Any, needs_person: bool
) -> None:
    files.troubles = [trouble]
    with pytest.raises(UnableToAsk) as raised:
        service("brevo", api_url=files.url + "/").mails(notice=brevo(REPLY))
    assert raised.value.needs_person is needs_person


def test_after_a_while_a_mail_is_read_without_what_cannot_be_had(files: FakeBrevo) -> None:
    [posted] = service("brevo", api_url=files.url + "/").mails(notice=brevo(REPLY), fetches=False)
    assert files.asked == []
    assert posted.problem is not None
    assert take_apart(posted.content).attachments == ()


def test_the_address_carries_the_proof_where_notices_are_not_signed() -> None:
    assert service("postmark").credentials() == SECRET
    assert service("mailgun").credentials() == ""
    assert base64.b64decode(postmark(REPLY).headers["authorization"].partition(" ")[2]).decode() == SECRET
