"""Orders and deliveries, told by other programs; what each order comes to, and what is delivered and not invoiced."""

from datetime import date
from typing import Any, Literal

import polars as pl
from django.db import transaction
from ninja import Field, Path, Query, Router, Schema
from pydantic import BaseModel

from encours.actions.answer_once import Answer
from encours.actions.import_orders import OrdersImported, save_orders
from encours.api.access import scoped, within_company
from encours.api.clock import today
from encours.api.paging import next_cursor, place_of
from encours.api.problems import NOT_FOUND, ApiProblem, refused
from encours.api.values import (
    Cursor,
    Day,
    Limit,
    PartCents,
    Percent,
    PositiveCents,
    RowId,
    RowNumber,
    SignedCents,
    Text,
)
from encours.core.invoices import PARTIES
from encours.core.orders.batches import DELIVERIES, ORDERS, OrderBatch
from encours.core.wording import Wording
from encours.queries.customers import customer_of
from encours.queries.orders import order_rows, orders_after
from encours.queries.unbilled import unbilled_told

CUSTOMER_MISSING = Wording(
    "api.order_without_customer",
    fr="Dites de quel client il s’agit : customer_id, customer_code, siren ou customer_name.",
    en="Say who the customer is: customer_id, customer_code, siren or customer_name.",
)
DEPOSIT_REFUSED = Wording(
    "api.order_bad_deposit",
    fr="Un acompte se dit par deposit_cents ou par deposit_percent, et ne dépasse pas la commande.",
    en="A deposit is told by deposit_cents or by deposit_percent, and is no more than the order.",
)
AMOUNT_MISSING = Wording(
    "api.delivery_without_amount",
    fr="Donnez amount_cents ou net_cents.",
    en="Give amount_cents or net_cents.",
)

router = Router(tags=["Orders"])
router.add_decorator(within_company)

_NAME = r"^[^\x00-\x1f\x7f]*\S[^\x00-\x1f\x7f]*$"
_WORDS = r"^[^\x00-\x1f\x7f]*$"


class OrderRequest(BaseModel, extra="forbid"):
    """An order or a quote. The same `kind` and `number` again corrects it; what is left out stays as it is known.

    The customer is named by `customer_id`, or by `customer_code` or `siren` (one that is not known yet is added with
    `customer_name`).
    """

    number: str = Field(min_length=1, max_length=80, pattern=_NAME)
    kind: Literal["quote", "order"] = "order"
    customer_id: RowNumber | None = None
    customer_code: str = Field("", max_length=60, pattern=_WORDS)
    siren: str = Field("", pattern="^([0-9]{9})?$")
    customer_name: str = Field("", max_length=200, pattern=_WORDS)
    ordered_date: Day
    currency: str = Field("", pattern="^([A-Z]{3})?$", description="The company's unless given.")
    payable_cents: PositiveCents = Field(description="With VAT.")
    net_cents: PositiveCents | None = None
    deposit_cents: PartCents | None = Field(None, description="Agreed on, with VAT.")
    deposit_percent: Percent | None = Field(None, description="Or as a share of payable_cents.")
    purchase_order: str = Field(
        "", max_length=80, pattern=_WORDS, description="The customer's own number (BT-13)."
    )
    quote_number: str = Field("", max_length=80, pattern=_WORDS, description="The quote it accepts.")
    label: str = Field("", max_length=200, pattern=_WORDS)
    state: Literal["open", "closed", "cancelled"] | None = None


class DeliveryRequest(BaseModel, extra="forbid"):
    """Goods delivered or work done of an order. The same `order` and `reference` again corrects it."""

    order: str = Field(min_length=1, max_length=80, pattern=_NAME, description="The order's number.")
    reference: str = Field(min_length=1, max_length=120, pattern=_NAME, description="Of the delivery note.")
    delivered_date: Day
    amount_cents: SignedCents | None = Field(None, description="With VAT; negative for what came back.")
    net_cents: SignedCents | None = Field(
        None,
        description="Enough where the order tells its own amount without VAT.",
    )
    description: str = Field("", max_length=200, pattern=_WORDS)
    invoice_number: str = Field(
        "", max_length=80, pattern=_WORDS, description="The invoice it is on, when that is known."
    )


class Order(Schema):
    """An order with what its documents and deliveries come to; amounts with VAT."""

    id: int
    number: str
    kind: str
    state: str
    customer_id: int
    customer_code: str
    customer: str
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
    invoiced_cents: int = Field(description="All that was asked, deposit included, credit notes taken off.")
    deducted_cents: int
    not_deducted_cents: int = Field(description="Of the deposit, what the final invoice asks a second time.")
    to_invoice_cents: int
    unbilled_cents: int
    to_pay_cents: int
    flags: list[str] = Field(
        description="deposit_not_deducted, forgotten_invoice, deposit_never_deducted, deposit_unpaid, deposit_not_asked, beyond_order"
    )


class Orders(Schema):
    orders: list[Order]
    next_cursor: str | None


class Unbilled(Schema):
    """An order of which more is delivered than invoiced."""

    order: str
    order_id: int
    purchase_order: str
    kind: str
    customer: str
    customer_code: str
    customer_id: int
    currency: str
    ordered_cents: int
    delivered_cents: int
    invoiced_cents: int
    unbilled_cents: int
    oldest_delivery: date | None
    days: int | None
    forgotten: bool


class UnbilledOrders(Schema):
    on: date
    forgotten_after_days: int
    orders: list[Unbilled]


class OrderQuery(Schema):
    customer_id: RowId | None = None
    number: Text = Field("", description="Exactly this number.")
    cursor: Cursor = ""
    limit: Limit = 100


class UnbilledQuery(Schema):
    on: Day | None = None


@router.post("/orders", response={200: Order, 201: Order}, **scoped("orders:write"))
def save_order(request: Any, wanted: OrderRequest) -> Answer:
    """Tell an order or a quote, or correct one: 201 when it is new. Documents that bear its references are linked to it."""
    company = request.auth.company
    _check(wanted)
    told = {
        name: getattr(wanted, name)
        for name in ("kind", "number", "purchase_order", "quote_number", "ordered_date", "net_cents", "payable_cents", "deposit_cents", "label")
    }  # fmt: skip
    party = _party(company, wanted)
    row = told | {
        "line": 1,
        "party": "1",
        "buyer": party["name"],
        "currency": wanted.currency or company.currency,
        "deposit_basis_points": None if wanted.deposit_percent is None else wanted.deposit_percent * 100,
        "state": wanted.state or "",
    }
    found = OrderBatch(
        orders=pl.DataFrame([row], schema=ORDERS), parties=pl.DataFrame([party], schema=PARTIES)
    )
    return _saved(request, found)


@router.post("/deliveries", response={200: Order, 201: Order}, **scoped("orders:write"))
def save_delivery(request: Any, wanted: DeliveryRequest) -> Answer:
    """Tell a delivery, or correct one: 201 when it is new. The answer is its order as it stands then."""
    if wanted.amount_cents is None and wanted.net_cents is None:
        raise refused(409, AMOUNT_MISSING(), field="amount_cents")
    row = {
        "line": 1,
        "order_number": wanted.order,
        "reference": wanted.reference,
        "delivered_date": wanted.delivered_date,
        "description": wanted.description,
        "net_cents": wanted.net_cents,
        "amount_cents": wanted.amount_cents,
        "currency": "",
        "document_number": wanted.invoice_number,
    }
    return _saved(request, OrderBatch(deliveries=pl.DataFrame([row], schema=DELIVERIES)))


@router.get("/orders", response=Orders, **scoped("orders:read"))
def list_orders(request: Any, wanted: Query[OrderQuery]) -> dict[str, Any]:
    """Orders and quotes, the latest recorded first, each with what it comes to today."""
    place = place_of(wanted.cursor, int)
    company = request.auth.company
    rows = orders_after(
        company=company, customer_id=wanted.customer_id, number=wanted.number, after=place[0] if place else None,
        limit=wanted.limit + 1, on=today(company),
    )  # fmt: skip
    return {
        "orders": [row.as_json() for row in rows[: wanted.limit]],
        "next_cursor": next_cursor(rows, wanted.limit, lambda row: (row.id,)),
    }


@router.get("/orders/{order_id}", response=Order, **scoped("orders:read"))
def get_order(request: Any, order_id: Path[RowId]) -> dict[str, Any]:
    """One order as it stands today."""
    return _order_json(request, order_id)


@router.get("/unbilled", response=UnbilledOrders, **scoped("orders:read"))
def list_unbilled(request: Any, wanted: Query[UnbilledQuery]) -> dict[str, Any]:
    """What is delivered and not invoiced, the oldest delivery first, as `encours unbilled` tells it."""
    company = request.auth.company
    on = wanted.on or today(company)
    return {
        "on": on,
        "forgotten_after_days": company.forgotten_after_days,
        "orders": unbilled_told(company=company, on=on),
    }


def _check(wanted: OrderRequest) -> None:
    if wanted.customer_id is None and not (wanted.customer_code or wanted.siren or wanted.customer_name):
        raise refused(409, CUSTOMER_MISSING(), field="customer_id")
    is_told_twice = wanted.deposit_cents is not None and wanted.deposit_percent is not None
    if is_told_twice or (wanted.deposit_cents or 0) > wanted.payable_cents:
        raise refused(409, DEPOSIT_REFUSED(), field="deposit_cents")


def _party(company: Any, wanted: OrderRequest) -> dict[str, Any]:
    """PARTIES of the customer named; one told by its id is that customer, by its code."""
    blank = dict.fromkeys(PARTIES, "") | {"party": "1", "line": 1}
    if wanted.customer_id is None:
        return blank | {
            "code": wanted.customer_code,
            "siren": wanted.siren,
            "name": wanted.customer_name or wanted.customer_code or wanted.siren,
        }
    customer = customer_of(company=company, customer_id=wanted.customer_id)
    if customer is None:
        raise refused(404, NOT_FOUND(), field="customer_id")
    return blank | {"code": customer.code, "name": customer.name}


def _saved(request: Any, found: OrderBatch) -> Answer:
    access = request.auth
    with transaction.atomic():
        taken: OrdersImported = save_orders(company=access.company, found=found, actor=access.actor)
        if taken.problems:
            raise ApiProblem(409, *taken.problems)
        return Answer(201 if taken.created else 200, _json_ready(_order_json(request, taken.order_ids[0])))


def _order_json(request: Any, order_id: int) -> dict[str, Any]:
    company = request.auth.company
    rows = order_rows(company=company, order_ids=[order_id], on=today(company))
    if not rows:
        raise refused(404, NOT_FOUND(), field="order_id")
    return rows[0].as_json()


def _json_ready(told: dict[str, Any]) -> dict[str, Any]:
    """Answers are kept as JSON."""
    return told | {"ordered_date": told["ordered_date"].isoformat()}
