"""Tells people by e-mail that a note calls them. Each mention once."""

from datetime import datetime
from smtplib import SMTPException

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.urls import reverse

from encours.core.wording import Wording
from encours.store.models import Company, Membership, Mention

SUBJECT = Wording(
    "mention.subject", fr="{author} vous appelle : {customer}", en="{author} calls you: {customer}"
)


def mail_mentions(*, company: Company, now: datetime) -> int:
    """How many e-mails left. Who opted out, or has read it already, gets none.

    A mention counts as mailed before the mail server is called: better none than two. One the server refused is tried again by the
    next run.
    """
    wanting = Membership.objects.filter(company=company, mails_mentions=True, user__is_active=True)
    waiting = Mention.objects.filter(
        company=company, mailed_at=None, read_at=None, user__in=wanting.values("user_id")
    )
    sent = 0
    for mention_id in list(waiting.order_by("pk").values_list("pk", flat=True)):
        with transaction.atomic(durable=True):
            found = Mention.objects.select_for_update(skip_locked=True, of=("self",)).filter(
                company=company, pk=mention_id, mailed_at=None
            )
            mention = found.select_related("user", "note__customer", "note__author").first()
            if mention is None:
                continue
            Mention.objects.filter(company=company, pk=mention_id).update(mailed_at=now)
        try:
            _mail(mention).send()
        except (OSError, SMTPException):
            Mention.objects.filter(company=company, pk=mention_id).update(mailed_at=None)
            raise
        sent += 1
    return sent


def _mail(mention: Mention) -> EmailMessage:
    note = mention.note
    said = SUBJECT(author=str(note.author or ""), customer=note.customer.name).say(mention.user.language)
    link = f"{settings.PUBLIC_URL}{reverse('day:customer', args=[note.customer.pk])}"
    return EmailMessage(
        " ".join(said.split())[:200],
        f"{note.text}\n\n{link}\n",
        settings.DEFAULT_FROM_EMAIL,
        [mention.user.email],
        headers={"Auto-Submitted": "auto-generated"},
    )
