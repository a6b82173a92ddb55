"""What was sent and held back, step by step, with the day each receivable was wholly paid."""

import polars as pl

from encours.core.dunning.conversion import STEPS_DONE
from encours.core.dunning.replay import LEDGER, PARTS, open_amounts, settled_dates
from encours.queries.replay import known_day
from encours.store.frames import read_frame
from encours.store.models import Company

_SENT = """
SELECT r.document_id, r.position, r.step_code, m.channel, m.template, p.slug, p.version, m.planned_date,
       CASE WHEN m.state = 'sent' AND r.counts THEN m.sent_date END, r.propensity_percent, false
FROM store_reminder r JOIN store_message m ON m.id = r.message_id JOIN store_policy p ON p.id = m.policy_id
WHERE r.company_id = %s AND m.company_id = %s AND p.company_id = %s
  AND (r.propensity_percent < 100 OR (m.state = 'sent' AND r.counts))
UNION ALL
SELECT h.document_id, h.position, h.step_code, h.channel, h.template, p.slug, p.version, h.planned_date, NULL,
       h.propensity_percent, true
FROM store_heldoutreminder h JOIN store_policy p ON p.id = h.policy_id
WHERE h.company_id = %s AND p.company_id = %s
"""
# Documents that a step was done for, and to which money came: what only credit notes or write-offs settled was not paid.
_CONCERNED = """
SELECT a.document_id FROM store_allocation a
WHERE a.company_id = %(company)s AND a.payment_id IS NOT NULL AND a.undone_at IS NULL
  AND (EXISTS (SELECT FROM store_reminder r WHERE r.company_id = %(company)s AND r.document_id = a.document_id)
       OR EXISTS (SELECT FROM store_heldoutreminder h WHERE h.company_id = %(company)s AND h.document_id = a.document_id))
"""
_LEDGER = f"""
SELECT m.document_id, {known_day(after_days=0)}, m.amount_cents
FROM store_movement m
LEFT JOIN store_allocation a ON a.id = m.allocation_id
LEFT JOIN store_payment p ON p.id = a.payment_id
LEFT JOIN store_document c ON c.id = a.credit_note_id
LEFT JOIN store_document t ON t.id = a.document_id
WHERE m.company_id = %(company)s AND m.document_id IN ({_CONCERNED})
"""
_PARTS = f"""
SELECT d.id, coalesce(i.position, 0), d.customer_id, d.currency, coalesce(i.due_date, d.due_date), d.payable_cents,
       coalesce(i.amount_cents, d.payable_cents), coalesce(i.before_cents, 0)
FROM store_document d
LEFT JOIN (SELECT document_id, position, due_date, amount_cents,
                  sum(amount_cents) OVER (PARTITION BY document_id ORDER BY due_date, position)::bigint - amount_cents
                    AS before_cents
           FROM store_instalment WHERE company_id = %(company)s) i ON i.document_id = d.id AND d.instalment_count > 0
WHERE d.company_id = %(company)s AND d.id IN ({_CONCERNED})
"""


def steps_done(*, company: Company) -> pl.DataFrame:
    """STEPS_DONE: all that was sent, and all that a draw decided about."""
    own = company.pk
    schema = {name: kind for name, kind in STEPS_DONE.items() if name != "settled_date"}
    steps = read_frame(_SENT, [own] * 5, schema)
    ledger = read_frame(_LEDGER, {"company": own}, dict(LEDGER))
    parts = read_frame(_PARTS, {"company": own}, dict(PARTS))
    settled = settled_dates(opened=open_amounts(ledger=ledger, parts=parts))
    return steps.join(settled, on=["document_id", "position"], how="left").select(list(STEPS_DONE))
