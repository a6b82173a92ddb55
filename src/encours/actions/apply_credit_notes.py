"""Sets credit notes against the invoices they correct. An explicit act: nothing is netted by itself."""

from datetime import date

import polars as pl
from django.db import transaction

from encours.actions.journal import record
from encours.actions.post_allocations import ALLOCATIONS, post_allocations
from encours.core.ledger import OpenAmount, net_credit_notes
from encours.store.frames import read_frame
from encours.store.models import Company, Document

# A credit note names the invoice it corrects by its number, among the same customer's and in its currency.
_PAIRS = """
SELECT n.id, i.id
FROM store_document n
JOIN store_document i ON i.company_id = n.company_id AND i.customer_id = n.customer_id
  AND i.currency = n.currency AND i.number = n.corrects AND i.type <> 'credit_note' AND i.open_cents > 0
WHERE n.company_id = %s AND n.type = 'credit_note' AND n.open_cents < 0 AND n.corrects <> ''
  AND (%s::bigint IS NULL OR n.customer_id = %s)
ORDER BY n.issue_date, n.id, i.id
"""


@transaction.atomic
def apply_credit_notes(
    *, company: Company, on: date, actor: str, customer_id: int | None = None
) -> list[int]:
    """Ids of the allocations made, for one customer or all of them. Again: nothing more to net, an empty list."""
    pairs = read_frame(
        _PAIRS, [company.pk, customer_id, customer_id], {"note_id": pl.Int64, "invoice_id": pl.Int64}
    )
    documents = _locked(company, [*pairs["note_id"], *pairs["invoice_id"]])
    rows = []
    for (note_id,), of_note in pairs.group_by("note_id", maintain_order=True):
        note = documents[int(note_id)]  # pyright: ignore[reportArgumentType]
        invoices = [documents[key] for key in of_note["invoice_id"]]
        nettings, _ = net_credit_notes([_open(note)], [_open(invoice) for invoice in invoices])
        for netting in nettings:
            invoice = documents[netting.document_id]
            # several notes may correct one invoice: what this one took is no longer open for the next
            invoice.open_cents -= netting.amount_cents
            rows.append(
                {
                    "customer_id": note.customer_id,
                    "document_id": invoice.pk,
                    "payment_id": None,
                    "credit_note_id": note.pk,
                    "match_id": None,
                    "amount_cents": netting.amount_cents,
                    "currency": note.currency,
                    "allocated_date": max(on, note.issue_date, invoice.issue_date),
                }
            )
    if not rows:
        return []
    created = post_allocations(company=company, allocations=pl.DataFrame(rows, schema=ALLOCATIONS))
    record(
        company=company,
        actor=actor,
        action="credit_notes.applied",
        subject_type="company" if customer_id is None else "customer",
        subject_id=company.pk if customer_id is None else customer_id,
        customer_id=customer_id,
        data={"count": len(rows), "allocated_cents": sum(row["amount_cents"] for row in rows)},
    )
    return created


def _locked(company: Company, ids: list[int]) -> dict[int, Document]:
    rows = Document.objects.select_for_update().filter(company=company, pk__in=ids).order_by("pk")
    return {document.pk: document for document in rows}


def _open(document: Document) -> OpenAmount:
    return OpenAmount(document.pk, document.open_cents)
