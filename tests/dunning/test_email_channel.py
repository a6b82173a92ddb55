"""How far a hand-over came decides what may follow: tried again, given up, or unknown."""

from smtplib import SMTPServerDisconnected

import pytest

from encours.ports.channels import Attachment, OutgoingMessage, UnableToReachProvider
from encours.ports.registry import channels
from tests.dunning.post_office import PostOffice

MESSAGE = OutgoingMessage(
    idempotency_key="3f1c", sender_name="Atelier Lumen\r\nBcc: victim@example.com", sender_address="c@lumen.example",
    recipient_name="Élodie, \"compta\" <x@y>", recipient_address="compta@lefevre.example", language="fr",
    subject="Relance\nX-Evil: 1", text="Bonjour", html="<p>Bonjour</p>", reply_to="c@lumen.example",
    attachments=(Attachment("Relevé-de-compte.pdf", "application/pdf", b"%PDF-1.7"),),
)  # fmt: skip


def email(**config):
    kind = channels()["email"]
    return kind(kind.Config(**config))


@pytest.fixture
def office():
    with PostOffice() as opened:
        yield opened


def test_a_message_arrives_whole(office):
    channel = email(smtp_url=office.url)
    channel.open()
    assert channel.send(MESSAGE).outcome == "accepted"
    channel.close()
    mail = office.taken[0]
    assert str(mail["Message-ID"]) == "<3f1c@lumen.example>"
    assert mail["Bcc"] is None
    assert mail["X-Evil"] is None
    assert [part.get_content_type() for part in mail.walk() if not part.is_multipart()] == [
        "text/plain", "text/html", "application/pdf",
    ]  # fmt: skip
    assert [part.get_filename() for part in mail.iter_attachments()] == ["Relevé-de-compte.pdf"]
    assert mail.get_body(("plain",)).get_content().strip() == "Bonjour"


@pytest.mark.parametrize(
    ("stage", "answer", "outcome"),
    [
        ("MAIL", "550 not from here", "failed"),  # says nothing about the recipient
        ("MAIL", "451 later", "failed"),
        ("RCPT", "450 mailbox busy", "failed"),
        ("RCPT", "550 5.1.1 no such user", "refused"),
        ("DATA", "452 disk full", "failed"),
        ("DATA", "554 not wanted", "refused"),
    ],
)
def test_answers_are_told_apart(office, stage, answer, outcome):
    office.answers[stage] = answer
    channel = email(smtp_url=office.url)
    channel.open()
    handed_over = channel.send(MESSAGE)
    assert (handed_over.outcome, handed_over.detail) == (outcome, answer)
    office.answers.clear()
    assert channel.send(MESSAGE).outcome == "accepted", "the connection serves the next message"


def test_a_connection_lost_after_data_raises_because_nobody_knows(office):
    office.hang_up_after_data = True
    channel = email(smtp_url=office.url)
    channel.open()
    with pytest.raises(SMTPServerDisconnected):
        channel.send(MESSAGE)


def test_a_server_that_hung_up_meanwhile_is_called_again(office):
    channel = email(smtp_url=office.url)
    channel.open()
    channel._transport._server.sock.close()
    channel.open()
    assert channel.send(MESSAGE).outcome == "accepted"


def test_a_server_that_is_not_there_is_said_before_anything_is_claimed():
    with pytest.raises(UnableToReachProvider):
        email(smtp_url="smtp://127.0.0.1:1").open()


def test_without_a_server_mail_goes_into_a_folder_once(tmp_path):
    channel = email(folder=str(tmp_path / "mail"))
    channel.open()
    for _ in range(2):
        assert channel.send(MESSAGE).outcome == "accepted"
    assert [path.name for path in (tmp_path / "mail").iterdir()] == ["3f1c.eml"]
