"""Takes what services report of messages they carried: each report once, and what it means done."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from django.db import transaction
from django.db.models import Q

from encours.actions.follow_report import follow_report
from encours.actions.journal import record
from encours.ports.channels import Report
from encours.ports.phone_numbers import e164
from encours.store.models import Attempt, Company, Contact, DeliveryReport, Message

# digits that two ways of writing one number have in common
_SAME_DIGITS = 8


def take_reports(
    *, company: Company, provider: str, reports: Iterable[Report], now: datetime, actor: str
) -> int:
    """How many were new. One about a message that is not known here is left."""
    return sum(_take(company, provider, _storable(report), now, actor) for report in reports)


def _storable(report: Report) -> Report:
    """A service may send any text; a database takes neither NUL nor half a character."""
    told = {
        name: getattr(report, name).encode("utf-8", "replace").decode().replace("\0", "")
        for name in ("external_id", "recipient", "provider_id", "key", "detail", "raw")
    }
    return replace(report, **told)


@transaction.atomic
def _take(company: Company, provider: str, report: Report, now: datetime, actor: str) -> bool:
    if report.kind == "opened" and not company.tracks_opens:
        return False
    if report.kind == "opted_out":
        _stop_texts(company, report, now, actor)
    attempt = _attempt_of(company, provider, report)
    if attempt is None:
        return False
    message = Message.objects.select_for_update().get(company=company, pk=attempt.message_id)
    _, is_new = DeliveryReport.objects.get_or_create(
        company=company,
        provider=provider,
        external_id=report.external_id[:200],
        defaults={
            "message": message,
            "attempt": attempt,
            "kind": report.kind,
            "reported_at": report.reported_at,
            "recipient": report.recipient[:254],
            "detail": report.detail,
            "raw": report.raw,
        },
    )
    if is_new and report.cost is not None and report.cost.currency == company.currency:
        attempt.cost_cents = report.cost.cents  # what it really cost, where prices were only assumed
        attempt.save(update_fields=["cost_cents"])
    if is_new:
        follow_report(
            company=company, message=message, attempt=attempt, kind=report.kind, detail=report.detail, now=now,
            actor=actor,
        )  # fmt: skip
    return is_new


def _attempt_of(company: Company, provider: str, report: Report) -> Attempt | None:
    known = Q(pk__in=[])
    if report.provider_id:
        known |= Q(provider=provider, provider_id=report.provider_id)
    if report.key:  # what the service gave back of ours, when it was faster than its answer
        known |= Q(idempotency_key=report.key, handed_over_at__isnull=False)
    return Attempt.objects.filter(known, company=company).order_by("-pk").first()


def _stop_texts(company: Company, report: Report, now: datetime, actor: str) -> None:
    """STOP holds for a number, whoever has it, and outlives the message that it answers."""
    digits = "".join(sign for sign in report.recipient if sign.isdigit())[-_SAME_DIGITS:]
    if len(digits) < _SAME_DIGITS:
        return
    alike = Contact.objects.filter(company=company, text_stopped_at=None).exclude(phone="")
    pattern = r"\D*".join(digits) + r"\D*$"
    for contact in alike.filter(phone__regex=pattern).select_related("customer"):
        if e164(contact.phone, country=contact.customer.country) != report.recipient:
            continue
        contact.text_stopped_at = now
        contact.save(update_fields=["text_stopped_at"])
        record(
            company=company,
            actor=actor,
            action="contact.texts_stopped",
            subject_type="contact",
            subject_id=contact.pk,
            customer_id=contact.customer_id,
            data={"phone": contact.phone},
        )
