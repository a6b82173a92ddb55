"""What must hold of every ledger, whatever brought it about; and what two ledgers have to have in common to be the same."""

from collections import Counter
from typing import Any

from django.db.models import Q

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
            (
                (*row, _without_ids(reason))
                for *row, reason in Row.objects.values_list(
                    "booked_date", "amount_cents", "remittance", "state", "reason"
                )
            ),
            key=repr,
        ),
        "proposals": sorted(
            (
                (*row, _without_ids(reason))
                for *row, reason in Match.objects.filter(state="proposed").values_list(
                    "transaction__remittance", "rule", "reason"
                )
            ),
            key=repr,
        ),
    }


def _without_ids(reason: dict[str, Any] | None) -> dict[str, Any] | None:
    """A sentence of a return names the receipts it would take back by their ids."""
    if reason is None:
        return None
    return reason | {
        "params": {name: value for name, value in reason["params"].items() if name != "payment_ids"}
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
    # a receipt that was returned was received: its line may be several customers', of whom one took the money back
    was_received = Q(reversed_at=None) | Q(returned_by__isnull=False)
    received: Counter[int] = Counter()
    for payment in Payment.objects.filter(was_received, transaction__isnull=False).select_related(
        "transaction"
    ):
        received[payment.transaction_id] += payment.amount_cents
        assert payment.transaction.state == "matched"
    for row in Row.objects.filter(pk__in=received):
        assert received[row.pk] == row.amount_cents
    assert [
        check.name for check in examine(company=company) if not check.ok and "file" not in check.name
    ] == []
