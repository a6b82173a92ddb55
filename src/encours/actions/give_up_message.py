"""A message that did not arrive, and the address it did not arrive at. Inside the caller's transaction."""

from datetime import date, datetime

from encours.actions.reroute_message import channel_that_reaches, reroute
from encours.core.dunning.reasons import REFUSED_THERE
from encours.store.models import Company, Contact, Customer, Message, Reminder


def give_up(*, company: Company, message: Message, detail: str, on: date, actor: str) -> None:
    """By the next channel of its step, if one reaches; else its steps are free for a later plan."""
    other = channel_that_reaches(company=company, message=message, on=on)
    if other:
        reroute(
            company=company, message=message, channel=other, why=REFUSED_THERE(detail=detail), actor=actor
        )
    else:
        Reminder.objects.filter(company=company, message=message).update(counts=False)


def mark_address(*, company: Company, message: Message, is_stopped: bool = False, now: datetime) -> None:
    """Nothing more is sent where this message did not arrive, until somebody corrects it; nor to a number whose owner
    asked for no more."""
    reached = Contact.objects.filter(company=company, pk=message.contact_id)
    if message.channel in ("email", "registered"):
        reached.filter(email=message.recipient).update(bounced_at=now)
    elif message.channel == "letter":
        Customer.objects.filter(company=company, pk=message.customer_id).update(address_returned_at=now)
    elif message.channel == "sms":
        reached.update(**{"text_stopped_at" if is_stopped else "text_failed_at": now})
