"""Writes down that somebody called or wrote to a customer outside the product."""

from datetime import date, datetime

from django.db import transaction

from encours.actions.journal import record
from encours.core.wording import Wording
from encours.store.models import Company, Customer, Message

BY_HAND = Wording(
    "message.by_hand", fr="Contact hors de l’application : {note}", en="Contact by hand: {note}"
)
MANUAL = "manual"


@transaction.atomic
def record_contact(
    *, company: Company, customer_id: int, on: date, now: datetime, note: str, actor: str
) -> Message:
    """The contact as a message of the channel `manual`. It counts in the minimum gap like any other."""
    customer = Customer.objects.select_for_update(no_key=True).get(company=company, pk=customer_id)
    contact = Message.objects.create(
        company=company,
        customer=customer,
        channel=MANUAL,
        template="",
        step_code="",
        currency=company.currency,
        amount_cents=0,
        planned_date=on,
        state=Message.State.SENT,
        reason=BY_HAND(note=note).as_json(),
        approved_by=actor,
        text=note,
        sent_at=now,
        sent_date=on,
    )
    record(
        company=company,
        actor=actor,
        action="contact.recorded",
        subject_type="message",
        subject_id=contact.pk,
        customer_id=customer_id,
        data={"note": note},
    )
    return contact
