"""Writes movements and moves the balances they belong to, in the caller's transaction."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import Any

import polars as pl
from django.db import connection

from encours.core.ledger import NewMovement
from encours.store.frames import staged
from encours.store.models import Company, Payment

MOVEMENTS = pl.Schema(
    {
        "customer_id": pl.Int64,
        "document_id": pl.Int64,  # this or payment_id
        "payment_id": pl.Int64,
        "allocation_id": pl.Int64,  # null unless the movement is half of an allocation
        "kind": pl.String,
        "reversed_kind": pl.String,  # "" unless kind is "reversed"
        "amount_cents": pl.Int64,
        "currency": pl.String,
        "booked_date": pl.Date,
    }
)

# Rows are locked in the order of their ids, documents before payments, then the company's rollups as a whole: they are
# shared by documents that have nothing else in common (a due date, a day), and a transaction that posts twice would come
# back to them in another order. So two writers wait for each other, never in a circle. Who posts twice locks all of its
# documents and payments first, and tells the journal last.
_LOCK = """
SELECT id FROM {table} WHERE company_id = %s AND id IN (SELECT {target} FROM {staged}) ORDER BY id FOR UPDATE
"""
_LOCK_CLASS = 7014  # advisory lock: one moves the rollups of a company at a time
_MOVE_DOCUMENTS = """
UPDATE store_document d SET open_cents = d.open_cents + m.cents
FROM (SELECT document_id, sum(amount_cents)::bigint AS cents FROM {staged}
      WHERE document_id IS NOT NULL GROUP BY 1 HAVING sum(amount_cents) <> 0) m
WHERE d.id = m.document_id AND d.company_id = %s
"""
_MOVE_PAYMENTS = """
UPDATE store_payment p SET unallocated_cents = p.unallocated_cents - m.cents
FROM (SELECT payment_id, sum(amount_cents)::bigint AS cents FROM {staged}
      WHERE payment_id IS NOT NULL GROUP BY 1 HAVING sum(amount_cents) <> 0) m
WHERE p.id = m.payment_id AND p.company_id = %s
"""
_INSERT = """
INSERT INTO store_movement (company_id, customer_id, document_id, payment_id, allocation_id, kind, reversed_kind,
                            amount_cents, currency, booked_date, created_at)
SELECT %s, customer_id, document_id, payment_id, allocation_id, kind, reversed_kind, amount_cents, currency,
       booked_date, now() FROM {staged}
"""


def post(*, company: Company, movements: Sequence[NewMovement]) -> None:
    """Inserts movements; `open_cents` and `unallocated_cents` follow in the same transaction.

    A new document or payment starts at zero and its first movement brings it to what it says. An amount that
    a balance cannot take is refused by the database's constraints (`IntegrityError`).
    """
    rows: list[dict[str, Any]] = [asdict(movement) for movement in movements]
    post_frame(company=company, movements=pl.DataFrame(rows, schema=MOVEMENTS))


def post_frame(*, company: Company, movements: pl.DataFrame) -> None:
    """`post` for any number of rows (schema `MOVEMENTS`): six statements, whatever their number."""
    assert movements.schema == MOVEMENTS, movements.schema
    assert connection.in_atomic_block, "movements and balances belong to one transaction"
    if movements.is_empty():
        return
    with staged(movements) as table, connection.cursor() as cursor:
        cursor.execute(_LOCK.format(table="store_document", target="document_id", staged=table), [company.pk])
        cursor.execute(_LOCK.format(table="store_payment", target="payment_id", staged=table), [company.pk])
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [_LOCK_CLASS, company.pk])
        cursor.execute(_MOVE_DOCUMENTS.format(staged=table), [company.pk])
        cursor.execute(_MOVE_PAYMENTS.format(staged=table), [company.pk])
        cursor.execute(_INSERT.format(staged=table), [company.pk])


def receipt_movements(payments: Iterable[Payment]) -> pl.DataFrame:
    """The movements by which receipts came into their customers' accounts (schema `MOVEMENTS`)."""
    rows = [
        {
            "customer_id": payment.customer_id,
            "payment_id": payment.pk,
            "kind": "paid",
            "reversed_kind": "",
            "amount_cents": -payment.amount_cents,
            "currency": payment.currency,
            "booked_date": payment.received_date,
        }
        for payment in payments
    ]
    return pl.DataFrame(rows, schema=MOVEMENTS)
