"""Lines of accounting entries as frames: the eighteen fields of the FEC, typed (LPF art. A47 A-1)."""

import polars as pl

ENTRY_LINES = pl.Schema(
    {
        "journal_code": pl.String,
        "journal_name": pl.String,
        "entry_number": pl.String,
        "entry_date": pl.Date,
        "account": pl.String,
        "account_name": pl.String,
        "auxiliary": pl.String,  # the customer's code; empty on other accounts
        "auxiliary_name": pl.String,
        "piece": pl.String,
        "piece_date": pl.Date,
        "label": pl.String,
        "debit_cents": pl.Int64,
        "credit_cents": pl.Int64,
        "lettering": pl.String,
        "lettered_date": pl.Date,
        "valid_date": pl.Date,  # null: not validated yet
        # as the FEC writes it (decimal comma), only passed on: it may be in any currency
        "foreign_amount": pl.String,
        "foreign_currency": pl.String,
    }
)
# Lines of books that were brought in: where they stood, and what they became here
BOOK_LINES = pl.Schema(
    {
        "line": pl.Int64,
        **ENTRY_LINES,
        "extra": pl.String,  # JSON of the four columns of non-commercial professions that are filled; or ""
        # a line on 411 that is (part of) a document, or a receipt (core.invoices.SETTLEMENTS)
        "document_type": pl.String,
        "document_number": pl.String,
        "settlement": pl.String,
    }
)
