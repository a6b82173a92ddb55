"""Bank lines by the hundred thousand: each pays invoices of the list once, and the bank's files hold them all."""

import csv
from datetime import date
from pathlib import Path

import polars as pl

from benchmarks.bank_lines import write_lines
from benchmarks.invoices import write_invoices_csv


def _truth(path: Path) -> dict[str, str]:
    with path.open(newline="") as file:
        return {row["bank_reference"]: row["documents"] for row in csv.DictReader(file)}


def test_each_invoice_is_paid_once_and_lines_of_before_come_no_more(tmp_path: Path) -> None:
    invoices = tmp_path / "invoices.csv"
    write_invoices_csv(invoices, invoices=2_000, customers=50)
    before = date(2025, 12, 1)
    paid: list[str] = []
    for skip, count, first in ((0, 100, date(2025, 12, 1)), (100, 200, date(2026, 1, 5))):
        folder = tmp_path / str(skip)
        folder.mkdir()
        files, truth = write_lines(
            folder, invoices, lines=count, first=first, days=20, issued_before=before, skip=skip
        )
        told = _truth(truth)
        assert len(told) == count
        written = "".join(path.read_text("latin-1") for path in files)
        assert all(reference in written for reference in told)
        paid += [
            part.partition("=")[0] for documents in told.values() for part in documents.split(";") if part
        ]
    assert len(paid) == len(set(paid))
    issued = pl.read_csv(invoices, separator=";", infer_schema=False).filter(pl.col("N° facture").is_in(paid))
    assert issued.height == len(paid)
    assert (issued["Date facture"].str.to_date("%d/%m/%Y") < before).all()
