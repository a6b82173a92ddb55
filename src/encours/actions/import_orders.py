"""Brings orders and deliveries into the books: new ones are added, known ones are corrected by what is said now.

An order is known by its kind and number, a delivery by its order and its own reference. What a file leaves empty stays
as it is known. In the caller's transaction, set-based.
"""

from dataclasses import dataclass

import polars as pl
from django.db import connection

from encours.actions.import_customers import CustomerImport
from encours.actions.import_documents import quarantine
from encours.actions.journal import record
from encours.actions.link_documents import link_documents
from encours.core.imports import refused_lines
from encours.core.orders.batches import OrderBatch
from encours.core.problems import Problem
from encours.core.references import normalised_numbers
from encours.core.wording import Wording
from encours.store.frames import read_frame, staged
from encours.store.models import Company, Delivery, ImportBatch, Order
from encours.store.sequences import take_ids

AMBIGUOUS = Wording(
    "order.ambiguous_customer",
    fr="Plusieurs clients s’appellent « {name} » : ajoutez leur code ou leur SIREN.",
    en='Several customers are called "{name}": add their code or SIREN.',
)
OTHER_CUSTOMER = Wording(
    "order.other_customer",
    fr="La commande {number} est déjà là, pour le client « {known} » et non « {said} ».",
    en='Order {number} is here already, for customer "{known}" and not "{said}".',
)
UNKNOWN_ORDER = Wording(
    "delivery.unknown_order",
    fr="La commande {number} n’est pas connue : faites entrer les commandes d’abord.",
    en="Order {number} is not known: bring the orders in first.",
)
SEVERAL_ORDERS = Wording(
    "delivery.several_orders",
    fr="Le n° {number} est celui de plusieurs commandes : donnez le nôtre.",
    en="Number {number} is that of several orders: give ours.",
)
NO_VAT = Wording(
    "delivery.no_vat",
    fr="On ne connaît pas le montant TTC : la commande n’a pas de montant hors taxe dont déduire sa TVA.",
    en="The amount with VAT is not known: the order has no amount without VAT to tell its VAT by.",
)
OTHER_CURRENCY = Wording(
    "delivery.other_currency",
    fr="La livraison est en {said}, sa commande en {known} : les devises ne se mélangent pas.",
    en="The delivery is in {said}, its order in {known}: currencies never mix.",
)
_LIMITS = {"number": 80, "purchase_order": 80, "quote_number": 80, "label": 200}
_KNOWN = {
    "line": pl.Int64, "id": pl.Int64, "k_customer_id": pl.Int64, "k_customer": pl.String, "k_purchase_order": pl.String,
    "k_quote_number": pl.String, "k_ordered_date": pl.Date, "k_currency": pl.String, "k_net_cents": pl.Int64,
    "k_payable_cents": pl.Int64, "k_deposit_cents": pl.Int64, "k_deposit_basis_points": pl.Int64, "k_label": pl.String,
    "k_state": pl.String,
}  # fmt: skip
_FIND = """
SELECT s.line, o.id, o.customer_id, c.name, o.purchase_order, o.quote_number, o.ordered_date, o.currency, o.net_cents,
       o.payable_cents, o.deposit_cents, o.deposit_basis_points, o.label, o.state
FROM {staged} s JOIN store_order o ON o.company_id = %s AND o.kind = s.kind AND o.number = s.number
JOIN store_customer c ON c.id = o.customer_id AND c.company_id = o.company_id
"""
_DETAILS = (
    "customer_id", "purchase_order", "quote_number", "ordered_date", "currency", "net_cents", "payable_cents", "deposit_cents",
    "deposit_basis_points", "label", "state",
)  # fmt: skip
_SEARCHED = ("search_number", "search_purchase_order", "search_quote")
_INSERT = f"""
INSERT INTO store_order (id, company_id, batch_id, created_at, kind, number, {", ".join((*_DETAILS, *_SEARCHED))})
SELECT id, %s, %s, now(), kind, number, {", ".join((*_DETAILS, *_SEARCHED))} FROM {{staged}} ORDER BY id
"""
_UPDATE = f"""
UPDATE store_order o SET {", ".join(f"{name} = s.{name}" for name in (*_DETAILS, *_SEARCHED))}
FROM {{staged}} s WHERE o.id = s.id AND o.company_id = %s
"""
# an order before a quote, our number before the customer's
_ORDERS = """
SELECT s.order_number, o.id, o.customer_id, o.currency, o.net_cents, o.payable_cents,
       CASE WHEN o.number = s.order_number THEN 0 WHEN o.search_number = s.search_number THEN 2 ELSE 4 END
       + CASE o.kind WHEN 'order' THEN 0 ELSE 1 END
FROM {staged} s JOIN store_order o ON o.company_id = %s AND o.search_number = s.search_number
UNION ALL
SELECT s.order_number, o.id, o.customer_id, o.currency, o.net_cents, o.payable_cents, 4 + CASE o.kind WHEN 'order' THEN 0 ELSE 1 END
FROM {staged} s JOIN store_order o ON o.company_id = %s AND o.search_purchase_order = s.search_number AND o.search_purchase_order <> ''
"""
_FIND_DELIVERIES = """
SELECT s.line, v.id, v.delivered_date, v.description, v.net_cents, v.amount_cents, v.document_number
FROM {staged} s JOIN store_delivery v ON v.company_id = %s AND v.order_id = s.order_id AND v.reference = s.reference
"""
_KNOWN_DELIVERIES = {
    "line": pl.Int64, "id": pl.Int64, "k_delivered_date": pl.Date, "k_description": pl.String, "k_net_cents": pl.Int64,
    "k_amount_cents": pl.Int64, "k_document_number": pl.String,
}  # fmt: skip
_DELIVERED = ("delivered_date", "description", "net_cents", "amount_cents", "document_number")
_INSERT_DELIVERIES = f"""
INSERT INTO store_delivery (id, company_id, order_id, reference, {", ".join(_DELIVERED)}, document_id, batch_id, created_at)
SELECT id, %s, order_id, reference, {", ".join(_DELIVERED)}, NULL, %s, now() FROM {{staged}} ORDER BY id
"""
# another invoice than the one it was on: that one is looked for anew
_UPDATE_DELIVERIES = f"""
UPDATE store_delivery v SET {", ".join(f"{name} = s.{name}" for name in _DELIVERED)},
  document_id = CASE WHEN v.document_number = s.document_number THEN v.document_id END
FROM {{staged}} s WHERE v.id = s.id AND v.company_id = %s
"""


@dataclass(frozen=True)
class OrdersImported:
    """What came of a file, or of one order told by a program. `order_ids` are those it is about, by the order of lines."""

    created: int
    updated: int
    unchanged: int
    refused: int
    problems: tuple[Problem, ...]
    order_ids: tuple[int, ...] = ()


def import_orders(*, company: Company, batch: ImportBatch, found: OrderBatch, actor: str) -> OrdersImported:
    """Everything of a file that may be taken, with its quarantine and one journal event. In the caller's transaction."""
    taken = save_orders(company=company, found=found, actor=actor, batch_id=batch.pk)
    quarantine(company=company, batch=batch, problems=taken.problems)
    record(
        company=company,
        actor=actor,
        action="orders.imported" if batch.kind == "orders" else "deliveries.imported",
        subject_type="import_batch",
        subject_id=batch.pk,
        data={
            "file": batch.file_name,
            "created": taken.created,
            "updated": taken.updated,
            "unchanged": taken.unchanged,
            "refused": taken.refused,
        },
    )
    return taken


def save_orders(
    *, company: Company, found: OrderBatch, actor: str, batch_id: int | None = None
) -> OrdersImported:
    """Orders, then deliveries, and what they change about which documents belong together. In the caller's transaction."""
    assert connection.in_atomic_block, "a file is taken whole or not at all"
    parts = []
    if found.orders.height:
        parts.append(_save_orders(company, found, batch_id))
    if found.deliveries.height:
        parts.append(_save_deliveries(company, found.deliveries, batch_id))
    problems = (*found.problems, *(problem for part in parts for problem in part.problems))
    ids = tuple(order_id for part in parts for order_id in part.order_ids)
    if any(part.created or part.updated for part in parts):
        link_documents(company=company, order_ids=ids, actor=actor)
    return OrdersImported(
        created=sum(part.created for part in parts),
        updated=sum(part.updated for part in parts),
        unchanged=sum(part.unchanged for part in parts),
        refused=refused_lines(problems),
        problems=problems,
        order_ids=ids,
    )


def _save_orders(company: Company, found: OrderBatch, batch_id: int | None) -> OrdersImported:
    customers = CustomerImport(company)
    who = customers.find(found.parties)
    rows = found.orders.with_columns(pl.col(name).str.slice(0, limit) for name, limit in _LIMITS.items())
    rows = _with_customers(rows, who.customer_of)
    problems = [
        Problem(AMBIGUOUS(name=name), line=line, field="customer")
        for line, name in rows.filter(pl.col("party").is_in(list(who.ambiguous)))
        .select("line", "buyer")
        .iter_rows()
    ]
    rows = rows.filter(~pl.col("party").is_in(list(who.ambiguous)))
    with staged(rows.select("line", "kind", "number")) as table:
        known = read_frame(_FIND.format(staged=table), [company.pk], _KNOWN)
    both = rows.join(known, on="line", maintain_order="left")
    elsewhere = both.filter(pl.col("customer_id") != pl.col("k_customer_id"))
    problems += [
        Problem(
            OTHER_CUSTOMER(number=row["number"], known=row["k_customer"], said=row["buyer"]),
            line=row["line"],
            field="customer",
        )
        for row in elsewhere.iter_rows(named=True)
    ]
    both = both.filter(pl.col("customer_id") == pl.col("k_customer_id"))
    fresh = rows.join(known, on="line", how="anti", maintain_order="left")
    # a customer whose only orders are refused is not added
    ids = who.customer_of | customers.save(set(both["party"]) | set(fresh["party"]))
    fresh = _with_customers(fresh.drop("customer_id"), ids).with_columns(
        pl.Series("id", take_ids(Order, fresh.height), dtype=pl.Int64),
        state=pl.when(pl.col("state") == "").then(pl.lit("open")).otherwise("state"),
    )
    changed = _corrected(both)
    columns = ["id", "kind", "number", *_DETAILS, *_SEARCHED]
    for some, statement, values in (
        (fresh, _INSERT, [company.pk, batch_id]),
        (changed, _UPDATE, [company.pk]),
    ):
        if some.height:
            with staged(_searched(some).select(columns)) as table, connection.cursor() as cursor:
                cursor.execute(statement.format(staged=table), values)
    order_ids = pl.concat([fresh.select("line", "id"), both.select("line", "id")]).sort("line")["id"]
    return OrdersImported(
        created=fresh.height, updated=changed.height, unchanged=both.height - changed.height, refused=0,
        problems=tuple(problems), order_ids=tuple(order_ids),
    )  # fmt: skip


def _with_customers(rows: pl.DataFrame, customer_of: dict[str, int]) -> pl.DataFrame:
    ids = pl.col("party").replace_strict(
        list(customer_of), list(customer_of.values()), default=None, return_dtype=pl.Int64
    )
    return rows.with_columns(customer_id=ids)


def _corrected(both: pl.DataFrame) -> pl.DataFrame:
    """Known orders whose details are not what the file says, as they are to be."""

    def said(name: str) -> pl.Expr:
        if name in ("purchase_order", "quote_number", "label", "state"):
            return pl.when(pl.col(name) == "").then(f"k_{name}").otherwise(name)
        return pl.coalesce(name, f"k_{name}")

    tells_deposit = pl.col("deposit_cents").is_not_null() | pl.col("deposit_basis_points").is_not_null()
    deposits = ("deposit_cents", "deposit_basis_points")
    merged = both.with_columns(
        *(said(name).alias(name) for name in _DETAILS if name not in deposits),
        *(pl.when(tells_deposit).then(name).otherwise(f"k_{name}").alias(name) for name in deposits),
    )
    return merged.filter(pl.any_horizontal(pl.col(name).ne_missing(pl.col(f"k_{name}")) for name in _DETAILS))


def _searched(rows: pl.DataFrame) -> pl.DataFrame:
    pairs = (
        ("search_number", "number"),
        ("search_purchase_order", "purchase_order"),
        ("search_quote", "quote_number"),
    )
    return rows.with_columns(
        normalised_numbers(pl.col(name)).str.slice(0, 80).alias(searched) for searched, name in pairs
    )


def _save_deliveries(company: Company, rows: pl.DataFrame, batch_id: int | None) -> OrdersImported:
    rows = rows.with_columns(
        pl.col("reference").str.slice(0, 120),
        pl.col("description").str.slice(0, 200),
        pl.col("document_number").str.slice(0, 80),
    )
    rows = rows.join(_orders_named(company, rows), on="order_number", how="left", maintain_order="left")
    net, payable = pl.col("o_net_cents"), pl.col("o_payable_cents")
    # as much more than net as the order's own total
    grossed = pl.when(net > 0).then(
        (pl.col("net_cents") * payable * 2 + net * pl.col("net_cents").sign()) // (net * 2)
    )
    rows = rows.with_columns(amount_cents=pl.coalesce("amount_cents", grossed))
    rows, problems = _refused_deliveries(rows)
    with staged(rows.select("line", "order_id", "reference")) as table:
        known = read_frame(_FIND_DELIVERIES.format(staged=table), [company.pk], _KNOWN_DELIVERIES)
    both = rows.join(known, on="line", maintain_order="left")
    fresh = rows.join(known, on="line", how="anti", maintain_order="left").with_columns(
        pl.Series("id", take_ids(Delivery, rows.height - both.height), dtype=pl.Int64)
    )
    merged = both.with_columns(
        net_cents=pl.coalesce("net_cents", "k_net_cents"),
        document_number=pl.when(pl.col("document_number") == "")
        .then("k_document_number")
        .otherwise("document_number"),
        description=pl.when(pl.col("description") == "").then("k_description").otherwise("description"),
    )
    changed = merged.filter(
        pl.any_horizontal(pl.col(name).ne_missing(pl.col(f"k_{name}")) for name in _DELIVERED)
    )
    columns = ["id", "order_id", "reference", *_DELIVERED]
    for some, statement, values in (
        (fresh, _INSERT_DELIVERIES, [company.pk, batch_id]),
        (changed, _UPDATE_DELIVERIES, [company.pk]),
    ):
        if some.height:
            with staged(some.select(columns)) as table, connection.cursor() as cursor:
                cursor.execute(statement.format(staged=table), values)
    return OrdersImported(
        created=fresh.height, updated=changed.height, unchanged=both.height - changed.height, refused=0,
        problems=tuple(problems), order_ids=tuple(rows["order_id"].unique(maintain_order=True)),
    )  # fmt: skip


def _orders_named(company: Company, rows: pl.DataFrame) -> pl.DataFrame:
    """Of each number in the file the order it is: `order_id` -1 where it is that of several."""
    names = (
        rows.select("order_number")
        .unique()
        .with_columns(search_number=normalised_numbers(pl.col("order_number")))
    )
    schema = {
        "order_number": pl.String, "order_id": pl.Int64, "o_customer_id": pl.Int64, "o_currency": pl.String,
        "o_net_cents": pl.Int64, "o_payable_cents": pl.Int64, "rank": pl.Int64,
    }  # fmt: skip
    with staged(names) as table:
        found = read_frame(_ORDERS.format(staged=table), [company.pk, company.pk], schema)
    best = found.filter(pl.col("rank") == pl.col("rank").min().over("order_number")).unique(
        ["order_number", "order_id"]
    )
    several = pl.len().over("order_number") > 1
    return (
        best.with_columns(order_id=pl.when(several).then(-1).otherwise("order_id"))
        .unique("order_number")
        .drop("rank")
    )


def _refused_deliveries(rows: pl.DataFrame) -> tuple[pl.DataFrame, list[Problem]]:
    other = (pl.col("currency") != "") & (pl.col("currency") != pl.col("o_currency"))
    checks = {
        "unknown": pl.col("order_id").is_null(),
        "several": pl.col("order_id") == -1,
        "currency": other,
        "amount": pl.col("amount_cents").is_null(),
    }
    wrong = pl.coalesce(pl.when(fails.fill_null(False)).then(pl.lit(name)) for name, fails in checks.items())
    rows = rows.with_columns(wrong=wrong)
    problems = []
    for row in rows.filter(pl.col("wrong").is_not_null()).iter_rows(named=True):
        sentence, field = {
            "unknown": lambda row: (UNKNOWN_ORDER(number=row["order_number"]), "order_number"),
            "several": lambda row: (SEVERAL_ORDERS(number=row["order_number"]), "order_number"),
            "currency": lambda row: (
                OTHER_CURRENCY(said=row["currency"], known=row["o_currency"]),
                "currency",
            ),
            "amount": lambda _: (NO_VAT(), "total"),
        }[row["wrong"]](row)
        raw = ";".join(
            str(row[name]) for name in ("order_number", "reference", "delivered_date", "amount_cents")
        )
        problems.append(Problem(sentence, line=row["line"], field=field, raw=raw))
    return rows.filter(pl.col("wrong").is_null()), problems
