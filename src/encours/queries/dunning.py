"""What the dunning plan looks at, as frames; and what the agenda shows."""

from dataclasses import replace
from datetime import date
from typing import Any

import polars as pl

from encours.core.dunning import Situation
from encours.core.dunning.checking import DRAFT_LINES
from encours.core.dunning.situation import (
    CONTACTED,
    CREDITS,
    CUSTOMERS,
    DONE,
    HOLDS,
    OUTBOX,
    PENDING,
    POLICIES,
    RECEIVABLES,
    STEPS,
)
from encours.store.frames import read_frame
from encours.store.models import Company, Message

# A company's whole situation, or one customer's: the same statements with one more condition.
_RECEIVABLES = """
SELECT document_id, position, customer_id, currency, due_date, open_cents FROM store_receivable
WHERE company_id = %s AND open_cents > 0 AND due_date <= %s {only}
"""
_CUSTOMERS = """
SELECT c.id, coalesce(own.id, standard.id), k.id, coalesce(k.email, ''), k.bounced_at IS NOT NULL
FROM store_customer c
LEFT JOIN store_policy own ON own.id = c.policy_id AND own.is_active
LEFT JOIN store_policy standard ON standard.company_id = c.company_id AND standard.is_default AND standard.is_active
LEFT JOIN LATERAL (
  SELECT id, email, bounced_at FROM store_contact WHERE customer_id = c.id
  ORDER BY email <> '' DESC, is_primary DESC, id LIMIT 1) k ON true
WHERE c.company_id = %s {only}
"""
_POLICIES = "SELECT id, min_gap_days, min_amount_cents FROM store_policy WHERE company_id = %s AND is_active"
_STEPS = """
SELECT s.policy_id, s.code, s.offset_days, s.channel, s.template, s.approval
FROM store_policystep s JOIN store_policy p ON p.id = s.policy_id WHERE s.company_id = %s AND p.is_active
"""
_CREDITS = """
SELECT customer_id, currency, sum(cents)::bigint FROM (
  SELECT customer_id, currency, -open_cents AS cents FROM store_document
  WHERE company_id = %s AND open_cents < 0 {only}
  UNION ALL
  SELECT customer_id, currency, unallocated_cents FROM store_payment
  WHERE company_id = %s AND unallocated_cents > 0 {only}) credit
GROUP BY 1, 2
"""
_PENDING = """
SELECT (line->>'document_id')::bigint, sum((line->>'allocated_cents')::bigint)::bigint
FROM store_match m CROSS JOIN jsonb_array_elements(m.lines) line
WHERE m.company_id = %s AND m.state = 'proposed' AND line->>'document_id' IS NOT NULL {only}
GROUP BY 1
"""
_DONE = """
SELECT r.document_id, r.position, r.step_code, m.policy_id, CASE m.state WHEN 'sent' THEN m.sent_date END
FROM store_document d
JOIN store_reminder r ON r.customer_id = d.customer_id AND r.document_id = d.id
JOIN store_message m ON m.id = r.message_id
WHERE d.company_id = %s AND r.company_id = d.company_id AND m.company_id = d.company_id AND d.open_cents > 0 AND r.counts
"""
# of every version of every policy: messages of an earlier one may still be on their way
_OFFSETS = "SELECT policy_id, code, offset_days FROM store_policystep WHERE company_id = %s"
# A message that was handed over counts as a contact from then on, whatever became of it.
_CONTACTED = """
SELECT customer_id, max(sent_date) FROM store_message
WHERE company_id = %s AND sent_date >= %s AND state IN ('sent', 'unknown', 'claimed') {only} GROUP BY 1
"""
_OUTBOX = """
SELECT customer_id, currency, step_code, state, planned_date FROM store_message
WHERE company_id = %s AND state IN ('waiting', 'approved', 'claimed', 'unknown') {only}
"""
_HOLDS = """
SELECT customer_id, document_id, kind, reason, from_date, until_date FROM store_hold
WHERE company_id = %s AND released_at IS NULL {only}
"""
# The account that is behind decides; one without statements for two months is taken for closed.
_BANK = """
SELECT min(known_until) FILTER (WHERE known_until > latest - 60) FROM (
  SELECT max(known_until_date) AS known_until, max(max(known_until_date)) OVER () AS latest
  FROM store_statement WHERE company_id = %s GROUP BY account_id) account
"""
# No policy looks further ahead or keeps a longer gap than this.
HORIZON_DAYS = 90


def situation(*, company: Company, on: date) -> Situation:
    """Frames of the whole company, for planning."""
    return _situation(company, on, "", [], everything=True)


def customer_situation(
    *, company: Company, customer_id: int, message_id: int, currency: str, on: date
) -> Situation:
    """Frames of one customer, for the last check of a message. Its `contacted` leaves out the message itself, and
    the one that left the same day for the customer's debts in another currency."""
    found = _situation(company, on, "AND {}customer_id = %s", [customer_id], everything=False)
    contacted = read_frame(
        """SELECT customer_id, max(sent_date) FROM store_message
           WHERE company_id = %s AND customer_id = %s AND id <> %s AND sent_date >= %s
             AND state IN ('sent', 'unknown', 'claimed')
             AND NOT (sent_date = %s AND currency <> %s AND step_code <> '') GROUP BY 1""",
        [company.pk, customer_id, message_id, _before(on), on, currency],
        dict(CONTACTED),
    )
    return replace(found, contacted=contacted)


def _before(on: date) -> date:
    return date.fromordinal(on.toordinal() - HORIZON_DAYS)


def _situation(company: Company, on: date, only: str, values: list[Any], *, everything: bool) -> Situation:
    horizon = date.fromordinal(on.toordinal() + HORIZON_DAYS)
    bare = only.format("")

    def read(query: str, schema: pl.Schema, params: list[Any], condition: str = bare) -> pl.DataFrame:
        return read_frame(query.format(only=condition), params, dict(schema))

    mine = [company.pk, *values]
    nothing = pl.DataFrame
    return Situation(
        receivables=read(_RECEIVABLES, RECEIVABLES, [company.pk, horizon, *values]),
        customers=read(_CUSTOMERS, CUSTOMERS, mine, "AND c.id = %s" if values else ""),
        policies=read(_POLICIES, POLICIES, [company.pk], ""),
        steps=read(_STEPS, STEPS, [company.pk], ""),
        credits=read(_CREDITS, CREDITS, [*mine, *mine]),
        pending=read(_PENDING, PENDING, mine, only.format("m.")),
        done=_done(company) if everything else nothing(schema=DONE),
        contacted=read(_CONTACTED, CONTACTED, [company.pk, _before(on)])
        if everything
        else nothing(schema=CONTACTED),
        outbox=read(_OUTBOX, OUTBOX, mine) if everything else nothing(schema=OUTBOX),
        holds=read(_HOLDS, HOLDS, mine),
        bank_known_until=bank_known_until(company=company),
        bank_data_max_age_days=company.bank_data_max_age_days,
    )


def _done(company: Company) -> pl.DataFrame:
    """DONE. Steps are joined here: PostgreSQL, which knows little of so small a table, would take a loop for it."""
    reminders = {"document_id": pl.Int64, "position": pl.Int64, "step_code": pl.String, "policy_id": pl.Int64}
    rows = read_frame(_DONE, [company.pk], reminders | {"sent_date": pl.Date})
    offsets = {"policy_id": pl.Int64, "step_code": pl.String, "done_offset_days": pl.Int64}
    return (
        rows.join(read_frame(_OFFSETS, [company.pk], offsets), on=["policy_id", "step_code"])
        .group_by("document_id", "position")
        .agg(
            pl.col("done_offset_days").max(),
            reminded_date=pl.col("sent_date").filter(pl.col("done_offset_days") >= 0).max(),
        )
    )


def bank_known_until(*, company: Company) -> date | None:
    """Last day that all bank accounts in use are known for; None without any statement."""
    return read_frame(_BANK, [company.pk], {"known_until": pl.Date}).item()


def draft_lines(*, company: Company, message: Message) -> pl.DataFrame:
    """The receivables a message was planned for (DRAFT_LINES)."""
    return read_frame(
        """SELECT r.document_id, r.position, r.step_code, s.offset_days, r.amount_cents
           FROM store_reminder r JOIN store_policystep s ON s.policy_id = %s AND s.code = r.step_code
           WHERE r.company_id = %s AND r.message_id = %s AND r.counts ORDER BY r.document_id, r.position""",
        [message.policy_id, company.pk, message.pk],
        dict(DRAFT_LINES),
    )


def numbers_of(*, company: Company, document_ids: pl.Series) -> dict[int, str]:
    """Numbers of documents, for what is shown."""
    if document_ids.is_empty():
        return {}
    frame = read_frame(
        "SELECT id, number FROM store_document WHERE company_id = %s AND id = ANY(%s)",
        [company.pk, document_ids.unique().to_list()],
        {"id": pl.Int64, "number": pl.String},
    )
    return dict(frame.iter_rows())


def customer_names(*, company: Company, customer_ids: pl.Series) -> dict[int, tuple[str, str]]:
    """(code, name) of customers, for what is shown."""
    if customer_ids.is_empty():
        return {}
    frame = read_frame(
        "SELECT id, code, name FROM store_customer WHERE company_id = %s AND id = ANY(%s)",
        [company.pk, customer_ids.unique().to_list()],
        {"id": pl.Int64, "code": pl.String, "name": pl.String},
    )
    return {key: (code, name) for key, code, name in frame.iter_rows()}
