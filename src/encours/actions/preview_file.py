"""What importing a file into an empty company would take. Needs no company and no database, writes nothing."""

import os
from collections.abc import Mapping
from pathlib import Path

import polars as pl

from encours.actions.read_file import read_file
from encours.core.imports import DOCUMENT_COLUMNS, ImportOutcome, refused_lines
from encours.core.invoices import DocumentBatch
from encours.core.problems import Problem, by_line
from encours.core.statements import accepted, account_totals, gaps_within, refused_count
from encours.core.wording import Sentence
from encours.ports.files import Progress, ReadContext
from encours.ports.tables.headers import BY_HAND

DEFAULT_MAX_BYTES = 256 << 20


def max_bytes() -> int:
    """`ENCOURS_IMPORT_MAX_BYTES`, as the settings read it."""
    return int(os.environ.get("ENCOURS_IMPORT_MAX_BYTES", DEFAULT_MAX_BYTES))


def preview_file(
    *, path: Path, kind: str = "", columns: Mapping[str, str] | None = None, progress: Progress | None = None
) -> ImportOutcome:
    """The outcome as an import would report it. Raises `UnableToReadFile` when the whole file is refused."""
    context = ReadContext(mappings={BY_HAND: columns} if columns else {})
    reading = read_file(path=path, kind=kind, context=context, max_bytes=max_bytes())
    problems: list[Problem] = list(reading.problems)
    if reading.statements is not None:
        kept, refusals = accepted(reading.statements)
        problems += [problem.in_file(reading.file) for problem in (*refusals, *gaps_within(kept))]
        return ImportOutcome(
            file=reading.file,
            kind=reading.kind,
            state="read",
            created=sum(len(statement.transactions) for statement in kept),
            refused=refused_count(reading.statements, kept, reading.problems),
            accounts=tuple(account.as_json() for account in account_totals(reading.statements)),
            problems=by_line(problems),
        )
    if reading.orders is not None:
        found = reading.orders
        return ImportOutcome(
            file=reading.file,
            kind=reading.kind,
            state="read",
            created=found.orders.height + found.deliveries.height,
            refused=refused_lines(found.problems),
            problems=by_line(found.problems),
        )
    if reading.scores is not None:
        return ImportOutcome(
            file=reading.file,
            kind=reading.kind,
            state="read",
            created=reading.scores.scores.height,
            refused=refused_lines(reading.problems),
            problems=by_line(reading.problems),
        )
    assert reading.batches is not None
    documents, parties = [], set()
    notes: list[Sentence] = []
    for batch in reading.batches:
        documents.append(batch.documents.select(DOCUMENT_COLUMNS))
        parties.update(batch.parties["party"])
        problems += batch.problems
        notes += batch.notes
        if progress is not None:
            progress(sum(frame.height for frame in documents), batch.total_lines)
    together = pl.concat(documents) if documents else DocumentBatch().documents.select(DOCUMENT_COLUMNS)
    return ImportOutcome(
        file=reading.file,
        kind=reading.kind,
        state="read",
        created=len(parties) if reading.kind == "customers_csv" else together.height,
        refused=refused_lines(tuple(problems)),
        documents=together,
        problems=by_line(problems),
        notes=tuple(notes),
    )
