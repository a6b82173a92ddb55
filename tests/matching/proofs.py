"""What must hold of every ledger, whatever brought it about; and what two ledgers have to have in common to be the same."""

from collections import Counter
from typing import Any

from encours.queries.doctor import examine
from encours.store.models import Allocation, Company, Document, Match, Movement, Payment
from encours.store.models import Transaction as Row


def ledger() -> dict[str, list[Any]]:
    """Everything money says, without the ids that the order of files gives."""
    return {
        "documents": sorted(Document.objects.values_list("number", "open_cents")),
        "receipts": sorted(
            Payment.objects.values_list(
                "customer__code", "received_date", "amount_cents", "unallocated_cents", "label"
            )
        ),
        "allocations": sorted(
            Allocation.objects.filter(undone_at=None).values_list(
                "document__number",
                "amount_cents",
                "payment__received_date",
                "payment__amount_cents",
                "credit_note__number",
            ),
            key=repr,
        ),
        "movements": sorted(
            Movement.objects.values_list("kind", "amount_cents", "booked_date", "document__number"), key=repr
        ),
        "lines": sorted(
            Row.objects.values_list("booked_date", "amount_cents", "remittance", "state", "reason"), key=repr
        ),
        "proposals": sorted(
            Match.objects.filter(state="proposed").values_list("transaction__remittance", "rule", "reason"),
            key=repr,
        ),
    }


def check_no_cent_twice(company: Company) -> None:
    of_receipt: Counter[int] = Counter()
    of_document: Counter[int] = Counter()
    for allocation in Allocation.objects.filter(undone_at=None):
        of_receipt[allocation.payment_id or 0] += allocation.amount_cents
        of_document[allocation.document_id] += allocation.amount_cents
        of_document[allocation.credit_note_id or 0] += allocation.amount_cents
    for payment in Payment.objects.all():
        assert of_receipt[payment.pk] + payment.unallocated_cents == (
            0 if payment.reversed_at else payment.amount_cents
        )
    for document in Document.objects.all():
        assert of_document[document.pk] + abs(document.open_cents) <= document.payable_cents
        assert (document.open_cents <= 0) if document.type == "credit_note" else (document.open_cents >= 0)
    for row in Row.objects.filter(payments__reversed_at=None, payments__isnull=False).distinct():
        received = row.payments.filter(reversed_at=None).values_list("amount_cents", flat=True)
        assert sum(received) == row.amount_cents
    assert [
        check.name for check in examine(company=company) if not check.ok and "file" not in check.name
    ] == []
