"""Which documents belong to which order: by the references they bear for certain, by their amount as a proposal."""

import polars as pl

from encours.core.wording import Wording

ORDERS = pl.Schema(
    {
        "order_id": pl.Int64,
        "customer_id": pl.Int64,
        "kind": pl.String,
        "state": pl.String,
        "currency": pl.String,
        "search_number": pl.String,
        "search_purchase_order": pl.String,
        "search_quote": pl.String,
        "ordered_date": pl.Date,
        "payable_cents": pl.Int64,
        "expected_deposit_cents": pl.Int64,  # 0 without one
        "linked_cents": pl.Int64,  # asked by the documents it has
        "deposit_count": pl.Int64,  # deposit invoices it has
    }
)
DOCUMENTS = pl.Schema(
    {
        # those without an order
        "document_id": pl.Int64,
        "customer_id": pl.Int64,
        "type": pl.String,
        "currency": pl.String,
        "issue_date": pl.Date,
        "payable_cents": pl.Int64,
        "search_number": pl.String,
        "search_purchase_order": pl.String,
        "search_corrects": pl.String,
    }
)
# what documents say besides: `kind` sales_order or preceding
REFERENCES = pl.Schema({"document_id": pl.Int64, "kind": pl.String, "search_value": pl.String})
# documents that have an order, by their number: what others follow or correct
LINKED = pl.Schema({"customer_id": pl.Int64, "search_number": pl.String, "order_id": pl.Int64})
# deliveries that name a document
NAMED = pl.Schema({"order_id": pl.Int64, "document_id": pl.Int64})
REFUSED = pl.Schema({"order_id": pl.Int64, "document_id": pl.Int64})
LINKS = pl.Schema({"order_id": pl.Int64, "document_id": pl.Int64, "state": pl.String, "found_by": pl.String})

# by how they were found, the surest first
REASONS = {
    "sales_order": Wording("link.sales_order", fr="Le document cite notre numéro de commande.", en="The document cites our order number."),
    "reference": Wording("link.reference", fr="Le document porte la référence de la commande.", en="The document bears the order's reference."),
    "delivery": Wording("link.delivery", fr="Une livraison de la commande nomme ce document.", en="A delivery of the order names this document."),
    "follows": Wording(
        "link.follows",
        fr="Le document corrige ou suit une pièce de cette commande.",
        en="The document corrects or follows one of this order.",
    ),
    "deposit_amount": Wording(
        "link.deposit_amount",
        fr="Acompte du montant attendu pour cette commande, sans référence.",
        en="A deposit of the amount expected for this order, without a reference.",
    ),
    "amount": Wording(
        "link.amount",
        fr="Montant égal à ce qui reste à facturer de cette commande, sans référence.",
        en="The amount is what is left to invoice of this order, without a reference.",
    ),
    "several": Wording(
        "link.several",
        fr="La référence convient à plusieurs commandes de ce client.",
        en="The reference fits several orders of this customer.",
    ),
    "person": Wording("link.person", fr="Rattaché à la main.", en="Linked by hand."),
}  # fmt: skip
_SURE = ("sales_order", "reference", "delivery", "follows")
# shorter ones ("1", "12") are no references
_SHORTEST = 3


def links(
    *,
    orders: pl.DataFrame,
    documents: pl.DataFrame,
    references: pl.DataFrame,
    linked: pl.DataFrame,
    named: pl.DataFrame,
    refused: pl.DataFrame,
) -> pl.DataFrame:
    """LINKS of documents: one linked where a reference leads to one order only, proposals elsewhere. A document and its
    order have the same customer and currency. What a person refused is left out."""
    orders = _without_accepted_quotes(orders)
    found = pl.concat(
        [
            _by_sales_order(orders, documents, references),
            _by_reference(orders, documents),
            named.join(documents.select("document_id"), on="document_id").with_columns(
                found_by=pl.lit("delivery")
            ),
        ]
    )
    sure = _sure(_possible(found, orders, documents, refused))
    settled = sure.filter(pl.col("state") == "linked")
    for _ in range(2):  # a credit note on the final invoice that follows the deposit
        known = pl.concat([linked, _numbers(settled, documents)])
        free = documents.join(sure, on="document_id", how="anti")
        followed = _sure(_possible(_following(free, references, known), orders, documents, refused))
        sure = pl.concat([sure, followed])
        settled = pl.concat([settled, followed.filter(pl.col("state") == "linked")])
    free = documents.join(sure, on="document_id", how="anti").filter(pl.col("search_purchase_order") == "")
    amounts = _possible(_by_amount(orders, free), orders, documents, refused)
    return pl.concat([sure, amounts.with_columns(state=pl.lit("proposed")).select(LINKS.names())])


def _without_accepted_quotes(orders: pl.DataFrame) -> pl.DataFrame:
    """A quote that an order accepts is that order."""
    accepted = (
        orders.filter(pl.col("search_quote") != "")
        .select("customer_id", search_number="search_quote")
        .unique()
    )
    quotes = orders.filter(pl.col("kind") == "quote").join(
        accepted, on=["customer_id", "search_number"], how="semi"
    )
    return orders.join(quotes, on="order_id", how="anti")


def _by_sales_order(orders: pl.DataFrame, documents: pl.DataFrame, references: pl.DataFrame) -> pl.DataFrame:
    cited = references.filter(pl.col("kind") == "sales_order").join(
        documents.select("document_id", "customer_id"), on="document_id"
    )
    return cited.join(
        orders.select("order_id", "customer_id", search_value="search_number"),
        on=["customer_id", "search_value"],
    ).select("order_id", "document_id", found_by=pl.lit("sales_order"))


def _by_reference(orders: pl.DataFrame, documents: pl.DataFrame) -> pl.DataFrame:
    """The customer's own number, ours, or the quote's, where invoices have the customer's."""
    bearing = documents.filter(pl.col("search_purchase_order").str.len_chars() >= _SHORTEST)
    names = pl.concat(
        [
            orders.select("order_id", "customer_id", search_purchase_order=name)
            for name in ("search_purchase_order", "search_number", "search_quote")
        ]
    ).filter(pl.col("search_purchase_order") != "")
    return (
        bearing.join(names.unique(), on=["customer_id", "search_purchase_order"])
        .select("order_id", "document_id", found_by=pl.lit("reference"))
        .unique()
    )


def _following(documents: pl.DataFrame, references: pl.DataFrame, known: pl.DataFrame) -> pl.DataFrame:
    preceding = references.filter(pl.col("kind") == "preceding").join(
        documents.select("document_id", "customer_id"), on="document_id"
    )
    followed = pl.concat(
        [
            documents.select("document_id", "customer_id", search_number="search_corrects"),
            preceding.select("document_id", "customer_id", search_number="search_value"),
        ]
    ).filter(pl.col("search_number") != "")
    return (
        followed.join(known, on=["customer_id", "search_number"])
        .select("order_id", "document_id", found_by=pl.lit("follows"))
        .unique()
    )


def _numbers(settled: pl.DataFrame, documents: pl.DataFrame) -> pl.DataFrame:
    return settled.join(documents, on="document_id").select(LINKED.names())


def _by_amount(orders: pl.DataFrame, documents: pl.DataFrame) -> pl.DataFrame:
    running = orders.filter(pl.col("state") == "open")
    deposits = documents.filter(pl.col("type") == "deposit").join(
        running.filter((pl.col("expected_deposit_cents") > 0) & (pl.col("deposit_count") == 0)).select(
            "order_id", "customer_id", "currency", "ordered_date", payable_cents="expected_deposit_cents"
        ),
        on=["customer_id", "currency", "payable_cents"],
    )
    finals = documents.filter(pl.col("type") == "invoice").join(
        running.select(
            "order_id",
            "customer_id",
            "currency",
            "ordered_date",
            payable_cents=pl.col("payable_cents") - pl.col("linked_cents"),
        ),
        on=["customer_id", "currency", "payable_cents"],
    )
    return pl.concat(
        [
            rows.filter(
                (pl.col("issue_date") >= pl.col("ordered_date")) & (pl.col("payable_cents") > 0)
            ).select("order_id", "document_id", found_by=pl.lit(name))
            for rows, name in ((deposits, "deposit_amount"), (finals, "amount"))
        ]
    )


def _possible(
    found: pl.DataFrame, orders: pl.DataFrame, documents: pl.DataFrame, refused: pl.DataFrame
) -> pl.DataFrame:
    """Pairs of the same customer and currency that nobody refused."""
    whose = ["customer_id", "currency"]
    ours = orders.select("order_id", *whose)
    theirs = documents.select("document_id", document_customer="customer_id", document_currency="currency")
    return (
        found.join(ours, on="order_id")
        .join(theirs, on="document_id")
        .filter(
            (pl.col("customer_id") == pl.col("document_customer"))
            & (pl.col("currency") == pl.col("document_currency"))
        )
        .join(refused, on=["order_id", "document_id"], how="anti")
        .select("order_id", "document_id", "found_by")
    )


def _sure(found: pl.DataFrame) -> pl.DataFrame:
    """LINKS: the surest way each document was found decides. It links when it leads to one order, else it proposes each."""
    ranks = pl.col("found_by").replace_strict(list(_SURE), list(range(len(_SURE))), return_dtype=pl.Int32)
    best = found.with_columns(rank=ranks).filter(pl.col("rank") == pl.col("rank").min().over("document_id"))
    best = best.unique(["order_id", "document_id"], keep="first", maintain_order=True)
    single = pl.len().over("document_id") == 1
    return best.select(
        "order_id",
        "document_id",
        state=pl.when(single).then(pl.lit("linked")).otherwise(pl.lit("proposed")),
        found_by=pl.when(single).then("found_by").otherwise(pl.lit("several")),
    )
