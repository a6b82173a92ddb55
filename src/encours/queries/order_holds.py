"""What of final invoices nobody may ask for, because a deposit they should take off was asked before."""

import json
from datetime import date

import polars as pl

from encours.core.cases.holding import CASES, DEPOSIT_ASKED_TWICE
from encours.core.money import Money
from encours.queries.orders import chain_frame
from encours.store.frames import read_frame
from encours.store.models import Company

# orders with a deposit and an invoice that is still open: few, and none where nobody uses orders
_CANDIDATES = """
SELECT l.order_id FROM store_orderdocument l JOIN store_document d ON d.id = l.document_id
WHERE l.company_id = %(company)s AND d.company_id = l.company_id AND l.state = 'linked' {only}
GROUP BY 1 HAVING bool_or(d.type = 'deposit') AND bool_or(d.type = 'invoice' AND d.open_cents > 0)
"""
# the last invoice is the one that should have taken the deposit off; earlier ones where it is paid
_INVOICES = """
SELECT l.order_id, o.number, d.id, d.open_cents, d.currency FROM store_orderdocument l
JOIN store_document d ON d.id = l.document_id JOIN store_order o ON o.id = l.order_id
WHERE l.company_id = %(company)s AND d.company_id = l.company_id AND o.company_id = l.company_id AND l.state = 'linked'
  AND d.type = 'invoice' AND d.open_cents > 0 AND l.order_id = ANY(%(orders)s)
ORDER BY l.order_id, d.issue_date DESC, d.id DESC
"""


def deposits_asked_twice(*, company: Company, customer_id: int | None, on: date) -> pl.DataFrame:
    """CASES of a company, or of one customer: of each such invoice the deposit it asks for again. One query where there
    is none."""
    only = "" if customer_id is None else "AND d.customer_id = %(customer)s"
    params = {"company": company.pk, "customer": customer_id}
    orders = read_frame(_CANDIDATES.format(only=only), params, {"id": pl.Int64})["id"].to_list()
    if not orders:
        return pl.DataFrame(schema=CASES)
    twice = chain_frame(company=company, on=on, order_ids=orders).filter(pl.col("twice_cents") > 0)
    if twice.is_empty():
        return pl.DataFrame(schema=CASES)
    schema = {
        "order_id": pl.Int64, "number": pl.String, "document_id": pl.Int64, "open_cents": pl.Int64, "currency": pl.String,
    }  # fmt: skip
    invoices = read_frame(_INVOICES, {"company": company.pk, "orders": twice["order_id"].to_list()}, schema)
    rows = invoices.join(twice.select("order_id", "twice_cents"), on="order_id", maintain_order="left")
    before = pl.col("open_cents").cum_sum().over("order_id") - pl.col("open_cents")
    held = pl.min_horizontal("open_cents", (pl.col("twice_cents") - before).clip(0))
    return pl.DataFrame(
        [
            (row["document_id"], "deposit", row["held"], None, json.dumps(_words(row)))
            for row in rows.with_columns(held=held).filter(pl.col("held") > 0).iter_rows(named=True)
        ],
        schema=CASES,
        orient="row",
    )


def _words(row: dict) -> dict:
    return DEPOSIT_ASKED_TWICE(order=row["number"], amount=Money(row["held"], row["currency"])).as_json()
