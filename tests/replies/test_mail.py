"""A reply's file: MIME, character sets, machines' answers; what is no reply is refused with the reason."""

from datetime import date
from email.message import EmailMessage

import pytest
from hypothesis import given
from hypothesis import strategies as st

from encours.core.replies import Reply, UnableToReadReply, read_reply_file, understand
from encours.core.replies.mail import MAX_BYTES

ON = date(2026, 11, 16)


def mail(text: str, *, charset: str = "utf-8", cte: str | None = None, **headers: str) -> bytes:
    message = EmailMessage()
    message["From"], message["Subject"] = "client@vasseur.example", "Re: relance"
    for name, value in headers.items():
        message[name.replace("_", "-")] = value
    message.set_content(text, charset=charset, cte=cte)
    return message.as_bytes()


@pytest.mark.parametrize("charset", ["utf-8", "iso-8859-1", "windows-1252"])
@pytest.mark.parametrize("cte", ["quoted-printable", "base64", "8bit"])
def test_every_character_set_and_encoding_says_the_same(charset: str, cte: str):
    reply = read_reply_file(mail("Le règlement est à l'échéance.", charset=charset, cte=cte), name="a.eml")
    assert reply.text.strip() == "Le règlement est à l'échéance."


def test_the_text_is_read_before_its_html():
    message = EmailMessage()
    message["From"] = "a@b.example"
    message.set_content("ok vendredi")
    message.add_alternative("<p>ok <b>vendredi</b></p>", subtype="html")
    message.add_attachment(b"litige", maintype="text", subtype="plain", filename="litige.txt")
    assert read_reply_file(message.as_bytes(), name="a.eml").text.strip() == "ok vendredi"


def test_html_alone_is_read():
    message = EmailMessage()
    message["From"] = "a@b.example"
    message.set_content("<p>ok <b>vendredi</b></p><blockquote>litige</blockquote>", subtype="html")
    understood = understand(read_reply_file(message.as_bytes(), name="a.eml"), on=ON)
    assert (understood.intent, understood.day) == ("promise", date(2026, 11, 20))


def test_days_count_from_the_day_of_the_mail():
    reply = read_reply_file(mail("ok vendredi", Date="Mon, 02 Nov 2026 09:00:00 +0100"), name="a.eml")
    assert understand(reply, on=ON).day == date(2026, 11, 6)


def test_a_date_of_tomorrow_s_tomorrow_is_a_clock_that_goes_wrong():
    reply = read_reply_file(mail("ok vendredi", Date="Mon, 02 Nov 2037 09:00:00 +0100"), name="a.eml")
    assert understand(reply, on=ON).day == date(2026, 11, 20)


@pytest.mark.parametrize(
    "headers", [{"Auto_Submitted": "auto-replied"}, {"X_Autoreply": "yes"}, {"X_Autorespond": "1"}]
)
def test_a_machine_promises_nothing(headers: dict[str, str]):
    text = "Je suis absent. Nous paierons vos factures le 30. Retour le 23 novembre."
    understood = understand(read_reply_file(mail(text, **headers), name="a.eml"), on=ON)
    assert (understood.intent, understood.day) == ("out_of_office", date(2026, 11, 23))


def test_a_message_that_did_not_arrive_is_no_answer():
    data = b"From: MAILER-DAEMON@mx.example\nSubject: Undelivered Mail Returned to Sender\n\nYour payment reminder was refused. We dispute it."
    assert understand(read_reply_file(data, name="a.eml"), on=ON).intent == "other"


@pytest.mark.parametrize(
    ("data", "name", "code"),
    [
        (b"", "a.txt", "reply.empty"),
        (b"\xef\xbb\xbf \n", "a.txt", "reply.empty"),
        (b"\x00\x01\x02" * 50, "a.txt", "reply.not_text"),
        (b"%PDF-1.7 x", "a.txt", "reply.not_text"),
        (b"\x89PNG\r\n\x1a\n", "a.eml", "reply.no_headers"),
        (b"ok vendredi", "a.eml", "reply.no_headers"),
        (b"x" * (MAX_BYTES + 1), "a.txt", "reply.too_large"),
        (b"From: a\nContent-Type: image/png\n\nx", "a.eml", "reply.no_text"),
        (b"From: a\nContent-Type: text/plain\n\n", "a.eml", "reply.empty"),
        (b"From: a\nContent-Type: multipart/mixed; boundary=b\n\n" + b"--b\n\nx\n" * 300, "a.eml", "reply.too_deep"),
    ],
)  # fmt: skip
def test_what_is_no_reply_is_refused(data: bytes, name: str, code: str):
    with pytest.raises(UnableToReadReply) as refused:
        read_reply_file(data, name=name)
    assert refused.value.problem.code == code


@given(data=st.binary(max_size=600), name=st.sampled_from(["a.eml", "a.txt", "a.html", "a"]))
def test_any_bytes_are_read_or_refused(data: bytes, name: str):
    for each in (data, b"From: a@b.example\nContent-Type: text/html\n\n" + data):
        try:
            reply = read_reply_file(each, name=name)
        except UnableToReadReply:
            continue
        assert isinstance(reply, Reply)
        assert understand(reply, on=ON).intent
