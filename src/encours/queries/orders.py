"""Orders with what they come to: the list, one chain, what a customer's account shows of them."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl
from django.db.models import Count, F, Q, QuerySet

from encours.core.orders import chains as rules
from encours.core.orders.chains import chains
from encours.core.orders.flags import FLAGS, sentence_of, with_flags
from encours.core.references import normalised_number, normalised_numbers
from encours.core.wording import Sentence
from encours.queries.paging import COUNT_LIMIT, Page, page_of
from encours.store.frames import read_frame
from encours.store.models import Company, Customer, Delivery, Document, JournalEntry, Order, OrderDocument

STATES = tuple(Order.State.values)
KINDS = tuple(Order.Kind.values)
MAX_CUSTOMERS_SEARCHED = 200
_ORDERS = """
SELECT o.id, o.customer_id, o.kind, o.state, o.currency, o.ordered_date, o.payable_cents, o.deposit_cents, o.deposit_basis_points,
       (SELECT count(*) FROM store_orderdocument l WHERE l.company_id = o.company_id AND l.order_id = o.id AND l.state = 'proposed')
FROM store_order o WHERE o.company_id = %(company)s {only} ORDER BY o.id
"""
# What a document was settled by: money, and of it what its own file said was settled already.
_DOCUMENTS = """
WITH mine AS (
  SELECT l.order_id, l.document_id, l.deducted_cents FROM store_orderdocument l JOIN store_order o ON o.id = l.order_id
  WHERE l.company_id = %(company)s AND o.company_id = l.company_id AND l.state = 'linked' {only}
), settled AS (
  SELECT a.document_id, sum(a.amount_cents) AS received, sum(a.amount_cents) FILTER (WHERE p.source_key LIKE 'settled:%%') AS told
  FROM store_allocation a JOIN store_payment p ON p.id = a.payment_id
  WHERE a.company_id = %(company)s AND p.company_id = a.company_id AND a.undone_at IS NULL
    AND a.document_id IN (SELECT document_id FROM mine) GROUP BY 1
), said AS (
  SELECT r.document_id, sum(r.amount_cents) AS cents FROM store_documentreference r
  WHERE r.company_id = %(company)s AND r.kind IN ('prepaid', 'deducted') AND r.document_id IN (SELECT document_id FROM mine)
  GROUP BY 1
)
SELECT m.order_id, d.id, d.type, d.search_number, d.corrects, d.issue_date, d.payable_cents, d.open_cents,
       coalesce(settled.received, 0)::bigint, coalesce(settled.told, 0)::bigint, said.cents::bigint, m.deducted_cents
FROM mine m JOIN store_document d ON d.id = m.document_id
LEFT JOIN settled ON settled.document_id = d.id LEFT JOIN said ON said.document_id = d.id
WHERE d.company_id = %(company)s AND d.issue_date <= %(on)s
"""
_DELIVERIES = """
SELECT v.order_id, v.delivered_date, v.amount_cents, v.document_id
FROM store_delivery v JOIN store_order o ON o.id = v.order_id
WHERE v.company_id = %(company)s AND o.company_id = v.company_id AND v.delivered_date <= %(on)s {only}
"""


@dataclass(frozen=True)
class OrderFilter:
    """Which orders; empty means any. `flag` is one of core.orders.flags.FLAGS, `any` of them, or `unbilled`."""

    text: str = ""
    state: str = ""
    kind: str = ""
    flag: str = ""
    customer_id: int | None = None


@dataclass(frozen=True)
class OrderRow:
    """An order with what it comes to. Amounts are cents of `currency`, with VAT; the names are those of core.orders.chains."""

    id: int
    number: str
    kind: str
    state: str
    customer_id: int
    customer_code: str
    customer_name: str
    purchase_order: str
    quote_number: str
    label: str
    ordered_date: date
    currency: str
    payable_cents: int
    expected_deposit_cents: int
    deposit_asked_cents: int
    deposit_paid_cents: int
    deposit_open_cents: int
    delivered_cents: int
    invoiced_cents: int
    deducted_cents: int
    not_deducted_cents: int
    twice_cents: int
    to_invoice_cents: int
    unbilled_cents: int
    to_pay_cents: int
    is_final: bool
    oldest_delivery: date | None
    unbilled_days: int | None
    forgotten: bool
    flags: tuple[tuple[str, Sentence], ...]  # (code, what it says)

    def as_json(self) -> dict[str, Any]:
        """As the API and the command line tell it."""
        told = {name: getattr(self, name) for name in _TOLD}
        return told | {"customer": self.customer_name, "flags": [code for code, _ in self.flags]}


_TOLD = (
    "id", "number", "kind", "state", "customer_id", "customer_code", "purchase_order", "quote_number", "label", "ordered_date",
    "currency", "payable_cents", "expected_deposit_cents", "deposit_asked_cents", "deposit_paid_cents", "deposit_open_cents",
    "delivered_cents", "invoiced_cents", "deducted_cents", "not_deducted_cents", "to_invoice_cents", "unbilled_cents", "to_pay_cents",
)  # fmt: skip


@dataclass(frozen=True)
class LinkedDocument:
    """A document of an order, or one proposed for it."""

    link_id: int
    document_id: int
    number: str
    type: str
    issue_date: date
    due_date: date
    currency: str
    payable_cents: int
    open_cents: int
    deducted_cents: int | None  # as a person says
    reason: Sentence
    decided_by: str

    @property
    def signed_cents(self) -> int:
        return -self.payable_cents if self.type == Document.Type.CREDIT_NOTE else self.payable_cents


@dataclass(frozen=True)
class OrderDetail:
    """One chain, ready to show."""

    row: OrderRow
    documents: list[LinkedDocument]
    proposed: list[LinkedDocument]
    deliveries: list[Delivery]
    candidates: list[Document]  # of the customer, without an order: what a person may link
    events: list[JournalEntry]


def chain_frame(
    *, company: Company, on: date, order_ids: Collection[int] | None = None, customer_id: int | None = None
) -> pl.DataFrame:
    """Chains of all orders of a company by a day, of some, or of a customer's, with their flags (core.orders). Three queries."""
    params = {"company": company.pk, "on": on, "orders": list(order_ids or ()), "customer": customer_id}
    only = "" if order_ids is None else "AND o.id = ANY(%(orders)s)"
    if customer_id is not None:
        only += " AND o.customer_id = %(customer)s"
    documents = dict(rules.DOCUMENTS)
    read = read_frame(
        _DOCUMENTS.format(only=only),
        params,
        {("corrects" if n == "search_corrects" else n): k for n, k in documents.items()},
    )
    found = chains(
        orders=read_frame(_ORDERS.format(only=only), params, dict(rules.ORDERS)),
        documents=read.with_columns(search_corrects=normalised_numbers(pl.col("corrects"))),
        deliveries=read_frame(_DELIVERIES.format(only=only), params, dict(rules.DELIVERIES)),
        on=on,
    )
    return with_flags(chains=found, forgotten_after_days=company.forgotten_after_days)


def order_rows(*, company: Company, order_ids: Collection[int], on: date) -> list[OrderRow]:
    """These orders in the order of their ids' list. Four queries, however many."""
    return _named(company, chain_frame(company=company, on=on, order_ids=order_ids), list(order_ids))


def orders_page(*, company: Company, wanted: OrderFilter, on: date, number: int, size: int) -> Page[OrderRow]:
    """A page of orders, the newest first; those with a flag by how much it is about."""
    found = _matching(company, wanted)
    if wanted.flag:
        ids = flagged_orders(company=company, flag=wanted.flag, on=on)
        known = set(found.filter(pk__in=ids).values_list("pk", flat=True)) if ids else set()
        kept = [each for each in ids if each in known]
        start = (number - 1) * size
        rows = order_rows(company=company, order_ids=kept[start : start + size], on=on)
        return Page(
            rows=rows, number=number, has_next=len(kept) > start + size, count=min(len(kept), COUNT_LIMIT),
            count_is_capped=len(kept) > COUNT_LIMIT,
        )  # fmt: skip
    page = page_of(found.order_by("-ordered_date", "-pk").only("pk"), number=number, size=size)
    return page.with_rows(order_rows(company=company, order_ids=[row.pk for row in page.rows], on=on))


def flagged_orders(*, company: Company, flag: str, on: date) -> list[int]:
    """Ids of the orders with a flag (`any`, `unbilled`, or one of FLAGS), the largest amount first."""
    frame = chain_frame(company=company, on=on)
    amount = {
        "any": pl.max_horizontal(f"flag_{code}" for code in FLAGS),
        "unbilled": pl.when(pl.col("unbilled_cents") > 0).then("unbilled_cents"),
    }.get(flag, pl.col(f"flag_{flag}") if flag in FLAGS else pl.lit(None, pl.Int64))
    told = frame.select("order_id", amount=amount).filter(pl.col("amount").is_not_null())
    return told.sort("amount", "order_id", descending=[True, False])["order_id"].to_list()


def orders_of_customer(*, company: Company, customer_id: int, on: date, limit: int = 8) -> list[OrderRow]:
    """The latest orders of a customer."""
    ids = Order.objects.filter(company=company, customer_id=customer_id).order_by("-ordered_date", "-pk")
    return order_rows(company=company, order_ids=list(ids.values_list("pk", flat=True)[:limit]), on=on)


def order_of_document(*, company: Company, document_id: int, on: date) -> OrderRow | None:
    """The order a document belongs to, if any."""
    link = OrderDocument.objects.filter(
        company=company, document_id=document_id, state=OrderDocument.State.LINKED
    ).first()
    found = order_rows(company=company, order_ids=[link.order_id], on=on) if link else []  # type: ignore[attr-defined]
    return found[0] if found else None


def orders_after(
    *, company: Company, customer_id: int | None, number: str, after: int | None, limit: int, on: date
) -> list[OrderRow]:
    """Orders by their ids, the latest recorded first, for lists in parts; of a customer or of a number."""
    found = Order.objects.filter(company=company)
    if customer_id is not None:
        found = found.filter(customer_id=customer_id)
    if number:
        found = found.filter(number=number)
    if after is not None:
        found = found.filter(pk__lt=after)
    ids = list(found.order_by("-pk").values_list("pk", flat=True)[:limit])
    return order_rows(company=company, order_ids=ids, on=on)


def order_detail(*, company: Company, order_id: int, on: date) -> OrderDetail | None:
    """None when the company has no such order."""
    rows = order_rows(company=company, order_ids=[order_id], on=on)
    if not rows:
        return None
    links = (
        OrderDocument.objects.filter(company=company, order_id=order_id)
        .exclude(state=OrderDocument.State.REJECTED)
        .select_related("document")
        .order_by("document__issue_date", "document_id")
    )
    told = [(link.state, _linked(link)) for link in links]
    return OrderDetail(
        row=rows[0],
        documents=[each for state, each in told if state == OrderDocument.State.LINKED],
        proposed=[each for state, each in told if state == OrderDocument.State.PROPOSED],
        deliveries=list(
            Delivery.objects.filter(company=company, order_id=order_id)
            .select_related("document")
            .order_by("delivered_date", "pk")
        ),
        candidates=_candidates(company, rows[0]),
        events=list(
            JournalEntry.objects.filter(company=company, subject_type="order", subject_id=order_id).order_by(
                "-sequence"
            )[:30]
        ),
    )


def _candidates(company: Company, row: OrderRow) -> list[Document]:
    linked = OrderDocument.objects.filter(company=company, state=OrderDocument.State.LINKED)
    free = Document.objects.filter(company=company, customer_id=row.customer_id, currency=row.currency)
    return list(free.exclude(pk__in=linked.values("document_id")).order_by("-issue_date", "-pk")[:40])


def _linked(link: OrderDocument) -> LinkedDocument:
    document = link.document
    return LinkedDocument(
        link_id=link.pk,
        document_id=document.pk,
        number=document.number,
        type=document.type,
        issue_date=document.issue_date,
        due_date=document.due_date,
        currency=document.currency,
        payable_cents=document.payable_cents,
        open_cents=document.open_cents,
        deducted_cents=link.deducted_cents,
        reason=Sentence.from_json(link.reason),
        decided_by=link.decided_by,
    )


def _matching(company: Company, wanted: OrderFilter) -> QuerySet[Order]:
    found = Order.objects.filter(company=company)
    if wanted.state:
        found = found.filter(state=wanted.state)
    if wanted.kind:
        found = found.filter(kind=wanted.kind)
    if wanted.customer_id is not None:
        found = found.filter(customer_id=wanted.customer_id)
    if wanted.text:
        named = Customer.objects.filter(
            Q(name__icontains=wanted.text) | Q(code__iexact=wanted.text), company=company
        ).order_by("pk")
        said = Q(customer_id__in=list(named.values_list("pk", flat=True)[:MAX_CUSTOMERS_SEARCHED]))
        number = normalised_number(wanted.text)
        if number:
            said |= Q(search_number__gte=number, search_number__lt=f"{number}\uffff")
            said |= Q(search_purchase_order=number)
        found = found.filter(said)
    return found


def _named(company: Company, frame: pl.DataFrame, order_ids: list[int]) -> list[OrderRow]:
    if frame.is_empty():
        return []
    texts = Order.objects.filter(company=company, pk__in=order_ids).annotate(
        customer_name=F("customer__name"), customer_code=F("customer__code")
    )
    names = {
        row.pop("pk"): row
        for row in texts.values(
            "pk", "number", "purchase_order", "quote_number", "label", "customer_name", "customer_code"
        )
    }
    by_id = {row["order_id"]: row for row in frame.iter_rows(named=True)}
    return [_row(by_id[each], names[each]) for each in order_ids if each in by_id]


def _row(found: dict[str, Any], names: dict[str, Any]) -> OrderRow:
    values = found | names | {"id": found["order_id"]}
    flags = tuple(
        (
            code,
            sentence_of(
                code=code,
                amount_cents=found[f"flag_{code}"],
                currency=found["currency"],
                days=found["unbilled_days"],
            ),
        )
        for code in FLAGS
        if found[f"flag_{code}"] is not None
    )
    fields = {name: values[name] for name in OrderRow.__dataclass_fields__ if name != "flags"}
    return OrderRow(**fields, flags=flags)


def proposal_count(*, company: Company) -> int:
    """How many orders wait for a person to say whether a document is theirs."""
    waiting = OrderDocument.objects.filter(company=company, state=OrderDocument.State.PROPOSED)
    return waiting.aggregate(found=Count("order_id", distinct=True))["found"]
