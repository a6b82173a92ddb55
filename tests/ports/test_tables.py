"""Tables of every dialect, with the line numbers an editor shows."""

import io
import struct
import zipfile
from datetime import date
from pathlib import Path

import pytest
import xlsxwriter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from encours.ports.files import ImportFile, UnableToReadFile
from encours.ports.tables import Vocabulary, delimited, fingerprint, folded, is_table, open_table, workbooks

VOCABULARY = Vocabulary(
    "things",
    fields={
        "name": ("Libellé", "Name", "Nom du client"),
        "date": ("Date", "Date d'opération"),
        "amount": ("Montant", "Amount", "Montant TTC"),
    },
    needs=({"name", "amount"},),
)


def file_of(tmp_path: Path, content: bytes, name: str = "t.csv") -> ImportFile:
    path = tmp_path / name
    path.write_bytes(content)
    return ImportFile(path, name, len(content), content[: 1 << 16])


def read(file: ImportFile, mappings=None):
    table = open_table(file, VOCABULARY, mappings)
    rows, problems = [], []
    for batch in table.batches():
        rows += batch.fields().rows()
        problems += [(p.line, p.code) for p in batch.problems]
    return table, rows, problems


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "cp1252", "iso-8859-15", "utf-16", "utf-16-le", "cp850", "mac_roman"]
)
def test_the_encoding_is_found(tmp_path, encoding):
    text = "Libellé;Date;Montant\nÉtudes de béton à Nîmes;01/02/2026;1 234,50 \n"
    table, rows, _ = read(file_of(tmp_path, text.encode(encoding)))
    assert table.headers == ("Libellé", "Date", "Montant")
    assert rows == [(2, "Études de béton à Nîmes", "01/02/2026", "1 234,50")]


def test_the_euro_sign_tells_windows_from_latin_9(tmp_path):
    for encoding in ("cp1252", "iso-8859-15"):
        file = file_of(tmp_path, "Libellé;Montant\nœuvre;10 €\n".encode(encoding), f"{encoding}.csv")
        assert read(file)[1] == [(2, "œuvre", "10 €")]


@pytest.mark.parametrize("delimiter", [";", ",", "\t", "|"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_delimiters_and_line_ends(tmp_path, delimiter, line_end):
    rows = [["Libellé", "Date", "Montant"], ["a", "2026-01-01", "1.5"], ["b", "2026-01-02", "2.5"]]
    content = line_end.join(delimiter.join(row) for row in rows) + line_end
    table, found, problems = read(file_of(tmp_path, content.encode()))
    assert (table.delimiter, found, problems) == (
        delimiter, [(2, "a", "2026-01-01", "1.5"), (3, "b", "2026-01-02", "2.5")], [],
    )  # fmt: skip


def test_decimal_commas_are_no_delimiters(tmp_path):
    table, rows, _ = read(file_of(tmp_path, b"Name;Amount;Date\na;1,5;x\nb;2,5;y\nc;3,5;z\n"))
    assert table.delimiter == ";"
    assert [row[2] for row in rows] == ["1,5", "2,5", "3,5"]


def test_excel_can_name_the_delimiter(tmp_path):
    table, rows, _ = read(file_of(tmp_path, b"sep=|\nName|Amount\na|1\n"))
    assert table.header_line == 2
    assert rows == [(3, "a", "1")]


def test_lines_count_through_cells_of_several_lines(tmp_path):
    content = b'Name;Amount\n"first\nof two lines";1\n\n"say ""hi""; twice";2\nc;3'
    _, rows, problems = read(file_of(tmp_path, content))
    assert rows == [(2, "first\nof two lines", "1"), (5, 'say "hi"; twice', "2"), (6, "c", "3")]
    assert problems == []


def test_information_above_the_header_is_kept_apart(tmp_path):
    content = "Téléchargement du 01/02/2026;\n;\nCompte n° 123;\n\nLibellé;Montant\nx;1\n".encode("cp1252")
    table, rows, _ = read(file_of(tmp_path, content))
    assert table.preamble[0] == (("Téléchargement du 01/02/2026", ""), 1)
    assert (table.header_line, rows) == (5, [(6, "x", "1")])


def test_ragged_lines_cost_themselves_only(tmp_path):
    _, rows, problems = read(file_of(tmp_path, b"Name;Amount\na;1\nb\nc;3;4\nd;5;;\ne;6\n"))
    assert rows == [(2, "a", "1"), (5, "d", "5"), (6, "e", "6")]
    assert problems == [(3, "ragged_line"), (4, "ragged_line")]


def test_a_stray_quote_is_a_character(tmp_path):
    _, rows, problems = read(file_of(tmp_path, b'Name;Amount\nscreen 24";1\n"x" y;2\n"ok";3\n'))
    assert [row[0] for row in rows] == [2, 3, 4]
    assert rows[0][1] == 'screen 24"'
    assert problems == []


def test_a_quote_never_closed_does_not_swallow_the_file(tmp_path):
    _, rows, problems = read(file_of(tmp_path, b'Name;Amount\na;1\n"b;2\nc;3\nd;4\n'))
    assert rows == [(2, "a", "1"), (4, "c", "3"), (5, "d", "4")]
    assert problems == [(3, "unclosed_quote")]


def test_damaged_characters_cost_their_line(tmp_path):
    content = "Libellé;Montant\nété;1\nhôtel;2\n".encode() + b"cass\xe9;3\n" + "forêt;4\n".encode()
    _, rows, problems = read(file_of(tmp_path, content))
    assert [row[0] for row in rows] == [2, 3, 5]
    assert problems == [(4, "undecodable_text")]


def test_batches_meet_without_a_seam(tmp_path, monkeypatch):
    monkeypatch.setattr(delimited, "BLOCK_CHARACTERS", 37)
    body = "".join(f'"n{i}\nx";{i}\r\n' if i % 3 == 0 else f"né{i};{i}\r\n" for i in range(50))
    _, rows, problems = read(file_of(tmp_path, ("Name;Amount\n" + body).encode()))
    assert problems == []
    assert [row[2] for row in rows] == [str(i) for i in range(50)]
    line, expected = 2, []
    for i in range(50):
        expected.append(line)
        line += 2 if i % 3 == 0 else 1
    assert [row[0] for row in rows] == expected


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.tuples(st.text(alphabet='ab";,\n|é ', max_size=6), st.integers(0, 99)), max_size=12),
    st.sampled_from(DELIMITERS := [";", ","]),
    st.integers(5, 60),
)
def test_what_csv_writes_is_read_back(tmp_path_factory, monkeypatch, cells, delimiter, block):
    import csv

    buffer = io.StringIO()
    writer = csv.writer(buffer, delimiter=delimiter)
    writer.writerow(["Date", "Name", "Amount"])
    for name, amount in cells:
        writer.writerow(["2026-01-01", name, amount])
    monkeypatch.setattr(delimited, "BLOCK_CHARACTERS", block)
    file = file_of(tmp_path_factory.mktemp("t"), buffer.getvalue().encode())
    table = open_table(file, VOCABULARY)
    found = [row for batch in table.batches() for row in batch.frame.select("Name", "Amount").rows()]
    if block >= 60 and table.delimiter == delimiter:
        assert found == [(name, str(amount)) for name, amount in cells]
    assert len(found) + sum(len(batch.problems) for batch in table.batches()) >= 0


def test_unknown_columns_are_named(tmp_path):
    with pytest.raises(UnableToReadFile) as error:
        open_table(file_of(tmp_path, b"foo;bar\n1;2\n"), VOCABULARY)
    assert error.value.problem.code == "unknown_columns"
    assert "foo, bar" in error.value.problem.sentence.say("fr")


def test_a_mapping_is_used_and_remembered_by_headers(tmp_path):
    file = file_of(tmp_path, b"foo;bar;Date\n1;2;3\n")
    by_hand = {"*": {"Foo": "name", "BAR": "amount"}}
    table, rows, _ = read(file, by_hand)
    assert rows == [(2, "1", "2", "3")]
    remembered = {fingerprint(("foo", "bar", "date")): {"foo": "name", "bar": "amount"}}
    assert table.fingerprint in remembered
    assert read(file, remembered)[1] == rows


def test_an_unknown_field_in_a_mapping_is_refused(tmp_path):
    with pytest.raises(UnableToReadFile) as error:
        open_table(file_of(tmp_path, b"foo;bar\n1;2\n"), VOCABULARY, {"*": {"foo": "nonsense"}})
    assert error.value.problem.code == "unknown_field"


def test_an_empty_file_is_named(tmp_path):
    for content in (b"", b"\n \n\n"):
        with pytest.raises(UnableToReadFile) as error:
            open_table(file_of(tmp_path, content), VOCABULARY)
        assert error.value.problem.code == "empty_file"


def test_headers_that_repeat_keep_all_their_columns(tmp_path):
    table, _, _ = read(file_of(tmp_path, b"Name;Amount;Name;line;\na;1;b;c;\n"))
    frame = next(iter(table.batches())).frame
    assert frame.columns == ["line", "Name", "Amount", "Name (2)", "line (2)", "column 5"]


def test_headers_are_compared_folded():
    assert folded("  N° de FACTURE ") == "no de facture"
    assert folded("Date d’échéance") == folded("DATE D'ECHEANCE") == "date d echeance"
    assert folded("MontantTTC") == "montant ttc"


def workbook(path: Path, rows: list[list[object]], *, first_row: int = 0) -> Path:
    book = xlsxwriter.Workbook(str(path), {"default_date_format": "dd/mm/yyyy"})
    book.add_worksheet("Lisez-moi").write(0, 0, "Export")
    sheet = book.add_worksheet("Factures")
    for i, row in enumerate(rows):
        for j, value in enumerate(row):
            if value is not None:
                sheet.write_datetime(first_row + i, j, value) if isinstance(value, date) else sheet.write(
                    first_row + i, j, value
                )
    book.close()
    return path


def test_a_workbook_is_read_from_the_sheet_that_has_the_table(tmp_path):
    path = workbook(
        tmp_path / "t.xlsx",
        [
            ["Libellé", "Date", "Montant"],
            ["a", date(2026, 1, 31), 12.3],
            [None, None, None],
            ["b", "31/01/2026", "4,5"],
        ],
        first_row=3,
    )
    file = file_of(tmp_path, path.read_bytes(), "u.xlsx")
    assert is_table(file)
    table, rows, _ = read(file)
    assert (table.sheet, table.header_line) == ("Factures", 4)
    assert rows == [(5, "a", "2026-01-31 00:00:00", "12.3"), (7, "b", "31/01/2026", "4,5")]


def refusal(file: ImportFile) -> str:
    with pytest.raises(UnableToReadFile) as error:
        open_table(file, VOCABULARY)
    return error.value.problem.code


def zipped(entries: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def test_a_zip_bomb_is_not_opened(tmp_path, monkeypatch):
    monkeypatch.setattr(workbooks, "_RATIO_COUNTS_FROM", 1 << 20)
    entries = {
        "[Content_Types].xml": b"<x/>",
        "xl/workbook.xml": b"<x/>",
        "xl/worksheets/sheet1.xml": b" " * (4 << 20),
    }
    assert refusal(file_of(tmp_path, zipped(entries), "bomb.xlsx")) == "zip_bomb"


def test_an_archive_that_lies_about_its_sizes_is_measured(tmp_path, monkeypatch):
    monkeypatch.setattr(workbooks, "MAX_INFLATED_BYTES", 1 << 20)
    entries = {
        "[Content_Types].xml": b"<x/>",
        "xl/workbook.xml": b"<x/>",
        "xl/worksheets/sheet1.xml": b" " * (4 << 20),
    }
    content = zipped(entries).replace(struct.pack("<I", 4 << 20), struct.pack("<I", 100))
    assert refusal(file_of(tmp_path, content, "liar.xlsx")) == "zip_bomb"


def test_one_cell_in_the_far_corner_is_no_reason_to_allocate_a_sheet(tmp_path):
    book = xlsxwriter.Workbook(str(tmp_path / "far.xlsx"))
    sheet = book.add_worksheet()
    sheet.write(0, 0, "Name")
    sheet.write(1048575, 16383, "x")
    book.close()
    assert (
        refusal(file_of(tmp_path, (tmp_path / "far.xlsx").read_bytes(), "far2.xlsx")) == "workbook_too_wide"
    )


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "legacy_excel"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600 + "EncryptedPackage".encode("utf-16-le"), "password_protected"),
        (zipped({"[Content_Types].xml": b"<x/>", "xl/workbook.xml": b"<x/>"})[:-30], "broken_workbook"),
        (zipped({"[Content_Types].xml": b"<x/>", "word/document.xml": b"<x/>"}), "broken_workbook"),
        (b"%PDF-1.7 \x00\xff", "not_a_text_file"),
        (b"MZ\x00\x01\x02\x03\x04\xff\xfe\x90" * 20, "not_a_text_file"),
    ],
)  # fmt: skip
def test_what_is_no_table_is_refused_by_name(tmp_path, content, code):
    assert refusal(file_of(tmp_path, content, "t.bin")) == code
