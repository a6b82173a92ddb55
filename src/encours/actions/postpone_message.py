"""Lets a planned message wait for a later day."""

from datetime import date, timedelta

from django.db import transaction

from encours.actions.journal import record
from encours.core.wording import Sentence, Wording
from encours.store.models import Company, Message

# Further away than this is a hold with its reason, or no message at all.
LONGEST_DAYS = 90

GONE = Wording(
    "message.cannot_wait",
    fr="Trop tard : cet envoi est parti ou a déjà été annulé.",
    en="Too late: this message has left or was cancelled already.",
)
NOT_LATER = Wording(
    "message.not_postponed_so",
    fr="Choisissez un jour entre le {first} et le {last}.",
    en="Choose a day between {first} and {last}.",
)


class UnableToPostpone(Exception):
    """Nothing was changed; `sentence` says why."""

    def __init__(self, sentence: Sentence) -> None:
        super().__init__(sentence.code)
        self.sentence = sentence


@transaction.atomic
def postpone_message(*, company: Company, message_id: int, until: date, on: date, actor: str) -> Message:
    """The message leaves on `until` at the earliest, approved or not as before; it is checked again then.

    Until it has left, no further reminder is planned for its customer. Raises `UnableToPostpone`.
    """
    first, last = on + timedelta(days=1), on + timedelta(days=LONGEST_DAYS)
    if not first <= until <= last:
        raise UnableToPostpone(NOT_LATER(first=first, last=last))
    message = Message.objects.select_for_update().get(company=company, pk=message_id)
    if message.state not in (Message.State.WAITING, Message.State.APPROVED):
        raise UnableToPostpone(GONE())
    before, message.planned_date = message.planned_date, until
    message.save(update_fields=["planned_date"])
    record(
        company=company,
        actor=actor,
        action="message.postponed",
        subject_type="message",
        subject_id=message.pk,
        customer_id=message.customer_id,
        data={"from": before.isoformat(), "until": until.isoformat()},
    )
    return message
