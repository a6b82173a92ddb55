"""The metrics of a company on any day: what the rollups hold now, less what was booked after that day."""

from collections import defaultdict
from dataclasses import asdict
from datetime import date

from django.db import connection

from encours.core.metrics import Metrics, position
from encours.store.models import Company

# Everything starts from what is kept for now and takes back the movements booked later, so the cost follows what
# is open and what happened since, not the whole history.
_OPEN = """
WITH later AS (
  SELECT document_id, sum(amount_cents)::bigint AS cents FROM store_movement
  WHERE company_id = %(company)s AND booked_date > %(on)s AND document_id IS NOT NULL GROUP BY 1
), split AS (
  SELECT id FROM store_document WHERE company_id = %(company)s AND instalment_count > 0 AND open_cents <> 0
  UNION
  SELECT d.id FROM later l JOIN store_document d ON d.id = l.document_id WHERE d.instalment_count > 0
), parts AS (
  SELECT d.currency, i.due_date,
         i.amount_cents - least(i.amount_cents, greatest(0, d.payable_cents - (d.open_cents - coalesce(l.cents, 0))
           - (sum(i.amount_cents) OVER (PARTITION BY d.id ORDER BY i.due_date, i.position)::bigint - i.amount_cents)))
           AS cents
  FROM split JOIN store_document d USING (id) JOIN store_instalment i ON i.document_id = d.id
  LEFT JOIN later l ON l.document_id = d.id
)
SELECT currency, due_date, sum(cents)::bigint, sum(documents)::bigint FROM (
  SELECT currency, due_date, owed_cents + credit_cents AS cents, document_count AS documents
  FROM store_openbyduedate WHERE company_id = %(company)s
  UNION ALL
  SELECT d.currency, d.due_date, -l.cents, (d.open_cents - l.cents > 0)::int - (d.open_cents > 0)::int
  FROM later l JOIN store_document d ON d.id = l.document_id WHERE d.instalment_count = 0
  UNION ALL
  SELECT currency, due_date, cents, 1 FROM parts WHERE cents > 0
) every GROUP BY 1, 2 HAVING sum(cents) <> 0 OR sum(documents) <> 0
"""
_UNALLOCATED = """
SELECT currency, sum(cents)::bigint FROM (
  SELECT currency, unallocated_cents AS cents FROM store_payment
  WHERE company_id = %(company)s AND unallocated_cents <> 0
  UNION ALL
  SELECT currency, amount_cents FROM store_movement
  WHERE company_id = %(company)s AND booked_date > %(on)s AND payment_id IS NOT NULL
) every GROUP BY 1
"""
_INVOICED = """
SELECT currency, booked_date, sum(amount_cents)::bigint FROM store_dailyflow
WHERE company_id = %(company)s AND kind IN ('invoiced', 'credited') AND booked_date <= %(on)s
GROUP BY 1, 2 HAVING sum(movement_count) <> 0 ORDER BY 1, 2
"""


def metrics_on(*, company: Company, on: date) -> Metrics:
    """The position at the end of a day: what was booked until then, aged on that day. Three queries.

    Amounts are cents of the company's currency; each other currency stands apart in `other_currencies`.
    """
    params = {"company": company.pk, "on": str(on)}
    open_by: dict[str, dict[date, tuple[int, int]]] = defaultdict(dict)
    invoiced: dict[str, list[tuple[date, int]]] = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute(_OPEN, params)
        for currency, due_date, cents, documents in cursor.fetchall():
            open_by[currency][due_date] = (cents, documents)
        cursor.execute(_UNALLOCATED, params)
        unallocated: dict[str, int] = dict(cursor.fetchall())
        cursor.execute(_INVOICED, params)
        for currency, day, cents in cursor.fetchall():
            invoiced[currency].append((day, cents))
    currencies = sorted({company.currency, *open_by, *unallocated, *invoiced})
    positions = {
        currency: position(
            currency=currency,
            on=on,
            open_by_due_date=open_by.get(currency, {}),
            unallocated_cents=unallocated.get(currency, 0),
            invoiced_by_day=invoiced.get(currency, []),
        )
        for currency in currencies
    }
    own = positions.pop(company.currency)
    fields = {name: getattr(own, name) for name in asdict(own)}
    return Metrics(**fields, on=on, other_currencies=tuple(positions.values()))
