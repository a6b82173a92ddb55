"""What an order comes to: deposit, deliveries, invoices, what is still to be invoiced and to be paid.

All amounts are cents with VAT, in the order's currency. A deposit is part of the order's price, asked for ahead (Code de
commerce, art. L441-9: the final invoice takes it off). So what was asked in all, deposit included, may come to the order
and no further. Where the invoices do not say what they take off, that sum tells: what goes beyond the order, up to the
deposit, is a deposit that was not taken off.
"""

from datetime import date

import polars as pl

# what rounding of VAT per document may leave between an order and its invoices
TOLERANCE_CENTS = 100

ORDERS = pl.Schema(
    {
        "order_id": pl.Int64,
        "customer_id": pl.Int64,
        "kind": pl.String,
        "state": pl.String,
        "currency": pl.String,
        "ordered_date": pl.Date,
        "payable_cents": pl.Int64,
        "deposit_cents": pl.Int64,  # agreed on, null without one
        "deposit_basis_points": pl.Int64,
        "proposed_count": pl.Int64,  # documents that may be its own
    }
)
DOCUMENTS = pl.Schema(
    {
        # documents linked to their order, issued by the day looked at
        "order_id": pl.Int64,
        "document_id": pl.Int64,
        "type": pl.String,
        "search_number": pl.String,
        "search_corrects": pl.String,
        "issue_date": pl.Date,
        "payable_cents": pl.Int64,
        "open_cents": pl.Int64,
        "received_cents": pl.Int64,  # of it settled by money
        "settled_cents": pl.Int64,  # of it settled already when its file was brought in
        "told_cents": pl.Int64,  # the deposit it says it takes off; null when it does not say
        "decided_cents": pl.Int64,  # the same as a person says; null when nobody did
    }
)
DELIVERIES = pl.Schema(
    {
        # deliveries by the day looked at
        "order_id": pl.Int64,
        "delivered_date": pl.Date,
        "amount_cents": pl.Int64,
        "document_id": pl.Int64,  # the invoice the delivery names
    }
)
_SUMS = (
    "deposit_asked_cents", "deposit_paid_cents", "deposit_open_cents", "work_cents", "work_open_cents", "credit_open_cents",
    "said_cents", "invoice_count", "document_count", "delivered_cents", "named_elsewhere_cents", "named_here_cents",
)  # fmt: skip


def chains(
    *, orders: pl.DataFrame, documents: pl.DataFrame, deliveries: pl.DataFrame, on: date
) -> pl.DataFrame:
    """ORDERS, each with what its documents and deliveries come to:

    `expected_deposit_cents`, `deposit_asked_cents`, `deposit_paid_cents`, `deposit_open_cents`; `delivered_cents`;
    `invoiced_cents` (all that was asked, deposit included, credit notes taken off); `deducted_cents`,
    `not_deducted_cents` (what the final invoice asks a second time), `twice_cents` (of it still open);
    `to_invoice_cents`, `unbilled_cents` (delivered and not asked), `to_pay_cents`; `is_final` (all of it is invoiced);
    `oldest_delivery` of what is unbilled and `unbilled_days` since then.
    """
    asked = _asked(documents)
    delivered = _delivered(deliveries, asked)
    found = (
        orders.join(
            asked.group_by("order_id").agg(*_document_sums()),
            on="order_id",
            how="left",
            maintain_order="left",
        )
        .join(
            delivered.group_by("order_id").agg(*_delivery_sums()),
            on="order_id",
            how="left",
            maintain_order="left",
        )
        .with_columns(pl.col(_SUMS).fill_null(0))
        .with_columns(
            expected_deposit_cents=pl.coalesce(
                "deposit_cents", (pl.col("payable_cents") * pl.col("deposit_basis_points") + 5_000) // 10_000
            ).fill_null(0),
            invoiced_cents=pl.col("deposit_asked_cents")
            + pl.col("work_cents")
            + pl.col("named_elsewhere_cents"),
        )
    )
    found = found.with_columns(*_deducted()).with_columns(*_left())
    return found.join(
        _oldest(delivered, found), on="order_id", how="left", maintain_order="left"
    ).with_columns(
        unbilled_days=pl.when(pl.col("unbilled_cents") > 0).then(
            (pl.lit(on) - pl.col("oldest_delivery")).dt.total_days()
        )
    )


def _asked(documents: pl.DataFrame) -> pl.DataFrame:
    """Documents with `asked_cents` (what each asks the customer for, signed), `is_deposit` (a deposit or what corrects
    one) and `said_cents` (the deposit an invoice says it takes off, 0 when it does not say)."""
    own = documents.filter(pl.col("type") == "deposit")
    corrected = own.select(
        "order_id", search_corrects="search_number", _corrects_deposit=pl.lit(True)
    ).unique()
    rows = documents.join(corrected, on=["order_id", "search_corrects"], how="left", maintain_order="left")
    credit = pl.col("type") == "credit_note"
    deposits = pl.when(pl.col("type") == "deposit").then("payable_cents").otherwise(0).sum().over("order_id")
    # a file that tells the deposit as paid on the final invoice: its total is that of the whole order
    prepaid = (
        pl.when((pl.col("type") == "invoice") & (deposits > 0) & (pl.col("settled_cents") == deposits))
        .then("settled_cents")
        .otherwise(0)
    )
    return rows.with_columns(
        is_deposit=(pl.col("type") == "deposit") | (credit & pl.col("_corrects_deposit").fill_null(False)),
        asked_cents=pl.when(credit)
        .then(-pl.col("payable_cents"))
        .otherwise(pl.col("payable_cents") - prepaid),
        said_cents=pl.when(pl.col("type") == "invoice")
        .then(pl.coalesce("decided_cents", pl.when(prepaid > 0).then(prepaid), "told_cents", 0))
        .otherwise(0),
    )


def _document_sums() -> list[pl.Expr]:
    def of(column: str, wanted: pl.Expr) -> pl.Expr:
        return pl.col(column).filter(wanted).sum()

    deposit, credit = pl.col("is_deposit"), pl.col("type") == "credit_note"
    return [
        of("asked_cents", deposit).alias("deposit_asked_cents"),
        of("received_cents", deposit & ~credit).alias("deposit_paid_cents"),
        of("open_cents", deposit & ~credit).clip(0).alias("deposit_open_cents"),
        of("asked_cents", ~deposit).alias("work_cents"),
        of("open_cents", ~deposit & ~credit).clip(0).alias("work_open_cents"),
        of("open_cents", credit).alias("credit_open_cents"),
        pl.col("said_cents").sum(),
        (pl.col("type") == "invoice").sum().cast(pl.Int64).alias("invoice_count"),
        pl.len().cast(pl.Int64).alias("document_count"),
    ]


def _delivered(deliveries: pl.DataFrame, documents: pl.DataFrame) -> pl.DataFrame:
    """Deliveries with `is_here` (the invoice each names belongs to the order) and `is_elsewhere` (it belongs to none or
    to another one, as where one invoice covers the deliveries of several orders)."""
    linked = documents.select("order_id", "document_id", is_here=pl.lit(True)).unique()
    rows = deliveries.join(linked, on=["order_id", "document_id"], how="left", maintain_order="left")
    here = pl.col("is_here").fill_null(False)
    return rows.with_columns(is_here=here, is_elsewhere=pl.col("document_id").is_not_null() & ~here)


def _delivery_sums() -> list[pl.Expr]:
    return [
        pl.col("amount_cents").sum().alias("delivered_cents"),
        pl.col("amount_cents").filter("is_elsewhere").sum().alias("named_elsewhere_cents"),
        pl.col("amount_cents").filter("is_here").sum().alias("named_here_cents"),
        pl.col("delivered_date").min().alias("first_delivery"),
        pl.col("delivered_date").max().alias("last_delivery"),
    ]


def _deducted() -> list[pl.Expr]:
    deposit = pl.col("deposit_asked_cents").clip(0)
    said = pl.min_horizontal("said_cents", deposit)
    beyond = pl.col("invoiced_cents") - pl.col("payable_cents")
    twice = pl.min_horizontal(deposit - said, beyond.clip(0))
    not_deducted = (
        pl.when((pl.col("invoice_count") > 0) & (beyond > TOLERANCE_CENTS)).then(twice).otherwise(0)
    )
    is_final = (pl.col("invoice_count") > 0) & (beyond >= -TOLERANCE_CENTS)
    return [
        not_deducted.alias("not_deducted_cents"),
        is_final.alias("is_final"),
        # a progress invoice that says nothing leaves the deposit for those to come
        pl.when(is_final).then(deposit - not_deducted).otherwise(said).alias("deducted_cents"),
    ]


def _left() -> list[pl.Expr]:
    """What is still to be asked and to be paid."""
    is_open = pl.col("state") == "open"
    twice = pl.min_horizontal("not_deducted_cents", "work_open_cents")
    missing = pl.col("payable_cents") - pl.col("invoiced_cents")
    return [
        twice.alias("twice_cents"),
        pl.when(is_open & (missing.abs() > TOLERANCE_CENTS)).then(missing.clip(0)).otherwise(0).alias("to_invoice_cents"),
        pl.when(is_open).then((pl.col("delivered_cents") - pl.col("invoiced_cents")).clip(0)).otherwise(0).alias("unbilled_cents"),
        (pl.col("deposit_open_cents") + pl.col("work_open_cents") + pl.col("credit_open_cents") - twice).alias("to_pay_cents"),
    ]  # fmt: skip


def _oldest(deliveries: pl.DataFrame, found: pl.DataFrame) -> pl.DataFrame:
    """`oldest_delivery` of each order with something unbilled: what was asked covers the deliveries that name an invoice,
    then the others, the oldest first."""
    owing = found.filter(pl.col("unbilled_cents") > 0).select(
        "order_id",
        covered_cents=(
            pl.col("invoiced_cents") - pl.col("named_elsewhere_cents") - pl.col("named_here_cents")
        ).clip(0),
    )
    rows = deliveries.filter(~pl.col("is_here") & ~pl.col("is_elsewhere")).join(owing, on="order_id")
    summed = pl.col("amount_cents").cum_sum().over("order_id", order_by="delivered_date")
    left = rows.with_columns(summed=summed).filter(pl.col("summed") > pl.col("covered_cents"))
    return left.group_by("order_id").agg(oldest_delivery=pl.col("delivered_date").min())
