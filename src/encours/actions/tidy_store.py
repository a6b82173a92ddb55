"""Leaves the tables fit to be read after much was written."""

from encours.store.statistics import MANY_ROWS, vacuum_tables


def tidy_store(*, changed_rows: int) -> None:
    """After a large import, outside of any transaction. Pages are then as quick as they will be tomorrow; after a small
    one there is nothing to do that autovacuum does not do in time."""
    if changed_rows >= MANY_ROWS:
        vacuum_tables()
