"""What the collector's day is made of: facts of every customer as one frame, and of one customer what helps on the phone."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import polars as pl

from encours.core.collection_day import FACTS, ranked, reasons
from encours.core.wording import Sentence
from encours.store.frames import read_frame
from encours.store.models import Call, Company, Contact, Customer, Document, Message

_YEAR = timedelta(days=365)
SHOWN_MESSAGES, SHOWN_CALLS, SHOWN_DOCUMENTS = 5, 5, 40

# Of each document only what is neither in dispute, promised nor in a plan that runs is asked for on the phone. What is blocked is
# taken off the customer's sum, currency by currency; the currency in which most is left is the one told.
_FACTS = """
WITH overdue AS (
  SELECT customer_id, currency, sum(open_cents)::bigint AS cents, min(due_date) AS oldest
  FROM store_receivable WHERE company_id = %(company)s AND open_cents > 0 AND due_date < %(on)s GROUP BY 1, 2
), blocked AS (
  SELECT customer_id, currency, sum(cents)::bigint AS cents FROM (
    SELECT d.customer_id, o.currency, CASE WHEN d.is_whole THEN o.open_cents ELSE least(d.disputed_cents, o.open_cents) END AS cents
    FROM store_dispute d JOIN store_document o ON o.id = d.document_id
    WHERE d.company_id = %(company)s AND d.resolved_date IS NULL AND o.open_cents > 0 AND o.due_date < %(on)s
    UNION ALL
    SELECT customer_id, currency, amount_cents - settled_cents FROM store_promise
    WHERE company_id = %(company)s AND state = 'open' AND promised_date >= %(on)s
    UNION ALL
    SELECT p.customer_id, p.currency, least(d.planned_cents, o.open_cents)
    FROM store_paymentplan p JOIN store_plandocument d ON d.plan_id = p.id JOIN store_document o ON o.id = d.document_id
    WHERE p.company_id = %(company)s AND p.state = 'agreed' AND o.due_date < %(on)s
    UNION ALL
    SELECT customer_id, currency, -open_cents FROM store_document WHERE company_id = %(company)s AND open_cents < 0
    UNION ALL
    SELECT customer_id, currency, unallocated_cents FROM store_payment
    WHERE company_id = %(company)s AND unallocated_cents > 0) part GROUP BY 1, 2
), owed AS (
  SELECT DISTINCT ON (v.customer_id) v.customer_id, v.currency,
         greatest(v.cents - coalesce(b.cents, 0), 0)::bigint AS cents, v.oldest
  FROM overdue v LEFT JOIN blocked b USING (customer_id, currency)
  ORDER BY v.customer_id, greatest(v.cents - coalesce(b.cents, 0), 0) DESC, v.currency
), contacted AS (
  SELECT customer_id, max(sent_date) AS day, max(sent_date) FILTER (WHERE channel = 'manual') AS spoken
  FROM store_message WHERE company_id = %(company)s AND sent_date IS NOT NULL GROUP BY 1
), answered AS (
  SELECT customer_id, max(day) AS day FROM (
    SELECT customer_id, received_date AS day FROM store_payment WHERE company_id = %(company)s AND received_date >= %(year)s
    UNION ALL SELECT customer_id, spoken FROM contacted WHERE spoken IS NOT NULL
    UNION ALL SELECT customer_id, received_at::date FROM store_reply
              WHERE company_id = %(company)s AND customer_id IS NOT NULL AND nature = 'person') heard GROUP BY 1
), unanswered AS (
  SELECT m.customer_id, count(*) AS reminders FROM store_message m LEFT JOIN answered a USING (customer_id)
  WHERE m.company_id = %(company)s AND m.state = 'sent' AND m.step_code <> '' AND m.sent_date >= %(year)s
    AND m.sent_date > coalesce(a.day, '-infinity') GROUP BY 1
), promised AS (
  SELECT customer_id, count(*) FILTER (WHERE state = 'broken') AS broken,
         min(promised_date) FILTER (WHERE state = 'open' AND promised_date <= %(on)s) AS due
  FROM store_promise WHERE company_id = %(company)s AND promised_date >= %(year)s GROUP BY 1
), disputed AS (
  SELECT customer_id, min(deadline) AS deadline FROM store_dispute
  WHERE company_id = %(company)s AND resolved_date IS NULL AND deadline < %(on)s GROUP BY 1
), due_task AS (
  SELECT DISTINCT ON (customer_id) customer_id, title FROM store_task
  WHERE company_id = %(company)s AND state = 'open' AND due_date <= %(on)s ORDER BY customer_id, due_date, id
), waiting_reply AS (
  SELECT DISTINCT customer_id FROM store_reply
  WHERE company_id = %(company)s AND state = 'waiting' AND customer_id IS NOT NULL
), reachable AS (
  SELECT DISTINCT customer_id FROM store_contact
  WHERE company_id = %(company)s AND email <> '' AND bounced_at IS NULL AND email_stop = ''
), left_alone AS (
  SELECT customer_id FROM store_hold WHERE company_id = %(company)s AND document_id IS NULL AND released_at IS NULL
    AND kind = 'pause' AND from_date <= %(on)s AND (until_date IS NULL OR until_date >= %(on)s)
  UNION SELECT customer_id FROM store_call WHERE company_id = %(company)s AND called_date = %(on)s
  UNION SELECT c.customer_id FROM store_call c JOIN store_task t ON t.customer_id = c.customer_id AND t.state = 'open'
    WHERE c.company_id = %(company)s AND t.company_id = %(company)s AND c.outcome = 'callback' AND t.due_date > %(on)s
      AND t.created_at >= c.created_at
)
SELECT c.id, coalesce(o.currency, %(currency)s), coalesce(o.cents, 0), o.oldest, contacted.day,
       coalesce(promised.broken, 0), promised.due, disputed.deadline, due_task.title,
       w.customer_id IS NOT NULL, r.customer_id IS NOT NULL, coalesce(unanswered.reminders, 0), l.customer_id IS NOT NULL
FROM store_customer c
LEFT JOIN owed o ON o.customer_id = c.id
LEFT JOIN contacted ON contacted.customer_id = c.id
LEFT JOIN unanswered ON unanswered.customer_id = c.id
LEFT JOIN promised ON promised.customer_id = c.id
LEFT JOIN disputed ON disputed.customer_id = c.id
LEFT JOIN due_task ON due_task.customer_id = c.id
LEFT JOIN waiting_reply w ON w.customer_id = c.id
LEFT JOIN reachable r ON r.customer_id = c.id
LEFT JOIN left_alone l ON l.customer_id = c.id
WHERE c.company_id = %(company)s {mine}
  AND (o.cents > 0 OR promised.due IS NOT NULL OR disputed.deadline IS NOT NULL OR due_task.title IS NOT NULL
       OR w.customer_id IS NOT NULL)
"""
_MINE = """AND EXISTS (SELECT FROM store_portfoliocustomer p WHERE p.company_id = c.company_id AND p.customer_id = c.id
                       AND p.user_id = ANY(%(users)s))"""


@dataclass(frozen=True)
class DayRow:
    """A customer to call: where it stands and why, each reason with its points."""

    rank: int
    customer_id: int
    customer_name: str
    phone: str
    score: int
    overdue_cents: int
    currency: str
    reasons: Sequence[tuple[Sentence, int]]


@dataclass(frozen=True)
class CollectionDay:
    """The first of those to call, and how many there are in all."""

    rows: Sequence[DayRow]
    count: int


@dataclass(frozen=True)
class Caller:
    """What is looked at during a call."""

    customer: Customer
    contacts: Sequence[Contact]
    documents: Sequence[Document]
    messages: Sequence[Message]
    calls: Sequence[Call]


def day_facts(*, company: Company, on: date, user_ids: Sequence[int] = ()) -> pl.DataFrame:
    """FACTS of the customers that may be worth a call; of these people's portfolios when some are named. One query."""
    params = {
        "company": company.pk,
        "on": on,
        "year": on - _YEAR,
        "currency": company.currency,
        "users": list(user_ids),
    }
    return read_frame(_FACTS.format(mine=_MINE if user_ids else ""), params, dict(FACTS)).with_columns(
        pl.when(pl.col("task_title") != "").then("task_title").alias("task_title")
    )


def collection_day(*, company: Company, on: date, size: int, user_ids: Sequence[int] = ()) -> CollectionDay:
    """Who to call first and why, by the company's weights."""
    facts = day_facts(company=company, on=on, user_ids=user_ids)
    order = ranked(facts=facts, weights=company.collection_weights, on=on)
    shown = list(order.head(size).iter_rows(named=True))
    ids = [row["customer_id"] for row in shown]
    names = dict(Customer.objects.filter(company=company, pk__in=ids).values_list("pk", "name"))
    phones: dict[int, str] = {}
    found = Contact.objects.filter(company=company, customer_id__in=ids).exclude(phone="")
    for customer_id, phone in found.order_by("-is_primary", "pk").values_list("customer_id", "phone"):
        phones.setdefault(customer_id, phone)
    rows = [
        DayRow(
            rank=rank,
            customer_id=row["customer_id"],
            customer_name=names[row["customer_id"]],
            phone=phones.get(row["customer_id"], ""),
            score=row["score"],
            overdue_cents=row["overdue_cents"],
            currency=row["currency"],
            reasons=reasons(row=row, on=on),
        )
        for rank, row in enumerate(shown, start=1)
    ]
    return CollectionDay(rows=rows, count=len(order))


def caller(*, company: Company, customer_id: int, on: date) -> Caller | None:
    """One customer for the phone: its people, what is overdue, what was written and said lately."""
    customer = Customer.objects.filter(company=company, pk=customer_id).first()
    if customer is None:
        return None
    mine: dict[str, Any] = {"company": company, "customer": customer}
    overdue = Document.objects.filter(**mine, open_cents__gt=0, due_date__lt=on)
    words = Message.objects.filter(**mine).exclude(state=Message.State.CANCELLED).defer("text", "html")
    return Caller(
        customer=customer,
        contacts=list(Contact.objects.filter(**mine).order_by("-is_primary", "pk")),
        documents=list(overdue.order_by("due_date", "pk")[:SHOWN_DOCUMENTS]),
        messages=list(words.order_by("-planned_date", "-pk")[:SHOWN_MESSAGES]),
        calls=list(Call.objects.filter(**mine).order_by("-called_date", "-pk")[:SHOWN_CALLS]),
    )
