"""One table of a file, whatever the file is: its headers, what they mean, and its rows in batches."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

import polars as pl

from encours.core.fields import field_name
from encours.core.problems import Problem
from encours.core.wording import Wording
from encours.ports.files import EMPTY_FILE, ImportFile, UnableToReadFile
from encours.ports.tables import delimited, workbooks
from encours.ports.tables.encodings import NOT_TEXT, guess_encoding
from encours.ports.tables.headers import (
    BY_HAND,
    UNKNOWN_COLUMNS,
    UNKNOWN_FIELD,
    Vocabulary,
    fingerprint,
    folded,
    unique,
)

REPEATED_HEADER = Wording(
    "repeated_header",
    fr="{count} colonnes s'appellent « {header} » : la première est lue comme « {field} », les autres non.",
    en='{count} columns are called "{header}": the first is read as "{field}", the others are not.',
)
_WORKBOOK_ROWS = 100_000
_HEADER_WITHIN = 100  # records
_RAW_LIMIT = 2000
_MARKUP = (b"%PDF", b"<", b"{", b"OFXHEADER")

Record = tuple[tuple[str, ...], int]


@dataclass(frozen=True)
class Rows:
    """Consecutive rows. Refused lines are in `problems` and not in `frame`."""

    frame: pl.DataFrame
    columns: Mapping[str, str]
    problems: tuple[Problem, ...] = ()

    def fields(self) -> pl.DataFrame:
        """ "line" and the recognised columns only, under their canonical names, cells trimmed."""
        return self.frame.select(
            "line", *(_trimmed(pl.col(header)).alias(name) for header, name in self.columns.items())
        )


@dataclass(frozen=True)
class Table:
    """`columns` is {header: canonical field} of what was recognised; `preamble` the records above the header."""

    headers: tuple[str, ...]
    header_line: int
    columns: Mapping[str, str]
    preamble: tuple[Record, ...] = ()
    delimiter: str = ""  # empty for a workbook
    encoding: str = ""
    sheet: str = ""
    _path: Path = field(default=Path(), repr=False)
    _dialect: delimited.Dialect | None = field(default=None, repr=False)
    _frame: pl.DataFrame | None = field(default=None, repr=False)

    @property
    def fingerprint(self) -> str:
        return fingerprint(self.headers)

    def repeated_headers(self) -> list[Problem]:
        """A warning for each header that was recognised and that other columns bear too: the first is read."""
        times = Counter(folded(header) for header in self.headers)
        return [
            Problem(
                REPEATED_HEADER(
                    header=header, count=times[folded(header)], field=field_name(self.columns[name])
                ),
                line=self.header_line,
                field=self.columns[name],
                severity="warning",
            )
            for name, header in zip(unique(self.headers), self.headers, strict=True)
            if name in self.columns and times[folded(header)] > 1
        ]

    def batches(self) -> Iterator[Rows]:
        """The rows below the header in the order of the file, some hundred thousand at a time."""
        names = {str(i): name for i, name in enumerate(unique(self.headers))}
        for cells in self._cells(len(self.headers)):
            yield Rows(cells.frame.rename(names), self.columns, cells.problems)

    def _cells(self, width: int) -> Iterator[delimited.Cells]:
        if self._dialect is not None:
            yield from delimited.read_cells(
                self._path, self._dialect, after_line=self.header_line, width=width
            )
            return
        assert self._frame is not None
        for part in self._frame.filter(pl.col("line") > self.header_line).iter_slices(_WORKBOOK_ROWS):
            yield _cut(part, width)


def is_table(file: ImportFile) -> bool:
    """Whether the file may hold a table: a workbook, or text that is no markup. Looks at `head` only."""
    if workbooks.is_workbook(file.head):
        return True
    start = file.head.removeprefix(b"\xef\xbb\xbf").lstrip()[:16]
    return bool(start) and not start.startswith((*_MARKUP, b"PK\x03\x04"))


def first_records(file: ImportFile) -> tuple[Record, ...]:
    """(cells, line) of the first records: of text, or of each sheet of a workbook in turn.

    Raises `UnableToReadFile` for what is no table at all.
    """
    stat = file.path.stat()
    return tuple(
        record for group, _ in _opened(file.path, stat.st_size, stat.st_mtime_ns) for record in group
    )


def recognises(file: ImportFile, vocabulary: Vocabulary, mappings: Mapping[str, Mapping[str, str]]) -> bool:
    """Whether one of the first records is a header of this vocabulary."""
    try:
        return any(vocabulary.recognised(cells, mappings) for cells, _ in first_records(file))
    except UnableToReadFile:
        return False


def open_table(
    file: ImportFile, vocabulary: Vocabulary, mappings: Mapping[str, Mapping[str, str]] | None = None
) -> Table:
    """The first table of the file whose header the vocabulary recognises.

    Raises `UnableToReadFile`: empty, no table, a workbook that may not be opened, unknown columns (with the
    columns seen).
    """
    by_hand = (mappings or {}).get(BY_HAND, {})
    for name in by_hand.values():
        if name and name not in vocabulary.fields:
            raise UnableToReadFile(UNKNOWN_FIELD(field=name, fields=vocabulary.listed()))
    if file.size == 0:
        raise UnableToReadFile(EMPTY_FILE())
    stat = file.path.stat()
    groups = _opened(file.path, stat.st_size, stat.st_mtime_ns)
    for records, (dialect, sheet) in groups:
        for position, (cells, line) in enumerate(records):
            columns = vocabulary.recognised(cells, mappings)
            if not columns:
                continue
            frame = None
            if dialect is None:
                frame = next(frame for name, frame in workbooks.sheets(file.path) if name == sheet)
            return Table(
                headers=cells,
                header_line=line,
                columns=columns,
                preamble=records[:position],
                delimiter=dialect.delimiter if dialect else "",
                encoding=dialect.encoding if dialect else "",
                sheet=sheet,
                _path=file.path,
                _dialect=dialect,
                _frame=frame,
            )
    if not any(records for records, _ in groups):
        raise UnableToReadFile(EMPTY_FILE())
    seen, line = _likely_header([record for records, _ in groups for record in records])
    shown = ", ".join(name for name in seen if name)[:500]
    raise UnableToReadFile(UNKNOWN_COLUMNS(columns=shown, fields=vocabulary.listed()), line=line)


@dataclass(frozen=True)
class Sample:
    """A table that nobody has recognised: what looks like its header, and the first rows below it."""

    headers: tuple[str, ...]  # made unique
    fingerprint: str
    line: int
    rows: tuple[tuple[str, ...], ...]  # as wide as the header


def sample(file: ImportFile, *, rows: int = 4) -> Sample | None:
    """None for a table without records. Raises `UnableToReadFile` for what is no table at all."""
    stat = file.path.stat()
    groups = [group for group, _ in _opened(file.path, stat.st_size, stat.st_mtime_ns) if group]
    if not groups:
        return None
    header = _likely_header([record for group in groups for record in group])
    group = next(group for group in groups if header in group)
    cells, line = header
    below = [found for found, at in group if at > line][:rows]
    width = len(cells)
    return Sample(
        headers=unique(cells),
        fingerprint=fingerprint(cells),
        line=line,
        rows=tuple((*found, *[""] * width)[:width] for found in below),
    )


def raw_lines(frame: pl.DataFrame, delimiter: str) -> list[str]:
    """The rows of a frame of `Table.batches` as text, for quarantine. Meant for the few refused ones."""
    return [
        (delimiter or ";").join(cells)[:_RAW_LIMIT] for cells in frame.drop("line", strict=False).iter_rows()
    ]


_Group = tuple[tuple[Record, ...], tuple[delimited.Dialect | None, str]]


@lru_cache(maxsize=4)
def _opened(path: Path, size: int, mtime_ns: int) -> tuple[_Group, ...]:  # noqa: ARG001 (they make it another file)
    """(first records, (dialect, sheet)): one group for text, one per sheet. Every reader asks for the same."""
    with path.open("rb") as file:
        head = file.read(1 << 12)
    if not head:
        return ()
    if workbooks.is_workbook(head):
        return tuple(_workbook_groups(path))
    if head.lstrip().startswith(b"%PDF") or head.startswith(b"PK\x03\x04"):
        raise UnableToReadFile(NOT_TEXT())
    encoding = guess_encoding(path)
    with delimited.open_text(path, encoding) as text:
        delimiter, skipped = delimited.sniff(text.read(1 << 16))
    dialect = delimited.Dialect(encoding, delimiter, skipped)
    return ((tuple(delimited.first_records(path, dialect, _HEADER_WITHIN)), (dialect, "")),)


def _workbook_groups(path: Path) -> Iterator[_Group]:
    for name, frame in workbooks.sheets(path):
        records: list[Record] = []
        for line, *cells in frame.head(_HEADER_WITHIN).iter_rows():
            records.append((tuple(_without_tail(cells)), line))
        yield tuple(records), (None, name)


def _without_tail(cells: Sequence[str]) -> list[str]:
    kept = list(cells)
    while kept and not kept[-1].strip():
        kept.pop()
    return kept


def _cut(part: pl.DataFrame, width: int) -> delimited.Cells:
    """Columns of the header only; rows with something beyond them are refused as ragged."""
    names = [str(position) for position in range(width)]
    beyond = [name for name in part.columns if name != "line" and name not in names]
    if not beyond:
        return delimited.Cells(part.select("line", *names))
    ragged = pl.any_horizontal(pl.col(beyond).str.strip_chars() != "")
    problems = [
        Problem(
            delimited.RAGGED(found=len(_without_tail(cells)), expected=width),
            line=line,
            raw=";".join(_without_tail(cells))[:_RAW_LIMIT],
        )
        for line, *cells in part.filter(ragged).iter_rows()
    ]
    return delimited.Cells(part.filter(~ragged).select("line", *names), tuple(problems))


def _likely_header(records: Sequence[Record]) -> Record:
    """The record with the most cells that are filled and no numbers; the first of them."""

    def filled(record: Record) -> int:
        return sum(1 for cell in record[0] if cell.strip() and not cell.strip()[:1].isdigit())

    return max(records, key=filled)


def _trimmed(column: pl.Expr) -> pl.Expr:
    return column.str.strip_chars(" \t\r\n\u00a0\u202f\ufeff")
