"""The FEC as a file: what is read and written again says the same."""

from datetime import date

import polars as pl
import pytest

from encours.core.accounting.fec import fec_blocks, file_name
from encours.core.accounting.lines import ENTRY_LINES
from encours.ports.registry import invoice_sources
from tests.accounting.books import rows
from tests.providers.invoices.samples import FEC_COLUMNS, fec, fec_line, receipt, sale, take, written

SOURCE = invoice_sources()["fec"]


def entries_of(path):
    return pl.concat(batch.entries for batch in take(SOURCE, path).batches)


@pytest.mark.parametrize("name", ["111111111FEC20221231.TXT", "123456789FEC20500930.txt"])
@pytest.mark.parametrize("separator", ["tab", "pipe"])
def test_a_real_file_read_and_written_again_says_the_same(shared_data, name, separator):
    path = shared_data / "fec" / name
    again = b"".join(fec_blocks(entries_of(path), separator=separator))
    assert rows(again) == rows(path.read_bytes())


def test_negative_amounts_currencies_and_blanks_inside_a_text_come_back(tmp_path):
    line = fec_line("VE", 1, "20260115", "411000", 12000, 0, auxiliary="C1", piece="VE  0126")
    line[FEC_COLUMNS.index("Debit")] = "-1 234,5"
    line[FEC_COLUMNS.index("Montantdevise")] = "-1300,00"
    line[FEC_COLUMNS.index("Idevise")] = "USD"
    other = fec_line("VE", 1, "20260115", "707000", -123450, 0)
    path = written(tmp_path, "732829320FEC20261231.txt", fec(line, other))
    first = rows(b"".join(fec_blocks(entries_of(path))))[0]
    assert (first["Debit"], first["Montantdevise"], first["Idevise"]) == (-123450, "-1300,00", "USD")
    assert first["PieceRef"] == "VE  0126"


def test_an_amount_with_a_side_goes_to_its_side(tmp_path):
    columns = [*FEC_COLUMNS]
    columns[11:13] = ["Montant", "Sens"]
    lines = [*sale(1, "FA-1", 12000), *receipt(2, (12000, ""))]
    for line in lines:
        debit, credit = line[11], line[12]
        line[11:13] = [debit, "D"] if credit == "0,00" else [credit, "C"]
    path = written(tmp_path, "732829320FEC20261231.txt", fec(*lines, columns=columns))
    assert rows(b"".join(fec_blocks(entries_of(path)))) == rows(path.read_bytes())


def test_the_four_columns_of_non_commercial_professions_come_back(tmp_path):
    columns = [*FEC_COLUMNS, "DateRglt", "ModeRglt", "NatOp", "IdClient"]
    lines = [[*line, "20260201", "CB", "", "C1"] for line in sale(1, "FA-1", 12000)]
    path = written(tmp_path, "732829320FEC20261231.txt", fec(*lines, columns=columns))
    text = b"".join(fec_blocks(entries_of(path))).decode()
    assert text.splitlines()[0].split("\t")[18:] == ["DateRglt", "ModeRglt", "NatOp", "IdClient"]
    assert text.splitlines()[1].split("\t")[18:] == ["20260201", "CB", "", "C1"]


def test_a_character_the_encoding_lacks_becomes_its_letter():
    said = {"account_name": "Dvořák Œuvre 東", "journal_name": "a\tb", "debit_cents": 5, "credit_cents": 0}
    row = {name: said.get(name, "" if kind == pl.String else None) for name, kind in ENTRY_LINES.items()}
    entries = pl.DataFrame([row], schema=ENTRY_LINES)
    line = b"".join(fec_blocks(entries, encoding="iso-8859-15")).decode("iso-8859-15").splitlines()[1]
    assert line.split("\t")[1] == "a b"
    assert line.split("\t")[5] == "Dvorák Œuvre ?"


def test_the_file_is_named_as_the_law_wants():
    assert file_name(siren="732829320", closing_date=date(2026, 12, 31)) == "732829320FEC20261231.txt"
