"""Ids taken ahead of an insert, so that rows of several tables can be joined before they are written."""

from django.db import connection, models


def take_ids(model: type[models.Model], count: int) -> list[int]:
    """`count` new ids of a table, in order. Ids taken and not used are gaps, nothing more."""
    with connection.cursor() as cursor:
        cursor.execute(
            # the sequence is looked up once, not per id
            "SELECT nextval(s.name) FROM (SELECT pg_get_serial_sequence(%s, 'id')::regclass AS name OFFSET 0) s,"
            " generate_series(1, %s)",
            [model._meta.db_table, count],
        )
        return [row[0] for row in cursor.fetchall()]
