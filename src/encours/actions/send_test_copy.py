"""Sends a message to a colleague instead of the customer, marked as a test. It counts as nothing."""

import re
from datetime import date
from smtplib import SMTPException

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.utils.html import escape

from encours.actions.journal import record
from encours.actions.preview_message import preview_message, preview_statement
from encours.core.wording import Sentence, Wording
from encours.store.models import Company, Message, User

TEST_SUBJECT = Wording("test_copy.subject", fr="[TEST] {subject}", en="[TEST] {subject}")
TEST_NOTE = Wording(
    "test_copy.note",
    fr="Copie d’essai pour {reader} : rien n’a été envoyé à {customer}.",
    en="Test copy for {reader}: nothing was sent to {customer}.",
)
NOT_A_MEMBER = Wording(
    "test_copy.not_a_member",
    fr="Une copie d’essai ne part qu’à une personne de la société.",
    en="A test copy only goes to somebody of the company.",
)
NO_WORDS = Wording(
    "test_copy.no_words", fr="Ce message n’a pas de texte à montrer.", en="This message has no words to show."
)
NOT_TAKEN = Wording(
    "test_copy.not_taken",
    fr="Le serveur de messagerie n’a pas pris la copie : {detail}",
    en="The mail server did not take the copy: {detail}",
)

_BODY = re.compile(r"<body[^>]*>", re.IGNORECASE)
_BANNER = '<p style="margin:0;padding:12px 16px;background:#fff3c4;color:#3d2f00;font:bold 15px/1.4 sans-serif">{}</p>'


class UnableToSendCopy(Exception):
    """Nothing was sent; `sentence` says why."""

    def __init__(self, sentence: Sentence) -> None:
        super().__init__(sentence.code)
        self.sentence = sentence


def send_test_copy(*, company: Company, message_id: int, user_id: int, on: date, actor: str) -> str:
    """The address it went to. The words are those that would leave today, or those that left.

    No attempt, no contact and no step is written: the customer's dunning knows nothing of it. Raises `UnableToSendCopy`.
    """
    reader = User.objects.filter(pk=user_id, memberships__company=company, is_active=True).first()
    if reader is None:
        raise UnableToSendCopy(NOT_A_MEMBER())
    message = Message.objects.select_related("customer").get(company=company, pk=message_id)
    mail = _mail(company, message, reader, on)
    try:
        mail.send()
    except (OSError, SMTPException) as error:
        raise UnableToSendCopy(NOT_TAKEN(detail=str(error))) from error
    with transaction.atomic():
        record(
            company=company,
            actor=actor,
            action="message.test_copy",
            subject_type="message",
            subject_id=message.pk,
            data={"recipient": reader.email},
        )
    return reader.email


def _mail(company: Company, message: Message, reader: User, on: date) -> EmailMultiAlternatives:
    subject, text, html = _words(company, message, on)
    note = TEST_NOTE(reader=reader.email, customer=message.customer.name).say(reader.language)
    mail = EmailMultiAlternatives(
        subject=" ".join(TEST_SUBJECT(subject=subject).say(reader.language).split()),
        body=f"*** {note} ***\n\n{text}",
        from_email=settings.DEFAULT_FROM_EMAIL,
        to=[reader.email],
        headers={"Auto-Submitted": "auto-generated"},
    )
    if html:
        mail.attach_alternative(with_banner(html=html, note=note), "text/html")
    if message.state in (Message.State.WAITING, Message.State.APPROVED):
        statement = preview_statement(company=company, message_id=message.pk, on=on)
        if statement is not None:
            mail.attach(statement[0], statement[1], "application/pdf")
    return mail


def _words(company: Company, message: Message, on: date) -> tuple[str, str, str]:
    """Subject, text and HTML."""
    if message.text or message.html:
        return message.subject, message.text, message.html
    if message.state not in (Message.State.WAITING, Message.State.APPROVED):
        raise UnableToSendCopy(NO_WORDS())
    preview = preview_message(company=company, message_id=message.pk, on=on)
    if preview.rendered is None:
        assert preview.cancelled is not None
        raise UnableToSendCopy(preview.cancelled)
    return preview.rendered.subject, preview.rendered.text, preview.rendered.html


def with_banner(*, html: str, note: str) -> str:
    """The note as the first thing a reader sees."""
    banner = _BANNER.format(escape(note))
    opened = _BODY.search(html)
    return f"{html[: opened.end()]}{banner}{html[opened.end() :]}" if opened else f"{banner}{html}"
