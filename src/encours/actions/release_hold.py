"""Ends a hold before its day."""

from datetime import datetime

from django.db import transaction

from encours.actions.journal import record
from encours.store.models import Company, Hold


class UnableToRelease(Exception):
    """The company has no such hold."""


@transaction.atomic
def release_hold(*, company: Company, hold_id: int, now: datetime, actor: str) -> Hold:
    """The hold, released; one that was released before stays as it is."""
    hold = Hold.objects.select_for_update().filter(company=company, pk=hold_id).first()
    if hold is None:
        raise UnableToRelease
    if hold.released_at is not None:
        return hold
    hold.released_at = now
    hold.save(update_fields=["released_at"])
    record(
        company=company,
        actor=actor,
        action="hold.released",
        subject_type="document" if hold.document_id else "customer",
        subject_id=hold.document_id or hold.customer_id,
        customer_id=hold.customer_id,
        data={"hold": hold.pk},
    )
    return hold
