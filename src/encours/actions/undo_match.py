"""Takes a match back whole: the receipt, what it settled, and the bank line waits again."""

from datetime import date

import polars as pl
from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now

from encours.actions.confirm_match import NO_PROPOSAL, UnableToMatch
from encours.actions.journal import record
from encours.actions.post_movements import MOVEMENTS
from encours.actions.undo_allocation import lock, reverse_allocations, reversed_movements
from encours.core.matching.reasons import REFUSED_BEFORE
from encours.store.models import Allocation, Company, Match, Payment, Transaction


@transaction.atomic
def undo_match(*, company: Company, match_id: int, on: date, actor: str) -> bool:
    """True when it was undone now, False when it already was. Every balance is what it was before the match.

    All that the receipt settled is open again, allocations made by hand later included: there is no money left to
    settle with. Raises `UnableToMatch` when there is no applied match of this id.
    """
    match = Match.objects.filter(company=company, pk=match_id).first()
    if match is None:
        raise UnableToMatch(NO_PROPOSAL())
    line = Transaction.objects.select_for_update().get(company=company, pk=match.transaction_id)
    match.refresh_from_db()
    if match.state == Match.State.UNDONE:
        return False
    if match.state != Match.State.APPLIED:
        raise UnableToMatch(NO_PROPOSAL())
    payments = list(Payment.objects.filter(company=company, transaction=line, reversed_at=None))
    payment_ids = [payment.pk for payment in payments]
    allocations = _touched(company, match, payment_ids)
    lock(
        company=company,
        document_ids=[key for _, *documents in allocations for key in documents if key],
        payment_ids=payment_ids,
    )
    # somebody may have allocated more of the receipt until its lock was ours
    allocations = _touched(company, match, payment_ids)
    reverse_allocations(
        company=company,
        allocation_ids=[row[0] for row in allocations],
        on=on,
        receipts=reversed_movements(_receipts(payments), on=on),
    )
    Payment.objects.filter(company=company, pk__in=payment_ids).update(reversed_at=Now())
    match.state, match.decided_by = Match.State.UNDONE, actor
    match.save(update_fields=["state", "decided_by"])
    line.state, line.reason = Transaction.State.NEW, REFUSED_BEFORE().as_json()
    line.save(update_fields=["state", "reason"])
    record(
        company=company,
        actor=actor,
        action="match.undone",
        subject_type="match",
        subject_id=match.pk,
        customer_id=match.customer_id,
        data={"transaction_id": line.pk, "documents": match.lines},
    )
    return True


def _touched(company: Company, match: Match, payment_ids: list[int]) -> list[tuple[int, int, int | None]]:
    of_match = Q(match=match) | Q(payment_id__in=payment_ids)
    rows = Allocation.objects.filter(of_match, company=company, undone_at=None).order_by("pk")
    return list(rows.values_list("pk", "document_id", "credit_note_id"))


def _receipts(payments: list[Payment]) -> pl.DataFrame:
    rows = [
        {
            "customer_id": payment.customer_id,
            "document_id": None,
            "payment_id": payment.pk,
            "allocation_id": None,
            "kind": "paid",
            "reversed_kind": "",
            "amount_cents": -payment.amount_cents,
            "currency": payment.currency,
            "booked_date": payment.received_date,
        }
        for payment in payments
    ]
    return pl.DataFrame(rows, schema=MOVEMENTS)
