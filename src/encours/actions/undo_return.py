"""Takes a return back: the receipt and what it settled are in force again, as they were."""

from datetime import date

import polars as pl

from encours.actions.post_movements import MOVEMENTS, post_frame, receipt_movements
from encours.actions.tell_webhooks import tell_allocated
from encours.actions.unable_to_match import UnableToMatch
from encours.actions.undo_allocation import lock
from encours.core.wording import Wording
from encours.store.frames import read_frame
from encours.store.models import Allocation, Company, Document, Match, Payment

SETTLED_SINCE = Wording(
    "return.settled_since",
    fr="{numbers} a été réglé autrement depuis ce retour : ce que l'encaissement rendu y avait réglé n'y tient plus."
    " Défaites d'abord cet autre règlement.",
    en="{numbers} has been settled otherwise since this return: what the returned receipt had settled no longer fits."
    " Undo that other settlement first.",
)
# Everything an allocation moved, adjustments included. It may have been taken back and restored before, each time whole.
_TAKEN_BACK = """
WITH times AS (
  SELECT allocation_id, count(*) AS times FROM store_movement
  WHERE company_id = %s AND customer_id = ANY(%s) AND allocation_id = ANY(%s)
    AND kind = 'reversed' AND reversed_kind = 'allocated' AND document_id IS NOT NULL
  GROUP BY 1
)
SELECT customer_id, document_id, payment_id, allocation_id, reversed_kind, '',
       (-sum(amount_cents) / min(times))::bigint, currency, max(booked_date)
FROM store_movement JOIN times USING (allocation_id)
WHERE company_id = %s AND customer_id = ANY(%s) AND kind = 'reversed'
GROUP BY 1, 2, 3, 4, 5, 8 ORDER BY 4, 5
"""


def restore_receipts(*, company: Company, match: Match, on: date) -> None:
    """Brings the receipts that a return took back into force, with what they settled then.

    `match` is that of the return, whose line the caller has locked. New movements are dated `on`, never before the
    return. Raises `UnableToMatch` when a document has been settled otherwise since.
    """
    payments = list(Payment.objects.filter(company=company, returned_by=match).order_by("pk"))
    allocations = Allocation.objects.filter(company=company, returned_by=match)
    rows = list(allocations.values_list("pk", "document_id"))
    lock(company=company, document_ids=[row[1] for row in rows], payment_ids=[each.pk for each in payments])
    customers = sorted({payment.customer_id for payment in payments})
    params = [company.pk, customers, [row[0] for row in rows], company.pk, customers]
    movements = pl.concat([receipt_movements(payments), read_frame(_TAKEN_BACK, params, dict(MOVEMENTS))])
    _check(company, movements)
    returned = match.transaction.booked_date
    movements = movements.with_columns(pl.max_horizontal("booked_date", pl.lit(on), pl.lit(returned)))
    post_frame(company=company, movements=movements)
    tell_allocated(company=company, allocation_ids=[row[0] for row in rows])
    allocations.update(undone_at=None, returned_by=None)
    Payment.objects.filter(company=company, returned_by=match).update(reversed_at=None, returned_by=None)


def _check(company: Company, movements: pl.DataFrame) -> None:
    """No document may be settled beyond what is open."""
    of_documents = movements.drop_nulls("document_id")
    cents = dict(of_documents.group_by("document_id").agg(pl.col("amount_cents").sum()).iter_rows())
    documents = Document.objects.filter(company=company, pk__in=cents).order_by("number")
    full = [each.number for each in documents if each.open_cents + cents[each.pk] < 0]
    if full:
        raise UnableToMatch(SETTLED_SINCE(numbers=", ".join(full)))
