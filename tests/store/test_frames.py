"""Frames survive the way into PostgreSQL and back."""

from datetime import date

import polars as pl
from django.db import connection

from encours.store.frames import read_frame, staged

SCHEMA = {"id": pl.Int64, "name": pl.String, "day": pl.Date, "open": pl.Boolean, "share": pl.Float64}


def test_a_frame_comes_back_as_it_went(company):
    frame = pl.DataFrame(
        {
            "id": [1, 2, None],
            "name": ['quote " and, comma', "é\nline", ""],
            "day": [date(2026, 1, 31), None, date(1999, 12, 31)],
            "open": [True, False, None],
            "share": [0.5, None, 1e-9],
        },
        schema=SCHEMA,
    )
    with staged(frame) as table:
        back = read_frame(f"SELECT id, name, day, open, share FROM {table} ORDER BY id", [], SCHEMA)
    assert back["id"].to_list() == [1, 2, None]
    assert back["name"].to_list() == frame["name"].to_list()
    assert back["day"].to_list() == frame["day"].to_list()
    assert back["share"].to_list() == frame["share"].to_list()


def test_parameters_are_quoted(company):
    frame = read_frame("SELECT %s::text, %s::bigint", ["l'été; DROP", 3], {"a": pl.String, "b": pl.Int64})
    assert frame.row(0) == ("l'été; DROP", 3)


def test_no_rows_give_an_empty_frame(company):
    assert read_frame("SELECT 1::bigint WHERE false", [], {"a": pl.Int64}).is_empty()


def test_the_temporary_table_is_gone_afterwards(company):
    with staged(pl.DataFrame({"a": [1]})) as table:
        pass
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass(%s)", [table])
        assert cursor.fetchone() == (None,)
