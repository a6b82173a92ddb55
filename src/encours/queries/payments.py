"""Receipts and what they settle, as other programs read them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from encours.store.models import Allocation, Company, Payment


@dataclass(frozen=True)
class AllocationRow:
    """Part of a receipt that settles a document. Undone ones stay to be seen."""

    id: int
    document_id: int
    number: str
    allocated_cents: int
    allocated_date: date
    match_id: int | None
    is_undone: bool

    def as_json(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "document_id": self.document_id,
            "number": self.number,
            "allocated_cents": self.allocated_cents,
            "allocated_date": self.allocated_date.isoformat(),
            "match_id": self.match_id,
            "is_undone": self.is_undone,
        }


@dataclass(frozen=True)
class PaymentRow:
    """A receipt; `line_id` is its bank line, None when none told of it. Reversed ones count for nothing."""

    id: int
    customer_id: int
    line_id: int | None
    bank_reference: str
    received_date: date
    amount_cents: int
    unallocated_cents: int
    currency: str
    is_reversed: bool
    allocations: tuple[AllocationRow, ...]

    def as_json(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "customer_id": self.customer_id,
            "bank_line_id": self.line_id,
            "bank_reference": self.bank_reference,
            "received_date": self.received_date.isoformat(),
            "amount_cents": self.amount_cents,
            "unallocated_cents": self.unallocated_cents,
            "currency": self.currency,
            "is_reversed": self.is_reversed,
            "allocations": [each.as_json() for each in self.allocations],
        }


def payments_after(
    *,
    company: Company,
    customer_id: int | None = None,
    line_id: int | None = None,
    after: int | None = None,
    limit: int,
) -> list[PaymentRow]:
    """The next receipts, the latest recorded first, after the one of id `after`; of a customer or a bank line. Two queries."""
    found = Payment.objects.filter(company=company)
    if customer_id is not None:
        found = found.filter(customer_id=customer_id)
    if line_id is not None:
        found = found.filter(transaction_id=line_id)
    if after is not None:
        found = found.filter(pk__lt=after)
    return _rows(company, list(found.select_related("transaction").order_by("-pk")[:limit]))


def payment_row(*, company: Company, payment_id: int) -> PaymentRow | None:
    """One receipt with all that it ever settled, None when the company has none of this id. Two queries."""
    found = Payment.objects.filter(company=company, pk=payment_id).select_related("transaction")
    return next(iter(_rows(company, list(found))), None)


def _rows(company: Company, payments: Sequence[Payment]) -> list[PaymentRow]:
    ids = [payment.pk for payment in payments]
    settled: dict[int, list[AllocationRow]] = {key: [] for key in ids}
    found = Allocation.objects.filter(company=company, payment__in=ids) if ids else Allocation.objects.none()
    for each in found.select_related("document").order_by("pk"):
        settled[each.payment_id].append(
            AllocationRow(
                id=each.pk,
                document_id=each.document_id,
                number=each.document.number,
                allocated_cents=each.amount_cents,
                allocated_date=each.allocated_date,
                match_id=each.match_id,
                is_undone=each.undone_at is not None,
            )
        )
    return [
        PaymentRow(
            id=payment.pk,
            customer_id=payment.customer_id,
            line_id=payment.transaction_id,
            bank_reference=payment.transaction.bank_reference if payment.transaction else "",
            received_date=payment.received_date,
            amount_cents=payment.amount_cents,
            unallocated_cents=payment.unallocated_cents,
            currency=payment.currency,
            is_reversed=payment.reversed_at is not None,
            allocations=tuple(settled[payment.pk]),
        )
        for payment in payments
    ]
