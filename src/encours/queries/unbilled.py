"""What was delivered and is not invoiced: encours non facturé, and the invoices that somebody forgot."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl

from encours.queries.orders import OrderRow, chain_frame, order_rows
from encours.store.frames import read_frame
from encours.store.models import Company

# Open orders of which more may be delivered than asked for: a little more than those, but cheap to find. A final invoice
# brought in with its deposit as paid asks for less than its total, never by more than the deposits.
_CANDIDATES = """
SELECT o.id FROM store_order o
JOIN (SELECT order_id, sum(amount_cents) AS cents FROM store_delivery
      WHERE company_id = %(company)s AND delivered_date <= %(on)s GROUP BY 1) delivered ON delivered.order_id = o.id
LEFT JOIN (SELECT l.order_id, sum(CASE d.type WHEN 'credit_note' THEN -d.payable_cents WHEN 'deposit' THEN 0 ELSE d.payable_cents END) AS cents,
                  sum(d.payable_cents) FILTER (WHERE d.type = 'deposit') AS deposits
           FROM store_orderdocument l JOIN store_document d ON d.id = l.document_id
           WHERE l.company_id = %(company)s AND d.company_id = l.company_id AND l.state = 'linked' AND d.issue_date <= %(on)s
           GROUP BY 1) asked ON asked.order_id = o.id
WHERE o.company_id = %(company)s AND o.state = 'open'
  AND delivered.cents > coalesce(asked.cents, 0) - coalesce(asked.deposits, 0) {only}
"""


@dataclass(frozen=True)
class UnbilledSum:
    """In one currency. `forgotten_*` are of the orders delivered longer ago than the company lets pass."""

    currency: str
    unbilled_cents: int
    order_count: int
    forgotten_cents: int
    forgotten_count: int


@dataclass(frozen=True)
class Exposure:
    """What a customer owes and is about to owe, in one currency; `twice_cents` is a deposit the final invoice asks again."""

    currency: str
    balance_cents: int
    unbilled_cents: int
    twice_cents: int

    @property
    def total_cents(self) -> int:
        return self.balance_cents + self.unbilled_cents - self.twice_cents


def unbilled_frame(
    *,
    company: Company,
    on: date,
    forgotten_after_days: int | None = None,
    customer_ids: Collection[int] | None = None,
) -> pl.DataFrame:
    """Chains (core.orders) of the orders with something unbilled by a day, the oldest delivery first."""
    frame = chain_frame(company=company, on=on, order_ids=_candidates(company, on, customer_ids))
    after = company.forgotten_after_days if forgotten_after_days is None else forgotten_after_days
    return (
        frame.filter(pl.col("unbilled_cents") > 0)
        .with_columns(forgotten=pl.col("unbilled_days") > after)
        .sort("oldest_delivery", "order_id")
    )


def unbilled_sums(
    *, company: Company, on: date, customer_ids: Collection[int] | None = None
) -> list[UnbilledSum]:
    """One a currency, the company's first; none where nothing is unbilled."""
    found = unbilled_frame(company=company, on=on, customer_ids=customer_ids)
    sums = found.group_by("currency").agg(
        pl.col("unbilled_cents").sum(),
        order_count=pl.len(),
        forgotten_cents=pl.col("unbilled_cents").filter("forgotten").sum(),
        forgotten_count=pl.col("forgotten").sum(),
    )
    told = [UnbilledSum(**row) for row in sums.iter_rows(named=True)]
    return sorted(told, key=lambda each: (each.currency != company.currency, each.currency))


def unbilled_rows(
    *, company: Company, on: date, is_forgotten: bool = False, limit: int | None = None
) -> list[OrderRow]:
    """The orders with something unbilled, the oldest delivery first."""
    found = unbilled_frame(company=company, on=on)
    ids = (found.filter("forgotten") if is_forgotten else found)["order_id"].to_list()
    return order_rows(company=company, order_ids=ids if limit is None else ids[:limit], on=on)


def unbilled_told(
    *, company: Company, on: date, forgotten_after_days: int | None = None
) -> list[dict[str, Any]]:
    """`orders[]` as `encours unbilled` and the API tell them. Two queries more than the frame, however many orders."""
    found = unbilled_frame(company=company, on=on, forgotten_after_days=forgotten_after_days)
    names = read_frame(
        """SELECT o.id, o.number, o.purchase_order, o.kind, c.id, c.code, c.name FROM store_order o
           JOIN store_customer c ON c.id = o.customer_id
           WHERE o.company_id = %s AND c.company_id = o.company_id AND o.id = ANY(%s)""",
        [company.pk, found["order_id"].to_list()],
        {"order_id": pl.Int64, "order": pl.String, "purchase_order": pl.String, "_kind": pl.String, "_customer": pl.Int64,
         "customer_code": pl.String, "customer": pl.String},
    )  # fmt: skip
    return (
        found.join(names, on="order_id", how="left", maintain_order="left")
        .select(
            "order", "order_id", "purchase_order", "kind", "customer", "customer_code", "customer_id", "currency",
            pl.col("payable_cents").alias("ordered_cents"), "delivered_cents", "invoiced_cents", "unbilled_cents",
            pl.col("oldest_delivery").cast(pl.String), pl.col("unbilled_days").alias("days"), "forgotten",
        )
        .to_dicts()
    )  # fmt: skip


def exposures(*, company: Company, customer_id: int, balances: dict[str, int], on: date) -> list[Exposure]:
    """What a customer owes (`balances` by currency), what is delivered and not invoiced beside it, a currency each.

    Only currencies where orders add something to the balance. Three queries.
    """
    frame = chain_frame(company=company, on=on, customer_id=customer_id)
    sums = frame.group_by("currency").agg(pl.col("unbilled_cents").sum(), pl.col("twice_cents").sum())
    told = [
        Exposure(balance_cents=balances.get(row["currency"], 0), **row)
        for row in sums.sort("currency").iter_rows(named=True)
        if row["unbilled_cents"] or row["twice_cents"]
    ]
    return sorted(told, key=lambda each: each.currency != company.currency)


def _candidates(company: Company, on: date, customer_ids: Collection[int] | None) -> list[int]:
    only = "" if customer_ids is None else "AND o.customer_id = ANY(%(customers)s)"
    params = {"company": company.pk, "on": on, "customers": list(customer_ids or ())}
    return read_frame(_CANDIDATES.format(only=only), params, {"id": pl.Int64})["id"].to_list()
