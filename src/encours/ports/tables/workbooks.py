"""XLSX workbooks as String frames whose lines are Excel's row numbers, and what is refused before they are opened.

An XLSX is a ZIP of XML: a small file may inflate to anything, or name one cell in the far corner of an empty
sheet and have a reader allocate the whole rectangle. Both are measured first, in bounded memory.
"""

import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import fastexcel
import polars as pl

from encours.core.wording import Wording
from encours.ports.files import UnableToReadFile

ZIP_BOMB = Wording(
    "zip_bomb",
    fr="Ce classeur se décompresse en plus de {limit} Mo : il n'est pas ouvert.",
    en="This workbook inflates to more than {limit} MB: it is not opened.",
)
LEGACY_EXCEL = Wording(
    "legacy_excel",
    fr="Ancien format Excel (.xls) : enregistrez le fichier au format .xlsx ou CSV.",
    en="Old Excel format (.xls): save the file as .xlsx or CSV.",
)
PASSWORD_PROTECTED = Wording(
    "password_protected",
    fr="Ce classeur est protégé par un mot de passe : enregistrez-le sans.",
    en="This workbook is protected by a password: save it without.",
)
BROKEN_WORKBOOK = Wording(
    "broken_workbook",
    fr="Ce classeur Excel est abîmé ou incomplet.",
    en="This Excel workbook is damaged or incomplete.",
)
TOO_WIDE = Wording(
    "workbook_too_wide",
    fr="Une feuille de ce classeur s'étend sur {cells} cellules presque toutes vides : supprimez les cellules"
    " éloignées du tableau.",
    en="A sheet of this workbook spans {cells} cells, nearly all empty: delete the cells far from the table.",
)
MAX_INFLATED_BYTES = 1 << 30
# XML of real sheets shrinks 10 to 30 times; beyond this ratio a large one was made to harm
MAX_RATIO = 250
_RATIO_COUNTS_FROM = 64 << 20
MAX_ENTRIES = 10_000
_MAX_EMPTY_CELLS = 20_000_000
_CHUNK = 1 << 20
_OLE2 = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ROW = re.compile(rb'<(?:\w+:)?row\b[^>]*?\br="(\d{1,7})"')


def is_workbook(head: bytes) -> bool:
    """An XLSX, or an Excel file of another kind that `check_workbook` refuses by name."""
    return head.startswith(_OLE2) or (
        head.startswith(b"PK\x03\x04") and (b"xl/" in head or b"[Content_Types]" in head)
    )


def check_workbook(path: Path) -> None:
    """Raises `UnableToReadFile` unless the file is a workbook that can be opened safely."""
    with path.open("rb") as file:
        if file.read(8) == _OLE2:
            file.seek(0)
            protected = "EncryptedPackage".encode("utf-16-le") in file.read(1 << 24)
            raise UnableToReadFile(PASSWORD_PROTECTED() if protected else LEGACY_EXCEL())
        try:
            with zipfile.ZipFile(file) as archive:
                entries = archive.infolist()
            _check_entries(file, entries)
        except (
            zipfile.BadZipFile,
            zlib.error,
            struct.error,
            EOFError,
            ValueError,
            NotImplementedError,
        ) as error:
            raise UnableToReadFile(BROKEN_WORKBOOK()) from error


def _check_entries(file: IO[bytes], entries: list[zipfile.ZipInfo]) -> None:
    bomb = UnableToReadFile(ZIP_BOMB(limit=MAX_INFLATED_BYTES >> 20))
    if len(entries) > MAX_ENTRIES or sum(entry.file_size for entry in entries) > MAX_INFLATED_BYTES:
        raise bomb
    if any(entry.flag_bits & 1 for entry in entries):
        raise UnableToReadFile(PASSWORD_PROTECTED())
    names = {entry.filename for entry in entries}
    if "xl/workbook.xml" not in names:
        raise UnableToReadFile(BROKEN_WORKBOOK())
    total = packed = 0
    for entry in entries:
        rows = cells = last_row = size = 0
        widest = 26
        tail = b""
        # what the archive's directory says of sizes may be a lie: the data is inflated and counted
        for chunk in _inflated(file, entry):
            size += len(chunk)
            if total + size > _most_bytes(packed + entry.compress_size):
                raise bomb
            if entry.filename.startswith("xl/worksheets/"):
                data = tail + chunk
                last_row = max(last_row, max((int(n) for n in _ROW.findall(data)), default=0))
                rows, cells = rows + chunk.count(b"<row"), cells + chunk.count(b"<c ")
                widest = max(widest, _width_class(data))
                tail = data[-64:]
        spanned = max(last_row, rows) * widest
        if spanned > _MAX_EMPTY_CELLS and spanned > 60 * max(cells, 1):
            raise UnableToReadFile(TOO_WIDE(cells=spanned))
        total, packed = total + size, packed + entry.compress_size


def _most_bytes(packed: int) -> int:
    """What so many packed bytes may inflate to: known at once, so that a bomb costs no more than its first part."""
    return min(MAX_INFLATED_BYTES, max(_RATIO_COUNTS_FROM, MAX_RATIO * packed))


def _width_class(data: bytes) -> int:
    """An upper bound of the columns a piece of a sheet names: Z, IV, ZZ or XFD."""
    if re.search(rb' r="[A-Z]{3}\d', data):
        return 16384
    if re.search(rb' r="(?:I[W-Z]|[J-Z][A-Z])\d', data):
        return 702
    return 256 if re.search(rb' r="[A-Z]{2}\d', data) else 26


def _inflated(file: IO[bytes], entry: zipfile.ZipInfo) -> Iterator[bytes]:
    if entry.header_offset < 0:
        raise zipfile.BadZipFile("an entry that begins before the archive")
    file.seek(entry.header_offset)
    header = file.read(30)
    name_length, extra_length = struct.unpack("<HH", header[26:30])
    file.seek(name_length + extra_length, 1)
    left = entry.compress_size
    if entry.compress_type == zipfile.ZIP_STORED:
        while left > 0 and (data := file.read(min(left, _CHUNK))):
            left -= len(data)
            yield data
        return
    if entry.compress_type != zipfile.ZIP_DEFLATED:
        raise zipfile.BadZipFile("unusual compression")
    inflater = zlib.decompressobj(-15)
    while left > 0 and not inflater.eof:
        data = file.read(min(left, _CHUNK))
        if not data:
            raise EOFError
        left -= len(data)
        while data:
            chunk = inflater.decompress(data, _CHUNK)
            data = inflater.unconsumed_tail
            if not chunk and not data:
                break
            yield chunk


def sheets(path: Path) -> Iterator[tuple[str, pl.DataFrame]]:
    """(name, frame) of each visible sheet with content: "line" and the columns "0", "1", … without nulls."""
    check_workbook(path)
    try:
        reader = fastexcel.read_excel(path)
        for name in reader.sheet_names:
            sheet = reader.load_sheet(name, header_row=None, skip_rows=0, dtypes="string")
            if sheet.visible != "visible" or sheet.width == 0:
                continue
            frame = sheet.to_polars()
            frame.columns = [str(position) for position in range(frame.width)]
            frame = frame.with_columns(pl.all().fill_null(""))
            numbered = frame.with_row_index("line", offset=1).with_columns(pl.col("line").cast(pl.Int64))
            filled = ~pl.all_horizontal(pl.exclude("line").str.strip_chars() == "")
            numbered = numbered.filter(filled)
            if numbered.height:
                yield name, numbered
    except fastexcel.FastExcelError as error:
        raise UnableToReadFile(BROKEN_WORKBOOK()) from error
