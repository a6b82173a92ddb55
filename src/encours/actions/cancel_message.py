"""Takes a message out of the outbox before it leaves."""

from django.db import transaction

from encours.actions.journal import record
from encours.core.wording import Wording
from encours.store.models import Attempt, Company, Message, Reminder

CANCELLED_BY_HAND = Wording("message.cancelled_by_hand", fr="Annulé : {reason}", en="Cancelled: {reason}")


class UnableToCancelMessage(Exception):
    """It has left, is leaving, or was cancelled already. A task is taken back by `complete_task.cancel_task`."""


@transaction.atomic
def cancel_message(
    *, company: Company, message_id: int, reason: str, actor: str, step_is_done: bool = True
) -> Message:
    """Cancels a message that waits or was approved, or a letter that was printed and not posted.

    With `step_is_done` its step counts as done for its receivables: the next message about them is the next step's,
    on its day. Without, the step is free and the next plan may bring it again.
    """
    message = Message.objects.select_for_update().get(company=company, pk=message_id)
    is_entrusted = message.state == Message.State.ENTRUSTED and message.channel in ("letter", "webhook")
    if message.state not in (Message.State.WAITING, Message.State.APPROVED) and not is_entrusted:
        raise UnableToCancelMessage(f"message {message_id} is {message.state}")
    if is_entrusted:
        message.attempts.filter(outcome="").update(outcome=Attempt.Outcome.NOT_SENT)
    message.state = Message.State.CANCELLED
    message.reason = CANCELLED_BY_HAND(reason=reason).as_json()
    message.save(update_fields=["state", "reason"])
    if not step_is_done:
        Reminder.objects.filter(company=company, message=message).update(counts=False)
    record(
        company=company,
        actor=actor,
        action="message.cancelled",
        subject_type="message",
        subject_id=message.pk,
        customer_id=message.customer_id,
        data={"reason": reason, "step_is_done": step_is_done},
    )
    return message
