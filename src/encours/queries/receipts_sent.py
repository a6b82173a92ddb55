"""What the receipt of a payment in the portal tells."""

from encours.core.letters import Receipt
from encours.core.payments.methods import METHODS
from encours.store.models import Allocation, Charge, Company


def receipt_of(*, company: Company, message_id: int) -> Receipt | None:
    """As the ledger holds the payment now; None when no charge has this message for its receipt, or its money is gone."""
    charge = (
        Charge.objects.select_related("payment").filter(company=company, receipt_message=message_id).first()
    )
    payment = charge.payment if charge else None
    if charge is None or payment is None or payment.reversed_at is not None:
        return None
    rows = Allocation.objects.filter(company=company, payment=payment, undone_at=None).select_related(
        "document"
    )
    settled: dict[str, int] = {}
    left: dict[int, int] = {}
    for each in rows.order_by("document__due_date", "document_id", "pk"):
        settled[each.document.number] = settled.get(each.document.number, 0) + each.amount_cents
        left[each.document_id] = each.document.open_cents
    return Receipt(
        received_date=payment.received_date,
        means=METHODS[charge.method](),
        reference=charge.reference,
        amount_cents=payment.amount_cents,
        settled=tuple(settled.items()),
        left_cents=sum(left.values()),
        credit_cents=payment.unallocated_cents,
    )
