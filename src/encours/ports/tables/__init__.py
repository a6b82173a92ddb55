"""Tables in files: CSV of every dialect and XLSX, as String frames that know their lines.

    VOCABULARY = Vocabulary("bank_csv", fields={"date": ("Date", "Date opération"), …}, needs=({"date", "amount"},))
    table = open_table(file, VOCABULARY, context.mappings)
    for rows in table.batches():
        rows.frame      # "line" (Int64, as an editor or Excel shows it) and one String column per header
        rows.problems   # ragged and unreadable lines, already refused
    table.columns       # {header: canonical field}, what was recognised; `rows.fields()` renames by it

A column's cells are never null: an empty cell is "". Headers that repeat get " (2)", " (3)" after the first.
"""

from encours.ports.tables.headers import UNKNOWN_COLUMNS, Vocabulary, fingerprint, folded
from encours.ports.tables.table import (
    Rows,
    Sample,
    Table,
    first_records,
    is_table,
    open_table,
    raw_lines,
    recognises,
    sample,
)

__all__ = [
    "UNKNOWN_COLUMNS",
    "Rows",
    "Sample",
    "Table",
    "Vocabulary",
    "fingerprint",
    "first_records",
    "folded",
    "is_table",
    "open_table",
    "raw_lines",
    "recognises",
    "sample",
]
