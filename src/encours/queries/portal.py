"""What the portal shows a customer: what it owes, what it paid lately, its documents."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, NamedTuple

from django.db import connection

from encours.core.payments.owed import OwedInCurrency, OwedLine
from encours.queries.files import FileOnDisk, file_on_disk
from encours.store.models import Company, Document, Paper

# Files that hold one invoice and nothing else. What came in a table or a FEC has other customers' lines in it, and is
# never shown to one of them.
OWN_FILE = ("cii", "facturx", "ubl")
PAID_DAYS = 365
MAX_PAID = 500

_DOCUMENTS = """
SELECT id, number, type, issue_date, due_date, currency, payable_cents, open_cents, instalment_count, payment_reference, batch_id
FROM store_document WHERE company_id = %s AND customer_id = %s AND open_cents <> 0 ORDER BY due_date, number, id
"""
# Each branch is one look into an index: what was said of these documents, and what the customer has paid without saying for what.
_SAID = """
SELECT document_id, 'disputed', CASE WHEN is_whole THEN NULL ELSE disputed_cents END, NULL::date
FROM store_dispute WHERE company_id = %(company)s AND document_id = ANY(%(ids)s) AND resolved_date IS NULL
UNION ALL
SELECT d.document_id, 'promised', NULL, p.promised_date FROM store_promisedocument d JOIN store_promise p ON p.id = d.promise_id
WHERE d.company_id = %(company)s AND d.document_id = ANY(%(ids)s) AND p.state = 'open'
UNION ALL
SELECT d.document_id, 'planned', NULL, NULL FROM store_plandocument d JOIN store_paymentplan p ON p.id = d.plan_id
WHERE d.company_id = %(company)s AND d.document_id = ANY(%(ids)s) AND p.state = 'agreed'
UNION ALL
SELECT d.document_id, 'pending', d.amount_cents, NULL FROM store_chargedocument d JOIN store_charge c ON c.id = d.charge_id
WHERE d.company_id = %(company)s AND d.document_id = ANY(%(ids)s) AND c.state = 'pending'
UNION ALL
SELECT document_id, 'original', NULL, NULL FROM store_paper
WHERE company_id = %(company)s AND document_id = ANY(%(ids)s) AND kind = 'invoice' AND removed_at IS NULL
UNION ALL
SELECT id, 'own_file', NULL, NULL FROM store_importbatch
WHERE company_id = %(company)s AND id = ANY(%(batches)s) AND kind = ANY(%(own_file)s)
UNION ALL
SELECT 0, currency, unallocated_cents, NULL FROM store_payment
WHERE company_id = %(company)s AND customer_id = %(customer)s AND unallocated_cents <> 0 AND reversed_at IS NULL
"""
_INSTALMENTS = """
SELECT document_id, position, due_date, amount_cents FROM store_instalment
WHERE company_id = %s AND document_id = ANY(%s) ORDER BY document_id, due_date, position
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
    """All a customer owes, by currency, that with most of it first. Two queries, a third for documents in instalments.

    The view `store_receivable` says the same; here the documents of one customer are read first, so that the cost is that
    of what they hold, however many instalments the company has.
    """
    with connection.cursor() as cursor:
        cursor.execute(_DOCUMENTS, [company.pk, customer_id])
        documents = [_Document(*row) for row in cursor.fetchall()]
        owing = [document for document in documents if document.open_cents > 0]
        said = _said(cursor, company, customer_id, owing)
        split = [document.id for document in owing if document.instalment_count]
        parts: dict[int, list[tuple[int, date, int]]] = {}
        if split:
            cursor.execute(_INSTALMENTS, [company.pk, split])
            for document_id, *part in cursor.fetchall():
                parts.setdefault(document_id, []).append(tuple(part))
    lines = [line for document in owing for line in _lines(document, parts.get(document.id), said)]
    lines.sort(key=lambda line: (line.due_date, line.number, line.position))
    credits = dict(said.credits)
    for document in documents:
        if document.open_cents < 0:
            credits[document.currency] = credits.get(document.currency, 0) - document.open_cents
    found = [
        OwedInCurrency(
            currency, tuple(line for line in lines if line.currency == currency), credits.get(currency, 0)
        )
        for currency in {**{line.currency: 0 for line in lines}, **credits}
    ]
    return tuple(sorted(found, key=lambda each: (-each.open_cents, each.currency)))


class _Document(NamedTuple):
    id: int
    number: str
    type: str
    issue_date: date
    due_date: date
    currency: str
    payable_cents: int
    open_cents: int
    instalment_count: int
    payment_reference: str
    batch_id: int | None


@dataclass
class _Said:
    """What is known of documents beside the ledger, by document; `credits` by currency."""

    disputed: dict[int, int | None]  # None for the whole document
    promised: dict[int, date]
    planned: set[int]
    pending: dict[int, int]
    original: set[int]
    own_file: set[int]  # imports
    credits: dict[str, int]


def _said(cursor: Any, company: Company, customer_id: int, documents: list[_Document]) -> _Said:
    ids = [document.id for document in documents]
    batches = list({document.batch_id for document in documents if document.batch_id})
    cursor.execute(
        _SAID,
        {"company": company.pk, "customer": customer_id, "ids": ids, "batches": batches, "own_file": list(OWN_FILE)},
    )  # fmt: skip
    said = _Said({}, {}, set(), {}, set(), set(), {})
    for key, what, cents, day in cursor.fetchall():
        if what == "disputed":
            said.disputed[key] = cents
        elif what == "promised":
            said.promised[key] = max(day, said.promised.get(key, day))
        elif what == "pending":
            said.pending[key] = said.pending.get(key, 0) + cents
        elif what in ("planned", "original", "own_file"):
            getattr(said, what).add(key)
        else:
            said.credits[what] = said.credits.get(what, 0) + cents
    return said


def _lines(document: _Document, parts: list[tuple[int, date, int]] | None, said: _Said) -> Iterator[OwedLine]:
    """The document, or its instalments that are not settled: money settles the earliest first, what is pending or
    contested is counted from there too."""
    settled = document.payable_cents - document.open_cents
    pending = said.pending.get(document.id, 0)
    contested = said.disputed.get(document.id, 0)
    disputed = document.open_cents if contested is None else contested
    for position, due_date, amount_cents in parts or [(0, document.due_date, document.payable_cents)]:
        open_cents = amount_cents - min(amount_cents, max(0, settled))
        settled -= amount_cents
        if open_cents <= 0:
            continue
        pending_here = min(pending, open_cents)
        pending -= pending_here
        disputed_here = min(disputed, open_cents)
        disputed -= disputed_here
        yield OwedLine(
            document_id=document.id,
            position=position,
            number=document.number,
            type=document.type,
            issue_date=document.issue_date,
            due_date=due_date,
            currency=document.currency,
            amount_cents=amount_cents,
            open_cents=open_cents,
            pending_cents=pending_here,
            disputed_cents=disputed_here,
            promised_date=said.promised.get(document.id),
            is_planned=document.id in said.planned,
            has_original=document.id in said.original or document.batch_id in said.own_file,
            payment_reference=document.payment_reference,
        )


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
