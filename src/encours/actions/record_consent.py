"""Writes down that a customer who is no professional accepts electronic registered mail, or no longer does."""

from datetime import date

from django.db import transaction

from encours.actions.journal import record
from encours.store.models import Company, Customer


@transaction.atomic
def record_registered_consent(
    *, company: Company, customer_id: int, since: date | None, note: str, actor: str
) -> Customer:
    """Consent given on a day, or withdrawn (None). `note` says how it was given: whoever sends must be able to prove it
    (CPCE, art. L100)."""
    customer = Customer.objects.select_for_update(no_key=True).get(company=company, pk=customer_id)
    customer.registered_consent_date = since
    customer.save(update_fields=["registered_consent_date"])
    record(
        company=company,
        actor=actor,
        action="customer.registered_consent" if since else "customer.registered_consent_withdrawn",
        subject_type="customer",
        subject_id=customer.pk,
        customer_id=customer.pk,
        data={"since": since.isoformat() if since else None, "note": note.strip()},
    )
    return customer
