"""Receipts and what each of them settles."""

from datetime import date
from typing import Any

from ninja import Path, Query, Router, Schema

from encours.api.access import scoped, within_company
from encours.api.paging import next_cursor, place_of
from encours.api.problems import NOT_FOUND, refused
from encours.api.values import Cursor, Limit, RowId
from encours.queries.payments import payment_row, payments_after

router = Router(tags=["Receipts"])
router.add_decorator(within_company)


class Allocation(Schema):
    """Part of a receipt that settles a document."""

    id: int
    document_id: int
    number: str
    allocated_cents: int
    allocated_date: date
    match_id: int | None
    is_undone: bool


class Receipt(Schema):
    """Money received from a customer; what no document takes stays the customer's credit."""

    id: int
    customer_id: int
    bank_line_id: int | None
    bank_reference: str
    received_date: date
    amount_cents: int
    unallocated_cents: int
    currency: str
    is_reversed: bool
    allocations: list[Allocation]


class Receipts(Schema):
    receipts: list[Receipt]
    next_cursor: str | None


class ReceiptQuery(Schema):
    customer_id: RowId | None = None
    bank_line_id: RowId | None = None
    cursor: Cursor = ""
    limit: Limit = 100


@router.get("/receipts", response=Receipts, **scoped("receipts:read"))
def list_receipts(request: Any, wanted: Query[ReceiptQuery]) -> dict[str, Any]:
    """Receipts with their allocations, the latest recorded first."""
    place = place_of(wanted.cursor, int)
    rows = payments_after(
        company=request.auth.company,
        customer_id=wanted.customer_id,
        line_id=wanted.bank_line_id,
        after=place[0] if place else None,
        limit=wanted.limit + 1,
    )
    return {
        "receipts": [row.as_json() for row in rows[: wanted.limit]],
        "next_cursor": next_cursor(rows, wanted.limit, lambda row: (row.id,)),
    }


@router.get("/receipts/{receipt_id}", response=Receipt, **scoped("receipts:read"))
def get_receipt(request: Any, receipt_id: Path[RowId]) -> dict[str, Any]:
    """One receipt with all that it ever settled; what was undone is marked."""
    row = payment_row(company=request.auth.company, payment_id=receipt_id)
    if row is None:
        raise refused(404, NOT_FOUND(), field="receipt_id")
    return row.as_json()
