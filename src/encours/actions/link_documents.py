"""Finds which documents belong to which order: links what references say, proposes what amounts suggest.

Set-based: looks at the customers of the orders, or of the documents, that just came in.
"""

import json
from collections.abc import Collection
from typing import Any

import polars as pl
from django.db import connection

from encours.actions.journal import record
from encours.core.orders import linking
from encours.core.orders.linking import REASONS, links
from encours.core.references import normalised_numbers
from encours.store.frames import read_frame, staged
from encours.store.models import Company, ImportBatch, Order

_CUSTOMERS_OF_ORDERS = "SELECT DISTINCT customer_id FROM store_order WHERE company_id = %s AND id = ANY(%s)"
# of the documents an import brought, customers that have orders at all
_CUSTOMERS_OF_IMPORT = """
SELECT DISTINCT d.customer_id FROM store_document d
WHERE d.company_id = %s AND d.batch_id = %s AND d.id BETWEEN %s AND %s
  AND EXISTS (SELECT 1 FROM store_order o WHERE o.company_id = d.company_id AND o.customer_id = d.customer_id)
"""
_ORDERS = """
SELECT o.id, o.customer_id, o.kind, o.state, o.currency, o.search_number, o.search_purchase_order, o.search_quote, o.ordered_date,
       o.payable_cents, coalesce(o.deposit_cents, (o.payable_cents * o.deposit_basis_points + 5000) / 10000, 0)::bigint,
       coalesce(linked.cents, 0)::bigint, coalesce(linked.deposits, 0)::bigint
FROM store_order o
LEFT JOIN (SELECT l.order_id, sum(CASE d.type WHEN 'credit_note' THEN -d.payable_cents ELSE d.payable_cents END) AS cents,
                  count(*) FILTER (WHERE d.type = 'deposit') AS deposits
           FROM store_orderdocument l JOIN store_document d ON d.id = l.document_id
           WHERE l.company_id = %(company)s AND d.company_id = l.company_id AND l.state = 'linked' GROUP BY 1) linked ON linked.order_id = o.id
WHERE o.company_id = %(company)s AND o.customer_id = ANY(%(customers)s)
"""
_DOCUMENTS = """
SELECT d.id, d.customer_id, d.type, d.currency, d.issue_date, d.payable_cents, d.search_number, d.purchase_order, d.corrects
FROM store_document d
WHERE d.company_id = %(company)s AND d.customer_id = ANY(%(customers)s)
  AND NOT EXISTS (SELECT 1 FROM store_orderdocument l WHERE l.company_id = d.company_id AND l.document_id = d.id AND l.state = 'linked')
"""
_REFERENCES = """
SELECT r.document_id, r.kind, r.search_value FROM store_documentreference r JOIN store_document d ON d.id = r.document_id
WHERE r.company_id = %(company)s AND d.company_id = r.company_id AND r.kind IN ('sales_order', 'preceding')
  AND d.customer_id = ANY(%(customers)s)
"""
_LINKED = """
SELECT d.customer_id, d.search_number, l.order_id FROM store_orderdocument l JOIN store_document d ON d.id = l.document_id
WHERE l.company_id = %(company)s AND d.company_id = l.company_id AND l.state = 'linked' AND d.customer_id = ANY(%(customers)s)
"""
_REFUSED = """
SELECT l.order_id, l.document_id FROM store_orderdocument l JOIN store_order o ON o.id = l.order_id
WHERE l.company_id = %(company)s AND o.company_id = l.company_id AND l.state = 'rejected' AND o.customer_id = ANY(%(customers)s)
"""
_NAMED = """
SELECT DISTINCT v.order_id, v.document_id FROM store_delivery v JOIN store_order o ON o.id = v.order_id
WHERE v.company_id = %(company)s AND o.company_id = v.company_id AND v.document_id IS NOT NULL AND o.customer_id = ANY(%(customers)s)
"""
_UNNAMED = """
SELECT v.id, o.customer_id, v.document_number FROM store_delivery v JOIN store_order o ON o.id = v.order_id
WHERE v.company_id = %(company)s AND o.company_id = v.company_id AND v.document_id IS NULL AND v.document_number <> ''
  AND o.customer_id = ANY(%(customers)s)
"""
_NAME = """
UPDATE store_delivery v SET document_id = d.id FROM {staged} s JOIN store_document d
  ON d.customer_id = s.customer_id AND d.search_number = s.search_number AND d.type <> 'credit_note' AND d.company_id = %s
WHERE v.id = s.id AND v.company_id = %s
"""
# proposals that came to nothing go; those for what is now linked too
_FORGET = """
DELETE FROM store_orderdocument l USING store_order o
WHERE o.id = l.order_id AND l.company_id = %(company)s AND o.company_id = l.company_id AND l.state = 'proposed'
  AND o.customer_id = ANY(%(customers)s)
"""
_INSERT = """
INSERT INTO store_orderdocument (company_id, order_id, document_id, state, reason, deducted_cents, decided_by, created_at)
SELECT %s, order_id, document_id, state, reason::jsonb, NULL, '', now() FROM {staged} ORDER BY order_id, document_id
ON CONFLICT DO NOTHING
"""


def link_imported(*, company: Company, batch: ImportBatch, first_id: int, last_id: int, actor: str) -> int:
    """After an import of documents between these ids: how many were linked or proposed. One query without orders."""
    if not Order.objects.filter(company=company).exists():
        return 0
    customers = read_frame(_CUSTOMERS_OF_IMPORT, [company.pk, batch.pk, first_id, last_id], {"id": pl.Int64})
    return _link(company, customers["id"].to_list(), actor)


def link_documents(*, company: Company, order_ids: Collection[int], actor: str) -> int:
    """After orders or deliveries came in: how many documents of their customers were linked or proposed."""
    customers = read_frame(_CUSTOMERS_OF_ORDERS, [company.pk, list(order_ids)], {"id": pl.Int64})
    return _link(company, customers["id"].to_list(), actor)


def _link(company: Company, customer_ids: list[int], actor: str) -> int:
    if not customer_ids:
        return 0
    params = {"company": company.pk, "customers": customer_ids}
    _name_deliveries(company, params)
    found = links(**_frames(params))
    reasons = {code: json.dumps(wording().as_json()) for code, wording in REASONS.items()}
    rows = found.with_columns(
        reason=pl.col("found_by").replace_strict(
            list(reasons), list(reasons.values()), return_dtype=pl.String
        )
    ).select("order_id", "document_id", "state", "reason")
    with connection.cursor() as cursor:
        cursor.execute(_FORGET, params)
        if rows.height:
            with staged(rows) as table:
                cursor.execute(_INSERT.format(staged=table), [company.pk])
    linked = found.filter(pl.col("state") == "linked").height
    if linked:
        record(
            company=company, actor=actor, action="orders.linked", subject_type="company", subject_id=company.pk,
            data={"linked": linked, "proposed": found.height - linked},
        )  # fmt: skip
    return found.height


def _frames(params: dict[str, Any]) -> dict[str, pl.DataFrame]:
    named = {"search_purchase_order": "purchase_order", "search_corrects": "corrects"}
    documents = read_frame(
        _DOCUMENTS, params, {named.get(name, name): kind for name, kind in linking.DOCUMENTS.items()}
    ).with_columns(normalised_numbers(pl.col(given)).alias(name) for name, given in named.items())
    return {
        "orders": read_frame(_ORDERS, params, dict(linking.ORDERS)),
        "documents": documents.select(linking.DOCUMENTS.names()),
        "references": read_frame(_REFERENCES, params, dict(linking.REFERENCES)),
        "linked": read_frame(_LINKED, params, dict(linking.LINKED)),
        "named": read_frame(_NAMED, params, dict(linking.NAMED)),
        "refused": read_frame(_REFUSED, params, dict(linking.REFUSED)),
    }


def _name_deliveries(company: Company, params: dict[str, Any]) -> None:
    """Deliveries that name an invoice that is here by now."""
    rows = read_frame(_UNNAMED, params, {"id": pl.Int64, "customer_id": pl.Int64, "number": pl.String})
    if rows.is_empty():
        return
    wanted = rows.select("id", "customer_id", search_number=normalised_numbers(pl.col("number")))
    with staged(wanted) as table, connection.cursor() as cursor:
        cursor.execute(_NAME.format(staged=table), [company.pk, company.pk])
