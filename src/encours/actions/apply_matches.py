"""Turns decided matches into receipts, allocations and movements, any number of them in a few statements."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

import polars as pl
from django.db import connection

from encours.actions.post_allocations import ALLOCATIONS, post_allocations
from encours.actions.post_movements import MOVEMENTS
from encours.core.ledger import OpenAmount, net_credit_notes
from encours.core.matching.decide import Decision, Settled
from encours.store.frames import staged
from encours.store.models import Company, Document, Match, Payment
from encours.store.sequences import take_ids

_MATCHES = """
INSERT INTO store_match (id, company_id, transaction_id, customer_id, state, rule, confidence, reason, lines,
                         decided_by, created_at)
SELECT id, %s, line_id, customer_id, state, rule, confidence, reason::jsonb, lines::jsonb, decided_by, now()
FROM {staged}
ON CONFLICT (id) DO UPDATE SET customer_id = excluded.customer_id, state = excluded.state, rule = excluded.rule,
  confidence = excluded.confidence, reason = excluded.reason, lines = excluded.lines, decided_by = excluded.decided_by
"""
_PAYMENTS = """
INSERT INTO store_payment (id, company_id, customer_id, transaction_id, method, received_date, currency, amount_cents,
                           unallocated_cents, label, source_key, reversed_at, created_at)
SELECT s.payment_id, t.company_id, s.customer_id, t.id,
       CASE WHEN t.operation_code = '02' THEN 'cheque' WHEN t.operation_code IN ('A1', 'A2') THEN 'direct_debit'
            ELSE 'transfer' END,
       t.booked_date, t.currency, t.amount_cents, 0, left(trim(t.counterparty_name || ' ' || t.remittance), 500),
       'match:' || s.id, NULL, now()
FROM {staged} s JOIN store_transaction t ON t.id = s.line_id WHERE t.company_id = %s
"""
_STATES = """
UPDATE store_transaction t SET state = s.state, reason = s.reason::jsonb FROM {staged} s
WHERE t.id = s.line_id AND t.company_id = %s
  AND (t.state, t.reason) IS DISTINCT FROM (s.state, s.reason::jsonb)
"""
# sequence and hashes are the database's to set (migration 0002)
_EVENTS = """
INSERT INTO store_journalentry (company_id, actor, action, subject_type, subject_id, customer_id, data, sequence,
                                previous_hash, hash, created_at)
SELECT %s, %s, 'match.applied', 'match', subject_id, customer_id, data::jsonb, 0, '', '', now()
FROM {staged} ORDER BY subject_id
"""


@dataclass(frozen=True)
class Line:
    """A bank line as far as applying a match needs it."""

    line_id: int
    amount_cents: int
    currency: str
    booked_date: date


def apply_matches(
    *,
    company: Company,
    decisions: Sequence[Decision],
    lines: Mapping[int, Line],
    known: Mapping[int, int],
    actor: str,
) -> set[int]:
    """Ids of the lines whose match was applied; the rest named documents that have moved meanwhile.

    `known` gives the proposed match of a line, which becomes the applied one. The caller holds the locks of the
    lines and the transaction; documents are locked here.
    """
    ids = sorted({key for decision in decisions for key in decision.documents})
    rows = Document.objects.select_for_update().filter(company=company, pk__in=ids).order_by("pk")
    documents = {document.pk: document for document in rows}
    kept = [decision for decision in decisions if _fits(decision, lines[decision.line_id], documents)]
    if not kept:
        return set()
    match_ids = save_matches(
        company=company, decisions=kept, state=Match.State.APPLIED, known=known, actor=actor
    )
    payment_ids = dict(
        zip([decision.line_id for decision in kept], take_ids(Payment, len(kept)), strict=True)
    )
    receipts = pl.DataFrame(
        {
            "id": [match_ids[decision.line_id] for decision in kept],
            "line_id": [decision.line_id for decision in kept],
            "payment_id": list(payment_ids.values()),
            "customer_id": [decision.customer_id for decision in kept],
        }
    )
    with staged(receipts) as table, connection.cursor() as cursor:
        cursor.execute(_PAYMENTS.format(staged=table), [company.pk])
    allocations = [
        row
        for decision in kept
        for row in _allocations(
            decision,
            lines[decision.line_id],
            documents,
            match_ids[decision.line_id],
            payment_ids[decision.line_id],
        )
    ]
    movements = [
        _receipt(decision, lines[decision.line_id], payment_ids[decision.line_id]) for decision in kept
    ]
    post_allocations(
        company=company,
        allocations=pl.DataFrame(allocations, schema=ALLOCATIONS),
        receipts=pl.DataFrame(movements, schema=MOVEMENTS),
    )
    set_states(company=company, states={decision.line_id: ("matched", None) for decision in kept})
    _tell(company, kept, match_ids, actor)
    return {decision.line_id for decision in kept}


def save_matches(
    *, company: Company, decisions: Sequence[Decision], state: str, known: Mapping[int, int], actor: str
) -> dict[int, int]:
    """Match id of each decision's line; a line's known match is written over."""
    fresh = iter(take_ids(Match, sum(decision.line_id not in known for decision in decisions)))
    ids = {
        decision.line_id: known[decision.line_id] if decision.line_id in known else next(fresh)
        for decision in decisions
    }
    rows = [
        {
            "id": ids[decision.line_id],
            "line_id": decision.line_id,
            "customer_id": decision.customer_id,
            "state": str(state),
            "rule": decision.rule,
            "confidence": decision.confidence,
            "reason": json.dumps(decision.reason.as_json()),
            "lines": json.dumps([asdict(line) for line in decision.lines]),
            "decided_by": actor,
        }
        for decision in decisions
    ]
    if rows:
        with staged(pl.DataFrame(rows)) as table, connection.cursor() as cursor:
            cursor.execute(_MATCHES.format(staged=table), [company.pk])
    return ids


def set_states(*, company: Company, states: Mapping[int, tuple[str, dict[str, Any] | None]]) -> int:
    """State and reason (`Sentence.as_json()`) of bank lines by id; how many really changed."""
    if not states:
        return 0
    frame = pl.DataFrame(
        {
            "line_id": list(states),
            "state": [state for state, _ in states.values()],
            "reason": [json.dumps(reason) if reason else None for _, reason in states.values()],
        },
        schema={"line_id": pl.Int64, "state": pl.String, "reason": pl.String},
    )
    with staged(frame) as table, connection.cursor() as cursor:
        cursor.execute(_STATES.format(staged=table), [company.pk])
        return cursor.rowcount


def _fits(decision: Decision, line: Line, documents: Mapping[int, Document]) -> bool:
    """Whether every document still has open what the decision takes; what it takes is no longer open for the next."""
    for settled in decision.lines:
        document = documents.get(settled.document_id)
        if document is None or document.customer_id != decision.customer_id:
            return False
        cents, open_cents = settled.allocated_cents, document.open_cents
        if document.currency != line.currency or not (0 < cents <= open_cents or open_cents <= cents < 0):
            return False
    if sum(settled.allocated_cents for settled in decision.lines) > line.amount_cents:
        return False
    for settled in decision.lines:
        documents[settled.document_id].open_cents -= settled.allocated_cents
    return True


def _allocations(
    decision: Decision, line: Line, documents: Mapping[int, Document], match_id: int, payment_id: int
) -> list[dict[str, Any]]:
    """Credit notes settle first, money the rest. A document is never settled before it exists."""
    notes = [_amount(settled) for settled in decision.lines if settled.allocated_cents < 0]
    invoices = [_amount(settled) for settled in decision.lines if settled.allocated_cents > 0]
    nettings, left = net_credit_notes(notes, invoices)
    sources = [
        (netting.document_id, None, netting.credit_note_id, netting.amount_cents) for netting in nettings
    ]
    sources += [(key, payment_id, None, cents) for key, cents in left.items() if cents]
    return [
        {
            "customer_id": decision.customer_id,
            "document_id": document_id,
            "payment_id": payment,
            "credit_note_id": note_id,
            "match_id": match_id,
            "amount_cents": cents,
            "currency": line.currency,
            "allocated_date": max(
                line.booked_date, *(documents[key].issue_date for key in (document_id, note_id) if key)
            ),
        }
        for document_id, payment, note_id, cents in sources
    ]


def _amount(settled: Settled) -> OpenAmount:
    return OpenAmount(settled.document_id, settled.allocated_cents)


def _receipt(decision: Decision, line: Line, payment_id: int) -> dict[str, Any]:
    return {
        "customer_id": decision.customer_id,
        "document_id": None,
        "payment_id": payment_id,
        "allocation_id": None,
        "kind": "paid",
        "reversed_kind": "",
        "amount_cents": -line.amount_cents,
        "currency": line.currency,
        "booked_date": line.booked_date,
    }


def _tell(company: Company, decisions: Sequence[Decision], match_ids: Mapping[int, int], actor: str) -> None:
    rows = [
        {
            "subject_id": match_ids[decision.line_id],
            "customer_id": decision.customer_id,
            "data": json.dumps(
                {
                    "transaction_id": decision.line_id,
                    "documents": [
                        {"number": line.number, "allocated_cents": line.allocated_cents}
                        for line in decision.lines
                    ],
                }
            ),
        }
        for decision in decisions
    ]
    with staged(pl.DataFrame(rows)) as table, connection.cursor() as cursor:
        cursor.execute(_EVENTS.format(staged=table), [company.pk, actor])
