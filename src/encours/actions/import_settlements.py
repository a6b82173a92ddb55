"""What had settled documents in the books they come from: receipts, credit notes used, or just an amount.

A receipt is known by its key (`Payment.source_key`), an allocation by its receipt and document: a later export
of the same books adds what is new and nothing else.
"""

from collections import defaultdict
from typing import Any

import polars as pl
from django.db import connection

from encours.actions.post_allocations import ALLOCATIONS, post_allocations
from encours.actions.post_movements import MOVEMENTS, post_frame
from encours.core.money import Money
from encours.core.problems import Problem
from encours.core.wording import Wording
from encours.store.frames import read_frame, staged
from encours.store.models import Company, Payment
from encours.store.sequences import take_ids

RECEIPT_CHANGED = Wording(
    "receipt_exists_differently",
    fr="L'encaissement « {key} » est connu pour {known} ; le fichier dit {said}. Il n'est pas modifié.",
    en='Receipt "{key}" is known with {known}; the file says {said}. It is not changed.',
)
ALLOCATION_BEYOND_OPEN = Wording(
    "settlement_beyond_open",
    fr="{said} sont lettrés dans le fichier, mais {possible} seulement restaient à régler ici : le reste n'est pas affecté.",
    en="{said} is matched in the file, but only {possible} was left to settle here: the rest stays unallocated.",
)
_INSERT = """
INSERT INTO store_payment (id, company_id, customer_id, transaction_id, method, received_date, currency, amount_cents,
  unallocated_cents, label, source_key, reversed_at, created_at)
SELECT id, %s, customer_id, NULL, 'imported', received_date, currency, amount_cents, 0, label, source_key, NULL, now()
FROM {staged} ORDER BY id
"""
_KNOWN = """
SELECT p.source_key, p.id, p.amount_cents, p.unallocated_cents FROM store_payment p
JOIN {staged} s ON s.source_key = p.source_key WHERE p.company_id = %s AND p.source_key <> ''
"""
_OPEN = """
SELECT d.id, d.open_cents, d.customer_id FROM store_document d WHERE d.company_id = %s AND d.id IN (SELECT id FROM {staged})
"""
_ALLOCATED = """
SELECT a.document_id, a.payment_id, a.credit_note_id, sum(a.amount_cents)::bigint FROM store_allocation a
WHERE a.company_id = %s AND a.undone_at IS NULL AND a.document_id IN (SELECT id FROM {staged}) GROUP BY 1, 2, 3
"""
_LETTER = """
UPDATE store_allocation a SET lettering = s.lettering FROM {staged} s WHERE a.id = s.id AND a.company_id = %s
"""


def import_settlements(
    *, company: Company, settlements: pl.DataFrame, document_of: pl.DataFrame, customer_of: dict[str, int]
) -> tuple[int, list[Problem]]:
    """(new receipts, doubts) of settlements (core.invoices.SETTLEMENTS), in the caller's transaction.

    `document_of` has `line` and `id` of the documents of the same batch, `customer_of` the id of each party.
    """
    rows = settlements.with_columns(
        pl.col("settlement").str.slice(0, 80),
        pl.col("party")
        .replace_strict(list(customer_of), list(customer_of.values()), default=None, return_dtype=pl.Int64)
        .alias("customer_id"),
    )
    lines = document_of.select("line", pl.col("id").alias("document_id"))
    notes = document_of.select(pl.col("line").alias("credit_note_line"), pl.col("id").alias("credit_note_id"))
    rows = rows.join(lines, on="line", how="left", maintain_order="left")
    rows = rows.join(notes, on="credit_note_line", how="left", maintain_order="left")
    rows = rows.filter(pl.col("customer_id").is_not_null())
    payments, created, problems = _receipts(company, rows.filter(pl.col("credit_note_line").is_null()))
    rows = rows.join(payments, left_on="settlement", right_on="source_key", how="left", maintain_order="left")
    problems += _allocate(company, rows.filter(pl.col("document_id").is_not_null()))
    return created, problems


def settle_silently(*, company: Company, documents: pl.DataFrame) -> None:
    """New documents of which the file says how much is settled and nothing else: neither by whom nor when.

    An invoice gets an imported receipt dated like itself (the only date there is); what was used of a credit
    note is taken as paid out.
    """
    if documents.is_empty():
        return
    invoices = documents.filter((pl.col("type") != "credit_note") & (pl.col("settled_cents") > 0))
    if invoices.height:
        ids = take_ids(Payment, invoices.height)
        receipts = invoices.select(
            pl.Series("id", ids, dtype=pl.Int64),
            "customer_id",
            pl.col("issue_date").alias("received_date"),
            "currency",
            pl.col("settled_cents").alias("amount_cents"),
            pl.col("number").alias("label"),
            ("settled:" + pl.col("id").cast(pl.String)).alias("source_key"),
        )
        _insert(company, receipts)
        allocations = invoices.select(
            "customer_id",
            pl.col("id").alias("document_id"),
            pl.Series("payment_id", ids, dtype=pl.Int64),
            pl.lit(None, dtype=pl.Int64).alias("credit_note_id"),
            pl.lit(None, dtype=pl.Int64).alias("match_id"),
            pl.col("settled_cents").alias("amount_cents"),
            "currency",
            pl.col("issue_date").alias("allocated_date"),
        ).match_to_schema(ALLOCATIONS)
        post_allocations(company=company, allocations=allocations, receipts=_received(receipts))
    others = documents.filter((pl.col("type") == "credit_note") | (pl.col("settled_cents") < 0))
    if others.height:
        post_frame(
            company=company,
            movements=others.select(
                "customer_id",
                pl.col("id").alias("document_id"),
                pl.lit(None, dtype=pl.Int64).alias("payment_id"),
                pl.lit(None, dtype=pl.Int64).alias("allocation_id"),
                pl.lit("paid").alias("kind"),
                pl.lit("").alias("reversed_kind"),
                (-pl.col("sign") * pl.col("settled_cents")).alias("amount_cents"),
                "currency",
                pl.col("issue_date").alias("booked_date"),
            ).match_to_schema(MOVEMENTS),
        )


def _receipts(company: Company, rows: pl.DataFrame) -> tuple[pl.DataFrame, int, list[Problem]]:
    """(source_key and payment_id of every receipt, how many are new, doubts)."""
    schema = {"source_key": pl.String, "id": pl.Int64, "known_cents": pl.Int64, "left_cents": pl.Int64}
    wanted = rows.unique(subset="settlement", keep="first", maintain_order=True).select(
        pl.col("settlement").alias("source_key"),
        "customer_id",
        "received_date",
        "currency",
        "amount_cents",
        pl.col("label").str.slice(0, 500),
    )
    if wanted.is_empty():
        return pl.DataFrame(schema={"source_key": pl.String, "payment_id": pl.Int64}), 0, []
    with staged(wanted.select("source_key")) as table:
        known = read_frame(_KNOWN.format(staged=table), [company.pk], schema)
    both = wanted.join(known, on="source_key", how="left", maintain_order="left")
    problems = [
        Problem(
            RECEIPT_CHANGED(
                key=row["source_key"],
                known=Money(row["known_cents"], row["currency"]),
                said=Money(row["amount_cents"], row["currency"]),
            ),
            field="settlement",
            severity="warning",
        )
        for row in both.filter(pl.col("known_cents") != pl.col("amount_cents")).iter_rows(named=True)
    ]
    new = wanted.join(known, on="source_key", how="anti", maintain_order="left")
    new = new.with_columns(pl.Series("id", take_ids(Payment, new.height), dtype=pl.Int64))
    if new.height:
        _insert(company, new)
        post_frame(company=company, movements=_received(new))
    keys = pl.concat([known.select("source_key", "id"), new.select("source_key", "id")])
    return keys.rename({"id": "payment_id"}), new.height, problems


def _insert(company: Company, receipts: pl.DataFrame) -> None:
    columns = ["id", "customer_id", "received_date", "currency", "amount_cents", "label", "source_key"]
    with staged(receipts.select(columns)) as table, connection.cursor() as cursor:
        cursor.execute(_INSERT.format(staged=table), [company.pk])


def _received(receipts: pl.DataFrame) -> pl.DataFrame:
    return receipts.select(
        "customer_id",
        pl.lit(None, dtype=pl.Int64).alias("document_id"),
        pl.col("id").alias("payment_id"),
        pl.lit(None, dtype=pl.Int64).alias("allocation_id"),
        pl.lit("paid").alias("kind"),
        pl.lit("").alias("reversed_kind"),
        -pl.col("amount_cents"),
        "currency",
        pl.col("received_date").alias("booked_date"),
    ).match_to_schema(MOVEMENTS)


def _allocate(company: Company, rows: pl.DataFrame) -> list[Problem]:
    """What the file matches and the books do not yet, as far as documents are open and sources have something left."""
    rows = rows.filter(pl.col("payment_id").is_not_null() | pl.col("credit_note_id").is_not_null())
    if rows.is_empty():
        return []
    open_cents, left_cents, done = _state(company, rows)
    wanted: dict[tuple[int, int | None, int | None], dict[str, Any]] = {}
    for row in rows.iter_rows(named=True):
        key = (
            row["document_id"],
            row["payment_id"] if row["credit_note_id"] is None else None,
            row["credit_note_id"],
        )
        if key in wanted:
            wanted[key]["allocated_cents"] += row["allocated_cents"]
        else:
            wanted[key] = row
    made, problems = [], []
    for (document, payment, note), row in wanted.items():
        missing = row["allocated_cents"] - done.get((document, payment, note), 0)
        if missing <= 0:
            continue
        source = ("payment", payment) if note is None else ("document", note)
        left = left_cents[payment] if note is None else -open_cents[note]
        taken = max(0, min(missing, open_cents[document], left))
        if taken < missing:
            said, possible = Money(missing, row["currency"]), Money(taken, row["currency"])
            sentence = ALLOCATION_BEYOND_OPEN(said=said, possible=possible)
            problems.append(Problem(sentence, line=row["line"], field="settlement", severity="warning"))
        if not taken:
            continue
        open_cents[document] -= taken
        if source[0] == "payment":
            left_cents[payment] -= taken
        else:
            open_cents[note] += taken
        made.append(
            {"customer_id": row["customer_id"], "document_id": document, "payment_id": payment, "credit_note_id": note,
             "match_id": None, "amount_cents": taken, "currency": row["currency"],
             "allocated_date": row["received_date"], "lettering": row["lettering"][:12]}
        )  # fmt: skip
    if made:
        frame = pl.DataFrame(made, schema={**ALLOCATIONS, "lettering": pl.String})
        ids = post_allocations(company=company, allocations=frame.select(ALLOCATIONS.names()))
        lettered = frame.select(pl.Series("id", ids, dtype=pl.Int64), "lettering").filter(
            pl.col("lettering") != ""
        )
        if lettered.height:
            with staged(lettered) as table, connection.cursor() as cursor:
                cursor.execute(_LETTER.format(staged=table), [company.pk])
    return problems


_Key = tuple[int, int | None, int | None]


def _state(company: Company, rows: pl.DataFrame) -> tuple[dict[Any, int], dict[Any, int], dict[_Key, int]]:
    """(open cents of documents, left cents of payments, cents already allocated) of all that the rows name."""
    ids = pl.concat([rows["document_id"], rows["credit_note_id"]]).drop_nulls().unique().to_frame("id")
    with staged(ids) as table:
        documents = read_frame(
            _OPEN.format(staged=table), [company.pk], {"id": pl.Int64, "open": pl.Int64, "customer": pl.Int64}
        )
        allocated = read_frame(
            _ALLOCATED.format(staged=table),
            [company.pk],
            {"document": pl.Int64, "payment": pl.Int64, "note": pl.Int64, "cents": pl.Int64},
        )
    keys = rows.filter(pl.col("payment_id").is_not_null())["settlement"].unique().to_frame("source_key")
    left: dict[Any, int] = defaultdict(int)
    if keys.height:
        with staged(keys) as table:
            schema = {"source_key": pl.String, "id": pl.Int64, "amount": pl.Int64, "left": pl.Int64}
            known = read_frame(_KNOWN.format(staged=table), [company.pk], schema)
        left.update(zip(known["id"].to_list(), known["left"].to_list(), strict=True))
    opened: dict[Any, int] = defaultdict(int)
    opened.update(zip(documents["id"].to_list(), documents["open"].to_list(), strict=True))
    done = {(d, p, n): cents for d, p, n, cents in allocated.iter_rows()}
    return opened, left, done
