"""Delimited text in blocks: where records begin, on which line, and their cells as a String frame.

Regular text goes to polars' reader. What it would stumble over (ragged records, stray or unclosed quotes)
is taken out or read record by record, so that one bad line costs that line and nothing else.
"""

import csv
import io
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

import numpy as np
import polars as pl

from encours.core.problems import Problem
from encours.core.wording import Wording
from encours.ports.tables.encodings import UNDECODABLE

RAGGED = Wording(
    "ragged_line",
    fr="La ligne a {found} cellules, l'en-tête en a {expected}.",
    en="The line has {found} cells, the header has {expected}.",
)
UNCLOSED_QUOTE = Wording(
    "unclosed_quote",
    fr="Un guillemet ouvert sur cette ligne n'est jamais refermé.",
    en="A quote opened on this line is never closed.",
)
DELIMITERS = (";", "\t", "|", ",")
BLOCK_CHARACTERS = 1 << 24
_NEWLINE, _QUOTE = 10, 34
_RAW_LIMIT = 2000
# a quoted cell longer than this is a quote somebody forgot to close
_LONGEST_RECORD = 1 << 20
csv.field_size_limit(1 << 24)


@dataclass(frozen=True)
class Cells:
    """Consecutive records of a file: `frame` has "line" and the String columns "0", "1", …"""

    frame: pl.DataFrame
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True)
class Dialect:
    encoding: str
    delimiter: str
    skip_lines: int = 0  # lines before the first record: Excel's "sep=;"


def open_text(path: Path, encoding: str) -> IO[str]:
    """Every kind of line end becomes one newline; bytes that cannot be read become U+FFFD."""
    return path.open(encoding=encoding, errors="replace", newline=None)


def sniff(head: str) -> tuple[str, int]:
    """Delimiter, and the number of lines to skip, from the beginning of a text.

    The delimiter is the one that cuts the most records into the same number of cells, as many as possible.
    """
    first = head.split("\n", 1)[0].strip().lower()
    if first.startswith("sep=") and len(first) == 5:
        return first[4], 1
    best, best_score = ";", 0
    for delimiter in DELIMITERS:
        widths = Counter(len(cells) for cells, _ in _sample(head, delimiter) if len(cells) > 1)
        if widths:
            score = max(count * (width - 1) for width, count in widths.items())
            if score > best_score:
                best, best_score = delimiter, score
    return best, 0


def _sample(head: str, delimiter: str, limit: int = 100) -> Iterator[tuple[list[str], int]]:
    """(cells, line) of the first records; tolerant of anything."""
    reader = csv.reader(io.StringIO(head), delimiter=delimiter)
    line = 1
    for _ in range(limit):
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:
            line = reader.line_num + 1
            continue
        yield cells, line
        line = reader.line_num + 1


def first_records(path: Path, dialect: Dialect, limit: int = 100) -> list[tuple[tuple[str, ...], int]]:
    """(cells, line) of the first records."""
    with open_text(path, dialect.encoding) as file:
        for _ in range(dialect.skip_lines):
            file.readline()
        head = file.read(1 << 17)
    if len(head) == 1 << 17:
        head = head[: head.rfind("\n") + 1] or head
    return [
        (tuple(cells), line + dialect.skip_lines)
        for cells, line in _sample(head, dialect.delimiter, limit)
        if any(cell.strip() for cell in cells)
    ]


def read_cells(path: Path, dialect: Dialect, *, after_line: int, width: int) -> Iterator[Cells]:
    """The records that begin after a line, in blocks of bounded size, each with exactly `width` cells.

    Records of other widths are problems, unless what is too much or too little is empty cells at the end.
    """
    with open_text(path, dialect.encoding) as file:
        line = 1
        for _ in range(after_line):
            file.readline()
            line += 1
        rest = ""
        while True:
            read = file.read(BLOCK_CHARACTERS)
            text = rest + read
            if not text:
                return
            cells, used, lines = _block(text, line, dialect.delimiter, width, at_end=not read)
            if cells.frame.height or cells.problems:
                yield cells
            rest = text[used:]
            line += lines
            if not read and not rest:
                return


@dataclass
class _Gathered:
    rows: list[Sequence[str]] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    def add(self, cells: list[str], line: int, width: int, delimiter: str) -> None:
        if not any(cell.strip() for cell in cells):
            return
        if len(cells) != width:
            extra = cells[width:]
            if any(cell.strip() for cell in extra) or len(cells) < width:
                self.problems.append(
                    Problem(
                        RAGGED(found=len(cells), expected=width),
                        line=line,
                        raw=delimiter.join(cells)[:_RAW_LIMIT],
                    )
                )
                return
        self.rows.append(cells[:width])
        self.lines.append(line)


def _block(text: str, line: int, delimiter: str, width: int, *, at_end: bool) -> tuple[Cells, int, int]:
    """(cells, characters used, lines used) of a text that begins with a record."""
    data = np.frombuffer(text.encode("utf-8"), dtype=np.uint8)
    newlines = np.flatnonzero(data == _NEWLINE)
    quoted = bool((data == _QUOTE).any())
    if quoted:
        if _has_stray_quotes(data, ord(delimiter)):
            return _careful(text, line, delimiter, width, at_end=at_end)
        inside = np.bitwise_xor.accumulate((data == _QUOTE).astype(np.uint8))
        ends = newlines[inside[newlines] == 0]
        open_at_end = bool(inside[-1])
        if (at_end and open_at_end) or (not at_end and ends.size == 0) or _too_long(ends):
            return _careful(text, line, delimiter, width, at_end=at_end)
    else:
        inside, ends = None, newlines
        if not at_end and ends.size == 0:
            return _careful(text, line, delimiter, width, at_end=at_end)
    if at_end and (ends.size == 0 or ends[-1] != data.size - 1):
        ends = np.append(ends, data.size)
    stop = int(ends[-1]) + 1
    body = data[:stop]
    starts = np.concatenate(([0], ends[:-1] + 1))
    cuts = np.flatnonzero(body == ord(delimiter))
    if inside is not None:
        cuts = cuts[inside[cuts] == 0]
    found = np.searchsorted(cuts, ends) - np.searchsorted(cuts, starts) + 1
    lines = line + np.searchsorted(newlines, starts)
    odd = np.flatnonzero((found != width) | (ends == starts))
    gathered = _Gathered()
    content = body.tobytes()
    if odd.size:
        for i in odd.tolist():
            raw = content[int(starts[i]) : int(ends[i])].decode("utf-8", "replace")
            if raw.strip():
                gathered.add(_split(raw, delimiter), int(lines[i]), width, delimiter)
        content, lines = _without(content, starts, ends, odd), np.delete(lines, odd)
    try:
        frame = _frame(content, delimiter, width, quoted=quoted).with_columns(
            line=pl.Series(lines, dtype=pl.Int64)
        )
    except (pl.exceptions.PolarsError, ValueError):
        return _careful(text, line, delimiter, width, at_end=at_end)
    frame = _in_order(frame, gathered, width)
    used = len(body[: min(stop, data.size)].tobytes().decode("utf-8"))
    lines_used = int(np.searchsorted(newlines, stop))
    return _checked(frame, gathered.problems, "\ufffd" in text, delimiter), used, lines_used


def _has_stray_quotes(data: np.ndarray, delimiter: int) -> bool:
    """Whether a quote stands where RFC 4180 allows none: it opens, closes or doubles, or it is stray."""
    at = np.flatnonzero(data == _QUOTE)
    padded = np.concatenate(([_NEWLINE], data, [_NEWLINE]))
    before, after = padded[at], padded[at + 2]
    edge = np.isin(before, (_NEWLINE, delimiter, _QUOTE)) | np.isin(after, (_NEWLINE, delimiter, _QUOTE))
    if not edge.all():
        return True
    # an opening quote (even rank) follows an edge, a closing one (odd rank) is followed by an edge
    opening, closing = before[0::2], after[1::2]
    return not (
        np.isin(opening, (_NEWLINE, delimiter, _QUOTE)).all()
        and np.isin(closing, (_NEWLINE, delimiter, _QUOTE)).all()
    )


def _too_long(ends: np.ndarray) -> bool:
    return bool(ends.size and np.diff(ends, prepend=-1).max() > _LONGEST_RECORD)


def _frame(content: bytes, delimiter: str, width: int, *, quoted: bool) -> pl.DataFrame:
    schema = {str(position): pl.String for position in range(width)}
    if not content.strip(b"\n"):
        return pl.DataFrame(schema=schema)
    return pl.read_csv(
        content,
        has_header=False,
        separator=delimiter,
        quote_char='"' if quoted else None,
        schema=schema,
        empty_string_is_null=False,
        extra_columns="raise",
        missing_columns="raise",
    )


def _without(content: bytes, starts: np.ndarray, ends: np.ndarray, odd: np.ndarray) -> bytes:
    parts, position = [], 0
    for i in odd.tolist():
        parts.append(content[position : int(starts[i])])
        position = int(ends[i]) + 1
    parts.append(content[position:])
    return b"".join(parts)


def _split(raw: str, delimiter: str) -> list[str]:
    return next(csv.reader(io.StringIO(raw), delimiter=delimiter), [])


def _careful(text: str, line: int, delimiter: str, width: int, *, at_end: bool) -> tuple[Cells, int, int]:
    """Record by record, for text with stray or unclosed quotes."""
    gathered = _Gathered()
    raw_lines = text.split("\n")
    complete = len(raw_lines) if at_end else len(raw_lines) - 1
    if complete == 0:
        # one line longer than a block: it is no table, and is given up as one record
        gathered.problems.append(Problem(UNCLOSED_QUOTE(), line=line, raw=text[:_RAW_LIMIT]))
        return Cells(_empty(width), tuple(gathered.problems)), len(text), 0
    at, used, lines_used = 0, 0, 0
    while at < complete:
        record, count = _record(raw_lines, at, complete, delimiter, width)
        if record is None and not at_end and _may_go_on(raw_lines, at) and at > 0:
            break  # it may be closed in the next block
        if record is None:
            raw, count = raw_lines[at], 1
            gathered.problems.append(Problem(UNCLOSED_QUOTE(), line=line + at, raw=raw[:_RAW_LIMIT]))
        else:
            gathered.add(record, line + at, width, delimiter)
        used += sum(len(part) + 1 for part in raw_lines[at : at + count])
        at += count
        lines_used = at
    frame = _in_order(_empty(width), gathered, width)
    return _checked(frame, gathered.problems, "\ufffd" in text, delimiter), min(used, len(text)), lines_used


_LONGEST_CELL_LINES = 100


def _may_go_on(raw_lines: list[str], at: int) -> bool:
    return len(raw_lines) - at <= _LONGEST_CELL_LINES


def _record(
    raw_lines: list[str], at: int, complete: int, delimiter: str, width: int
) -> tuple[list[str] | None, int]:
    """(cells, lines) of the record that begins at a line; (None, 0) when its quote is never closed.

    A quote inside an unquoted cell is a character like any other. Lines are joined only when that gives a
    whole record: an unclosed quote must not swallow the good lines after it.
    """
    first = raw_lines[at]
    if '"' not in first:
        return first.split(delimiter), 1
    for count in range(1, min(_LONGEST_CELL_LINES, complete - at) + 1):
        raw = "\n".join(raw_lines[at : at + count])
        try:
            cells = next(csv.reader(raw.splitlines(keepends=True), delimiter=delimiter, strict=True), [])
        except csv.Error as error:
            if "unexpected end of data" in str(error):
                continue
            return (_split(first, delimiter), 1) if count == 1 else (None, 0)
        return (cells, count) if count == 1 or len(cells) == width else (None, 0)
    return None, 0


def _empty(width: int) -> pl.DataFrame:
    columns = {str(position): pl.String for position in range(width)}
    return pl.DataFrame(schema=columns | {"line": pl.Int64})


def _in_order(frame: pl.DataFrame, gathered: _Gathered, width: int) -> pl.DataFrame:
    if not gathered.rows:
        return frame
    names = [str(position) for position in range(width)]
    columns = {name: [row[i] for row in gathered.rows] for i, name in enumerate(names)}
    added = pl.DataFrame(
        columns | {"line": gathered.lines}, schema=dict.fromkeys(names, pl.String) | {"line": pl.Int64}
    )
    return pl.concat([frame.select(added.columns), added]).sort("line")


def _checked(frame: pl.DataFrame, problems: list[Problem], broken: bool, delimiter: str) -> Cells:
    """Without blank records, and without those whose text was damaged."""
    names = [name for name in frame.columns if name != "line"]
    # the first cell of nearly every record says that it is not blank
    if frame.height and (frame[names[0]].str.strip_chars() == "").any():
        frame = frame.filter(~pl.all_horizontal(pl.col(names).str.strip_chars() == ""))
    if broken and frame.height:
        damaged = pl.any_horizontal(pl.col(names).str.contains("\ufffd", literal=True))
        for *cells, line in frame.filter(damaged).select(*names, "line").iter_rows():
            problems.append(Problem(UNDECODABLE(), line=line, raw=delimiter.join(cells)[:_RAW_LIMIT]))
        frame = frame.filter(~damaged)
    return Cells(frame.select("line", *names), tuple(sorted(problems, key=lambda p: p.line or 0)))
