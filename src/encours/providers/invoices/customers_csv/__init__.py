"""Lists of customers in CSV or XLSX."""

from collections.abc import Iterator
from typing import ClassVar

import polars as pl

from encours.core.invoices import DocumentBatch
from encours.core.problems import Problem
from encours.core.wording import Wording
from encours.ports.files import ImportFile, ReadContext
from encours.ports.tables import Vocabulary, is_table, open_table, raw_lines, recognises
from encours.ports.tables.parties import PARTY_FIELDS, parties_of, with_parties

MISSING_NAME = Wording(
    "customer_without_name",
    fr="La ligne n'a pas de nom de client.",
    en="The line has no customer name.",
)
REPEATED_CUSTOMER = Wording(
    "repeated_customer",
    fr="Le client {code} est déjà à la ligne {first} : ses informations sont réunies, la première ligne l'emporte.",
    en="Customer {code} is on line {first} already: its details are put together, the first line wins.",
)
_FIELDS = {
    "code": (
        *PARTY_FIELDS["code"],
        "Code",
        "N°",
        "Numéro",
        "Identifiant",
        "ID",
        "Référence",
        "Number",
        "Reference",
    ),
    **{name: headers for name, headers in PARTY_FIELDS.items() if name != "code"},
}
VOCABULARY = Vocabulary(
    "customers_csv",
    fields=_FIELDS,
    # a name and something only a list of customers says
    needs=[
        {"name", detail}
        for detail in ("siren", "siret", "vat_number", "email", "street", "postcode", "city", "phone", "payment_terms", "code")
    ],
    # tables that name customers but list something else
    foreign=frozenset(
        {
            "Montant", "Montant TTC", "Total TTC", "TTC", "Total", "Amount", "Débit", "Crédit", "Debit", "Credit", "Solde",
            "Balance", "N° facture", "Numéro de facture", "Facture", "Invoice number", "Invoice no", "Invoice", "Date facture",
            "Invoice date", "Due date", "Échéance", "Date d'échéance", "Date", "Date opération", "Libellé", "Label", "IBAN",
            "Montant HT", "HT", "Total amount", "Invoice amount", "EcritureDate", "Doc ID", "Document", "Document number", "Document date", "Posting date", "Issue date",
            "Due in date", "Due", "N° pièce", "Numéro de pièce", "Date de facture", "Date d'émission", "Date échéance", "CompteNum",
        }
    ),
)  # fmt: skip


class CustomersCsvSource:
    kinds: ClassVar[tuple[str, ...]] = ("customers_csv",)
    vocabulary: ClassVar = VOCABULARY

    def identify(self, file: ImportFile) -> str | None:
        return "customers_csv" if is_table(file) and recognises(file, VOCABULARY, {}) else None

    def read(self, file: ImportFile, context: ReadContext) -> Iterator[DocumentBatch]:
        table = open_table(file, VOCABULARY, context.mappings)
        mapping = (table.fingerprint, table.columns)
        # customers are few beside invoices: the whole list is one batch, so that doubles meet
        parts = list(table.batches())
        problems = [*table.repeated_headers(), *(problem for part in parts for problem in part.problems)]
        kept: list[pl.DataFrame] = []
        for part in parts:
            rows = with_parties(part.fields())
            nameless = rows.filter(pl.col("name") == "")["line"]
            if nameless.len():
                few = part.frame.filter(pl.col("line").is_in(nameless.implode()))
                for line, raw in zip(few["line"], raw_lines(few, table.delimiter), strict=True):
                    problems.append(Problem(MISSING_NAME(), line=line, field="name", raw=raw))
            kept.append(rows.filter(pl.col("name") != ""))
        if not kept:
            yield DocumentBatch(problems=tuple(problems), mapping=mapping)
            return
        rows = pl.concat(kept)
        problems += _doubles(rows)
        yield DocumentBatch(parties=parties_of(rows), problems=tuple(problems), mapping=mapping)


def _doubles(rows: pl.DataFrame) -> list[Problem]:
    again = rows.with_columns(first=pl.col("line").first().over("party")).filter(
        pl.col("first") != pl.col("line")
    )
    return [
        Problem(
            REPEATED_CUSTOMER(code=code or name, first=first), line=line, field="code", severity="warning"
        )
        for line, code, name, first in again.select("line", "code", "name", "first").iter_rows()
    ]
