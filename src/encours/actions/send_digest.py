"""Tells people, on each working day, what will leave to their customers on the next one. One digest a person and day."""

from datetime import date, datetime, timedelta
from smtplib import SMTPException, SMTPServerDisconnected

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.urls import reverse

from encours.actions.journal import record
from encours.actions.run_dunning import plan_dunning
from encours.core.digest import Announced, Forewarning, as_html, as_text, subject
from encours.core.dunning.situation import next_business_day
from encours.queries.business_days import company_days_off
from encours.queries.digests import announced_messages, digest_customers, digest_readers, digest_waits
from encours.store.models import Company, Digest, Membership


class UnableToSendDigests(Exception):
    """The mail server refused some; they are tried again by the next run. Its text is for the log."""


def send_digests(*, company: Company, on: date, now: datetime, actor: str) -> int:
    """How many left. Call it in `company_scope`, outside any transaction; again on the same day it sends what is missing.

    Nothing on a day off, and nothing to who has nothing to be told. A digest whose hand-over was interrupted is not sent again.
    Raises `UnableToSendDigests`.
    """
    days_off = company_days_off(company=company, on=on)
    if next_business_day(on=on, days_off=days_off) != on:
        return 0
    business_day = next_business_day(on=on + timedelta(days=1), days_off=days_off)
    _write_missing(company, on, business_day)
    unsent = Digest.objects.filter(company=company, day=on, handed_over_at=None).order_by("pk")
    problems = []
    sent = 0
    for digest_id in list(unsent.values_list("pk", flat=True)):
        problem = _hand_over(company, digest_id, now, actor)
        problems += [problem] if problem else []
        sent += problem == ""
    if problems:
        raise UnableToSendDigests("; ".join(problems))
    return sent


def _write_missing(company: Company, on: date, business_day: date) -> None:
    """The digests of the day that are not written yet, all from one plan of the day they announce."""
    written = set(Digest.objects.filter(company=company, day=on).values_list("user_id", flat=True))
    readers = [reader for reader in digest_readers(company=company) if reader.user.pk not in written]
    if not readers:
        return
    planned = plan_dunning(company=company, on=business_day).actions
    announced = announced_messages(company=company, business_day=business_day, planned=planned)
    for reader in readers:
        told = _told(company, reader, announced, on, business_day)
        if not told.is_empty:
            # two workers at once: the unique row of the first stands
            Digest.objects.bulk_create([_digest(company, reader, told, on)], ignore_conflicts=True)


def _told(
    company: Company, reader: Membership, announced: list[Announced], on: date, business_day: date
) -> Forewarning:
    customer_ids = digest_customers(company=company, reader=reader, on=on)
    mine = None if customer_ids is None else set(customer_ids)
    query = "" if customer_ids is None else "?whose=mine"
    return Forewarning(
        company_name=company.name,
        language=reader.user.language,
        business_day=business_day,
        announced=[each for each in announced if mine is None or each.customer_id in mine],
        waits=digest_waits(company=company, customer_ids=customer_ids, until=business_day),
        is_test_mode=company.is_test_mode,
        link=f"{settings.PUBLIC_URL}{reverse('dunning:agenda')}{query}" if settings.PUBLIC_URL else "",
    )


def _digest(company: Company, reader: Membership, told: Forewarning, on: date) -> Digest:
    return Digest(
        company=company,
        user=reader.user,
        day=on,
        business_day=told.business_day,
        message_count=len(told.announced),
        recipient=reader.user.email,
        subject=subject(told=told)[:300],
        text=as_text(told=told),
        html=as_html(told=told),
    )


def _hand_over(company: Company, digest_id: int, now: datetime, actor: str) -> str | None:
    """ "" when it left, None when another worker has it or nobody knows, else what the mail server said."""
    with transaction.atomic(durable=True):
        found = Digest.objects.select_for_update(skip_locked=True)
        digest = found.filter(company=company, pk=digest_id, handed_over_at=None).first()
        if digest is None:
            return None
        digest.handed_over_at = now
        digest.save(update_fields=["handed_over_at"])
    mail = EmailMultiAlternatives(
        digest.subject, digest.text, settings.DEFAULT_FROM_EMAIL, [digest.recipient],
        headers={"Auto-Submitted": "auto-generated"},
    )  # fmt: skip
    mail.attach_alternative(digest.html, "text/html")
    try:
        mail.send()
    except SMTPServerDisconnected as error:  # it may have taken it: better none than two
        Digest.objects.filter(company=company, pk=digest_id).update(problem=str(error))
        return None
    except (OSError, SMTPException) as error:
        Digest.objects.filter(company=company, pk=digest_id).update(handed_over_at=None, problem=str(error))
        return str(error)
    with transaction.atomic():
        Digest.objects.filter(company=company, pk=digest_id).update(sent_at=now, problem="")
        record(
            company=company, actor=actor, action="digest.sent", subject_type="user", subject_id=digest.user.pk,
            data={"messages": digest.message_count, "business_day": digest.business_day.isoformat()},
        )  # fmt: skip
    return ""
