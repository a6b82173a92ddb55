"""Keeps the list of what had the last step of its policy, as the day's plan found it. Inside the caller's transaction."""

from datetime import date

import polars as pl
from django.db import connection

from encours.store.frames import staged
from encours.store.models import Company

_FORGET = """
DELETE FROM store_endedreceivable e WHERE e.company_id = %s AND NOT EXISTS (
  SELECT FROM {staged} s WHERE s.document_id = e.document_id AND s.position = e.position)
"""
# one that was there before keeps its day, so that it is known since when it waits for a decision
_KEEP = """
INSERT INTO store_endedreceivable AS e (company_id, document_id, position, customer_id, currency, remaining_cents, step_code,
                                        done_date, planned_date, created_at)
SELECT %s, document_id, position, customer_id, currency, remaining_cents, step_code, done_date, %s, now() FROM {staged}
ON CONFLICT (company_id, document_id, position) DO UPDATE
SET remaining_cents = excluded.remaining_cents, step_code = excluded.step_code, done_date = excluded.done_date
WHERE (e.remaining_cents, e.step_code, e.done_date) IS DISTINCT FROM
      (excluded.remaining_cents, excluded.step_code, excluded.done_date)
"""


def keep_ended(*, company: Company, ended: pl.DataFrame, on: date) -> None:
    """`ended` is a frame of `core.dunning.planning.ENDED`: whole, it takes the place of the list of the day before."""
    with connection.cursor() as cursor, staged(ended) as table:
        cursor.execute(_FORGET.format(staged=table), [company.pk])
        cursor.execute(_KEEP.format(staged=table), [company.pk, on.isoformat()])
