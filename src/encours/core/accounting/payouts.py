"""Entries of payouts: what a payment service received leaves the clearing account and comes to the bank, less its fees.

| | debit | credit |
| --- | --- | --- |
| what arrives | bank | |
| what the service keeps | bank services (627) | |
| receipts, less refunds and what was contested | | clearing (511) |
| what is no receipt of ours: other sales, reserves | | suspense (471) |

Receipts came to the clearing account one by one when the service received them (`booking`): what is left there is what it owes.
"""

import polars as pl

from encours.core.accounting.accounts import ACCOUNT_NAMES, JOURNAL_NAMES, Accounts
from encours.core.accounting.booking import BOOKED

# Payouts as they are booked: one row each, in the order of their entries
PAYOUTS = pl.Schema(
    {
        "payout_id": pl.Int64,
        "external_id": pl.String,
        "service": pl.String,
        "bank": pl.String,  # identifier of the bank account
        "booked_date": pl.Date,
        "entry_date": pl.Date,
        "amount_cents": pl.Int64,  # signed: positive when it arrives
        "fee_cents": pl.Int64,
        "other_cents": pl.Int64,  # signed: of what arrives, not explained by receipts of ours
    }
)
_LONGEST = 80


def paid_out(*, payouts: pl.DataFrame, accounts: Accounts) -> pl.DataFrame:
    """Lines (schema `BOOKED` and `payout_id`) of payouts (schema `PAYOUTS`), an entry each."""
    assert payouts.schema == PAYOUTS, payouts.schema
    amount, fee, other = pl.col("amount_cents"), pl.col("fee_cents"), pl.col("other_cents")
    parts = [
        payouts.with_columns(rank=pl.lit(rank), role=pl.lit(role), cents=cents)
        for rank, (role, cents) in enumerate(
            (("bank", amount), ("bank_fee", fee), ("clearing", other - amount - fee), ("suspense", -other))
        )
    ]
    nothing = {
        name: pl.lit(None, pl.Int64) for name in ("movement_id", "customer_id", "document_id", "payment_id")
    }
    return (
        pl.concat(parts)
        .filter(pl.col("cents") != 0)
        .with_columns(
            entry="payout_id",
            journal_code=_of_bank(accounts, "journal", accounts.bank_journal),
            journal_name=pl.lit(JOURNAL_NAMES["bank_journal"]),
            account=pl.when(pl.col("role") == "bank")
            .then(_of_bank(accounts, "account", accounts.bank))
            .otherwise(pl.col("role").replace_strict(accounts.by_role)),
            account_name=pl.col("role").replace_strict(ACCOUNT_NAMES),
            auxiliary=pl.lit(""),
            auxiliary_name=pl.lit(""),
            piece=pl.col("external_id").str.head(_LONGEST),
            piece_date="booked_date",
            label=pl.format("Versement {} {}", "service", "external_id"),
            **nothing,
        )
        .sort("entry_date", "payout_id", "rank")
        .select(*BOOKED.names(), "payout_id")
        .match_to_schema(pl.Schema({**BOOKED, "payout_id": pl.Int64}))
    )


def _of_bank(accounts: Accounts, what: str, default: str) -> pl.Expr:
    """The account or journal of each payout's bank account."""
    own = {identifier: getattr(books, what) for identifier, books in accounts.banks.items()}
    return pl.col("bank").replace_strict(own, default=default, return_dtype=pl.String)
