"""Keeps the entries of books that were brought in, as they were written, so that they can be handed on whole."""

import polars as pl
from django.db import connection

from encours.store.frames import staged
from encours.store.models import Company, ImportBatch

_COLUMNS = """line, journal_code, journal_name, entry_number, entry_date, account, account_name, auxiliary,
  auxiliary_name, piece, piece_date, label, debit_cents, credit_cents, lettering, lettered_date, valid_date,
  foreign_amount, foreign_currency, extra, document_type, document_number, settlement"""
_INSERT = f"""
INSERT INTO store_bookline (company_id, batch_id, created_at, {_COLUMNS})
SELECT %s, %s, now(), {_COLUMNS} FROM {{staged}}
"""
# The latest file knows best what is in the entries it holds; those it does not hold stay.
_REPLACE = """
DELETE FROM store_bookline o
USING (SELECT DISTINCT journal_code, entry_number, entry_date FROM store_bookline
       WHERE company_id = %(company)s AND batch_id = %(batch)s
         AND entry_date BETWEEN %(first)s AND %(last)s) n
WHERE o.company_id = %(company)s AND o.batch_id <> %(batch)s AND o.entry_date BETWEEN %(first)s AND %(last)s
  AND o.entry_date = n.entry_date AND o.journal_code = n.journal_code AND o.entry_number = n.entry_number
"""
# No row when no earlier file brought books.
_DAYS = """
SELECT min(entry_date), max(entry_date) FROM store_bookline WHERE company_id = %s AND batch_id = %s
HAVING EXISTS (SELECT FROM store_bookline WHERE company_id = %s AND batch_id <> %s)
"""


def import_book_lines(*, company: Company, batch: ImportBatch, entries: pl.DataFrame) -> None:
    """Adds a part of a file's entries (schema `BOOK_LINES`), in the caller's transaction."""
    with staged(entries) as table, connection.cursor() as cursor:
        cursor.execute(_INSERT.format(staged=table), [company.pk, batch.pk])


def replace_older_books(*, company: Company, batch: ImportBatch) -> int:
    """Takes away what earlier files said of the entries this one holds (same journal, number and day). Lines gone."""
    with connection.cursor() as cursor:
        cursor.execute(_DAYS, [company.pk, batch.pk, company.pk, batch.pk])
        days = cursor.fetchone()
        if days is None:
            return 0
        first, last = days
        cursor.execute(_REPLACE, {"company": company.pk, "batch": batch.pk, "first": first, "last": last})
        return cursor.rowcount
