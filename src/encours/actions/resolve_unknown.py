"""A person says what became of a message whose sending was interrupted."""

from datetime import datetime

from django.db import transaction

from encours.actions.journal import record
from encours.store.models import Attempt, Company, Message


class UnableToResolve(Exception):
    """The message's fate is not unknown."""


@transaction.atomic
def resolve_unknown(
    *, company: Company, message_id: int, was_sent: bool, now: datetime, actor: str
) -> Message:
    """Sent: it stays sent on the day it was handed over. Not sent: approved again, for a new attempt that checks
    everything anew and carries the same idempotency key."""
    message = Message.objects.select_for_update().get(company=company, pk=message_id)
    if message.state != Message.State.UNKNOWN:
        raise UnableToResolve(f"message {message_id} is {message.state}")
    attempt = message.attempts.order_by("-number")[0]
    attempt.outcome = Attempt.Outcome.ACCEPTED if was_sent else Attempt.Outcome.NOT_SENT
    attempt.outcome_at = now
    attempt.detail = f"said by {actor}"
    attempt.save(update_fields=["outcome", "outcome_at", "detail"])
    if was_sent:
        message.state, message.sent_at = Message.State.SENT, attempt.handed_over_at
    else:
        message.state, message.sent_date = Message.State.APPROVED, None
    message.save(update_fields=["state", "sent_at", "sent_date"])
    record(
        company=company,
        actor=actor,
        action="message.resolved",
        subject_type="message",
        subject_id=message.pk,
        customer_id=message.customer_id,
        data={"was_sent": was_sent},
    )
    return message
