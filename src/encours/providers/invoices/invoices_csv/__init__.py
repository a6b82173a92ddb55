"""Lists of invoices in CSV or XLSX, as every accounting package exports them.

Two passes: the first finds out how dates and amounts are written in the whole file and which numbers occur
more than once; the second makes documents of it, batch by batch. Rows that share a number wait until the end.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import ClassVar

import polars as pl

from encours.core.invoices import DocumentBatch
from encours.core.problems import Problem
from encours.core.wording import Sentence
from encours.ports.files import ImportFile, ReadContext
from encours.ports.tables import Rows, Table, is_table, open_table, raw_lines, recognises
from encours.ports.tables.cells import Evidence, gather
from encours.providers.invoices.invoices_csv.columns import VOCABULARY
from encours.providers.invoices.invoices_csv.groups import grouped
from encours.providers.invoices.invoices_csv.problems import NO_ROWS
from encours.providers.invoices.invoices_csv.rows import AMOUNTS, DATES, documents, totals_that_differ, typed


class InvoicesCsvSource:
    kinds: ClassVar[tuple[str, ...]] = ("invoices_csv",)
    vocabulary: ClassVar = VOCABULARY

    def identify(self, file: ImportFile) -> str | None:
        return "invoices_csv" if is_table(file) and recognises(file, VOCABULARY, {}) else None

    def read(self, file: ImportFile, context: ReadContext) -> Iterator[DocumentBatch]:
        table = open_table(file, VOCABULARY, context.mappings)
        mapping = (table.fingerprint, table.columns)
        evidence, repeated, total = _first_pass(table)
        aside: list[pl.DataFrame] = []
        lines = 0
        above = table.repeated_headers()
        for part in table.batches():
            lines += part.frame.height + len(part.problems)
            rows, problems = _typed(part, table, evidence, context.currency)
            several = pl.col("number").is_in(repeated.implode())
            if repeated.len():
                aside.append(rows.filter(several))
                rows = rows.filter(~several)
            problems = [*above, *part.problems, *problems, *totals_that_differ(rows)]
            above = []
            yield replace(documents(rows), problems=tuple(problems), mapping=mapping, total_lines=total)
        if any(rows.height for rows in aside):
            together = grouped(pl.concat(aside))
            batch = documents(together.rows, together.instalments, together.vat)
            problems = (*together.problems, *totals_that_differ(together.rows))
            yield replace(batch, problems=problems, mapping=mapping, total_lines=total)
        if not lines:
            nothing = Problem(NO_ROWS(), line=table.header_line, severity="warning")
            yield DocumentBatch(problems=(nothing,), mapping=mapping)


def _first_pass(table: Table) -> tuple[dict[str, Evidence], pl.Series, int]:
    """How each column is written, the numbers that occur more than once, and how many lines there are."""
    evidence: dict[str, Evidence] = {}
    amounts = Evidence()
    numbers: list[pl.Series] = []
    for part in table.batches():
        fields = part.fields()
        for name in DATES:
            if name in fields.columns:
                evidence[name] = evidence.get(name, Evidence()) | gather([fields[name].unique()])
        # one program wrote all amounts of a file
        amounts |= gather([fields[name] for name in AMOUNTS if name in fields.columns])
        numbers.append(fields["number"])
    dates = Evidence()
    for known in evidence.values():
        dates |= known
    # a column that does not say follows the file's other dates
    evidence = {n: known if known.day_first or known.month_first else dates for n, known in evidence.items()}
    together = pl.concat(numbers) if numbers else pl.Series("number", [], dtype=pl.String)
    repeated = together.filter(together.is_duplicated() & (together != "")).unique()
    return evidence | dict.fromkeys(AMOUNTS, amounts), repeated, together.len()


def _typed(
    part: Rows, table: Table, evidence: dict[str, Evidence], currency: str
) -> tuple[pl.DataFrame, list[Problem]]:
    rows, refused, why = typed(part.fields(), evidence, currency)
    if not why:
        return rows, []
    raw = _raw(part.frame, refused["line"], table.delimiter)
    return rows, [_refusal(line, field, sentence, raw) for line, field, sentence in why]


def _refusal(line: int, field: str, sentence: Sentence, raw: dict[int, str]) -> Problem:
    return Problem(sentence, line=line, field=field, raw=raw.get(line, ""))


def _raw(frame: pl.DataFrame, lines: pl.Series, delimiter: str) -> dict[int, str]:
    few = frame.filter(pl.col("line").is_in(lines.implode()))
    return dict(zip(few["line"].to_list(), raw_lines(few, delimiter), strict=True))
