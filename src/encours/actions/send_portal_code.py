"""Sends a code by e-mail to an address the company knows: who has it may change more than pay."""

import secrets
from datetime import datetime, timedelta
from email.utils import formataddr
from smtplib import SMTPException

from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction

from encours.actions.journal import record
from encours.core.portal_codes import (
    BODY,
    DIGITS,
    GOOD_FOR,
    MAX_AN_HOUR,
    NOT_SENT,
    SUBJECT,
    TOO_MANY,
    UNKNOWN_ADDRESS,
    code_digest,
    masked,
)
from encours.core.wording import Sentence
from encours.store.models import Company, Contact, PortalCode, PortalLink


class UnableToSendPortalCode(Exception):
    """No mail left; `sentence` says why."""

    def __init__(self, sentence: Sentence) -> None:
        super().__init__(sentence.code)
        self.sentence = sentence


def send_portal_code(
    *, company: Company, link_id: int, contact_id: int, language: str, now: datetime, actor: str
) -> None:
    """Only the last code sent counts. The code is in the mail and nowhere else. Raises `UnableToSendPortalCode`."""
    code = f"{secrets.randbelow(10**DIGITS):0{DIGITS}}"
    email = _store(company, link_id, contact_id, code, now, actor)
    said = {"company": company.name, "code": code}
    sender = formataddr((" ".join(company.name.split()), company.email or settings.DEFAULT_FROM_EMAIL))
    try:
        send_mail(
            subject=" ".join(SUBJECT(**said).say(language).split()),
            message=BODY(**said).say(language),
            from_email=sender,
            recipient_list=[email],
        )
    except (SMTPException, OSError) as error:
        raise UnableToSendPortalCode(NOT_SENT()) from error


@transaction.atomic
def _store(company: Company, link_id: int, contact_id: int, code: str, now: datetime, actor: str) -> str:
    """Kept before the mail leaves; the address it goes to."""
    link = PortalLink.objects.select_for_update(no_key=True).get(company=company, pk=link_id)
    contact = (
        Contact.objects.filter(company=company, customer_id=link.customer_id, pk=contact_id, bounced_at=None)
        .exclude(email="")
        .first()
    )
    if contact is None:
        raise UnableToSendPortalCode(UNKNOWN_ADDRESS())
    lately = PortalCode.objects.filter(company=company, link=link, sent_at__gt=now - timedelta(hours=1))
    if lately.count() >= MAX_AN_HOUR:
        raise UnableToSendPortalCode(TOO_MANY())
    PortalCode.objects.create(
        company=company,
        link=link,
        email=contact.email,
        digest=code_digest(code, key=settings.SECRET_KEY.encode(), link_id=link_id, sent_at=now),
        sent_at=now,
        expires_at=now + GOOD_FOR,
    )
    record(
        company=company, actor=actor, action="portal.code_sent", subject_type="customer", subject_id=link.customer_id,
        customer_id=link.customer_id, data={"link": link_id, "to": masked(contact.email)},
    )  # fmt: skip
    return contact.email
