"""Mandates as people look at them."""

from typing import Any

from encours.core.payments.mandates import KINDS, STATES, means_of
from encours.store.models import Company, PaymentMandate


def mandates(*, company: Company, language: str) -> list[dict[str, Any]]:
    """All that were ever given, the latest first, in words of a language. One query."""
    rows = PaymentMandate.objects.filter(company=company).exclude(external_id="").select_related("customer")
    return [
        {
            "id": each.pk,
            "customer": each.customer.name,
            "reference": each.reference,
            "kind": KINDS[each.kind]().say(language),
            "means": means_of(kind=each.kind, brand=each.brand, last_digits=each.last_digits).say(language),
            "state": each.state,
            "state_told": STATES[each.state]().say(language),
            "pays_on_due_date": each.pays_on_due_date,
            "pays_overdue": each.pays_overdue,
            "max_cents": each.max_cents,
            "signed_at": each.signed_at,
            "expires_date": each.expires_date,
            "last_used_date": each.last_used_date,
        }
        for each in rows.order_by("-pk")
    ]


def mandate_id(*, company: Company, reference: str) -> int | None:
    """The mandate with a reference, as letters and lists say it."""
    found = PaymentMandate.objects.filter(company=company, reference=reference)
    return found.values_list("pk", flat=True).first()
