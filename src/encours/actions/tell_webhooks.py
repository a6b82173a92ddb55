"""Writes down, in the transaction that did it, what addresses of other programs want to be told of allocations.

One question per transaction when nobody listens; one statement for any number of allocations when somebody does.
"""

from collections.abc import Sequence

import polars as pl
from django.db import connection

from encours.actions.defer_job import defer
from encours.store.frames import staged
from encours.store.models import Company

_CHOSEN = """
SELECT DISTINCT chosen FROM store_webhookendpoint, jsonb_array_elements_text(events) AS chosen
WHERE company_id = %s AND state = 'active' AND chosen = ANY(%s)
"""
# Ids and amounts, and no name: what more a receiver needs it asks the API for.
_TELL = """
WITH touched AS (
  SELECT a.payment_id, a.credit_note_id, min(a.id) AS first_id, min(a.match_id) AS match_id,
         sum(a.amount_cents)::bigint AS cents,
         jsonb_agg(jsonb_build_object('allocation_id', a.id, 'document_id', d.id, 'number', d.number,
                                      'allocated_cents', a.amount_cents, 'open_cents', d.open_cents) ORDER BY a.id)
           AS documents
  FROM {staged} s JOIN store_allocation a USING (id) JOIN store_document d ON d.id = a.document_id
  WHERE a.company_id = %(company)s GROUP BY 1, 2
), told AS (
  SELECT t.first_id, 'receipt.' || %(verb)s AS event, jsonb_build_object(
      'receipt_id', p.id, 'bank_line_id', l.id, 'bank_reference', coalesce(l.bank_reference, ''),
      'match_id', t.match_id, 'customer_id', p.customer_id, 'currency', p.currency, 'received_date', p.received_date,
      'amount_cents', p.amount_cents, 'unallocated_cents', p.unallocated_cents, 'allocated_cents', t.cents,
      'documents', t.documents) AS data
  FROM touched t JOIN store_payment p ON p.id = t.payment_id LEFT JOIN store_transaction l ON l.id = p.transaction_id
  UNION ALL
  SELECT t.first_id, 'credit_note.' || %(verb)s, jsonb_build_object(
      'credit_note_id', n.id, 'number', n.number, 'match_id', t.match_id, 'customer_id', n.customer_id,
      'currency', n.currency, 'open_cents', n.open_cents, 'allocated_cents', t.cents, 'documents', t.documents)
  FROM touched t JOIN store_document n ON n.id = t.credit_note_id
), written AS (
  INSERT INTO store_webhookevent (company_id, webhook_id, event, data, occurred_at, created_at)
  SELECT %(company)s, 'evt_' || replace(gen_random_uuid()::text, '-', ''), event, data, now(), now()
  FROM told WHERE event = ANY(%(chosen)s) ORDER BY first_id
  RETURNING id, event
)
INSERT INTO store_webhookdelivery (company_id, endpoint_id, event_id, state, failure_count, next_attempt_at,
                                   delivered_at, created_at)
SELECT %(company)s, e.id, w.id, 'waiting', 0, NULL, NULL, now()
FROM written w JOIN store_webhookendpoint e ON e.company_id = %(company)s AND e.state = 'active' AND e.events ? w.event
ORDER BY w.id, e.id
"""


def tell_allocated(*, company: Company, allocation_ids: Sequence[int]) -> None:
    """Allocations came into force; balances have moved already. In the caller's transaction."""
    _tell(company, allocation_ids, "allocated")


def tell_unallocated(*, company: Company, allocation_ids: Sequence[int]) -> None:
    """Allocations were taken back; balances have moved already. In the caller's transaction."""
    _tell(company, allocation_ids, "unallocated")


def _tell(company: Company, allocation_ids: Sequence[int], verb: str) -> None:
    if not allocation_ids:
        return
    with connection.cursor() as cursor:
        cursor.execute(_CHOSEN, [company.pk, [f"receipt.{verb}", f"credit_note.{verb}"]])
        chosen = [event for (event,) in cursor.fetchall()]
        if not chosen:
            return
        with staged(pl.DataFrame({"id": allocation_ids}, schema={"id": pl.Int64})) as table:
            params = {"company": company.pk, "verb": verb, "chosen": chosen}
            cursor.execute(_TELL.format(staged=table), params)
            if not cursor.rowcount:
                return
    defer_deliveries(company=company)


def defer_deliveries(*, company: Company) -> None:
    """Asks for a round of deliveries; beside the company's other jobs, which must not wait for a slow address."""
    defer("deliver_webhooks", company_id=company.pk, beside="webhooks")
