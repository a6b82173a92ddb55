"""Holds reminders back: for one document, or for all of a customer's."""

from datetime import date

from django.db import transaction

from encours.actions.journal import record
from encours.store.models import Company, Customer, Document, Hold


class UnableToHold(Exception):
    """Its text says which detail is wrong."""


@transaction.atomic
def hold_receivable(
    *,
    company: Company,
    customer_id: int,
    document_id: int | None = None,
    kind: str = Hold.Kind.MANUAL,
    reason: str,
    from_date: date,
    until_date: date | None = None,
    actor: str,
) -> Hold:
    """A hold from a day until a day (both held), or until released. Other documents go on as before.

    Messages that wait already drop what is held when they are about to leave. The customer's row is locked
    first, as the sender does: a hold is either seen by a sending or came after it.
    """
    if not reason.strip():
        raise UnableToHold("a hold needs its reason")
    if until_date is not None and until_date < from_date:
        raise UnableToHold("a hold ends after it begins")
    customer = Customer.objects.select_for_update(no_key=True).get(company=company, pk=customer_id)
    if (
        document_id is not None
        and not Document.objects.filter(company=company, pk=document_id, customer=customer).exists()
    ):
        raise UnableToHold("the document is not this customer's")
    hold = Hold.objects.create(
        company=company,
        customer=customer,
        document_id=document_id,
        kind=kind,
        reason=reason.strip(),
        from_date=from_date,
        until_date=until_date,
        held_by=actor,
    )
    record(
        company=company,
        actor=actor,
        action="hold.created",
        subject_type="document" if document_id else "customer",
        subject_id=document_id or customer_id,
        customer_id=customer_id,
        data={"hold": hold.pk, "kind": kind, "reason": hold.reason},
    )
    return hold
