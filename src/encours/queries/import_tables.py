"""The tables among the files brought in, read again from what was kept: their columns, their refused lines."""

from collections.abc import Iterator

import polars as pl

from encours.ports.files import ImportFile, UnableToReadFile
from encours.ports.registry import vocabularies
from encours.ports.tables import Sample, Table, open_table, sample
from encours.queries.files import file_on_disk
from encours.store.models import ColumnMapping, Company, ImportBatch

_HEAD_BYTES = 1 << 16


def sample_of(batch: ImportBatch, *, rows: int = 4) -> Sample | None:
    """The likely header of an import's file with some rows; None when it is no table, or is gone from the disk."""
    try:
        return sample(_file(batch), rows=rows)
    except (OSError, UnableToReadFile):
        return None


def table_of(*, company: Company, batch: ImportBatch) -> Table | None:
    """The table of an import's file, read as it was; None when it is no table, or is gone from the disk."""
    vocabulary = vocabularies().get(batch.kind)
    if vocabulary is None:
        return None
    remembered = ColumnMapping.objects.filter(company=company, kind=batch.kind)
    try:
        return open_table(_file(batch), vocabulary, {row.fingerprint: row.columns for row in remembered})
    except (OSError, UnableToReadFile):
        return None


def rows_of(*, table: Table, lines: set[int]) -> Iterator[list[tuple[str, ...]]]:
    """The cells of these lines, in blocks, under the table's own headers. Ragged lines keep the cells they have."""
    wanted = pl.Series("line", sorted(lines), dtype=pl.Int64).implode()
    separator = table.delimiter or ";"
    for part in table.batches():
        whole = part.frame.filter(pl.col("line").is_in(wanted)).select("line", pl.exclude("line"))
        found = [(line, tuple(cells)) for line, *cells in whole.iter_rows()]
        found += [
            (problem.line, tuple(problem.raw.split(separator)))
            for problem in part.problems
            if problem.line in lines
        ]
        yield [cells for _, cells in sorted(found)]


def _file(batch: ImportBatch) -> ImportFile:
    kept = file_on_disk(batch.file)
    with kept.path.open("rb") as file:
        return ImportFile(kept.path, batch.file_name, kept.size, file.read(_HEAD_BYTES))
