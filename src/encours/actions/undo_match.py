"""Takes a match back whole: the receipt, what it settled, and the bank line waits again."""

from datetime import date

from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now

from encours.actions.journal import record
from encours.actions.post_movements import receipt_movements
from encours.actions.unable_to_match import NO_PROPOSAL, UnableToMatch
from encours.actions.undo_allocation import lock, reverse_allocations, reversed_movements
from encours.actions.undo_return import restore_receipts
from encours.core.matching.reasons import REFUSED_BEFORE
from encours.core.matching.returns import RULE as RETURNED
from encours.core.wording import Wording
from encours.store.models import Allocation, Company, Match, Payment, Transaction

RETURNED_SINCE = Wording(
    "match.returned_since",
    fr="L'argent de cette ligne a été rendu le {date} : défaites d'abord le rapprochement de ce retour.",
    en="The money of this line was given back on {date}: undo the match of that return first.",
)


@transaction.atomic
def undo_match(*, company: Company, match_id: int, on: date, actor: str) -> bool:
    """True when it was undone now, False when it already was. Every balance is what it was before the match.

    Of a receipt, all that it settled is open again, allocations made by hand later included: there is no money left to
    settle with. Of a return, the receipt is in force again with what it settled. Raises `UnableToMatch` when there is no
    applied match of this id, when the receipt was returned since, or when a document that the return opened was settled
    otherwise.
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
    reopen(company=company, match=match, on=on)
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


def reopen(*, company: Company, match: Match, on: date) -> None:
    """Every balance is what it was before an applied match, whose line the caller has locked. Raises `UnableToMatch`."""
    if match.rule == RETURNED:
        restore_receipts(company=company, match=match, on=on)
    else:
        _take_back(company, match, on=on)


def _take_back(company: Company, match: Match, *, on: date) -> None:
    """Reverses the receipts of the match's line and all that they settled."""
    of_line = Payment.objects.filter(company=company, transaction_id=match.transaction_id)
    payments = list(of_line.filter(reversed_at=None))
    payment_ids = [payment.pk for payment in payments]
    allocations = _touched(company, match, payment_ids)
    lock(
        company=company,
        document_ids=[key for _, *documents in allocations for key in documents if key],
        payment_ids=payment_ids,
    )
    # somebody may have allocated more of the receipt, or its return been matched, until its lock was ours
    returned = of_line.filter(returned_by__isnull=False).select_related("returned_by__transaction").first()
    if returned is not None and returned.returned_by is not None:
        raise UnableToMatch(RETURNED_SINCE(date=returned.returned_by.transaction.booked_date))
    allocations = _touched(company, match, payment_ids)
    reverse_allocations(
        company=company,
        allocation_ids=[row[0] for row in allocations],
        on=on,
        receipts=reversed_movements(receipt_movements(payments), on=on),
    )
    Payment.objects.filter(company=company, pk__in=payment_ids).update(reversed_at=Now())


def _touched(company: Company, match: Match, payment_ids: list[int]) -> list[tuple[int, int, int | None]]:
    of_match = Q(match=match) | Q(payment_id__in=payment_ids)
    rows = Allocation.objects.filter(of_match, company=company, undone_at=None).order_by("pk")
    return list(rows.values_list("pk", "document_id", "credit_note_id"))
