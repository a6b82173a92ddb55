"""The company's own lists: customers and documents as its accounting package exports them, and the truth of lines."""

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from benchmarks.statements.story import Told, Truth
from benchmarks.statements.world import Customer, Document

TRUTH_HEADER = (
    "bank_reference", "case", "decidable", "kind", "documents", "adjustments", "customers", "group", "amount_cents",
    "booked_date",
)  # fmt: skip
_TYPES = {"invoice": "Facture", "credit_note": "Avoir", "deposit": "Acompte"}


@dataclass(frozen=True)
class Known:
    """A line of the bank and what it truly is."""

    truth: Truth
    amount_cents: int  # signed
    booked_date: date


def write_customers(path: Path, customers: Sequence[Customer]) -> Path:
    """Groups stand in the column of customer groups, as far as the company knows them."""
    rows = [
        (
            c.code,
            c.name,
            c.siren,
            f"compta@{c.code.lower()}.example",
            c.group if c.group.startswith("G") else "",
        )
        for c in customers
    ]
    return _write(path, ("Code client", "Raison sociale", "SIREN", "Email", "Groupe client"), rows)


def write_documents(path: Path, documents: Iterable[Document]) -> Path:
    """One row per document, or per instalment. As issued: what was paid since is the bank's to tell."""
    rows: list[tuple[str, ...]] = []
    for d in documents:
        cents = -d.payable_cents if d.type == "credit_note" else d.payable_cents
        parts = d.instalments or ((d.due_date, d.payable_cents),)
        for due, part in parts:
            rows.append(
                (
                    d.number, _TYPES[d.type], _day(d.issue_date), _day(due), d.customer.code, d.customer.name,
                    d.customer.siren, _comma(cents), _comma(part) if d.instalments else "", d.payment_reference, "EUR",
                )
            )  # fmt: skip
    header = (
        "N° facture", "Type", "Date facture", "Date d'échéance", "Code client", "Client", "SIREN", "Montant TTC",
        "Montant échéance", "Référence de paiement", "Devise",
    )  # fmt: skip
    return _write(path, header, rows)


def write_truth(path: Path, told: Iterable[Told]) -> Path:
    rows = [
        (
            each.line.bank_reference,
            each.truth.case,
            str(each.truth.decidable).lower(),
            each.truth.kind,
            ";".join(f"{number}={cents}" for number, cents in each.truth.documents),
            ";".join(f"{kind}={cents}" for kind, cents in each.truth.adjustments),
            ";".join(each.truth.customers),
            each.truth.group,
            str(each.line.amount_cents),
            each.line.booked_date.isoformat(),
        )
        for each in told
    ]
    return _write(path, TRUTH_HEADER, rows, delimiter=",")


def read_truth(path: Path) -> dict[str, Known]:
    """By bank reference."""
    with path.open(newline="", encoding="utf-8") as file:
        return {
            row["bank_reference"]: Known(
                Truth(
                    row["case"],
                    row["kind"],
                    row["decidable"] == "true",
                    _pairs(row["documents"]),
                    _pairs(row["adjustments"]),
                    tuple(filter(None, row["customers"].split(";"))),
                    row["group"],
                ),
                int(row["amount_cents"]),
                date.fromisoformat(row["booked_date"]),
            )
            for row in csv.DictReader(file)
        }


def _pairs(text: str) -> tuple[tuple[str, int], ...]:
    pairs = (part.rpartition("=") for part in text.split(";") if part)
    return tuple((name, int(cents)) for name, _, cents in pairs)


def _write(path: Path, header: Sequence[str], rows: Iterable[Sequence[str]], delimiter: str = ";") -> Path:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, delimiter=delimiter)
        writer.writerow(header)
        writer.writerows(rows)
    return path


def _day(day: date) -> str:
    return f"{day:%d/%m/%Y}"


def _comma(cents: int) -> str:
    sign = "-" if cents < 0 else ""
    return f"{sign}{abs(cents) // 100},{abs(cents) % 100:02d}"
