"""Writes the accounting entries of all that happened up to a day, and letters what belongs together.

In the caller's transaction. What was written before is never touched: an entry is added for every movement that has
none, then for every account that does not stand where it must, then codes for the lines that sum to zero.
"""

from datetime import date

import polars as pl
from django.db import connection

from encours.core.accounting.accounts import Accounts
from encours.core.accounting.booking import BOOKED, booked
from encours.core.accounting.lettering import code_rank, complete, grouped, to_reopen, with_codes
from encours.core.accounting.payouts import paid_out
from encours.core.accounting.transfers import POSITIONS, transfers
from encours.queries.accounting import (
    accounts_of,
    codes_in_use,
    first_open_date,
    lines_to_letter,
    movements_to_book,
    nodes_named,
    payouts_to_book,
    positions,
    vat_to_book,
)
from encours.store.frames import staged
from encours.store.models import Company, EntryLine, Lettering
from encours.store.sequences import take_ids

_LOCK_CLASS = 7003  # advisory lock: one posting per company at a time
_LAST_NUMBERS = """
SELECT journal_code, max(entry_number::bigint) FROM store_entryline WHERE company_id = %s GROUP BY 1
"""
_INSERT = """
INSERT INTO store_entryline (id, company_id, created_at, entry_id, role, journal_code, journal_name, entry_number,
  entry_date, account, account_name, auxiliary, auxiliary_name, piece, piece_date, label, debit_cents, credit_cents,
  valid_date, foreign_amount, foreign_currency, movement_id, customer_id, document_id, payment_id, payout_id)
SELECT id, %s, now(), entry_id, role, journal_code, journal_name, entry_number, entry_date, account, account_name,
  auxiliary, auxiliary_name, piece, piece_date, label, greatest(cents, 0), greatest(-cents, 0), %s, '', '',
  movement_id, customer_id, document_id, payment_id, payout_id
FROM {staged} ORDER BY id
"""
_LETTERINGS = """
INSERT INTO store_lettering (id, company_id, created_at, customer_id, auxiliary, code, lettered_date)
SELECT s.id, %s, now(), s.customer_id, s.auxiliary, s.code, s.lettered_date FROM {staged} s ORDER BY s.id
"""
_PARTS = """
INSERT INTO store_letteringpart (company_id, created_at, lettering_id, entry_line_id, document_id, payment_id)
SELECT %s, now(), lettering_id, entry_line_id, document_id, payment_id FROM {staged}
"""
_NUMBER_WIDTH = 8


def post_entries(*, company: Company, until: date, on: date) -> int:
    """Lines written for what happened up to `until`, validated `on`; entries without a movement are dated the
    earlier of the two. Nothing is dated in a period that was exported.
    """
    assert connection.in_atomic_block, "entries, their numbers and their lettering belong to one transaction"
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [_LOCK_CLASS, company.pk])
    accounts = accounts_of(company=company)
    last_day = min(until, on)
    movements = movements_to_book(company=company, accounts=accounts, until=until)
    vat = vat_to_book(company=company, until=until)
    written = _write(company, booked(movements=movements, vat=vat, accounts=accounts), on)
    payouts = payouts_to_book(company=company, accounts=accounts, until=until)
    written += _write(company, paid_out(payouts=payouts, accounts=accounts), on)
    if last_day >= first_open_date(company=company, accounts=accounts):
        found = positions(company=company, accounts=accounts, until=last_day)
        written += _write(company, transfers(positions=found, on=last_day, accounts=accounts), on)
        written += _write(company, _reopened(company, accounts, last_day), on)
    _letter(company, until)
    return written


def _write(company: Company, lines: pl.DataFrame, on: date) -> int:
    """Lines (schema `BOOKED`, entries whole and in order) with ids, and numbers that go on in each journal.

    Those of payouts have a `payout_id` besides.
    """
    if lines.is_empty():
        return 0
    if "payout_id" not in lines.columns:
        lines = lines.with_columns(payout_id=pl.lit(None, pl.Int64))
    assert lines.drop("payout_id").schema == BOOKED, lines.schema
    ids = pl.Series("id", take_ids(EntryLine, lines.height), dtype=pl.Int64)
    with connection.cursor() as cursor:
        cursor.execute(_LAST_NUMBERS, [company.pk])
        last = pl.DataFrame(
            cursor.fetchall(), schema={"journal_code": pl.String, "last": pl.Int64}, orient="row"
        )
    numbered = lines.with_columns(ids).with_columns(entry_id=pl.col("id").min().over("entry"))
    rank = pl.col("entry_id").rank("dense").over("journal_code").cast(pl.Int64)
    numbered = numbered.join(last, on="journal_code", how="left", maintain_order="left").with_columns(
        entry_number=(rank + pl.col("last").fill_null(0)).cast(pl.String).str.zfill(_NUMBER_WIDTH)
    )
    with staged(numbered.drop("entry", "last")) as table, connection.cursor() as cursor:
        cursor.execute(_INSERT.format(staged=table), [company.pk, str(on)])
    return lines.height


def _reopened(company: Company, accounts: Accounts, on: date) -> pl.DataFrame:
    """Entries for what letterings hold together and the ledger no longer does."""
    lines, links = lines_to_letter(company=company, until=on)
    wrong = to_reopen(grouped(lines, links))
    if wrong.is_empty():
        return pl.DataFrame(schema=BOOKED)
    found = wrong.join(nodes_named(company=company, nodes=wrong["node"]), on="node").select(
        pl.lit("reopened").alias("purpose"),
        "customer_id",
        "auxiliary",
        "auxiliary_name",
        "document_id",
        "payment_id",
        "reference",
        pl.col("cents").alias("wanted_cents"),
        pl.lit(0, pl.Int64).alias("present_cents"),
    )
    return transfers(positions=found.match_to_schema(POSITIONS), on=on, accounts=accounts)


def _letter(company: Company, until: date) -> None:
    """A code for every group of lines that sums to zero and has none."""
    lines, links = lines_to_letter(company=company, until=until)
    lines = grouped(lines, links)
    found = complete(lines)
    if found.is_empty():
        return
    used = codes_in_use(company=company)
    ranks = pl.Series([code_rank(code) for code in used["code"]], dtype=pl.Int64)
    last = used.with_columns(last_rank=ranks).group_by("auxiliary").agg(pl.col("last_rank").max())
    lettered = with_codes(found, last).join(lines.select("line", "node"), on="line")
    lettered = lettered.join(nodes_named(company=company, nodes=lettered["node"]), on="node")
    groups = (
        lettered.group_by("auxiliary", "code", "lettered_date")
        .agg(pl.col("customer_id").min())
        .sort("auxiliary", "lettered_date", "code")
    )
    groups = groups.with_columns(pl.Series("id", take_ids(Lettering, groups.height), dtype=pl.Int64))
    # a line of the books is reached through what it became: its own row may be replaced by a later file
    own = pl.col("line") > 0
    parts = (
        lettered.join(groups.select("auxiliary", "code", lettering_id="id"), on=["auxiliary", "code"])
        .select(
            "lettering_id",
            entry_line_id=pl.when(own).then("line"),
            document_id=pl.when(~own).then("document_id"),
            payment_id=pl.when(~own).then("payment_id"),
        )
        .unique(maintain_order=True)
    )
    with staged(groups) as table, connection.cursor() as cursor:
        cursor.execute(_LETTERINGS.format(staged=table), [company.pk])
    with staged(parts) as table, connection.cursor() as cursor:
        cursor.execute(_PARTS.format(staged=table), [company.pk])
