"""Which reader a file is given to, when its headers were explained before."""

from pathlib import Path

import pytest

from encours.actions.read_file import read_file
from encours.core.imports import DOCUMENT_COLUMNS
from encours.ports.files import ReadContext, UnableToReadFile, shown_name
from encours.ports.tables import fingerprint

HEADERS = ("Zorg", "Quand", "Qui", "Combien")
ROWS = "Zorg;Quand;Qui;Combien\nF1;10/01/2026;Dubois;120,00\nF2;11/01/2026;Roc;60,50\n"
AS_INVOICES = {"Zorg": "number", "Quand": "issue_date", "Qui": "name", "Combien": "total"}
AS_BANK_LINES = {"Zorg": "reference", "Quand": "date", "Qui": "label", "Combien": "amount"}


@pytest.fixture
def read(tmp_path):
    """The reading of a table that nobody knows by itself, by somebody who remembers `mappings`."""
    path = tmp_path / "export.csv"

    def reading(mappings, rows: str = ROWS):
        path.write_text(rows)
        return read_file(path=path, context=ReadContext(mappings=mappings), max_bytes=1 << 20)

    return reading


def test_headers_explained_before_make_the_file_invoices(read):
    reading = read({fingerprint(HEADERS): AS_INVOICES})
    assert reading.kind == "invoices_csv"
    (batch,) = reading.batches
    told = batch.documents.select(DOCUMENT_COLUMNS).select("number", "payable_cents", "buyer").rows()
    assert told == [("F1", 12_000, "Dubois"), ("F2", 6_050, "Roc")]
    assert batch.total_lines == 2


def test_headers_explained_before_make_the_file_bank_lines(read):
    reading = read({fingerprint(HEADERS): AS_BANK_LINES})
    assert reading.kind == "bank_csv"
    (statement,) = reading.statements
    assert [line.amount_cents for line in statement.transactions] == [12_000, 6_050]


def test_headers_explained_before_win_over_what_they_would_be_taken_for(read):
    """A table of invoices by its headers, which somebody said are a bank's."""
    known = ("N° facture", "Date", "Client", "Montant")
    rows = ";".join(known) + "\nF1;10/01/2026;Dubois;120,00\n"
    assert read({}, rows).kind == "invoices_csv"
    as_bank = {"N° facture": "reference", "Date": "date", "Client": "label", "Montant": "amount"}
    assert read({fingerprint(known): as_bank}, rows).kind == "bank_csv"


def test_other_headers_are_nobodys(read):
    with pytest.raises(UnableToReadFile) as refused:
        read({fingerprint(("Zorg", "Quand", "Qui")): AS_INVOICES})
    assert refused.value.problem.code == "unknown_columns"


def test_a_mapping_that_is_not_enough_leaves_the_file_unknown(read):
    with pytest.raises(UnableToReadFile) as refused:
        read({fingerprint(HEADERS): {"Zorg": "number"}})
    assert refused.value.problem.code == "unknown_columns"


@pytest.mark.parametrize(
    "start",
    [b"PK\x03\x04" + bytes(40), b"\x1f\x8b\x08" + bytes(40), b"BZh9" + bytes(40), b"7z\xbc\xaf\x27\x1c"],
)
def test_an_archive_is_told_to_be_one(tmp_path, start):
    path = tmp_path / "releve.xml"
    path.write_bytes(start)
    with pytest.raises(UnableToReadFile) as refused:
        read_file(path=path, context=ReadContext(), max_bytes=1 << 20)
    assert refused.value.problem.code == "archive"


@pytest.mark.parametrize("content", [b"", b" \n\n", b"\xef\xbb\xbf", b"\xef\xbb\xbf\r\n"])
def test_a_file_of_nothing_is_empty(tmp_path, content):
    path = tmp_path / "vide.csv"
    path.write_bytes(content)
    with pytest.raises(UnableToReadFile) as refused:
        read_file(path=path, context=ReadContext(), max_bytes=1 << 20)
    assert refused.value.problem.code == "empty_file"


def test_a_name_is_one_printable_line():
    assert shown_name(Path("a\nb\x1b[31m\u202e.csv")) == "a\ufffdb\ufffd[31m\ufffd.csv"
    assert shown_name(Path("Relevé d’août\u00a02026.csv")) == "Relevé d’août\u00a02026.csv"
