"""What a service's report means for the message and for its address.

A bounce takes the message back: nobody got it. It goes by the next channel of its step, or its steps are free again, and the
address is written to no more. A report may overtake the answer to the hand-over: whoever writes that looks for reports too.
"""

from datetime import datetime
from zoneinfo import ZoneInfo

from encours.actions.give_up_message import give_up, mark_address
from encours.actions.journal import record
from encours.core.delivery_reports import STOPS, TAKEN_BACK, is_last_word
from encours.store.models import Attempt, Company, Message


def follow_report(
    *, company: Company, message: Message, attempt: Attempt, kind: str, detail: str, now: datetime, actor: str
) -> None:
    """What a report means, for a message whose hand-over is written; in the caller's transaction. Repeated, it changes
    nothing."""
    if message.state == Message.State.UNKNOWN and attempt.outcome == Attempt.Outcome.UNKNOWN:
        # whoever can report on it has it
        attempt.outcome, attempt.outcome_at = Attempt.Outcome.ACCEPTED, now
        attempt.save(update_fields=["outcome", "outcome_at"])
        message.state, message.sent_at = Message.State.SENT, attempt.handed_over_at
        message.save(update_fields=["state", "sent_at"])
    if message.state != Message.State.SENT or attempt.outcome != Attempt.Outcome.ACCEPTED:
        return
    if is_last_word(channel=message.channel, kind=kind):
        Attempt.objects.filter(company=company, pk=attempt.pk, closed_at=None).update(closed_at=now)
    if kind in STOPS:
        mark_address(company=company, message=message, is_stopped=kind == "opted_out", now=now)
    if kind in TAKEN_BACK:
        _take_back(company, message, kind, detail, now, actor)


def _take_back(company: Company, message: Message, kind: str, detail: str, now: datetime, actor: str) -> None:
    """It did not arrive: no contact was made."""
    message.state, message.sent_date = Message.State.FAILED, None
    message.save(update_fields=["state", "sent_date"])
    record(
        company=company,
        actor=actor,
        action="message.returned",
        subject_type="message",
        subject_id=message.pk,
        customer_id=message.customer_id,
        data={"recipient": message.recipient, "kind": kind, "detail": detail},
    )
    on = now.astimezone(ZoneInfo(company.time_zone)).date()
    give_up(company=company, message=message, detail=detail or message.recipient, on=on, actor=actor)
