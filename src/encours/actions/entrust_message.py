"""Third step of sending for what no service carries: a letter to print, a task for a person, the company's own program.

All of it is rows of ours, written together with the message's state: it cannot half happen. The message counts as sent when
the person, or the program, has taken it.
"""

from datetime import date, datetime
from typing import Any
from uuid import uuid4

from django.db import transaction

from encours.actions.journal import record
from encours.actions.open_task import open_task
from encours.actions.tell_webhooks import defer_deliveries
from encours.core.webhooks import MESSAGE_EVENT
from encours.ports.channels import OutgoingMessage
from encours.store.models import (
    Attempt,
    Company,
    Customer,
    Message,
    Reminder,
    WebhookDelivery,
    WebhookEndpoint,
    WebhookEvent,
)


@transaction.atomic(durable=True)
def entrust_message(
    *, company: Company, attempt_id: int, outgoing: OutgoingMessage, on: date, now: datetime, actor: str
) -> Message:
    """The message, in somebody's hands; as it was when a recovery took this sender for dead."""
    message = Message.objects.select_for_update().get(company=company, attempts=attempt_id)
    if message.state != Message.State.CLAIMED:
        return message
    if message.channel == "task":
        _open_task(company, message, outgoing, on, actor)
    elif message.channel == "webhook":
        _tell_program(company, message, outgoing, now)
    message.state = Message.State.ENTRUSTED
    # a contact is made when the letter is posted and the call made; a program sends at once
    message.sent_date = on if message.channel == "webhook" else None
    message.save(update_fields=["state", "sent_date"])
    record(
        company=company,
        actor=actor,
        action="message.entrusted",
        subject_type="message",
        subject_id=message.pk,
        customer_id=message.customer_id,
        data={"channel": message.channel, "amount_cents": message.amount_cents},
    )
    return message


def _open_task(company: Company, message: Message, outgoing: OutgoingMessage, on: date, actor: str) -> None:
    salesperson = Customer.objects.values_list("salesperson", flat=True).get(
        company=company, pk=message.customer_id
    )
    open_task(
        company=company,
        customer_id=message.customer_id,
        title=outgoing.subject,
        note=outgoing.text,
        due_date=on,
        assignee=salesperson,
        message_id=message.pk,
        actor=actor,
    )


def _tell_program(company: Company, message: Message, outgoing: OutgoingMessage, now: datetime) -> None:
    """One event for every address that listens; the attempt's key is in it, so that a program sends it once."""
    endpoints = WebhookEndpoint.objects.filter(
        company=company, state=WebhookEndpoint.State.ACTIVE, events__contains=[MESSAGE_EVENT]
    )
    event = WebhookEvent.objects.create(
        company=company,
        webhook_id=f"evt_{uuid4().hex}",
        event=MESSAGE_EVENT,
        data=_told(company, message, outgoing),
        occurred_at=now,
    )
    WebhookDelivery.objects.bulk_create(
        WebhookDelivery(company=company, endpoint=endpoint, event=event) for endpoint in endpoints
    )
    defer_deliveries(company=company)


def _told(company: Company, message: Message, outgoing: OutgoingMessage) -> dict[str, Any]:
    asked = Reminder.objects.filter(company=company, message=message, counts=True).select_related("document")
    return {
        "message_id": message.pk,
        "idempotency_key": outgoing.idempotency_key,
        "customer_id": message.customer_id,
        "step": message.step_code,
        "template": message.template,
        "language": outgoing.language,
        "subject": outgoing.subject,
        "text": outgoing.text,
        "html": outgoing.html,
        "currency": message.currency,
        "amount_cents": message.amount_cents,
        "documents": [
            {
                "document_id": each.document_id,
                "number": each.document.number,
                "due_date": each.due_date.isoformat(),
                "asked_cents": each.amount_cents,
            }
            for each in asked.order_by("due_date", "pk")
        ],
    }


@transaction.atomic
def settle_webhook_message(
    *, company: Company, message_id: int, was_taken: bool, now: datetime, actor: str
) -> None:
    """The company's program took the message, or did not for three days: its steps are free for a later plan."""
    message = Message.objects.select_for_update().filter(company=company, pk=message_id).first()
    if message is None or message.state != Message.State.ENTRUSTED or message.channel != "webhook":
        return
    message.state = Message.State.SENT if was_taken else Message.State.FAILED
    message.sent_at, message.sent_date = (now, message.sent_date) if was_taken else (None, None)
    message.save(update_fields=["state", "sent_at", "sent_date"])
    message.attempts.filter(outcome="").update(
        outcome=Attempt.Outcome.ACCEPTED if was_taken else Attempt.Outcome.FAILED, outcome_at=now
    )
    if not was_taken:
        Reminder.objects.filter(company=company, message=message).update(counts=False)
    record(
        company=company,
        actor=actor,
        action="message.sent" if was_taken else "message.failed",
        subject_type="message",
        subject_id=message.pk,
        customer_id=message.customer_id,
        data={"channel": "webhook"},
    )
