"""Receivable documents as every invoice format gives them: typed frames, one row per document.

A reader hands over a `DocumentBatch`: frames joined by `line`, the place of the document in its file.
Everything after the reader is set-based.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import polars as pl

from encours.core.accounting.lines import BOOK_LINES
from encours.core.problems import Problem
from encours.core.wording import Sentence

DOCUMENT_TYPES = ("invoice", "credit_note", "deposit")

DOCUMENTS = pl.Schema(
    {
        "line": pl.Int64,  # place in the file, from 1; key of the other frames
        "number": pl.String,
        "type": pl.String,  # one of DOCUMENT_TYPES
        "issue_date": pl.Date,
        "due_date": pl.Date,  # null: the customer's terms decide
        "currency": pl.String,
        "net_cents": pl.Int64,  # without VAT; null when the file does not say
        "tax_cents": pl.Int64,
        "payable_cents": pl.Int64,  # amount due for payment (BT-115), as printed on the document
        "settled_cents": pl.Int64,  # already paid when the file was made (0 unless it says so)
        "party": pl.String,  # key into PARTIES
        "seller": pl.String,  # name of the seller as printed, empty when the file does not say
        "seller_siren": pl.String,
        "buyer": pl.String,  # name of the buyer as printed
        "purchase_order": pl.String,
        "corrects": pl.String,  # number of the invoice a credit note corrects
        "payment_reference": pl.String,  # RF or other reference asked from the payer (BT-83)
        "product_type": pl.String,
        "salesperson": pl.String,
    }
)
PARTIES = pl.Schema(
    {
        "party": pl.String,  # key: the customer's code, else SIREN, else VAT number, else normalised name
        "line": pl.Int64,
        "code": pl.String,  # customer code or auxiliary account in the company's own books
        "name": pl.String,
        "siren": pl.String,
        "siret": pl.String,
        "vat_number": pl.String,
        "street": pl.String,
        "postcode": pl.String,
        "city": pl.String,
        "country": pl.String,  # ISO 3166 alpha-2
        "email": pl.String,
        "phone": pl.String,
        "contact": pl.String,
        "language": pl.String,  # "fr" or "en", empty when unknown
        "kind": pl.String,  # company, public_buyer, person; empty when unknown
        "segment": pl.String,
        "sector": pl.String,
        "preferred_channel": pl.String,  # email, sms, letter, registered; empty when unknown
        "payment_terms": pl.String,  # as core.terms reads them: "30", "45 FDM", …
    }
)
VAT = pl.Schema(
    {
        "line": pl.Int64,
        "category": pl.String,  # UNCL 5305: S, Z, E, AE, K, G, O …
        "rate_basis_points": pl.Int64,  # 20 % = 2000, 5.5 % = 550
        "base_cents": pl.Int64,
        "tax_cents": pl.Int64,
    }
)
INSTALMENTS = pl.Schema(
    {"line": pl.Int64, "position": pl.Int64, "due_date": pl.Date, "amount_cents": pl.Int64}
)
REFERENCES = pl.Schema(
    {
        # what an electronic invoice says of its order, besides the customer's order number
        "line": pl.Int64,
        "kind": pl.String,  # sales_order, preceding, prepaid, deducted
        "value": pl.String,
        "amount_cents": pl.Int64,  # with VAT; null for a number
    }
)
SETTLEMENTS = pl.Schema(
    {
        # money or credit notes that settled documents in the books the file comes from (FEC lettrage):
        # the rows of one receipt sum to its amount
        "settlement": pl.String,  # key of the receipt: unique in the company's books, stable over exports
        "party": pl.String,
        "received_date": pl.Date,
        "amount_cents": pl.Int64,  # whole receipt or credit note, positive, the same on each of its rows
        "currency": pl.String,
        "label": pl.String,
        "line": pl.Int64,  # document of the same batch it settles; null for what stays unallocated
        "allocated_cents": pl.Int64,  # positive
        "lettering": pl.String,
        # null when money settled; else the line of the credit note that did, which is in the documents
        # already and no receipt. What a credit note leaves unallocated has no row: it is its open balance
        "credit_note_line": pl.Int64,
    }
)


def empty(schema: pl.Schema) -> pl.DataFrame:
    return pl.DataFrame(schema=schema)


@dataclass(frozen=True)
class DocumentBatch:
    """What a reader found in (a part of) a file. Refused lines are in `problems`, never in the frames."""

    documents: pl.DataFrame = field(default_factory=lambda: empty(DOCUMENTS))
    parties: pl.DataFrame = field(default_factory=lambda: empty(PARTIES))
    vat: pl.DataFrame = field(default_factory=lambda: empty(VAT))
    instalments: pl.DataFrame = field(default_factory=lambda: empty(INSTALMENTS))
    settlements: pl.DataFrame = field(default_factory=lambda: empty(SETTLEMENTS))
    references: pl.DataFrame = field(default_factory=lambda: empty(REFERENCES))
    # books that came with the file are kept as they were written
    entries: pl.DataFrame = field(default_factory=lambda: empty(BOOK_LINES))
    problems: tuple[Problem, ...] = ()
    # how the reader understood the file, in words: nothing is wrong, a person may want to know
    notes: tuple[Sentence, ...] = ()
    # for formats with columns: fingerprint and mapping that was used, to be remembered
    mapping: tuple[str, Mapping[str, str]] | None = None
    total_lines: int = 0  # of the whole file, 0 while its reader does not know


def balance_sign(document_type: str) -> int:
    """+1 when the document adds to what the customer owes, -1 when it takes away (a credit note)."""
    return -1 if document_type == "credit_note" else 1
