"""What disputes, promises, plans and deposits asked twice hold back, and how often a customer broke its word: frames for the dunning plan."""

from datetime import date
from typing import Any

import polars as pl

from encours.core.cases.holding import CASES
from encours.queries.order_holds import deposits_asked_twice
from encours.store.frames import read_frame
from encours.store.models import Company

# Words are sentences as `core.wording` stores them: those of `core.cases.holding`.
_DISPUTES = """
SELECT document_id, 'dispute', CASE WHEN is_whole THEN NULL ELSE disputed_cents END, NULL::date,
       json_build_object('code', 'dunning.disputed', 'params', json_build_object(
         'since', json_build_object('date', opened_date),
         'reason', json_build_object('sentence', json_build_object('code', 'dispute.reason.' || reason_code,
                                                                   'params', json_build_object()))))
FROM store_dispute WHERE company_id = %(company)s AND resolved_date IS NULL {only}
"""
# A promise holds its documents whole, whatever part of them it is for.
_PROMISES = """
SELECT pd.document_id, 'promise', NULL, p.promised_date + p.grace_days,
       json_build_object('code', CASE WHEN p.promised_date + p.grace_days < %(on)s THEN 'dunning.promise_awaits_bank'
                                      ELSE 'dunning.promised' END,
                         'params', json_build_object(
         'promised', json_build_object('date', p.promised_date),
         'until', json_build_object('date', p.promised_date + p.grace_days)))
FROM store_promise p JOIN store_promisedocument pd ON pd.promise_id = p.id AND pd.company_id = p.company_id
WHERE p.company_id = %(company)s AND p.state = 'open' {only}
"""
# All of a plan's documents while it is kept. Of one that is broken, where only what was missed falls due by that: what
# later instalments ask for, of the documents due last, as far as it is still open.
_PLANS = """
SELECT document_id, 'plan',
       CASE WHEN state = 'broken'
            THEN least(open_cents, greatest(to_come_cents - (total_cents - open_cents), 0)) END,
       NULL::date,
       json_build_object('code', CASE WHEN next_date < %(on)s THEN 'dunning.instalment_awaited'
                                      ELSE 'dunning.planned_instalments' END,
                         'params', json_build_object(
         'agreed', json_build_object('date', agreed_date), 'due', json_build_object('date', next_date),
         'until', json_build_object('date', next_date + grace_days)))
FROM (
  SELECT pd.document_id, p.state, p.agreed_date, p.grace_days, d.open_cents,
         sum(d.open_cents) OVER (PARTITION BY p.id ORDER BY d.due_date DESC, d.id DESC) AS total_cents,
         p.planned_cents - least(p.planned_cents, coalesce(i.passed_cents, 0)) AS to_come_cents, i.next_date
  FROM store_paymentplan p
  JOIN store_plandocument pd ON pd.plan_id = p.id AND pd.company_id = p.company_id
  JOIN store_document d ON d.id = pd.document_id AND d.company_id = p.company_id
  CROSS JOIN LATERAL (
    SELECT sum(amount_cents) FILTER (WHERE due_date + p.grace_days < %(known)s) AS passed_cents,
           coalesce(min(due_date) FILTER (WHERE asked_cents > p.settled_cents), max(due_date)) AS next_date
    FROM (SELECT due_date, amount_cents, sum(amount_cents) OVER (ORDER BY position) AS asked_cents
          FROM store_planinstalment WHERE plan_id = p.id AND company_id = p.company_id) instalment) i
  WHERE p.company_id = %(company)s AND (p.state = 'agreed' OR p.state = 'broken' AND p.when_broken = 'missed_due')
    {only}) planned
"""
_BROKEN = """
SELECT customer_id, count(*) FROM store_promise
WHERE company_id = %s AND state IN ('broken', 'partly') AND promised_date >= %s GROUP BY 1
"""


def case_holds(
    *, company: Company, customer_id: int | None = None, on: date, bank_known_until: date | None
) -> pl.DataFrame:
    """CASES of a company, or of one customer: disputes, promises and plans that are open on this day."""
    tomorrow_of_bank = date.fromordinal(bank_known_until.toordinal() + 1) if bank_known_until else on
    params: dict[str, Any] = {
        "company": company.pk,
        "on": on,
        "customer": customer_id,
        "known": min(on, tomorrow_of_bank),
    }
    parts = []
    for query, table in ((_DISPUTES, ""), (_PROMISES, "p."), (_PLANS, "p.")):
        only = f"AND {table}customer_id = %(customer)s" if customer_id is not None else ""
        parts.append(read_frame(query.format(only=only), params, dict(CASES)))
    parts.append(deposits_asked_twice(company=company, customer_id=customer_id, on=on))
    return pl.concat(parts)


def broken_promises(*, company: Company, since: date) -> pl.DataFrame:
    """How many promises of each customer were broken, in part or in whole; those without any are not among them."""
    return read_frame(_BROKEN, [company.pk, since], {"customer_id": pl.Int64, "broken_promises": pl.Int64})
