"""Third step of sending: what became of a hand-over."""

from datetime import date, datetime
from typing import Any

from django.db import transaction

from encours.actions.journal import record
from encours.actions.reroute_message import channel_that_reaches, reroute
from encours.core.dunning.reasons import REFUSED_THERE
from encours.core.messages import MAX_ATTEMPTS
from encours.ports.channels import HandedOver
from encours.queries.channels import channel_costs
from encours.store.models import Attempt, Company, Contact, Message, Reminder


@transaction.atomic(durable=True)
def write_outcome(
    *,
    company: Company,
    attempt_id: int,
    answer: HandedOver | None,
    provider: str,
    on: date,
    now: datetime,
    actor: str,
) -> Message:
    """The message with what became of it. Without an answer it is unknown.

    A refused address is marked and written to no more until somebody corrects it; the message goes by the next channel
    of its step, if one reaches. A temporary failure is tried again later, a few times; then the step is free for a later
    plan.
    """
    message = Message.objects.select_for_update().get(company=company, attempts=attempt_id)
    attempt = Attempt.objects.get(company=company, pk=attempt_id)
    outcome = answer.outcome if answer else Attempt.Outcome.UNKNOWN.value
    if attempt.outcome not in ("", Attempt.Outcome.UNKNOWN) or message.state not in (
        Message.State.CLAIMED,
        Message.State.UNKNOWN,
    ):
        return message  # taken for dead and resolved by a person meanwhile: their word stands
    attempt.outcome, attempt.outcome_at, attempt.provider = outcome, now, provider
    if answer is not None:
        attempt.provider_id, attempt.detail = answer.provider_id[:200], answer.detail
        if outcome == "accepted":
            attempt.cost_cents = channel_costs(company=company)[message.channel] * answer.parts
    attempt.save(update_fields=["outcome", "outcome_at", "provider", "provider_id", "detail", "cost_cents"])
    message.state = _state_after(outcome, message)
    if outcome == "accepted":
        message.sent_at = now
    elif outcome != "unknown":
        message.sent_date = None
    message.save(update_fields=["state", "sent_at", "sent_date"])
    record(
        company=company,
        actor=actor,
        action=_ACTIONS[outcome],
        subject_type="message",
        subject_id=message.pk,
        customer_id=message.customer_id,
        data=_told(attempt, message),
    )
    if outcome == "refused":
        mark_address(company=company, message=message, now=now)
    if message.state == Message.State.FAILED:
        give_up(company=company, message=message, detail=attempt.detail, on=on, actor=actor)
    return message


def give_up(*, company: Company, message: Message, detail: str, on: date, actor: str) -> None:
    """By the next channel of its step, if one reaches; else its steps are free for a later plan."""
    other = channel_that_reaches(company=company, message=message, on=on)
    if other:
        reroute(
            company=company, message=message, channel=other, why=REFUSED_THERE(detail=detail), actor=actor
        )
    else:
        Reminder.objects.filter(company=company, message=message).update(counts=False)


def mark_address(*, company: Company, message: Message, now: datetime) -> None:
    """Nothing more is sent where this message did not arrive, until somebody corrects it."""
    reached = Contact.objects.filter(company=company, pk=message.contact_id)
    if message.channel in ("email", "registered"):
        reached.filter(email=message.recipient).update(bounced_at=now)
    elif message.channel == "sms":
        reached.update(text_failed_at=now)


_ACTIONS = {
    "accepted": "message.sent",
    "refused": "message.refused",
    "failed": "message.failed",
    "unknown": "message.unknown",
}


def _state_after(outcome: str, message: Message) -> str:
    if outcome == "failed":
        tried = message.attempts.filter(outcome=Attempt.Outcome.FAILED).count()
        return Message.State.FAILED if tried >= MAX_ATTEMPTS else Message.State.APPROVED
    return {
        "accepted": Message.State.SENT,
        "refused": Message.State.FAILED,
        "unknown": Message.State.UNKNOWN,
    }[outcome]


def _told(attempt: Attempt, message: Message) -> dict[str, Any]:
    return {
        "attempt": attempt.number,
        "key": attempt.idempotency_key,
        "channel": message.channel,
        "recipient": message.recipient,
        "subject": message.subject,
        "amount_cents": message.amount_cents,
        "detail": attempt.detail,
    }
