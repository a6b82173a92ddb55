"""Takes allocations back by counter-movements: what they settled is open again, what they used is left again."""

from collections.abc import Mapping, Sequence
from datetime import date

import polars as pl
from django.db import transaction
from django.db.models.functions import Now

from encours.actions.journal import record
from encours.actions.post_allocations import ALLOCATIONS, allocation_movements
from encours.actions.post_movements import MOVEMENTS, post_frame
from encours.actions.tell_webhooks import tell_unallocated
from encours.core.ledger import ADJUSTMENTS
from encours.store.frames import read_frame
from encours.store.models import Allocation, Company, Document, Payment

_ALLOCATIONS = """
SELECT d.customer_id, a.document_id, a.payment_id, a.credit_note_id, a.match_id, a.amount_cents, d.currency,
       a.allocated_date, a.id
FROM store_allocation a JOIN store_document d ON d.id = a.document_id
WHERE a.company_id = %s AND a.id = ANY(%s) ORDER BY a.id
"""

# What was closed without money along with an allocation and still is: it may have been taken back and restored.
_ADJUSTMENTS = """
SELECT customer_id, document_id, payment_id, allocation_id, coalesce(nullif(reversed_kind, ''), kind), '',
       sum(amount_cents)::bigint, currency, max(booked_date)
FROM store_movement
WHERE company_id = %s AND document_id = ANY(%s) AND allocation_id = ANY(%s)
  AND coalesce(nullif(reversed_kind, ''), kind) = ANY(%s)
GROUP BY 1, 2, 3, 4, 5, 8 HAVING sum(amount_cents) <> 0 ORDER BY 4, 5
"""


class UnableToUndo(Exception):
    """There is nothing of this id in the company."""


@transaction.atomic
def undo_allocation(*, company: Company, allocation_id: int, on: date, actor: str) -> bool:
    """True when the allocation was taken back now, False when it already was. Raises `UnableToUndo`."""
    allocation = Allocation.objects.filter(company=company, pk=allocation_id).first()
    if allocation is None:
        raise UnableToUndo(f"no allocation {allocation_id}")
    undone = reverse_allocations(company=company, allocation_ids=[allocation_id], on=on)
    if not undone:
        return False
    document = Document.objects.get(company=company, pk=allocation.document_id)
    record(
        company=company,
        actor=actor,
        action="allocation.undone",
        subject_type="document",
        subject_id=document.pk,
        customer_id=document.customer_id,
        data={"number": document.number, "allocated_cents": allocation.amount_cents},
    )
    return True


def reverse_allocations(
    *,
    company: Company,
    allocation_ids: Sequence[int],
    on: date | Mapping[int, date],
    receipts: pl.DataFrame | None = None,
) -> list[int]:
    """Those of the allocations that were still in force; each gets its two counter-movements.

    `on` is their day, or one for each allocation. `receipts` are reversals of receipts posted with them. Runs in the
    caller's transaction.
    """
    chosen = Allocation.objects.filter(company=company, pk__in=allocation_ids)
    touched = list(chosen.values_list("document_id", "credit_note_id", "payment_id"))
    lock(
        company=company,
        document_ids=[key for document, note, _ in touched for key in (document, note) if key],
        payment_ids=[payment for _, _, payment in touched if payment],
    )
    active = list(
        chosen.select_for_update().filter(undone_at=None).order_by("pk").values_list("pk", flat=True)
    )
    chosen.filter(pk__in=active).update(undone_at=Now())
    rows = read_frame(_ALLOCATIONS, [company.pk, active], dict(ALLOCATIONS) | {"id": pl.Int64})
    adjusted = read_frame(
        _ADJUSTMENTS,
        [company.pk, rows["document_id"].unique().to_list(), active, list(ADJUSTMENTS)],
        dict(MOVEMENTS),
    )
    day = on if isinstance(on, date) else day_of("allocation_id", on)
    movements = reversed_movements(pl.concat([allocation_movements(rows), adjusted]), on=day)
    post_frame(company=company, movements=movements if receipts is None else pl.concat([movements, receipts]))
    tell_unallocated(company=company, allocation_ids=active)
    return active


def day_of(column: str, days: Mapping[int, date]) -> pl.Expr:
    """The day of each row's `column`."""
    return pl.col(column).replace_strict(list(days), list(days.values()), default=None, return_dtype=pl.Date)


def reversed_movements(movements: pl.DataFrame, *, on: date | pl.Expr) -> pl.DataFrame:
    """The counter-movements of movements (schema `MOVEMENTS`), never dated before what they take back."""
    return movements.with_columns(
        pl.lit("reversed").alias("kind"),
        pl.col("kind").alias("reversed_kind"),
        -pl.col("amount_cents"),
        pl.max_horizontal("booked_date", on if isinstance(on, pl.Expr) else pl.lit(on)),
    ).select(MOVEMENTS.names())


def lock(*, company: Company, document_ids: Sequence[int], payment_ids: Sequence[int]) -> None:
    """Rows whose balance is about to move, in the one order every writer takes them."""
    list(
        Document.objects.select_for_update()
        .filter(company=company, pk__in=document_ids)
        .order_by("pk")
        .values_list("pk")
    )
    list(
        Payment.objects.select_for_update()
        .filter(company=company, pk__in=payment_ids)
        .order_by("pk")
        .values_list("pk")
    )
