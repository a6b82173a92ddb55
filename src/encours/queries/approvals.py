"""What who approves looks at: what changed for the messages shown, and what came to the end of its policy."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection
from django.db.models import Count, Max, Min, QuerySet, Sum

from encours.core.approvals import SincePlanned, changes_since_planned
from encours.core.wording import Sentence
from encours.queries.paging import Page, page_of
from encours.store.models import Company, Customer, EndedReceivable, PortfolioCustomer

# What a reminder was planned for never counts more than its receivable owed: credits were taken off.
_SINCE = """
SELECT m.id, m.currency, coalesce(r.documents, 0), coalesce(r.paid, 0), coalesce(r.settled, 0),
       coalesce(r.paid_cents, 0), coalesce(r.disputed, 0),
       (SELECT min(p.promised_date) FROM store_promise p
        WHERE p.company_id = m.company_id AND p.customer_id = m.customer_id AND p.state = 'open'
          AND p.created_at > m.created_at),
       (SELECT h.reason FROM store_hold h
        WHERE h.company_id = m.company_id AND h.customer_id = m.customer_id AND h.released_at IS NULL
          AND h.created_at > m.created_at AND h.from_date <= %s AND (h.until_date IS NULL OR h.until_date >= %s)
        ORDER BY h.id DESC LIMIT 1),
       (SELECT max(o.sent_date) FROM store_message o
        WHERE o.company_id = m.company_id AND o.customer_id = m.customer_id AND o.sent_at > m.created_at
          AND o.id <> m.id),
       EXISTS (SELECT FROM store_reply y WHERE y.company_id = m.company_id AND y.customer_id = m.customer_id
                 AND y.state = 'waiting' AND y.nature = 'person')
FROM store_message m
LEFT JOIN LATERAL (
  SELECT count(*) AS documents, count(*) FILTER (WHERE o.open_cents < r.amount_cents) AS paid,
         count(*) FILTER (WHERE o.open_cents <= 0) AS settled,
         sum(greatest(r.amount_cents - o.open_cents, 0))::bigint AS paid_cents,
         count(DISTINCT r.document_id) FILTER (WHERE EXISTS (
           SELECT FROM store_dispute d WHERE d.company_id = m.company_id AND d.document_id = r.document_id
             AND d.resolved_date IS NULL AND d.created_at > m.created_at)) AS disputed
  FROM store_reminder r
  CROSS JOIN LATERAL (SELECT coalesce(max(v.open_cents), 0) AS open_cents FROM store_receivable v
                      WHERE v.company_id = r.company_id AND v.document_id = r.document_id
                        AND v.position = r.position) o
  WHERE r.company_id = m.company_id AND r.message_id = m.id AND r.counts) r ON true
WHERE m.company_id = %s AND m.id = ANY(%s)
"""


@dataclass(frozen=True)
class EndedRow:
    """A customer's late receivables that had the last step of their policy, in one currency."""

    customer_id: int
    customer_name: str
    currency: str
    count: int
    amount_cents: int
    step_code: str
    ended_date: date | None  # when the last step was sent; None where a person let it count


@dataclass(frozen=True)
class EndedTotal:
    currency: str
    customers: int
    count: int
    amount_cents: int


def since_planned(
    *, company: Company, message_ids: Sequence[int], on: date
) -> Mapping[int, tuple[Sentence, ...]]:
    """What changed for each of these messages since it was planned; one query for all of a page."""
    params: list[Any] = [on, on, company.pk, list(message_ids)]
    with connection.cursor() as cursor:
        cursor.execute(_SINCE, params)
        found = [SincePlanned(*row) for row in cursor.fetchall()]
    return {facts.message_id: told for facts in found if (told := changes_since_planned(facts=facts))}


def ended_totals(*, company: Company, user_ids: Sequence[int] = ()) -> list[EndedTotal]:
    """What came to the end of its policy, by currency; of these portfolios when some are named."""
    found = _ended(company, user_ids).values("currency").order_by("currency")
    return [
        EndedTotal(**row)
        for row in found.annotate(
            customers=Count("customer", distinct=True), count=Count("pk"), amount_cents=Sum("remaining_cents")
        )
    ]


def ended_page(*, company: Company, number: int, size: int, user_ids: Sequence[int] = ()) -> Page[EndedRow]:
    """Customer by customer, the largest amounts first."""
    found = (
        _ended(company, user_ids)
        .values("customer_id", "currency")
        .annotate(
            count=Count("pk"),
            amount_cents=Sum("remaining_cents"),
            step_code=Max("step_code"),
            ended_date=Min("done_date"),
        )
        .order_by("-amount_cents", "customer_id", "currency")
    )
    page = page_of(found, number=number, size=size)
    ids = {row["customer_id"] for row in page.rows}
    names = dict(Customer.objects.filter(company=company, pk__in=ids).values_list("pk", "name"))
    return page.with_rows([EndedRow(customer_name=names[row["customer_id"]], **row) for row in page.rows])


def ended_documents(*, company: Company, customer_id: int) -> list[EndedReceivable]:
    """What a person decides about, the longest ended first; each with its document."""
    found = EndedReceivable.objects.filter(company=company, customer_id=customer_id)
    return list(found.select_related("document", "customer").order_by("done_date", "document_id", "position"))


def _ended(company: Company, user_ids: Sequence[int]) -> QuerySet[EndedReceivable]:
    found = EndedReceivable.objects.filter(company=company)
    if user_ids:
        theirs = PortfolioCustomer.objects.filter(company=company, user_id__in=user_ids)
        found = found.filter(customer_id__in=theirs.values("customer_id"))
    return found
