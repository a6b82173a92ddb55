"""What every batch of documents must satisfy before it enters the books, whatever format it came from.

Wrong identifiers are dropped with a warning: the document is owed all the same. What would make a wrong
receivable is refused.
"""

from dataclasses import replace

import polars as pl

from encours.core.fields import field_name
from encours.core.invoices import DocumentBatch
from encours.core.money import MAX_CENTS, Money
from encours.core.parties import is_french_vat_number, is_siren, is_siret
from encours.core.problems import Problem
from encours.core.terms import UNKNOWN_TERMS, UnableToReadTerms, due_dates, read_terms
from encours.core.wording import Wording

WRONG_CHECK_DIGITS = Wording(
    "wrong_check_digits",
    fr="{identifier} : « {value} » n'est pas valable (chiffres de contrôle), il n'est pas repris.",
    en='{identifier}: "{value}" is not valid (check digits), it is not taken.',
)
PURCHASE_INVOICE = Wording(
    "purchase_invoice",
    fr="Le document {number} est adressé à la société elle-même : c'est une facture d'achat.",
    en="Document {number} is addressed to the company itself: it is a purchase invoice.",
)
SELLER_IS_NOT_COMPANY = Wording(
    "seller_is_not_company",
    fr="{count} document(s) ont pour vendeur le SIREN {siren} ({seller}), qui n'est pas celui de la société.",
    en="{count} document(s) name SIREN {siren} ({seller}) as seller, which is not the company's.",
)
INSTALMENTS_DO_NOT_ADD_UP = Wording(
    "instalments_do_not_add_up",
    fr="Les échéances du document {number} font {sum} au lieu de {payable}.",
    en="The instalments of document {number} make {sum} instead of {payable}.",
)
SETTLED_BEYOND_PAYABLE = Wording(
    "settled_beyond_payable",
    fr="Le document {number} serait réglé pour {settled}, plus que son montant de {payable}.",
    en="Document {number} would be settled for {settled}, more than its amount of {payable}.",
)
AMOUNT_TOO_LARGE = Wording(
    "amount_too_large",
    fr="Montant à payer invraisemblable : {cents} centimes.",
    en="Implausible amount to pay: {cents} cents.",
)
TEXT_TOO_LONG = Wording(
    "text_too_long", fr="{field} : plus de {limit} caractères.", en="{field}: more than {limit} characters."
)
MAX_NUMBER = 80
_IDENTIFIERS = (
    ("siren", is_siren),
    ("siret", is_siret),
    ("vat_number", is_french_vat_number),
)


def accept(batch: DocumentBatch, *, company_siren: str = "") -> DocumentBatch:
    """The batch without what must be refused, and with a due date where the file's own terms give one.

    An empty `company_siren` says that no company is known: who sells and buys is not judged then.
    """
    parties, problems = _without_wrong_identifiers(batch.parties)
    parties, more = _with_readable_terms(parties)
    problems += more
    documents, refused = _refused(batch, parties, company_siren)
    problems += refused
    if company_siren:
        problems += _foreign_sellers(documents, company_siren)
    documents = documents.join(
        parties.select("party", "payment_terms"), on="party", how="left", maintain_order="left"
    )
    documents = documents.with_columns(
        pl.coalesce("due_date", due_dates(pl.col("issue_date"), pl.col("payment_terms"))).alias("due_date")
    ).drop("payment_terms")
    parties = _still_named(parties, batch, documents)
    lines = documents.select("line")
    kept = documents.height == batch.documents.height
    return replace(
        batch,
        documents=documents,
        parties=parties,
        vat=batch.vat if kept else batch.vat.join(lines, on="line", how="semi"),
        instalments=batch.instalments if kept else batch.instalments.join(lines, on="line", how="semi"),
        settlements=batch.settlements if kept else _settlements_of(batch.settlements, lines),
        problems=(*batch.problems, *problems),
    )


def _without_wrong_identifiers(parties: pl.DataFrame) -> tuple[pl.DataFrame, list[Problem]]:
    problems = []
    for name, right in _IDENTIFIERS:
        given = pl.col(name) != ""
        if name == "vat_number":
            # other countries' numbers have rules of their own; only their shape is known here
            french = pl.col(name).str.starts_with("FR")
            valid = (
                pl.when(french)
                .then(right(pl.col(name)))
                .otherwise(pl.col(name).str.contains("^[A-Z]{2}[0-9A-Z+*]{2,13}$"))
            )
        elif name == "siren":
            # a company id of another country is no SIREN
            valid = right(pl.col(name))
        else:
            valid = right(pl.col(name))
        wrong = given & ~valid.fill_null(False)
        bad = parties.filter(wrong)
        if bad.is_empty():
            continue
        problems += [
            Problem(
                WRONG_CHECK_DIGITS(value=value, identifier=field_name(name)),
                line=line,
                field=name,
                severity="warning",
            )
            for line, value in bad.select("line", name).iter_rows()
        ]
        parties = parties.with_columns(pl.when(wrong).then(pl.lit("")).otherwise(pl.col(name)).alias(name))
    return parties, problems


def _with_readable_terms(parties: pl.DataFrame) -> tuple[pl.DataFrame, list[Problem]]:
    """Terms in their short notation; those nobody understands are dropped, said once each."""
    problems, known = [], {}
    for text, line in (
        parties.filter(pl.col("payment_terms") != "")
        .group_by("payment_terms", maintain_order=True)
        .agg(pl.col("line").first())
        .iter_rows()
    ):
        try:
            known[text] = read_terms(text).notation
        except UnableToReadTerms:
            known[text] = ""
            problems.append(
                Problem(UNKNOWN_TERMS(terms=text), line=line, field="payment_terms", severity="warning")
            )
    if not known:
        return parties, []
    notation = pl.col("payment_terms").replace_strict(list(known), list(known.values()), default="")
    return parties.with_columns(payment_terms=notation), problems


def _refused(
    batch: DocumentBatch, parties: pl.DataFrame, company_siren: str
) -> tuple[pl.DataFrame, list[Problem]]:
    documents = batch.documents
    if batch.instalments.height:
        sums = batch.instalments.group_by("line").agg(pl.col("amount_cents").sum().alias("instalments_cents"))
        documents = documents.join(sums, on="line", how="left", maintain_order="left")
    else:
        documents = documents.with_columns(instalments_cents=pl.lit(None, dtype=pl.Int64))
    if company_siren:
        own = parties.filter(pl.col("siren") == company_siren).select("party", own=pl.lit(True))
        documents = documents.join(own, on="party", how="left", maintain_order="left")
    else:
        documents = documents.with_columns(own=pl.lit(None, dtype=pl.Boolean))
    payable, settled = pl.col("payable_cents"), pl.col("settled_cents")
    checks = (
        ("number", pl.col("number").str.len_chars() > MAX_NUMBER),
        ("payable_cents", payable.abs() > MAX_CENTS),
        ("buyer", pl.col("own")),
        ("instalments", pl.col("instalments_cents") != payable),
        ("settled_cents", (settled.abs() > payable.abs()) | (settled.sign() * payable.sign() < 0)),
    )
    first = pl.coalesce(pl.when(wrong.fill_null(False)).then(pl.lit(name)) for name, wrong in checks)
    documents = documents.with_columns(wrong=first)
    problems = [_why(row) for row in documents.filter(pl.col("wrong").is_not_null()).iter_rows(named=True)]
    kept = documents.filter(pl.col("wrong").is_null()) if problems else documents
    return kept.drop("wrong", "own", "instalments_cents"), problems


def _why(row: dict) -> Problem:
    currency, number = row["currency"], row["number"]
    payable = Money(row["payable_cents"], currency)
    match row["wrong"]:
        case "number":
            sentence = TEXT_TOO_LONG(field=field_name("number"), limit=MAX_NUMBER)
        case "payable_cents":
            sentence = AMOUNT_TOO_LARGE(cents=row["payable_cents"])
        case "buyer":
            sentence = PURCHASE_INVOICE(number=number)
        case "instalments":
            total = Money(row["instalments_cents"], currency)
            sentence = INSTALMENTS_DO_NOT_ADD_UP(number=number, sum=total, payable=payable)
        case _:
            settled = Money(row["settled_cents"], currency)
            sentence = SETTLED_BEYOND_PAYABLE(number=number, settled=settled, payable=payable)
    raw = f"{number};{row['issue_date']};{row['buyer']};{row['payable_cents']};{currency}"
    return Problem(sentence, line=row["line"], field=row["wrong"], raw=raw)


def _foreign_sellers(documents: pl.DataFrame, company_siren: str) -> list[Problem]:
    """One warning per other seller, not one per document."""
    others = (
        documents.filter(
            (pl.col("seller_siren") != "") & (pl.col("seller_siren").str.slice(0, 9) != company_siren)
        )
        .group_by("seller_siren", maintain_order=True)
        .agg(pl.len().alias("count"), pl.col("line").first(), pl.col("seller").first())
    )
    return [
        Problem(
            SELLER_IS_NOT_COMPANY(count=count, siren=siren, seller=seller),
            line=line,
            field="seller_siren",
            severity="warning",
        )
        for siren, count, line, seller in others.iter_rows()
    ]


def _still_named(parties: pl.DataFrame, batch: DocumentBatch, kept: pl.DataFrame) -> pl.DataFrame:
    """Without the parties that only refused documents name: nobody becomes a customer by a purchase invoice."""
    if kept.height == batch.documents.height:
        return parties
    named = pl.concat([kept["party"], batch.settlements["party"]]).unique()
    gone = batch.documents.filter(~pl.col("party").is_in(named.implode()))["party"].unique()
    return parties.filter(~pl.col("party").is_in(gone.implode()))


def _settlements_of(settlements: pl.DataFrame, lines: pl.DataFrame) -> pl.DataFrame:
    """Money stays even when the document it settled is refused: it is then unallocated."""
    if settlements.is_empty():
        return settlements
    known = lines["line"].implode()
    gone_note = pl.col("credit_note_line").is_not_null() & ~pl.col("credit_note_line").is_in(known)
    settlements = settlements.filter(~gone_note)
    gone = pl.col("line").is_not_null() & ~pl.col("line").is_in(known)
    kept = settlements.filter(~(gone & pl.col("credit_note_line").is_not_null()))
    return kept.with_columns(pl.when(gone).then(None).otherwise(pl.col("line")).alias("line"))
