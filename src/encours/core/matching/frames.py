"""Shapes of what matching reads and what passes between its stages."""

import polars as pl

LINES = pl.Schema(
    {
        "line_id": pl.Int64,
        "booked_date": pl.Date,
        "amount_cents": pl.Int64,  # signed, credits positive
        "currency": pl.String,
        "bank_reference": pl.String,
        "end_to_end_id": pl.String,
        "structured_reference": pl.String,
        "remittance": pl.String,
        "counterparty_name": pl.String,
        "counterparty_iban": pl.String,  # CFONB never gives it
        "mandate_id": pl.String,
        "operation_code": pl.String,
        "return_reason": pl.String,
        "is_reversal": pl.Boolean,  # the bank says that it gives money back (camt RvslInd, RtrInf)
        "is_taken_back": pl.Boolean,  # a person said that it is a receipt after all
        "state": pl.String,
    }
)
DOCUMENTS = pl.Schema(
    {
        "document_id": pl.Int64,
        "customer_id": pl.Int64,
        "customer": pl.String,  # name, for the reason
        "number": pl.String,
        "search_number": pl.String,  # core.references.normalised_number
        "type": pl.String,
        "payment_reference": pl.String,
        "currency": pl.String,
        "issue_date": pl.Date,
        "due_date": pl.Date,
        "payable_cents": pl.Int64,
        "open_cents": pl.Int64,  # as the ledger signs it: negative for a credit note
        "instalments": pl.String,  # amounts in the order of their dates, "30000 60000"; empty without
    }
)
KEYS = pl.Schema(
    {
        "line_id": pl.Int64,
        "key": pl.String,  # what is looked up: a normalised number, a compact reference, or a document's id
        "kind": pl.String,  # "number", "reference" or "document"
        "source": pl.String,  # "own_key" (structured) or "text"
        "start": pl.Int64,  # place in the text, in parts; groups the readings of one place
        "stop": pl.Int64,
        "written": pl.String,  # as the payer wrote it
        "is_weak": pl.Boolean,  # too short or too ambiguous to count without more
        "is_introduced": pl.Boolean,  # a word such as "facture" stands right before it
    }
)
# Which line mentions which document, and how.
MENTIONS = pl.Schema(
    {
        "line_id": pl.Int64,
        "document_id": pl.Int64,
        "rule": pl.String,
        "start": pl.Int64,
        "stop": pl.Int64,
        "written": pl.String,
        "is_weak": pl.Boolean,
        "is_introduced": pl.Boolean,
    }
)
# Customers a payer may be.
CUSTOMERS = pl.Schema(
    {
        "customer_id": pl.Int64,
        "name": pl.String,
        "search_name": pl.String,  # core.parties.bank_name
        "siren": pl.String,
    }
)
# Who paid for whom before: applied matches, and those a person undid or rejected, per payer and customer.
PAYERS = pl.Schema(
    {
        "iban": pl.String,  # empty when the bank gave none
        "name": pl.String,  # core.parties.bank_name of what the bank called the payer
        "customer_id": pl.Int64,
        "confirmed_count": pl.Int64,
        "undone_count": pl.Int64,
    }
)
# Which customers a line's payer may be, best first; `core.matching.payers`.
PAYER_CANDIDATES = pl.Schema(
    {
        "line_id": pl.Int64,
        "customer_id": pl.Int64,
        "evidence": pl.String,  # one of core.matching.payers.EVIDENCE, strongest first
        "recognised": pl.String,  # what was recognised, as it stands in the line or was learned
        "similarity": pl.Float64,  # 1.0 unless the name is only like the customer's
        "rival_count": pl.Int64,  # other customers with this evidence on this line, beyond the ones kept too
    }
)
