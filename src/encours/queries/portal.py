"""What the portal shows a customer: what it owes, what it paid lately, its documents."""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import groupby

from django.db import connection

from encours.core.payments.owed import OwedInCurrency, OwedLine
from encours.queries.files import FileOnDisk, file_on_disk
from encours.store.models import Company, Document, Paper

# Files that hold one invoice and nothing else. What came in a table or a FEC has other customers' lines in it, and is
# never shown to one of them.
OWN_FILE = ("cii", "facturx", "ubl")
PAID_DAYS = 365
MAX_PAID = 500

_OWED = """
SELECT r.document_id, r.position, r.number, r.type, r.issue_date, r.due_date, r.currency, r.amount_cents, r.open_cents,
  coalesce(c.pending_cents, 0)::bigint,
  CASE WHEN x.id IS NULL THEN 0 WHEN x.is_whole THEN r.open_cents ELSE least(x.disputed_cents, r.open_cents) END,
  p.promised_date, coalesce(p.is_planned, false),
  EXISTS (SELECT FROM store_importbatch b
          WHERE b.id = v.batch_id AND b.company_id = r.company_id AND b.kind = ANY(%(own_file)s))
    OR EXISTS (SELECT FROM store_paper k WHERE k.document_id = r.document_id AND k.company_id = r.company_id
               AND k.kind = 'invoice' AND k.removed_at IS NULL),
  v.payment_reference
FROM store_receivable r
JOIN store_document v ON v.id = r.document_id AND v.company_id = r.company_id
LEFT JOIN store_dispute x ON x.document_id = r.document_id AND x.company_id = r.company_id AND x.resolved_date IS NULL
LEFT JOIN LATERAL (
  SELECT sum(cd.amount_cents) AS pending_cents FROM store_chargedocument cd JOIN store_charge h ON h.id = cd.charge_id
  WHERE cd.document_id = r.document_id AND cd.company_id = r.company_id AND h.state = 'pending') c ON true
LEFT JOIN LATERAL (
  SELECT max(w.promised_date) AS promised_date, bool_or(w.is_planned) AS is_planned FROM (
    SELECT q.promised_date, false AS is_planned FROM store_promisedocument qd JOIN store_promise q ON q.id = qd.promise_id
    WHERE qd.document_id = r.document_id AND qd.company_id = r.company_id AND q.state = 'open'
    UNION ALL
    SELECT NULL, true FROM store_plandocument nd JOIN store_paymentplan n ON n.id = nd.plan_id
    WHERE nd.document_id = r.document_id AND nd.company_id = r.company_id AND n.state = 'agreed') w) p ON true
WHERE r.company_id = %(company)s AND r.customer_id = %(customer)s AND r.open_cents > 0
ORDER BY r.currency, r.due_date, r.number, r.position
"""
_CREDITS = """
SELECT currency, sum(cents)::bigint FROM (
  SELECT currency, unallocated_cents AS cents FROM store_payment
  WHERE company_id = %(company)s AND customer_id = %(customer)s AND unallocated_cents > 0 AND reversed_at IS NULL
  UNION ALL
  SELECT currency, -open_cents FROM store_document
  WHERE company_id = %(company)s AND customer_id = %(customer)s AND open_cents < 0) w
GROUP BY currency
"""


@dataclass(frozen=True)
class PaidRow:
    """A document that is settled; `paid_date` is when its last part was."""

    document_id: int
    number: str
    type: str
    issue_date: date
    paid_date: date | None
    currency: str
    payable_cents: int
    has_original: bool


def owed_by(*, company: Company, customer_id: int) -> tuple[OwedInCurrency, ...]:
    """All a customer owes, by currency, that with most of it first. Two queries."""
    own = {"company": company.pk, "customer": customer_id, "own_file": list(OWN_FILE)}
    with connection.cursor() as cursor:
        cursor.execute(_OWED, own)
        lines = _with_pending([OwedLine(*row) for row in cursor.fetchall()])
        cursor.execute(_CREDITS, own)
        credits: dict[str, int] = dict(cursor.fetchall())
    by_currency = {
        currency: tuple(group) for currency, group in groupby(lines, key=lambda line: line.currency)
    }
    found = [
        OwedInCurrency(currency, by_currency.get(currency, ()), credits.get(currency, 0))
        for currency in {**by_currency, **credits}
    ]
    return tuple(sorted(found, key=lambda each: (-each.open_cents, each.currency)))


def _with_pending(lines: list[OwedLine]) -> list[OwedLine]:
    """Pending money is known by document: like any money it settles the earliest instalment first."""
    left: dict[int, int] = {}
    found = []
    for line in lines:
        if not line.pending_cents:
            found.append(line)
            continue
        here = min(left.get(line.document_id, line.pending_cents), line.open_cents)
        left[line.document_id] = left.get(line.document_id, line.pending_cents) - here
        found.append(replace(line, pending_cents=here))
    return found


_PAID = """
SELECT d.id, d.number, d.type, d.issue_date, a.paid_date, d.currency, d.payable_cents,
  EXISTS (SELECT FROM store_importbatch b WHERE b.id = d.batch_id AND b.company_id = d.company_id AND b.kind = ANY(%(own_file)s))
    OR EXISTS (SELECT FROM store_paper k WHERE k.document_id = d.id AND k.company_id = d.company_id
               AND k.kind = 'invoice' AND k.removed_at IS NULL)
FROM store_document d
LEFT JOIN LATERAL (SELECT max(allocated_date) AS paid_date FROM store_allocation
  WHERE document_id = d.id AND company_id = d.company_id AND undone_at IS NULL) a ON true
WHERE d.company_id = %(company)s AND d.customer_id = %(customer)s AND d.open_cents = 0 AND d.payable_cents > 0
  AND d.type <> 'credit_note' AND (d.issue_date >= %(since)s::date OR a.paid_date >= %(since)s::date)
ORDER BY a.paid_date DESC NULLS LAST, d.issue_date DESC, d.id DESC LIMIT %(limit)s
"""


def paid_by(*, company: Company, customer_id: int, on: date) -> tuple[PaidRow, ...]:
    """Documents issued or settled within the last year that are settled, the last ones first. One query."""
    with connection.cursor() as cursor:
        cursor.execute(
            _PAID,
            {
                "company": company.pk, "customer": customer_id, "own_file": list(OWN_FILE),
                "since": str(on - timedelta(days=PAID_DAYS)), "limit": MAX_PAID,
            },
        )  # fmt: skip
        return tuple(PaidRow(*row) for row in cursor.fetchall())


def original_of(*, company: Company, customer_id: int, document_id: int) -> tuple[FileOnDisk, str] | None:
    """The invoice itself and its media type: as it was sent where somebody attached that, else the e-invoice it was
    imported from. None when the customer has no such document, or it came in a file with others."""
    document = Document.objects.filter(company=company, customer_id=customer_id, pk=document_id).first()
    if document is None:
        return None
    paper = (
        Paper.objects.filter(company=company, document=document, kind="invoice", removed_at=None)
        .select_related("file")
        .order_by("-pk")
        .first()
    )
    if paper is not None:
        stored = paper.file
    elif document.batch is not None and document.batch.kind in OWN_FILE:
        stored = document.batch.file
    else:
        return None
    return file_on_disk(stored), stored.media_type
