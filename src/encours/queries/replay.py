"""The company's past as dunning would have seen it, set-based from the account's lines."""

from dataclasses import dataclass
from datetime import date

import polars as pl

from encours.core.dunning.replay import CREDITED, LEDGER, PARTS, REMINDED
from encours.core.dunning.simulation import HAND_CONTACTS
from encours.core.dunning.situation import HOLDS
from encours.store.frames import read_frame
from encours.store.models import Company

# Banks tell in the night what came during the day.
KNOWN_AFTER_DAYS = 1


# The day a line was known: `core.dunning.replay`. An allocation that was undone because it was wrong goes back to the day
# of what it undoes, one whose money the bank took back to the day it did.
def known_day(*, after_days: int) -> str:
    """SQL for the day of a movement `m`, where `a` is its allocation, `p` that one's receipt, `c` its credit note and `t`
    the document it settles."""
    return f"""
CASE
  WHEN m.allocation_id IS NULL THEN
    CASE WHEN m.kind = 'paid' THEN m.booked_date + {after_days} ELSE m.booked_date END
  WHEN m.kind = 'reversed' AND a.returned_by_id IS NOT NULL THEN m.booked_date
  ELSE greatest(coalesce(p.received_date + {after_days}, c.issue_date), t.issue_date)
END
"""


_KNOWN = known_day(after_days=KNOWN_AFTER_DAYS)
_SOURCES = """
LEFT JOIN store_allocation a ON a.id = m.allocation_id
LEFT JOIN store_payment p ON p.id = a.payment_id
LEFT JOIN store_document c ON c.id = a.credit_note_id
LEFT JOIN store_document t ON t.id = a.document_id
"""
# Invoices that were open at some time since: those that still are, and those something was booked on.
_CONCERNED = """
SELECT d.id FROM store_document d
WHERE d.company_id = %(company)s AND d.type <> 'credit_note' AND d.payable_cents > 0 AND d.issue_date <= %(until)s
  AND (d.open_cents <> 0 OR d.id IN (
    SELECT document_id FROM store_movement WHERE company_id = %(company)s AND booked_date >= %(since)s))
"""
_LEDGER = f"""
SELECT m.document_id, {_KNOWN}, m.amount_cents FROM store_movement m {_SOURCES}
WHERE m.company_id = %(company)s AND m.document_id IN ({_CONCERNED})
"""
_PARTS = f"""
SELECT d.id, coalesce(i.position, 0), d.customer_id, d.currency, coalesce(i.due_date, d.due_date), d.payable_cents,
       coalesce(i.amount_cents, d.payable_cents), coalesce(i.before_cents, 0), d.product_type
FROM store_document d
LEFT JOIN (SELECT document_id, position, due_date, amount_cents,
                  sum(amount_cents) OVER (PARTITION BY document_id ORDER BY due_date, position)::bigint - amount_cents
                    AS before_cents
           FROM store_instalment WHERE company_id = %(company)s) i ON i.document_id = d.id AND d.instalment_count > 0
WHERE d.company_id = %(company)s AND d.id IN ({_CONCERNED})
"""
# Receipts and credit notes, with what uses them up.
_CREDITED = f"""
SELECT m.customer_id, m.currency, {_KNOWN}, m.amount_cents
FROM store_movement m {_SOURCES}
LEFT JOIN store_document d ON d.id = m.document_id
WHERE m.company_id = %(company)s
  AND (m.payment_id IS NOT NULL OR (d.type = 'credit_note') <> (d.payable_cents < 0))
"""
_CONTACTS = """
SELECT DISTINCT sent_date, customer_id FROM store_message
WHERE company_id = %(company)s AND policy_id IS NULL AND state = 'sent' AND sent_date BETWEEN %(since)s AND %(until)s
"""
# Disputes about whole documents and promises held them back from their day to their end, as holds did.
_HOLDS = """
SELECT customer_id, document_id, kind, reason, from_date, least(until_date, released_at::date - 1)
FROM store_hold
WHERE company_id = %(company)s AND from_date <= %(until)s AND coalesce(released_at::date - 1, from_date) >= from_date
UNION ALL
SELECT customer_id, document_id, 'dispute', '', opened_date, resolved_date - 1
FROM store_dispute
WHERE company_id = %(company)s AND is_whole AND opened_date <= %(until)s AND coalesce(resolved_date > opened_date, true)
UNION ALL
SELECT p.customer_id, d.document_id, 'promise', '', p.recorded_date, p.promised_date + p.grace_days
FROM store_promise p JOIN store_promisedocument d ON d.promise_id = p.id AND d.company_id = p.company_id
WHERE p.company_id = %(company)s AND p.recorded_date <= %(until)s AND p.state <> 'withdrawn'
"""
_REMINDED = """
SELECT r.document_id, r.position, min(m.sent_date) FROM store_reminder r JOIN store_message m ON m.id = r.message_id
WHERE r.company_id = %(company)s AND m.company_id = %(company)s AND r.counts AND m.state = 'sent'
GROUP BY 1, 2
"""
_FIRST_INVOICE = "SELECT min(issue_date) FROM store_document WHERE company_id = %(company)s"


@dataclass(frozen=True)
class Past:
    """Frames of `core.dunning.replay`; `parts` with `product_type` besides."""

    ledger: pl.DataFrame
    parts: pl.DataFrame
    credited: pl.DataFrame
    contacts: pl.DataFrame
    holds: pl.DataFrame
    reminded: pl.DataFrame


def past(*, company: Company, since: date, until: date) -> Past:
    """All that bears on the days from one to another."""
    params = {"company": company.pk, "since": since, "until": until}

    def read(query: str, schema: pl.Schema) -> pl.DataFrame:
        return read_frame(query, params, dict(schema))

    parts = read(_PARTS, pl.Schema(dict(PARTS) | {"product_type": pl.String}))
    return Past(
        ledger=read(_LEDGER, LEDGER),
        parts=parts.with_columns(
            pl.when(pl.col("product_type") != "").then("product_type").alias("product_type")
        ),
        credited=read(_CREDITED, CREDITED),
        contacts=read(_CONTACTS, HAND_CONTACTS),
        holds=read(_HOLDS, HOLDS),
        reminded=read(_REMINDED, REMINDED),
    )


def first_invoice_date(*, company: Company) -> date | None:
    """None without any document."""
    return read_frame(_FIRST_INVOICE, {"company": company.pk}, {"first": pl.Date}).item()
