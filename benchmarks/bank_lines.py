"""Bank lines by the hundred thousand that pay invoices of a list, in a realistic mix, written as CFONB 120 and camt.053.

The hard cases are in `benchmarks.statements`; this is their weight without their refinement, made in seconds.
"""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from random import Random

import polars as pl

from benchmarks.statements.bank_files import write_bank_files
from benchmarks.statements.numbering import STYLES, Style, transposed, typo
from benchmarks.statements.story import BankLine, Told, Truth
from benchmarks.statements.world import ACCOUNTS
from encours.demo.identifiers import french_iban
from encours.demo.remittance import upper_ascii

# How a payer tells what it pays, in hundredths of the lines. "" tells nothing: the name and the amount are all.
_WAYS = {
    "exact_reference": 40, "mangled_separators": 13, "mangled_zeros": 9, "mangled_prefix": 6, "mangled_digits": 7,
    "typing_error": 2, "transposed_digits": 1, "part_payment": 2, "no_reference": 15, "noise": 5,
}  # fmt: skip
_COUNTS = ((1, 2, 3, 5), (75, 13, 8, 4))
_NOISE = (
    ("STRIPE TECHNOLOGY EUROPE LTD", "STRIPE {}"),
    ("SCI LES MIMOSAS", "LOYER {}"),
    ("DGFIP", "REMBOURSEMENT {}"),
)


@dataclass(frozen=True)
class _Chunk:
    """Documents of one customer that one line pays."""

    customer: str
    name: str
    numbers: Sequence[str]
    cents: Sequence[int]


def write_lines(
    folder: Path,
    invoices: Path,
    *,
    lines: int,
    first: date,
    days: int,
    issued_before: date,
    skip: int = 0,
    seed: int = 11,
) -> tuple[list[Path], Path]:
    """The bank's files, and the truth (`bank_reference,case,documents`).

    They pay invoices issued before a day; `skip` lines of the same seed were written before.
    """
    random = Random(f"lines {seed} {skip}")
    chunks = _chunks(invoices, skip + lines, issued_before, seed)[skip:]
    told = list(_told(random, chunks, first, days))
    told.sort(key=lambda each: each.line.booked_date)
    for place, each in enumerate(told, start=skip + 1):
        each.line.bank_reference = f"{each.line.account}{each.line.booked_date:%y%m%d}{place:08d}"
    opening = {account.key: account.opening_cents for account in ACCOUNTS.values()}
    files, _ = write_bank_files(folder, told, opening_cents=opening, opened=first - timedelta(days=1))
    truth = folder / "truth.csv"
    with truth.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("bank_reference", "case", "documents"))
        for each in told:
            paid = ";".join(f"{number}={cents}" for number, cents in each.truth.documents)
            writer.writerow((each.line.bank_reference, each.truth.case, paid))
    return files, truth


def _chunks(invoices: Path, count: int, issued_before: date, seed: int) -> list[_Chunk]:
    """Invoices of the list, each at most once, by what one line pays."""
    random = Random(f"chunks {seed}")
    rows = (
        pl.read_csv(invoices, separator=";", infer_schema=False)
        .filter(pl.col("Date facture").str.to_date("%d/%m/%Y") < issued_before)
        .select(
            "Code client",
            "Client",
            "N° facture",
            cents=pl.col("Montant TTC").str.replace(",", "").cast(pl.Int64),
        )
    )
    sizes = random.choices(*_COUNTS, k=rows.height)
    places = pl.Series([place for place, size in enumerate(sizes) for _ in range(size)][: rows.height])
    found = (
        rows.sort("Code client", maintain_order=True)
        .with_columns(place=places)
        .group_by("Code client", "place", maintain_order=True)
        .agg(pl.col("Client").first(), "N° facture", "cents")
        .sample(count, shuffle=True, seed=seed)
    )
    return [
        _Chunk(code, name, numbers, cents)
        for code, name, numbers, cents in found.select(
            "Code client", "Client", "N° facture", "cents"
        ).iter_rows()
    ]


def _told(random: Random, chunks: Sequence[_Chunk], first: date, days: int) -> Iterator[Told]:
    ways = random.choices(list(_WAYS), list(_WAYS.values()), k=len(chunks))
    for way, chunk in zip(ways, chunks, strict=True):
        day = first + timedelta(days=random.randrange(days))
        if way == "noise":
            name, text = random.choice(_NOISE)
            line = BankLine(day, random.choice("AB"), random.randint(1_000, 900_000), "05", name=name)
            line.label, line.text = f"VIR SEPA RECU {name}"[:31], text.format(random.randint(1_000, 99_999))
            yield Told(line, Truth("noise", "noise", True))
            continue
        yield _paid(random, way, chunk, day)


def _paid(random: Random, way: str, chunk: _Chunk, day: date) -> Told:
    name = upper_ascii(chunk.name)
    digits = int(chunk.customer.lstrip("C"))
    # a customer pays to one account of ours; camt tells its own
    account = "A" if digits % 2 else "B"
    iban = french_iban("39994", "00001", f"{digits:011d}") if account == "B" else ""
    cents = list(chunk.cents)
    if way == "part_payment":
        cents[-1] //= 2
    if way == "no_reference":
        text = random.choice(("", "VIREMENT", "REGLEMENT FACTURES"))
    else:
        change = {"typing_error": typo, "transposed_digits": transposed} | STYLES
        style = change.get(way, STYLES["exact_reference"])
        text = "FACT " + ", ".join(_changed(random, style, number) for number in chunk.numbers)
    line = BankLine(day, account, sum(cents), "05", f"VIR SEPA RECU {name}"[:31], text[:140], name, iban)
    return Told(line, Truth(way, "receipt", True, tuple(zip(chunk.numbers, cents, strict=True))))


def _changed(random: Random, style: Style, number: str) -> str:
    try:
        return style(random, number)
    except IndexError:  # nothing to exchange: all digits alike
        return number
