"""The planner's statistics and the visibility map, refreshed when the tables have just changed a lot."""

from typing import Any

import psycopg
from django.db import connection

# Below it autovacuum is in time; above it the next query would plan for tables that are no more.
MANY_ROWS = 5_000
# The tables that grow with a company's life (`encours_analyze` knows them too).
_TABLES = (
    "store_customer, store_contact, store_document, store_movement, store_payment, store_allocation,"
    " store_transaction, store_instalment, store_customerbalance, store_message, store_reminder"
)


def refresh_statistics() -> None:
    """ANALYZE of the tables that grow (migration 0009): about a second for a million rows."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT encours_analyze()")


def vacuum_tables() -> None:
    """VACUUM of the tables that grow, for the visibility map: without it an index alone answers nothing.

    Seconds after a million new rows, and nobody is kept waiting. On a connection of its own, because VACUUM runs in no
    transaction, and as the owner of the tables; a login that owns none is told so by the server and changes nothing.
    """
    params: Any = connection.get_connection_params() | {"autocommit": True}
    with psycopg.connect(**params) as owner:
        owner.execute(f"VACUUM (ANALYZE, SKIP_LOCKED) {_TABLES}")
