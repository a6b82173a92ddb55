"""Ends SEPA mandates that nothing was debited by for 36 months, and those whose last debit went through."""

from datetime import date, datetime

from django.db import transaction

from encours.actions.journal import Event, record_all
from encours.core.payments.charges import SUCCEEDED
from encours.core.payments.direct_debits import DISUSE_ENDED, GATEWAY, USED_UP
from encours.core.payments.mandates import ACTIVE, EXPIRED
from encours.store.models import Charge, Company, PaymentMandate


@transaction.atomic
def expire_mandates(*, company: Company, on: date, now: datetime, actor: str) -> int:
    """How many ended. Two queries where none did."""
    rows = PaymentMandate.objects.select_for_update(of=("self",)).filter(
        company=company, state=ACTIVE, connection__provider=GATEWAY
    )
    disused = list(rows.filter(expires_date__lt=on))
    last = Charge.objects.filter(company=company, state=SUCCEEDED, sequence_type__in=("OOFF", "FNAL"))
    used_up = [each for each in rows.filter(pk__in=last.values("mandate")) if each not in disused]
    for each in (*disused, *used_up):
        reason = DISUSE_ENDED() if each in disused else USED_UP()
        each.state, each.ended_at, each.ended_reason = EXPIRED, now, reason.as_json()
    ended = [*disused, *used_up]
    PaymentMandate.objects.bulk_update(ended, ["state", "ended_at", "ended_reason"], batch_size=1_000)
    if ended:
        record_all(
            company=company,
            actor=actor,
            action="mandate.expired",
            subject_type="mandate",
            events=[
                Event(each.pk, each.customer_id, {"reference": each.reference, "reason": each.ended_reason})
                for each in ended
            ],
        )
    return len(ended)
