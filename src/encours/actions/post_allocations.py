"""Writes allocations with their pairs of movements, in the caller's transaction and after its checks."""

import polars as pl
from django.db import connection

from encours.actions.post_movements import MOVEMENTS, post_frame
from encours.actions.tell_webhooks import tell_allocated
from encours.store.frames import staged
from encours.store.models import Allocation, Company
from encours.store.sequences import take_ids

ALLOCATIONS = pl.Schema(
    {
        "customer_id": pl.Int64,
        "document_id": pl.Int64,
        "payment_id": pl.Int64,  # the source: this or credit_note_id
        "credit_note_id": pl.Int64,
        "match_id": pl.Int64,  # null when no bank line explains it
        "amount_cents": pl.Int64,  # positive
        "currency": pl.String,
        "allocated_date": pl.Date,
    }
)
_INSERT = """
INSERT INTO store_allocation (id, company_id, document_id, payment_id, credit_note_id, match_id, amount_cents,
                              allocated_date, lettering, undone_at, created_at)
SELECT id, %s, document_id, payment_id, credit_note_id, match_id, amount_cents, allocated_date, '', NULL, now()
FROM {staged}
"""


def post_allocations(
    *,
    company: Company,
    allocations: pl.DataFrame,
    receipts: pl.DataFrame | None = None,
    adjustments: pl.DataFrame | None = None,
) -> list[int]:
    """Ids of the new allocations (schema `ALLOCATIONS`), in order; `receipts` are movements posted with them.

    Every allocation is two movements that sum to zero: the source gives, the document is settled. `adjustments` are
    movements (with the `match_id` they belong to) that close the rest of a document; each hangs on the document's
    allocation of that match and is undone with it.
    """
    assert allocations.schema == ALLOCATIONS, allocations.schema
    ids = take_ids(Allocation, allocations.height)
    written = allocations.with_columns(pl.Series("id", ids, dtype=pl.Int64))
    if written.height:
        with staged(written) as table, connection.cursor() as cursor:
            cursor.execute(_INSERT.format(staged=table), [company.pk])
    movements = allocation_movements(written)
    if receipts is not None:
        movements = pl.concat([receipts, movements])
    if adjustments is not None and adjustments.height:
        of_match = ["document_id", "match_id"]
        hung = written.group_by(of_match).agg(pl.col("id").max().alias("allocation_id"))
        closing = adjustments.drop("allocation_id").join(hung, on=of_match, how="left")
        movements = pl.concat([movements, closing.select(MOVEMENTS.names())])
    post_frame(company=company, movements=movements)
    tell_allocated(company=company, allocation_ids=ids)
    return ids


def allocation_movements(allocations: pl.DataFrame) -> pl.DataFrame:
    """The pairs of movements of allocations (schema `ALLOCATIONS` with `id`), in schema `MOVEMENTS`."""
    settled = allocations.select(
        "customer_id",
        "document_id",
        pl.lit(None, pl.Int64).alias("payment_id"),
        pl.col("id").alias("allocation_id"),
        pl.lit("allocated").alias("kind"),
        pl.lit("").alias("reversed_kind"),
        -pl.col("amount_cents"),
        "currency",
        pl.col("allocated_date").alias("booked_date"),
    )
    given = allocations.select(
        "customer_id",
        pl.col("credit_note_id").alias("document_id"),
        "payment_id",
        pl.col("id").alias("allocation_id"),
        pl.lit("allocated").alias("kind"),
        pl.lit("").alias("reversed_kind"),
        "amount_cents",
        "currency",
        pl.col("allocated_date").alias("booked_date"),
    )
    return pl.concat([settled, given]).select(MOVEMENTS.names())
