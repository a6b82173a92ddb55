"""Takes debits out of a file that will never be collected: what was announced, or is tried again, goes into the next one."""

from collections.abc import Sequence
from datetime import datetime

from encours.core.payments.charges import CANCELED, PENDING
from encours.core.wording import Sentence
from encours.store.models import Charge, ChargeDocument, ChargeNotice, Company, Payout


def put_back_debits(*, company: Company, charges: Sequence[Charge], reason: Sentence, now: datetime) -> int:
    """How many were put back. The charges are pending and locked by the caller, in its transaction."""
    assert all(each.state == PENDING for each in charges), "only what is on its way is put back"
    for each in charges:
        # what was tried again may be again: the link is the later one's
        each.state, each.ended_at, each.previous, each.payout = CANCELED, now, None, None
        each.failure = reason.as_json()
    batches = Payout.objects.filter(company=company, charges__in=[each.pk for each in charges])
    batch_ids = set(batches.values_list("pk", flat=True))
    Charge.objects.bulk_update(
        charges, ["state", "ended_at", "previous", "payout", "failure"], batch_size=1_000
    )
    ChargeDocument.objects.filter(company=company, charge__in=charges).update(is_open=False)
    ChargeNotice.objects.filter(company=company, charge__in=charges).update(
        state=ChargeNotice.State.ANNOUNCED, charge=None
    )
    count_batches(company=company, payout_ids=batch_ids)
    return len(charges)


def count_batches(*, company: Company, payout_ids: set[int]) -> None:
    """What is awaited of batches no line is known of yet: all of it (`gross_cents`), or without the debits that were refused,
    as banks credit either. One that nothing is left of is not awaited."""
    sums = {key: [0, 0] for key in payout_ids}
    charges = Charge.objects.filter(company=company, payout__in=payout_ids)
    for payout_id, cents, state in charges.values_list("payout", "amount_cents", "state"):
        sums[payout_id][0] += cents
        sums[payout_id][1] += 0 if state == Charge.State.FAILED else cents
    batches = list(Payout.objects.filter(company=company, pk__in=payout_ids, transaction=None))
    for each in batches:
        each.gross_cents, each.amount_cents = sums[each.pk]
        each.state = each.state if each.gross_cents else "canceled"
    Payout.objects.bulk_update(batches, ["gross_cents", "amount_cents", "state"], batch_size=1_000)
