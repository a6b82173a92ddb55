"""Keeps saved methods as their services see them: one the customer agreed to comes into force, one that ended ends here.

A method nobody agreed to be charged by is not kept: an agreement (`agree_mandate`) comes first, its proof with it.
"""

from datetime import datetime

from django.db import transaction

from encours.actions.journal import record
from encours.core.payments.mandates import (
    ACTIVE,
    ENDED_BY_SERVICE,
    EXPIRED,
    PENDING,
    REPLACED,
    REVOKED,
    STATES,
    SUSPENDED,
    Agreement,
)
from encours.ports.gateways import ToldMandate
from encours.store.models import Charge, Company, GatewayConnection, PaymentMandate

_OVER = (EXPIRED, REVOKED, REPLACED)


def agree_mandate(*, company: Company, charge: Charge, agreement: Agreement) -> PaymentMandate:
    """The mandate that begins with a payment, pending until its service has saved the method. In a transaction."""
    return PaymentMandate.objects.create(
        company=company,
        customer_id=charge.customer_id,
        connection_id=charge.connection_id,
        kind=PaymentMandate.Kind.CARD,  # until the service says which
        reference=charge.reference,
        pays_on_due_date=agreement.pays_on_due_date,
        pays_overdue=agreement.pays_overdue,
        max_cents=agreement.max_cents,
        evidence=agreement.evidence(),
        signed_at=agreement.agreed_at,
    )


@transaction.atomic
def apply_told_mandate(
    *,
    company: Company,
    customer_id: int,
    connection: GatewayConnection,
    told: ToldMandate,
    now: datetime,
    actor: str,
    reference: str = "",
) -> str | None:
    """The mandate's state after its service's word; None of a method that nobody agreed to be charged by.

    `reference` is ours of the payment it was saved with. A mandate that ended here never comes back by the same method: the
    customer agrees anew. Idempotent.
    """
    own = PaymentMandate.objects.select_for_update().filter(
        company=company, customer=customer_id, connection=connection
    )
    mandate = own.filter(external_id=told.external_id).order_by("-pk").first()
    agreed = own.filter(reference=reference, state=PENDING).first() if reference else None
    mandate = agreed or mandate
    if mandate is None:
        return None
    if mandate.state in _OVER:
        return mandate.state
    was = mandate.state
    mandate.kind, mandate.holder_name = told.kind, told.holder_name[:140]
    mandate.external_id, mandate.mandate_external_id = told.external_id, told.mandate_external_id
    mandate.customer_external_id = told.customer_external_id or mandate.customer_external_id
    mandate.brand, mandate.last_digits = told.brand[:20], told.last_digits[:4]
    mandate.bank_country, mandate.expires_date = told.bank_country[:2], told.expires_date
    if told.reference and told.reference != mandate.reference:
        taken = PaymentMandate.objects.filter(company=company, reference=told.reference).exclude(
            pk=mandate.pk
        )
        mandate.reference = mandate.reference if taken.exists() else told.reference[:35]
    # suspended by a failure here: only the customer's next agreement lifts it
    mandate.state = SUSPENDED if was == SUSPENDED and told.state == ACTIVE else told.state
    mandate.told_at = now
    if mandate.state in _OVER:
        mandate.ended_at = now
        said = STATES[mandate.state]()
        mandate.ended_reason = ENDED_BY_SERVICE(service=connection.name, state=said).as_json()
    mandate.save()
    if mandate.state != was:
        _tell(company, mandate, actor)
    if mandate.state == ACTIVE and was == PENDING:
        _replace_earlier(company, mandate, now, actor)
    return mandate.state


def _replace_earlier(company: Company, mandate: PaymentMandate, now: datetime, actor: str) -> None:
    """What a customer agreed to last holds: an earlier mandate for nothing beyond it is replaced.

    What was announced by an earlier one is not charged by another: it is announced anew.
    """
    earlier = PaymentMandate.objects.select_for_update().filter(
        company=company, customer=mandate.customer_id, state__in=(ACTIVE, SUSPENDED)
    )
    for each in earlier.exclude(pk=mandate.pk):
        goes_beyond = (each.pays_on_due_date and not mandate.pays_on_due_date) or (
            each.pays_overdue and not mandate.pays_overdue
        )
        if goes_beyond and each.external_id != mandate.external_id:
            continue
        each.state, each.ended_at = REPLACED, now
        each.save(update_fields=["state", "ended_at"])
        _tell(company, each, actor)


def _tell(company: Company, mandate: PaymentMandate, actor: str) -> None:
    record(
        company=company,
        actor=actor,
        action=f"mandate.{mandate.state}",
        subject_type="mandate",
        subject_id=mandate.pk,
        customer_id=mandate.customer_id,
        data={
            "reference": mandate.reference, "kind": mandate.kind, "brand": mandate.brand,
            "last_digits": mandate.last_digits, "pays_on_due_date": mandate.pays_on_due_date,
            "pays_overdue": mandate.pays_overdue, "reason": mandate.ended_reason,
        },
    )  # fmt: skip
