"""Orders and deliveries as every reader gives them: typed frames, one row each. What is empty or null is not said."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import polars as pl

from encours.core.invoices import PARTIES, empty
from encours.core.problems import Problem
from encours.core.wording import Wording

ORDER_KINDS = ("quote", "order")
ORDER_STATES = ("open", "closed", "cancelled")
KIND_NAMES = {
    "quote": Wording("order.kind.quote", fr="Devis", en="Quote"),
    "order": Wording("order.kind.order", fr="Commande", en="Order"),
}
STATE_NAMES = {
    "open": Wording("order.state.open", fr="En cours", en="Open"),
    "closed": Wording("order.state.closed", fr="Soldée", en="Closed"),
    "cancelled": Wording("order.state.cancelled", fr="Annulée", en="Cancelled"),
}

ORDERS = pl.Schema(
    {
        "line": pl.Int64,
        "kind": pl.String,  # one of ORDER_KINDS
        "number": pl.String,  # ours
        "party": pl.String,  # key into PARTIES
        "buyer": pl.String,  # name of the customer as written
        "purchase_order": pl.String,  # the customer's number
        "quote_number": pl.String,  # the quote it accepts
        "ordered_date": pl.Date,
        "currency": pl.String,
        "net_cents": pl.Int64,
        "payable_cents": pl.Int64,  # with VAT
        "deposit_cents": pl.Int64,  # agreed on, with VAT
        "deposit_basis_points": pl.Int64,  # or as a share of `payable_cents`
        "label": pl.String,
        "state": pl.String,  # one of ORDER_STATES
    }
)
DELIVERIES = pl.Schema(
    {
        "line": pl.Int64,
        "order_number": pl.String,
        "reference": pl.String,  # of the delivery note; never empty
        "delivered_date": pl.Date,
        "description": pl.String,
        "net_cents": pl.Int64,
        "amount_cents": pl.Int64,  # with VAT; null: as much more than net as the order's own total
        "currency": pl.String,  # empty: the order's
        "document_number": pl.String,  # the invoice it is on, when that is known
    }
)


@dataclass(frozen=True)
class OrderBatch:
    """What a reader found in a file of orders or of deliveries. Refused lines are in `problems` only."""

    orders: pl.DataFrame = field(default_factory=lambda: empty(ORDERS))
    deliveries: pl.DataFrame = field(default_factory=lambda: empty(DELIVERIES))
    parties: pl.DataFrame = field(default_factory=lambda: empty(PARTIES))
    problems: tuple[Problem, ...] = ()
    mapping: tuple[str, Mapping[str, str]] | None = None
