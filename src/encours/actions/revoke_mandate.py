"""Ends a mandate, by the customer's or the company's wish: nothing is charged by it any more, here nor at its service."""

from datetime import datetime

from django.db import transaction

from encours.actions.journal import record
from encours.actions.open_connection import open_connection
from encours.core.payments.mandates import EXPIRED, REPLACED, REVOKED
from encours.core.wording import Sentence, Wording
from encours.store.models import Company, PaymentMandate

BY_CUSTOMER = Wording("mandate.by_customer", fr="révoqué par le client", en="revoked by the customer")
BY_COMPANY = Wording("mandate.by_company", fr="révoqué par la société", en="revoked by the company")


def revoke_mandate(*, company: Company, mandate_id: int, reason: Sentence, now: datetime, actor: str) -> bool:
    """Ends it here first, then asks the service to forget the method; False when it was over already.

    Ended here, it is charged by no one even where the service cannot be asked: raises `UnableToAsk` then, and may be called
    again. Not in a transaction. What it had announced is canceled when its day comes.
    """
    with transaction.atomic():
        mandate = PaymentMandate.objects.select_for_update().get(company=company, pk=mandate_id)
        is_news = mandate.state not in (REVOKED, EXPIRED, REPLACED)
        if is_news:
            mandate.state, mandate.ended_at, mandate.ended_reason = REVOKED, now, reason.as_json()
            mandate.save(update_fields=["state", "ended_at", "ended_reason"])
            record(
                company=company,
                actor=actor,
                action="mandate.revoked",
                subject_type="mandate",
                subject_id=mandate.pk,
                customer_id=mandate.customer_id,
                data={"reference": mandate.reference, "reason": reason.as_json()},
            )
    if mandate.external_id and not _is_used_elsewhere(company, mandate):
        gateway = open_connection(mandate.connection)
        try:
            gateway.forget_method(mandate.external_id)
        finally:
            gateway.close()
    return is_news


def _is_used_elsewhere(company: Company, mandate: PaymentMandate) -> bool:
    """A card saved twice is one method at its service."""
    same = PaymentMandate.objects.filter(
        company=company, connection=mandate.connection_id, external_id=mandate.external_id
    )
    return same.exclude(pk=mandate.pk).filter(ended_at=None).exists()
