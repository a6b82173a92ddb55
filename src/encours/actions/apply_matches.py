"""Turns decided matches into receipts, allocations and movements, any number of them in a few statements."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Any

import polars as pl
from django.db import connection

from encours.actions.journal import Event, record_all
from encours.actions.post_allocations import ALLOCATIONS, post_allocations
from encours.actions.post_movements import MOVEMENTS
from encours.core.ledger import OpenAmount, net_credit_notes
from encours.core.matching.decide import Decision, Settled
from encours.store.frames import staged
from encours.store.models import Company, Match, Payment
from encours.store.sequences import take_ids

_MATCHES = """
INSERT INTO store_match (id, company_id, transaction_id, customer_id, state, rule, confidence, reason, lines,
                         adjustments, decided_by, created_at)
SELECT id, %s, line_id, customer_id, state, rule, confidence, reason::jsonb, lines::jsonb, adjustments::jsonb,
       decided_by, now()
FROM {staged}
ON CONFLICT (id) DO UPDATE SET customer_id = excluded.customer_id, state = excluded.state, rule = excluded.rule,
  confidence = excluded.confidence, reason = excluded.reason, lines = excluded.lines,
  adjustments = excluded.adjustments, decided_by = excluded.decided_by
"""
_PAYMENTS = """
INSERT INTO store_payment (id, company_id, customer_id, transaction_id, method, received_date, currency, amount_cents,
                           unallocated_cents, label, source_key, reversed_at, created_at)
SELECT s.payment_id, t.company_id, s.customer_id, t.id,
       CASE WHEN t.operation_code = '02' THEN 'cheque' WHEN t.operation_code IN ('A1', 'A2') THEN 'direct_debit'
            ELSE 'transfer' END,
       t.booked_date, t.currency, s.amount_cents, 0, left(trim(t.counterparty_name || ' ' || t.remittance), 500),
       s.source_key, NULL, now()
FROM {staged} s JOIN store_transaction t ON t.id = s.line_id WHERE t.company_id = %s
"""
_ANSWERED = """
DELETE FROM store_match WHERE company_id = %s AND transaction_id = ANY(%s) AND state = 'proposed'
"""
_LOCK_DOCUMENTS = """
SELECT id, customer_id, currency, issue_date, open_cents FROM store_document
WHERE company_id = %s AND id = ANY(%s) ORDER BY id FOR UPDATE
"""
_STATES = """
UPDATE store_transaction t SET state = s.state, reason = s.reason::jsonb FROM {staged} s
WHERE t.id = s.line_id AND t.company_id = %s
  AND (t.state, t.reason) IS DISTINCT FROM (s.state, s.reason::jsonb)
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
    actor: str,
    known: Mapping[int, int] = MappingProxyType({}),
) -> set[int]:
    """Ids of the lines whose match was applied; the rest named documents that have moved meanwhile.

    `known` gives the proposed match of a line, which becomes the applied one; other proposals of the line go. The caller
    holds the locks of the lines and the transaction; documents are locked here.
    """
    documents = _locked(company, sorted({key for decision in decisions for key in decision.documents}))
    kept = [decision for decision in decisions if _fits(decision, lines[decision.line_id], documents)]
    if not kept:
        return set()
    ids = save_matches(company=company, decisions=kept, state=Match.State.APPLIED, known=known, actor=actor)
    match_ids = dict(zip([decision.line_id for decision in kept], ids, strict=True))
    payments = _payments(kept, lines, documents, match_ids)
    with staged(payments) as table, connection.cursor() as cursor:
        cursor.execute(_PAYMENTS.format(staged=table), [company.pk])
    payment_ids = {
        (line_id, customer_id): payment_id
        for line_id, customer_id, payment_id in payments.select(
            "line_id", "customer_id", "payment_id"
        ).iter_rows()
    }
    allocations = [
        row
        for decision in kept
        for row in _allocations(
            decision, lines[decision.line_id], documents, match_ids[decision.line_id], payment_ids
        )
    ]
    post_allocations(
        company=company,
        allocations=pl.DataFrame(allocations, schema=ALLOCATIONS),
        receipts=payments.select(_RECEIPT),
        adjustments=_adjustments(kept, lines, documents, match_ids),
    )
    with connection.cursor() as cursor:
        # other explanations of these lines have been answered
        cursor.execute(_ANSWERED, [company.pk, [decision.line_id for decision in kept]])
    set_states(company=company, states={decision.line_id: ("matched", None) for decision in kept})
    _tell(company, kept, match_ids, actor)
    return {decision.line_id for decision in kept}


def save_matches(
    *,
    company: Company,
    decisions: Sequence[Decision],
    state: str,
    actor: str,
    known: Mapping[int, int] = MappingProxyType({}),
) -> list[int]:
    """Match id of each decision, in order; where the line has a known match (line id -> match id) it is written over."""
    fresh = iter(take_ids(Match, sum(decision.line_id not in known for decision in decisions)))
    ids = [known[decision.line_id] if decision.line_id in known else next(fresh) for decision in decisions]
    rows = [
        {
            "id": match_id,
            "line_id": decision.line_id,
            "customer_id": decision.customer_id,
            "state": str(state),
            "rule": decision.rule,
            "confidence": decision.confidence,
            "reason": json.dumps(decision.reason.as_json()),
            "lines": json.dumps([vars(line) for line in decision.lines]),
            "adjustments": json.dumps([vars(adjustment) for adjustment in decision.adjustments]),
            "decided_by": actor,
        }
        for match_id, decision in zip(ids, decisions, strict=True)
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


@dataclass
class _Locked:
    """A document locked for this transaction; `open_cents` follows what is taken of it."""

    customer_id: int
    currency: str
    issue_date: date
    open_cents: int


def _locked(company: Company, ids: list[int]) -> dict[int, _Locked]:
    with connection.cursor() as cursor:
        cursor.execute(_LOCK_DOCUMENTS, [company.pk, ids])
        return {row[0]: _Locked(*row[1:]) for row in cursor.fetchall()}


def _fits(decision: Decision, line: Line, documents: Mapping[int, _Locked]) -> bool:
    """Whether every document still has open what the decision takes; what it takes is no longer open for the next."""
    taken: Counter[int] = Counter()
    for settled in decision.lines:
        taken[settled.document_id] += settled.allocated_cents
    for adjustment in decision.adjustments:
        if adjustment.amount_cents <= 0 or taken[adjustment.document_id] <= 0:
            return False
        taken[adjustment.document_id] += adjustment.amount_cents
    for document_id, cents in taken.items():
        document = documents.get(document_id)
        if document is None or document.currency != line.currency:
            return False
        if not (0 < cents <= document.open_cents or document.open_cents <= cents < 0):
            return False
    by_customer = _by_customer(decision, documents)
    if len(by_customer) > 1:
        # money for several customers is shared out to the cent: nobody's credit is left
        if sum(by_customer.values()) != line.amount_cents or min(by_customer.values()) <= 0:
            return False
    elif decision.lines and (
        decision.customer_id not in by_customer or sum(by_customer.values()) > line.amount_cents
    ):
        return False
    for document_id, cents in taken.items():
        documents[document_id].open_cents -= cents
    return True


def _by_customer(decision: Decision, documents: Mapping[int, _Locked]) -> Counter[int]:
    """Money of a decision on each customer's documents."""
    cents: Counter[int] = Counter()
    for settled in decision.lines:
        cents[documents[settled.document_id].customer_id] += settled.allocated_cents
    return cents


_RECEIPT = (
    "customer_id",
    pl.lit(None, pl.Int64).alias("document_id"),
    "payment_id",
    pl.lit(None, pl.Int64).alias("allocation_id"),
    pl.lit("paid").alias("kind"),
    pl.lit("").alias("reversed_kind"),
    -pl.col("amount_cents"),
    "currency",
    "booked_date",
)


def _payments(
    decisions: Sequence[Decision],
    lines: Mapping[int, Line],
    documents: Mapping[int, _Locked],
    match_ids: Mapping[int, int],
) -> pl.DataFrame:
    """One receipt per line and customer; what no document takes is the customer's credit."""
    rows = []
    for decision in decisions:
        line, match_id = lines[decision.line_id], match_ids[decision.line_id]
        shares = _by_customer(decision, documents)
        if len(shares) < 2:
            shares = Counter({decision.customer_id: line.amount_cents})
        for customer_id, cents in shares.items():
            key = f"match:{match_id}" if len(shares) == 1 else f"match:{match_id}:{customer_id}"
            rows.append((line.line_id, customer_id, cents, line.currency, line.booked_date, key))
    schema = {
        "line_id": pl.Int64, "customer_id": pl.Int64, "amount_cents": pl.Int64, "currency": pl.String,
        "booked_date": pl.Date, "source_key": pl.String,
    }  # fmt: skip
    frame = pl.DataFrame(rows, schema=schema, orient="row")
    return frame.with_columns(pl.Series("payment_id", take_ids(Payment, frame.height), dtype=pl.Int64))


def _allocations(
    decision: Decision,
    line: Line,
    documents: Mapping[int, _Locked],
    match_id: int,
    payment_ids: Mapping[tuple[int, int], int],
) -> list[dict[str, Any]]:
    """Credit notes settle first, money the rest, each customer's apart. A document is never settled before it exists."""
    rows = []
    for customer_id in sorted({documents[each.document_id].customer_id for each in decision.lines}):
        own = [each for each in decision.lines if documents[each.document_id].customer_id == customer_id]
        notes = [_amount(settled) for settled in own if settled.allocated_cents < 0]
        invoices = [_amount(settled) for settled in own if settled.allocated_cents > 0]
        nettings, left = net_credit_notes(notes, invoices)
        payment_id = payment_ids[decision.line_id, customer_id]
        sources = [
            (netting.document_id, None, netting.credit_note_id, netting.amount_cents) for netting in nettings
        ]
        sources += [(key, payment_id, None, cents) for key, cents in left.items() if cents]
        rows += [
            {
                "customer_id": customer_id,
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
    return rows


def _adjustments(
    decisions: Sequence[Decision],
    lines: Mapping[int, Line],
    documents: Mapping[int, _Locked],
    match_ids: Mapping[int, int],
) -> pl.DataFrame:
    """What is closed without money: movements with the match they belong to."""
    rows = [
        {
            "customer_id": documents[adjustment.document_id].customer_id,
            "document_id": adjustment.document_id,
            "payment_id": None,
            "allocation_id": None,
            "kind": adjustment.kind,
            "reversed_kind": "",
            "amount_cents": -adjustment.amount_cents,
            "currency": lines[decision.line_id].currency,
            "booked_date": max(
                lines[decision.line_id].booked_date, documents[adjustment.document_id].issue_date
            ),
            "match_id": match_ids[decision.line_id],
        }
        for decision in decisions
        for adjustment in decision.adjustments
    ]
    return pl.DataFrame(rows, schema=dict(MOVEMENTS) | {"match_id": pl.Int64})


def _amount(settled: Settled) -> OpenAmount:
    return OpenAmount(settled.document_id, settled.allocated_cents)


def _tell(company: Company, decisions: Sequence[Decision], match_ids: Mapping[int, int], actor: str) -> None:
    record_all(
        company=company,
        actor=actor,
        action="match.applied",
        subject_type="match",
        events=[
            Event(match_ids[decision.line_id], decision.customer_id, told_of(decision))
            for decision in decisions
        ],
    )


def told_of(decision: Decision) -> dict[str, Any]:
    """What the journal keeps of a decision: the bank line, and what became of which document."""
    return {
        "transaction_id": decision.line_id,
        "documents": [
            {"number": line.number, "allocated_cents": line.allocated_cents} for line in decision.lines
        ],
    }
