"""Third step of sending: what became of a hand-over."""

from datetime import date, datetime
from typing import Any

from django.db import transaction

from encours.actions.follow_report import follow_report
from encours.actions.give_up_message import give_up, mark_address
from encours.actions.journal import record
from encours.core.messages import MAX_ATTEMPTS
from encours.ports.channels import HandedOver
from encours.queries.channels import channel_costs
from encours.store.models import Attempt, Company, DeliveryReport, Message


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
        is_stopped = answer is not None and answer.is_stopped
        mark_address(company=company, message=message, is_stopped=is_stopped, now=now)
    if outcome == "accepted":
        _follow_early_reports(company, message, attempt, now, actor)
    if message.state == Message.State.FAILED and outcome != "accepted":
        give_up(company=company, message=message, detail=attempt.detail, on=on, actor=actor)
    return message


def _follow_early_reports(
    company: Company, message: Message, attempt: Attempt, now: datetime, actor: str
) -> None:
    """A service may report before its answer to the hand-over is written down here."""
    for report in DeliveryReport.objects.filter(company=company, attempt=attempt).order_by("pk"):
        follow_report(
            company=company, message=message, attempt=attempt, kind=report.kind, detail=report.detail, now=now,
            actor=actor,
        )  # fmt: skip


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
