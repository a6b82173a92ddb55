"""Frames in and out of PostgreSQL by COPY, in the caller's transaction and under its row-level security."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from io import BytesIO
from itertools import count
from typing import Any, LiteralString, cast

import polars as pl
from django.db import connection
from psycopg import ClientCursor, sql

_TYPES: dict[Any, LiteralString] = {
    pl.Int64: "bigint",
    pl.Int32: "integer",
    pl.Int16: "smallint",
    pl.UInt32: "bigint",
    pl.Float64: "double precision",
    pl.String: "text",
    pl.Date: "date",
    pl.Boolean: "boolean",
}
_numbers = count(1)


def read_frame(query: str, params: Sequence[Any] | Mapping[str, Any], schema: dict[str, Any]) -> pl.DataFrame:
    """The rows of a SELECT as a frame. `schema` names the columns in the order of the SELECT."""
    buffer = BytesIO()
    connection.ensure_connection()
    raw = connection.connection
    # COPY takes no server-side parameters: they are quoted on this side
    composed = sql.SQL("COPY ({}) TO STDOUT (FORMAT csv)").format(sql.SQL(_quoted(query, params)))
    with raw.cursor() as cursor, cursor.copy(composed) as copy:
        for block in copy:
            buffer.write(block)
    if buffer.tell() == 0:
        return pl.DataFrame(schema=schema)
    buffer.seek(0)
    booleans = [name for name, kind in schema.items() if kind == pl.Boolean]
    frame = pl.read_csv(
        buffer,
        has_header=False,
        schema={name: pl.String if name in booleans else kind for name, kind in schema.items()},
        empty_string_is_null=False,
    )
    return frame.with_columns(pl.col(name) == "t" for name in booleans)


@contextmanager
def staged(frame: pl.DataFrame) -> Iterator[str]:
    """Name of a temporary table that holds the frame until the block (in a transaction) ends.

    Row-level security forbids COPY into a company's tables: rows go through here and an INSERT … SELECT.
    """
    table = f"staged_{next(_numbers)}"
    columns = sql.SQL(", ").join(
        sql.SQL("{} {}").format(
            sql.Identifier(name), sql.SQL(_TYPES[type(kind) if not isinstance(kind, type) else kind])
        )
        for name, kind in frame.schema.items()
    )
    connection.ensure_connection()
    raw = connection.connection
    with raw.cursor() as cursor:
        cursor.execute(sql.SQL("CREATE TEMP TABLE {} ({})").format(sql.Identifier(table), columns))
        try:
            copy_into = sql.SQL("COPY {} FROM STDIN (FORMAT csv, NULL '\\N')").format(sql.Identifier(table))
            with cursor.copy(copy_into) as copy:
                for part in frame.iter_slices(100_000):
                    copy.write(
                        part.write_csv(include_header=False, null_value="\\N", quote_style="necessary")
                    )
            cursor.execute(sql.SQL("ANALYZE {}").format(sql.Identifier(table)))
            yield table
        finally:
            if not connection.needs_rollback and raw.info.transaction_status != 3:  # INERROR
                cursor.execute(sql.SQL("DROP TABLE IF EXISTS {}").format(sql.Identifier(table)))


def _quoted(query: str, params: Sequence[Any] | Mapping[str, Any]) -> Any:
    connection.ensure_connection()
    return (
        ClientCursor(connection.connection).mogrify(
            cast(LiteralString, query), params if isinstance(params, Mapping) else list(params)
        )
        if params
        else query
    )
