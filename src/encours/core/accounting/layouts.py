"""Entries as accounting packages import them: one table of text per package.

Each package lets the import be set up, so these are layouts to choose there once: columns, order, decimal comma,
dates. Amounts stand in two columns, or in one with a side.
"""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from io import StringIO

import polars as pl

from encours.core.accounting.fec import decimal_comma


@dataclass(frozen=True)
class Layout:
    """How one package wants a line of an entry. `columns` are headers and what stands under each."""

    title: str
    columns: Mapping[str, str]
    date_format: str
    encoding: str
    has_header: bool = True
    longest_label: int = 200


_SIDES = {"Débit": "debit", "Crédit": "credit"}
LAYOUTS: Mapping[str, Layout] = {
    # Sage 100 and Sage 50, import with a format of one's own
    "sage": Layout(
        title="Sage",
        columns={
            "Code journal": "journal_code", "Date de pièce": "entry_date", "N° compte général": "account",
            "N° compte tiers": "auxiliary", "Référence pièce": "piece", "Libellé écriture": "label",
            "Montant débit": "debit", "Montant crédit": "credit", "Lettrage": "lettering", "N° pièce": "entry_number",
        },
        date_format="%d%m%y",
        encoding="cp1252",
        longest_label=69,
    ),
    # Cegid Quadra: the customer's account stands in place of 411
    "cegid": Layout(
        title="Cegid Quadra",
        columns={
            "Journal": "journal_code", "Date": "entry_date", "Compte": "own_account", "Libellé du compte": "own_name",
            "Pièce": "piece", "Libellé": "label", **_SIDES, "Lettrage": "lettering",
        },
        date_format="%d/%m/%Y",
        encoding="cp1252",
        longest_label=30,
    ),
    # EBP: line number first, one amount with its side, no header
    "ebp": Layout(
        title="EBP",
        columns={
            "N° mouvement": "entry_rank", "Date": "entry_date", "Journal": "journal_code", "Compte": "own_account",
            "Intitulé": "own_name", "Libellé": "label", "Pièce": "piece", "Montant": "amount", "Sens": "side",
            "Monnaie": "currency",
        },
        date_format="%d%m%y",
        encoding="cp1252",
        has_header=False,
        longest_label=60,
    ),
    "pennylane": Layout(
        title="Pennylane",
        columns={
            "Journal": "journal_code", "Date": "entry_date", "Numéro de compte": "account",
            "Libellé de compte": "account_name", "Compte auxiliaire": "auxiliary", "Nom du tiers": "auxiliary_name",
            "Numéro de pièce": "piece", "Libellé de ligne": "label", **_SIDES, "Lettrage": "lettering",
        },
        date_format="%d/%m/%Y",
        encoding="utf-8-sig",
    ),
}  # fmt: skip


def layout_file(lines: pl.DataFrame, *, layout: str, currency: str) -> bytes:
    """The lines (schema `ENTRY_LINES`) in a layout of `LAYOUTS`: semicolons, CRLF, the package's own encoding."""
    chosen = LAYOUTS[layout]
    debit = pl.col("debit_cents") > 0
    described = lines.select(
        pl.col("journal_code", "account", "account_name", "auxiliary", "auxiliary_name", "piece", "lettering",
               "entry_number"),
        pl.col("entry_date").dt.to_string(chosen.date_format),
        pl.col("label").str.head(chosen.longest_label),
        decimal_comma("debit_cents").alias("debit"),
        decimal_comma("credit_cents").alias("credit"),
        pl.when(debit).then(decimal_comma("debit_cents")).otherwise(decimal_comma("credit_cents")).alias("amount"),
        pl.when(debit).then(pl.lit("D")).otherwise(pl.lit("C")).alias("side"),
        pl.when(pl.col("auxiliary") == "").then("account").otherwise("auxiliary").alias("own_account"),
        pl.when(pl.col("auxiliary") == "").then("account_name").otherwise("auxiliary_name").alias("own_name"),
        pl.struct("journal_code", "entry_number").rank("dense").cast(pl.String).alias("entry_rank"),
        pl.lit(currency).alias("currency"),
    )  # fmt: skip
    written = StringIO()
    writer = csv.writer(written, delimiter=";", lineterminator="\r\n")
    if chosen.has_header:
        writer.writerow(chosen.columns)
    writer.writerows(described.select(list(chosen.columns.values())).iter_rows())
    return written.getvalue().encode(chosen.encoding, "replace")
