"""What reconciliation reads: bank lines to explain, the documents they may mean, what people refused."""

import json
from collections.abc import Collection, Sequence
from datetime import date
from typing import Any

import polars as pl
from django.db import connection, transaction

from encours.core.matching.frames import DOCUMENTS, LINES
from encours.store.frames import read_frame, staged
from encours.store.models import BankAccount, Company, Transaction

_BATCH = """
SELECT id, booked_date FROM store_transaction
WHERE company_id = %s AND state IN ('new', 'proposed') AND (booked_date, id) > (%s, %s)
ORDER BY booked_date, id LIMIT %s
"""
_LINES = """
SELECT id, booked_date, amount_cents, currency, bank_reference, end_to_end_id, structured_reference, remittance,
       counterparty_name, operation_code, return_reason, state
FROM store_transaction
WHERE company_id = %s AND id = ANY(%s) AND state IN ('new', 'proposed') ORDER BY booked_date, id
"""
_DOCUMENTS = """
WITH wanted AS (
  SELECT d.id FROM store_document d JOIN {keys} k ON k.kind = 'number' AND k.key = d.search_number
  WHERE d.company_id = %s
  UNION
  SELECT d.id FROM store_document d JOIN {keys} k ON k.kind = 'reference'
    AND k.key = upper(regexp_replace(d.payment_reference, '[^A-Za-z0-9]', '', 'g'))
  WHERE d.company_id = %s AND d.payment_reference <> ''
), amounts AS (
  SELECT currency, open_cents, count(*) AS documents FROM store_document
  WHERE company_id = %s AND open_cents <> 0 GROUP BY 1, 2
)
SELECT d.id, d.customer_id, c.name, d.number, d.search_number, d.type, d.payment_reference, d.currency, d.issue_date,
       d.due_date, d.payable_cents, d.open_cents, coalesce(i.amounts, ''), coalesce(a.documents, 0)
FROM wanted JOIN store_document d USING (id) JOIN store_customer c ON c.id = d.customer_id
LEFT JOIN amounts a ON a.currency = d.currency AND a.open_cents = d.open_cents
LEFT JOIN LATERAL (SELECT string_agg(amount_cents::text, ' ' ORDER BY due_date, position) AS amounts
                   FROM store_instalment WHERE document_id = d.id AND d.instalment_count > 0) i ON true
ORDER BY d.id
"""
_REFUSED = """
SELECT transaction_id, lines FROM store_match
WHERE company_id = %s AND transaction_id = ANY(%s) AND state IN ('rejected', 'undone')
"""


def batch_of_lines(*, company: Company, after: tuple[date, int], limit: int) -> list[tuple[int, date]]:
    """The next lines (id, booked date) still to explain, after the one given, oldest first."""
    params: list[Any] = [company.pk, *after, limit]
    with connection.cursor() as cursor:
        cursor.execute(_BATCH, params)
        return cursor.fetchall()


def count_of_lines(*, company: Company) -> int:
    """How many lines wait for an explanation."""
    return Transaction.objects.filter(company=company, state__in=["new", "proposed"]).count()


def lines_frame(*, company: Company, line_ids: Sequence[int]) -> pl.DataFrame:
    """Those of the lines that still wait (schema `LINES`), oldest first."""
    return read_frame(_LINES, [company.pk, list(line_ids)], dict(LINES))


def documents_frame(*, company: Company, keys: pl.DataFrame, settled: Collection[int] = ()) -> pl.DataFrame:
    """Documents, open or settled, that keys (schema `KEYS`) may mean (schema `DOCUMENTS`).

    `settled` are documents to be taken as settled already: what an earlier part of a dry run would have settled.
    """
    with transaction.atomic(), staged(keys.select("key", "kind").unique()) as table:
        # right after an import the planner takes a large company for an empty one and loops over it row by row
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_nestloop = off")
        found = read_frame(_DOCUMENTS.format(keys=table), [company.pk] * 3, dict(DOCUMENTS))
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_nestloop = on")
    is_settled = pl.col("document_id").is_in(list(settled))
    return found.with_columns(open_cents=pl.when(is_settled).then(0).otherwise("open_cents"))


def refused_matches(*, company: Company, line_ids: Sequence[int]) -> set[tuple[int, frozenset[int]]]:
    """Pairs (line, documents) that a person rejected or undid."""
    with connection.cursor() as cursor:
        cursor.execute(_REFUSED, [company.pk, list(line_ids)])
        rows = cursor.fetchall()
    return {
        (line_id, frozenset(settled["document_id"] for settled in _loaded(lines))) for line_id, lines in rows
    }


def own_identifiers(*, company: Company) -> list[str]:
    """Numbers of the company itself, which its customers' banks repeat: SIREN, VAT number, accounts."""
    accounts = BankAccount.objects.filter(company=company).values_list("identifier", flat=True)
    return [each for each in (company.siren, company.vat_number, company.iban, *accounts) if each]


def _loaded(stored: str | list[dict[str, int]]) -> list[dict[str, int]]:
    return json.loads(stored) if isinstance(stored, str) else stored
