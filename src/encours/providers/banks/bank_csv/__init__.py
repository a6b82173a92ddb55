"""The tables banks offer for download, CSV and XLSX, in French and English.

There is no standard: columns are recognised by their headers, or by a mapping a person gave and the product
remembered. What is read one way or the other (day or month first, decimal comma or point, one signed amount,
an amount with a flag, two columns) is decided by the whole column, never by a single cell.

When no column and no line around the table names the account, it is called after the headers of the table
(`csv-` and eight digits): the next file of the same bank then lands in the same account.
"""

from typing import ClassVar

from encours.core.problems import Problem
from encours.ports.files import ImportFile, ReadContext, StatementFile, UnableToReadFile
from encours.ports.tables import UNKNOWN_COLUMNS, Table, is_table, open_table, recognises
from encours.providers.banks.bank_csv import problems
from encours.providers.banks.bank_csv.columns import read_columns
from encours.providers.banks.bank_csv.statements import make_statements
from encours.providers.banks.bank_csv.vocabulary import BANK_TABLE, BANK_TABLE_SAID


class BankCsvFeed:
    """One table per file. A table that could as well be invoices is left to them unless a person says so."""

    kinds: ClassVar[tuple[str, ...]] = ("bank_csv",)
    vocabulary: ClassVar = BANK_TABLE_SAID

    def identify(self, file: ImportFile) -> str | None:
        return "bank_csv" if is_table(file) and recognises(file, BANK_TABLE, {}) else None

    def read(self, file: ImportFile, context: ReadContext) -> StatementFile:
        table = _open(file, context)
        columns = read_columns(table, context.currency)
        found: list[Problem] = [*table.repeated_headers(), *columns.problems]
        statements = tuple(make_statements(columns, table, found))
        if not statements and not found:
            sentence = problems.NO_LINES()
            found.append(Problem(sentence, line=table.header_line, severity="warning"))
        found.sort(key=lambda problem: problem.line or 0)
        return StatementFile(statements, tuple(found), mapping=(table.fingerprint, table.columns))


def _open(file: ImportFile, context: ReadContext) -> Table:
    try:
        return open_table(file, BANK_TABLE, context.mappings)
    except UnableToReadFile as error:
        if error.problem.code != UNKNOWN_COLUMNS.code:
            raise
    return open_table(file, BANK_TABLE_SAID, context.mappings)
