"""What a returned bank line is compared with: receipts it may take back, lines still waiting, earlier returns."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import polars as pl
from django.db import connection, transaction

from encours.core.matching.return_reasons import LATEST_DAYS
from encours.core.matching.return_ties import (
    MAX_FEE_CENTS,
    RECEIPTS,
    RETURNED_LINES,
    SETTLED,
    original_cents,
)
from encours.core.matching.returns import RULE
from encours.core.parties import bank_names
from encours.queries.matching import LINE_COLUMNS
from encours.store.frames import read_frame, staged
from encours.store.models import Company

# Ids of a bank or of the payment chain; what is short or without digits is no id of one payment.
_REFERENCES = """
(SELECT coalesce(string_agg(DISTINCT reference, ' '), '')
 FROM unnest(ARRAY[replace({t}.bank_reference, ' ', ''), {t}.extra ->> 'transaction_id', {t}.extra ->> 'uetr',
                   {t}.extra ->> 'instruction_id', {t}.extra ->> 'proprietary_reference']) AS reference
 WHERE length(reference) >= 8 AND reference !~ ' ' AND reference ~ '[0-9].*[0-9].*[0-9].*[0-9]' AND reference !~ '^0+$')
"""
_LINES = f"""
SELECT {LINE_COLUMNS}, {_REFERENCES.format(t="t")}, NULL::bigint,
       coalesce(t.extra ->> 'original_amount', t.extra ->> 'oamt', '')
FROM store_transaction t WHERE t.company_id = %s AND t.id = ANY(%s) AND t.state IN ('new', 'proposed')
ORDER BY t.booked_date, t.id
"""
_WANTED = f"""
WITH wanted_lines AS (
  SELECT t.id FROM store_transaction t JOIN {{amounts}} a
    ON a.currency = t.currency AND a.cents = t.amount_cents
   AND t.booked_date BETWEEN a.booked_date - {LATEST_DAYS} AND a.booked_date
  WHERE t.company_id = %s AND t.state IN ('new', 'proposed', 'matched')
  UNION
  SELECT t.id FROM store_transaction t JOIN {{amounts}} a
    ON a.currency = t.currency AND a.end_to_end_id = t.end_to_end_id AND a.end_to_end_id <> ''
   AND t.booked_date BETWEEN a.booked_date - {LATEST_DAYS} AND a.booked_date
  WHERE t.company_id = %s AND t.state IN ('new', 'proposed', 'matched') AND t.amount_cents > 0
  UNION
  SELECT t.id FROM store_transaction t JOIN {{amounts}} a
    ON a.currency = t.currency AND a.mandate_id = t.mandate_id AND a.mandate_id <> ''
   AND t.booked_date BETWEEN a.booked_date - {LATEST_DAYS} AND a.booked_date
   AND t.amount_cents BETWEEN a.cents - {MAX_FEE_CENTS} AND a.cents
  WHERE t.company_id = %s AND t.state IN ('new', 'proposed', 'matched') AND t.amount_cents > 0
), wanted_payments AS (
  SELECT p.id FROM store_payment p JOIN wanted_lines w ON w.id = p.transaction_id
  UNION
  SELECT p.id FROM store_payment p JOIN {{amounts}} a
    ON a.currency = p.currency AND a.cents = p.amount_cents
   AND p.received_date BETWEEN a.booked_date - {LATEST_DAYS} AND a.booked_date
  WHERE p.company_id = %s AND p.reversed_at IS NULL
)
"""
_RECEIPT = f"""
SELECT t.id AS line_id, p.id AS payment_id, p.customer_id, c.name, p.amount_cents, p.currency, p.received_date,
       coalesce(t.end_to_end_id, ''), coalesce(t.mandate_id, ''),
       CASE WHEN t.id IS NULL THEN '' ELSE {_REFERENCES.format(t="t")} END, coalesce(t.counterparty_name, ''),
       coalesce(t.counterparty_iban, '')
FROM store_payment p
JOIN store_customer c ON c.id = p.customer_id LEFT JOIN store_transaction t ON t.id = p.transaction_id
WHERE p.company_id = %s AND p.reversed_at IS NULL AND p.method <> 'imported'
"""
_WAITING = f"""
SELECT t.id, NULL, NULL, '', t.amount_cents, t.currency, t.booked_date, t.end_to_end_id, t.mandate_id,
       {_REFERENCES.format(t="t")}, t.counterparty_name, t.counterparty_iban
FROM wanted_lines w JOIN store_transaction t ON t.id = w.id
WHERE t.company_id = %s AND t.state IN ('new', 'proposed')
"""
# read as a receipt of the day it was given back
_GIVEN_BACK = f"""
SELECT t.id, p.id, p.customer_id, c.name, p.amount_cents, p.currency, t.booked_date, t.end_to_end_id, t.mandate_id,
       {_REFERENCES.format(t="t")}, t.counterparty_name, t.counterparty_iban
FROM store_payment p JOIN store_match m ON m.id = p.returned_by_id JOIN store_transaction t ON t.id = m.transaction_id
JOIN store_customer c ON c.id = p.customer_id
JOIN {{amounts}} a ON a.currency = p.currency AND a.cents = p.amount_cents
 AND t.booked_date BETWEEN a.booked_date - {LATEST_DAYS} AND a.booked_date
WHERE p.company_id = %s AND p.returned_by_id IS NOT NULL
"""
_SETTLED = """
SELECT a.payment_id, a.document_id, d.number, sum(a.amount_cents)::bigint
FROM store_allocation a JOIN store_document d ON d.id = a.document_id
WHERE a.company_id = %s AND a.payment_id = ANY(%s) AND {state} GROUP BY 1, 2, 3 ORDER BY 1, 2
"""
_REFUSED = """
SELECT transaction_id, reason -> 'params' -> 'payment_ids' FROM store_match
WHERE company_id = %s AND transaction_id = ANY(%s) AND rule = %s AND state IN ('rejected', 'undone')
"""
_NAMED = RECEIPTS.names().index("names")


def returned_lines_frame(*, company: Company, line_ids: Sequence[int]) -> pl.DataFrame:
    """Those of the lines that still wait, with what ties them to a receipt (schema `RETURNED_LINES`)."""
    schema = dict(RETURNED_LINES) | {"original_amount": pl.String}
    rows = read_frame(_LINES, [company.pk, list(line_ids)], schema)
    amounts = [
        original_cents(written=written, currency=currency)
        for written, currency in zip(rows["original_amount"], rows["currency"], strict=True)
    ]
    return rows.with_columns(pl.Series("original_cents", amounts, pl.Int64)).select(RETURNED_LINES.names())


def receipts_frame(*, company: Company, returns: pl.DataFrame) -> pl.DataFrame:
    """Receipts in force, and lines still waiting, that the returns (schema `RETURNED_LINES`) may take back.

    Of each bank line all of its receipts. Receipts that came with imported books are left out: the books they came
    from tell their returns. Schema `RECEIPTS`, oldest first.
    """
    debits = returns.filter(pl.col("amount_cents") < 0)
    if debits.is_empty():
        return pl.DataFrame(schema=RECEIPTS)
    own = pl.col("line_id").is_in(returns["line_id"].implode())
    with _hashing(), staged(_amounts(debits)) as table:
        wanted, params = _WANTED.format(amounts=table), [company.pk] * 4
        chosen = f"{wanted} {_RECEIPT} AND p.id IN (SELECT id FROM wanted_payments)"
        receipts = read_frame(chosen, [*params, company.pk], _raw())
        waiting = read_frame(wanted + _WAITING, [*params, company.pk], _raw())
    return _named(pl.concat([receipts, waiting.filter(~own)]))


def receipts_of(*, company: Company, payment_ids: Sequence[int]) -> pl.DataFrame:
    """Receipts in force by their ids (schema `RECEIPTS`)."""
    return _named(read_frame(f"{_RECEIPT} AND p.id = ANY(%s)", [company.pk, list(payment_ids)], _raw()))


def given_back_frame(*, company: Company, returns: pl.DataFrame) -> pl.DataFrame:
    """Receipts taken back earlier whose money the credits among the returns may bring again (schema `RECEIPTS`)."""
    credits = returns.filter(pl.col("amount_cents") > 0)
    if credits.is_empty():
        return pl.DataFrame(schema=RECEIPTS)
    with _hashing(), staged(_amounts(credits)) as table:
        return _named(read_frame(_GIVEN_BACK.format(amounts=table), [company.pk], _raw()))


def settled_frame(*, company: Company, receipts: pl.DataFrame, was_returned: bool = False) -> pl.DataFrame:
    """What receipts (schema `RECEIPTS`) settle, or settled when they were returned (schema `SETTLED`)."""
    state = "a.returned_by_id IS NOT NULL" if was_returned else "a.undone_at IS NULL"
    ids = receipts["payment_id"].drop_nulls().unique().to_list()
    return read_frame(_SETTLED.format(state=state), [company.pk, ids], dict(SETTLED))


def refused_returns(*, company: Company, line_ids: Sequence[int]) -> set[tuple[int, tuple[int, ...]]]:
    """Pairs (line, receipts) that a person rejected or undid."""
    with connection.cursor() as cursor:
        cursor.execute(_REFUSED, [company.pk, list(line_ids), RULE])
        rows: list[tuple[int, Any]] = cursor.fetchall()
    return {(line_id, _ids(stored)) for line_id, stored in rows}


def _ids(stored: Any) -> tuple[int, ...]:
    return (
        tuple(pl.Series(stored).to_list())
        if isinstance(stored, list)
        else tuple(map(int, stored.strip("[] ").split(",")))
    )


@contextmanager
def _hashing() -> Iterator[None]:
    """Right after an import the planner takes a large company for an empty one and loops over it row by row."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_nestloop = off")
        yield
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_nestloop = on")


def _amounts(returns: pl.DataFrame) -> pl.DataFrame:
    """Each amount a receipt may have, positive, with what else ties it."""
    known = ("currency", "booked_date", "end_to_end_id", "mandate_id")
    full = returns.select(pl.col("amount_cents").abs().alias("cents"), *known)
    original = returns.drop_nulls("original_cents").select(pl.col("original_cents").alias("cents"), *known)
    return pl.concat([full, original]).unique()


def _raw() -> dict[str, Any]:
    return {("counterparty_name" if name == "names" else name): kind for name, kind in RECEIPTS.items()}


def _named(rows: pl.DataFrame) -> pl.DataFrame:
    names = pl.concat_str(
        bank_names(pl.col("counterparty_name")), bank_names(pl.col("customer")), separator="|"
    )
    return rows.with_columns(names.alias("names")).select(RECEIPTS.names()).sort("booked_date", "payment_id")
