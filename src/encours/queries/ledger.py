"""A customer's account: statement with running balance, what is open, receipts with money left."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db import connection

from encours.core.ledger import StatementOfAccount, running_balance
from encours.core.metrics import AgeingBucket, bucket_ranges
from encours.queries.paging import Page
from encours.store.models import Allocation, Company, Payment

# Allocations move nothing between the customer and the company: they are no lines of a statement of account.
_ENTRIES = """
SELECT m.booked_date AS day, coalesce(nullif(m.reversed_kind, ''), m.kind) AS kind, m.currency,
       coalesce(d.number, nullif(p.label, ''), '') AS reference, d.due_date, m.amount_cents, m.document_id,
       m.payment_id, m.before_cents
FROM (SELECT id, booked_date, kind, reversed_kind, currency, amount_cents, document_id, payment_id,
             (sum(amount_cents) OVER (PARTITION BY currency ORDER BY booked_date, id))::bigint - amount_cents
               AS before_cents
      FROM store_movement
      WHERE company_id = %s AND customer_id = %s AND allocation_id IS NULL AND booked_date BETWEEN %s AND %s
      ORDER BY currency, booked_date, id LIMIT %s OFFSET %s) m
LEFT JOIN store_document d ON d.id = m.document_id
LEFT JOIN store_payment p ON p.id = m.payment_id
ORDER BY m.currency, m.booked_date, m.id
"""
_TOTALS = """
SELECT currency, coalesce(sum(amount_cents) FILTER (WHERE booked_date < %s), 0)::bigint,
       count(*) FILTER (WHERE booked_date >= %s)
FROM store_movement
WHERE company_id = %s AND customer_id = %s AND allocation_id IS NULL AND booked_date <= %s GROUP BY 1 ORDER BY 1
"""
_AGEING = """
SELECT currency, due_date, sum(open_cents)::bigint, count(*) FILTER (WHERE open_cents > 0)
FROM store_receivable WHERE company_id = %s AND customer_id = %s AND open_cents <> 0 GROUP BY 1, 2
"""


@dataclass(frozen=True)
class AccountPart:
    """A part of an account between two days: with the balance carried to its first line, and that after its last.
    `is_end` when no line of this account comes after it."""

    account: StatementOfAccount
    from_date: date
    until_date: date
    is_end: bool


@dataclass(frozen=True)
class OpenReceipt:
    """Money of a customer that no document has taken: their credit."""

    payment_id: int
    received_date: date
    amount_cents: int
    unallocated_cents: int
    currency: str
    label: str


@dataclass(frozen=True)
class SettledBy:
    """What settled (a part of) a document: a receipt or a credit note."""

    allocation_id: int
    allocated_date: date
    amount_cents: int
    payment_id: int | None
    credit_note_id: int | None
    credit_note_number: str
    label: str
    match_id: int | None


def statement_of_account(
    *,
    company: Company,
    customer_id: int,
    from_date: date,
    until_date: date,
    number: int = 1,
    size: int | None = None,
) -> Page[AccountPart]:
    """The account between two days, both included, currency by currency: all of it, or `size` lines from page `number`.

    An account without a movement in between stands on the first page. Two queries, however long the account is.
    """
    period = [company.pk, customer_id, str(from_date), str(until_date)]
    start = (number - 1) * size if size else 0
    with connection.cursor() as cursor:
        cursor.execute(_TOTALS, [str(from_date), str(from_date), company.pk, customer_id, str(until_date)])
        totals = {currency: (opening, lines) for currency, opening, lines in cursor.fetchall()}
        cursor.execute(_ENTRIES, [*period, size, start])
        names = [column.name for column in cursor.description or ()]
        entries = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    by_currency: dict[str, list[dict[str, Any]]] = {currency: [] for currency in totals}
    for entry in entries:
        by_currency[entry.pop("currency")].append(entry)
    parts, before, end = [], 0, start + len(entries)
    for currency, (opening_cents, lines) in totals.items():
        shown = by_currency[currency]
        moved_cents = sum([entry.pop("before_cents") for entry in shown][:1])
        if shown or (number == 1 and not lines):
            is_start, is_end = before >= start, before + lines <= end
            parts.append(
                AccountPart(
                    running_balance(
                        currency=currency, opening_cents=opening_cents + moved_cents, entries=shown
                    ),
                    from_date=from_date if is_start else shown[0]["day"],
                    until_date=until_date if is_end else shown[-1]["day"],
                    is_end=is_end,
                )
            )
        before += lines
    return Page(rows=tuple(parts), number=number, has_next=end < before, count=before)


def ageing_of_customer(
    *, company: Company, customer_id: int, on: date
) -> dict[str, tuple[AgeingBucket, ...]]:
    """Open receivables of a customer by days late, per currency; instalments by their own dates. One query."""
    with connection.cursor() as cursor:
        cursor.execute(_AGEING, [company.pk, customer_id])
        rows = cursor.fetchall()
    result = {}
    for currency in sorted({row[0] for row in rows}):
        buckets = []
        for code, from_days, to_days in bucket_ranges():
            inside = [
                row
                for row in rows
                if row[0] == currency
                and (from_days is None or row[1] <= on - timedelta(days=from_days))
                and (to_days is None or row[1] >= on - timedelta(days=to_days))
            ]
            buckets.append(
                AgeingBucket(
                    code, from_days, to_days, sum(row[2] for row in inside), sum(row[3] for row in inside)
                )
            )
        result[currency] = tuple(buckets)
    return result


def open_receipts(*, company: Company, customer_id: int) -> list[OpenReceipt]:
    """Receipts with something left, oldest first. One query."""
    rows = Payment.objects.filter(company=company, customer_id=customer_id, unallocated_cents__gt=0)
    fields = ("pk", "received_date", "amount_cents", "unallocated_cents", "currency", "label")
    return [OpenReceipt(*row) for row in rows.order_by("received_date", "pk").values_list(*fields)]


def settlements_of(*, company: Company, document_id: int) -> list[SettledBy]:
    """Allocations in force on a document, oldest first. One query."""
    rows = Allocation.objects.filter(company=company, document_id=document_id, undone_at=None)
    return [
        SettledBy(
            allocation_id=row.pk,
            allocated_date=row.allocated_date,
            amount_cents=row.amount_cents,
            payment_id=row.payment_id,
            credit_note_id=row.credit_note_id,
            credit_note_number=row.credit_note.number if row.credit_note else "",
            label=row.payment.label if row.payment else "",
            match_id=row.match_id,
        )
        for row in rows.select_related("payment", "credit_note").order_by("allocated_date", "pk")
    ]
