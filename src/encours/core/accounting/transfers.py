"""Entries that bring accounts to where they must stand at the end of a period, without any movement.

Doubtful debts lie on 416 and are written down on 491 by the share without VAT that is expected to be lost;
overpayments lie on 4191 when the company wants it so; what a final lettering holds and the ledger knows otherwise
by now is opened again on 411. Each is the difference between what must lie there and what does: doing it twice
changes nothing, and what is no longer true goes back by the same rule.
"""

from datetime import date

import polars as pl

from encours.core.accounting.accounts import ACCOUNT_NAMES, JOURNAL_NAMES, Accounts
from encours.core.accounting.booking import BOOKED

# What must lie on an account of a document or a payment, and what does (cents, debit positive)
POSITIONS = pl.Schema(
    {
        "purpose": pl.String,  # doubtful, allowance, advance, reopened
        "customer_id": pl.Int64,
        "auxiliary": pl.String,
        "auxiliary_name": pl.String,
        "document_id": pl.Int64,  # this or payment_id
        "payment_id": pl.Int64,
        "reference": pl.String,
        "wanted_cents": pl.Int64,
        "present_cents": pl.Int64,
    }
)
_LABELS = {
    "doubtful": "Créance douteuse",
    "allowance": "Dépréciation",
    "advance": "Avance reçue",
    "reopened": "Délettrage",
}


def allowance_cents(*, open_cents: int, payable_cents: int, tax_cents: int | None, basis_points: int) -> int:
    """What 491 must carry for a doubtful document: a share of what is open without VAT, on the credit side.

    VAT on a bad debt is given back by the State: it is no loss. A document whose VAT is unknown is taken whole.

    >>> allowance_cents(open_cents=12_000, payable_cents=12_000, tax_cents=2_000, basis_points=5_000)
    -5000
    """
    net = open_cents
    if tax_cents and payable_cents:
        net -= _rounded(open_cents * tax_cents, payable_cents)
    return -_rounded(net * basis_points, 10_000)


def _rounded(numerator: int, denominator: int) -> int:
    """Half away from zero, as people round money."""
    sign = 1 if (numerator < 0) == (denominator < 0) else -1
    return sign * ((2 * abs(numerator) + abs(denominator)) // (2 * abs(denominator)))


def transfers(*, positions: pl.DataFrame, on: date, accounts: Accounts) -> pl.DataFrame:
    """Lines (schema `BOOKED`) that bring positions (schema `POSITIONS`) to what is wanted, dated `on`.

    One entry per document or payment; what is opened again is one entry per customer, whose positions sum to zero.
    """
    off = positions.with_columns(cents=pl.col("wanted_cents") - pl.col("present_cents")).filter(
        pl.col("cents") != 0
    )
    off = off.with_columns(
        entry=pl.when(pl.col("purpose") == "reopened")
        .then(pl.concat_str(pl.lit("c"), "customer_id"))
        .otherwise(pl.concat_str("purpose", pl.col("document_id").fill_null(0), pl.col("payment_id").fill_null(0)))
    )  # fmt: skip
    there, up = pl.col("purpose"), pl.col("cents") > 0
    role = pl.when(there == "reopened").then(pl.lit("receivable")).otherwise(there)
    against = (
        pl.when((there == "allowance") & ~up)
        .then(pl.lit("allowance_expense"))
        .when(there == "allowance")
        .then(pl.lit("allowance_reversal"))
        .otherwise(pl.lit("receivable"))
    )
    sides = pl.concat(
        [
            off.with_columns(role=role, rank=pl.lit(0)),
            off.filter(there != "reopened").with_columns(
                role=against, rank=pl.lit(1), cents=-pl.col("cents")
            ),
        ]
    )
    of_customer = pl.col("role").is_in(["receivable", "doubtful", "advance"])
    return (
        sides.sort("entry", pl.col("cents") < 0, "document_id", "payment_id", "rank")
        .select(
            entry=pl.col("entry").rank("dense").cast(pl.Int64),
            role=pl.when(there == "reopened").then(pl.lit("reopened")).otherwise("role"),
            journal_code=pl.lit(accounts.general_journal),
            journal_name=pl.lit(JOURNAL_NAMES["general_journal"]),
            entry_date=pl.lit(on),
            account=pl.col("role").replace_strict(accounts.by_role),
            account_name=pl.col("role").replace_strict(ACCOUNT_NAMES),
            auxiliary=pl.when(of_customer).then("auxiliary").otherwise(pl.lit("")),
            auxiliary_name=pl.when(of_customer).then("auxiliary_name").otherwise(pl.lit("")),
            piece="reference",
            piece_date=pl.lit(on),
            label=pl.concat_str(there.replace_strict(_LABELS), pl.lit(" "), "reference", pl.lit(" "), "auxiliary_name"),
            cents="cents",
            movement_id=pl.lit(None, pl.Int64),
            customer_id="customer_id",
            document_id="document_id",
            payment_id="payment_id",
        )
        .match_to_schema(BOOKED)
    )  # fmt: skip
