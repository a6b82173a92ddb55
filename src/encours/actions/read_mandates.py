"""Reads a table (CSV, XLSX) of SEPA mandates. The file is not kept: it holds account numbers, which are sealed here."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
from django.conf import settings

from encours.actions.give_mandates import MandateEntry
from encours.actions.read_file import opened
from encours.core.payments.direct_debits import MandateGiven
from encours.core.payments.mandates import SEPA_B2B, SEPA_CORE
from encours.core.problems import Problem, by_line
from encours.core.wording import Wording
from encours.ports.files import shown_name
from encours.ports.tables import Vocabulary, open_table
from encours.ports.tables.cells import cents, dates, gather
from encours.ports.tables.parties import PARTY_FIELDS
from encours.store.models import Company, Customer

UNKNOWN_CUSTOMER = Wording(
    "direct_debit_mandate.unknown_customer",
    fr="Aucun client « {customer} », ou plusieurs : donnez son code.",
    en='There is no customer "{customer}", or several: give its code.',
)
NO_DATE = Wording(
    "direct_debit_mandate.no_date",
    fr="« {value} » n’est pas une date.",
    en='"{value}" is no date.',
)
NO_AMOUNT = Wording(
    "direct_debit_mandate.no_amount", fr="« {value} » n’est pas un montant.", en='"{value}" is no amount.'
)
NO_SCHEME = Wording(
    "direct_debit_mandate.no_scheme",
    fr="« {value} » : le schéma est CORE (ordinaire) ou B2B (interentreprises).",
    en='"{value}": the scheme is CORE or B2B.',
)
NO_SEQUENCE = Wording(
    "direct_debit_mandate.no_sequence",
    fr="« {value} » : un mandat est récurrent (RCUR) ou ponctuel (OOFF).",
    en='"{value}": a mandate is recurrent (RCUR) or one-off (OOFF).',
)
VOCABULARY = Vocabulary(
    "sepa_mandates",
    fields={
        "code": PARTY_FIELDS["code"],
        "siren": (*PARTY_FIELDS["siren"], *PARTY_FIELDS["siret"]),
        "reference": (
            "RUM", "Référence du mandat", "Référence mandat", "Référence unique du mandat", "Mandat", "N° mandat",
            "Mandate reference", "Mandate ID", "Mandate", "UMR",
        ),
        "iban": ("IBAN", "IBAN client", "IBAN débiteur", "IBAN du débiteur", "Debtor IBAN", "Compte IBAN"),
        "bic": ("BIC", "SWIFT", "BIC débiteur", "Debtor BIC", "Code BIC"),
        "holder_name": ("Titulaire", "Titulaire du compte", "Nom du débiteur", "Account holder", "Debtor name", "Holder"),
        "signed_date": (
            "Date de signature", "Signé le", "Date signature", "Date du mandat", "Date mandat", "Signature date", "Signed on",
            "Date of signature", "Signed",
        ),
        "scheme": ("Schéma", "Type de prélèvement", "Instrument", "Scheme", "Local instrument"),
        "sequence": ("Séquence", "Type de mandat", "Récurrence", "Sequence", "Sequence type", "Type de paiement"),
        "bank_confirmed_date": (
            "Confirmé par la banque le", "Date de confirmation", "Confirmation banque", "Bank confirmation date", "Confirmed on",
        ),
        "last_used_date": ("Dernier prélèvement", "Date du dernier prélèvement", "Last collection", "Last debit date"),
        "max_cents": ("Montant maximum", "Plafond", "Maximum amount", "Limit"),
    },
    needs=[{"iban", "signed_date", who} for who in ("code", "siren")],
)  # fmt: skip
_SCHEMES = {"": SEPA_CORE, "CORE": SEPA_CORE, "SDD": SEPA_CORE, "COR1": SEPA_CORE, "B2B": SEPA_B2B}
_ONE_OFF = {
    "": False, "RCUR": False, "FRST": False, "FNAL": False, "RECURRENT": False, "RÉCURRENT": False, "RECURRENTE": False,
    "OOFF": True, "PONCTUEL": True, "UNIQUE": True, "ONE-OFF": True, "ONE OFF": True,
}  # fmt: skip
_DATES = ("signed_date", "bank_confirmed_date", "last_used_date")


@dataclass(frozen=True)
class MandatesRead:
    """What a file says; refused lines are in `problems` only, and never quote an account."""

    entries: tuple[MandateEntry, ...]
    problems: tuple[Problem, ...]


def read_mandates(*, company: Company, path: Path) -> MandatesRead:
    """The mandates of a table. Raises `UnableToReadFile`. One query."""
    name = shown_name(path)
    file = opened(path=path, name=name, max_bytes=settings.IMPORT_MAX_BYTES)
    table = open_table(file, VOCABULARY, {})
    parts = list(table.batches())
    problems = [*table.repeated_headers(), *(each for part in parts for each in part.problems)]
    # a line that cannot be read is told without its text: it may hold an account
    problems = [
        Problem(each.sentence, line=each.line, field=each.field, severity=each.severity) for each in problems
    ]
    entries: list[MandateEntry] = []
    if parts:
        customers = _customers(company)
        for row in _rows(pl.concat([part.fields() for part in parts])).iter_rows(named=True):
            wrong = _wrong(row, customers)
            problems += wrong
            if not wrong:
                entries.append(_entry(row, customers))
    return MandatesRead(tuple(entries), by_line(each.in_file(name) for each in problems))


def _rows(fields: pl.DataFrame) -> pl.DataFrame:
    rows = fields.with_columns(
        pl.lit("").alias(name) for name in VOCABULARY.fields if name not in fields.columns
    )
    return rows.with_columns(
        *(pl.col(name).alias(f"{name}_text") for name in (*_DATES, "max_cents")),
        *(dates(name, gather([rows[name]])).alias(name) for name in _DATES),
        cents("max_cents", gather([rows["max_cents"]])).alias("max_cents"),
        pl.col("siren").str.replace_all(r"\D", "").str.slice(0, 9),
        pl.col("iban", "bic").str.replace_all(r"\s", "").str.to_uppercase(),
        pl.col("scheme", "sequence").str.strip_chars().str.to_uppercase(),
    )


def _customers(company: Company) -> dict[str, list[tuple[int, str]]]:
    """(id, name) by code ("c:…") and by SIREN ("s:…")."""
    found: dict[str, list[tuple[int, str]]] = {}
    for key, code, siren, name in Customer.objects.filter(company=company).values_list(
        "pk", "code", "siren", "name"
    ):
        for mark in {f"c:{code}", f"s:{siren}"} - {"c:", "s:"}:
            found.setdefault(mark, []).append((key, name))
    return found


def _of_row(row: dict[str, Any], customers: dict[str, list[tuple[int, str]]]) -> list[tuple[int, str]]:
    """The code of the books first: a SIREN is looked at only where no code is said."""
    return customers.get(f"c:{row['code']}" if row["code"] else f"s:{row['siren']}", [])


def _wrong(row: dict[str, Any], customers: dict[str, list[tuple[int, str]]]) -> list[Problem]:
    line = int(row["line"])
    found = []
    if len(_of_row(row, customers)) != 1:
        said = UNKNOWN_CUSTOMER(customer=row["code"] or row["siren"])
        found.append(Problem(said, line=line, field="code" if row["code"] or not row["siren"] else "siren"))
    for name in _DATES:
        if row[f"{name}_text"] and row[name] is None:
            found.append(Problem(NO_DATE(value=row[f"{name}_text"][:20]), line=line, field=name))
    if row["max_cents_text"] and row["max_cents"] is None:
        found.append(Problem(NO_AMOUNT(value=row["max_cents_text"][:20]), line=line, field="max_cents"))
    if row["scheme"] not in _SCHEMES:
        found.append(Problem(NO_SCHEME(value=row["scheme"][:20]), line=line, field="scheme"))
    if row["sequence"] not in _ONE_OFF:
        found.append(Problem(NO_SEQUENCE(value=row["sequence"][:20]), line=line, field="sequence"))
    return found


def _entry(row: dict[str, Any], customers: dict[str, list[tuple[int, str]]]) -> MandateEntry:
    [(customer_id, name)] = _of_row(row, customers)
    return MandateEntry(
        customer_id,
        MandateGiven(
            holder_name=row["holder_name"] or name,
            iban=row["iban"],
            signed_date=row["signed_date"],
            reference=row["reference"],
            bic=row["bic"],
            kind=_SCHEMES[row["scheme"]],
            is_one_off=_ONE_OFF[row["sequence"]],
            bank_confirmed_date=row["bank_confirmed_date"],
            max_cents=row["max_cents"],
            last_used_date=row["last_used_date"],
        ),
        line=row["line"],
    )
