"""The planner's statistics, refreshed when the tables have just changed a lot."""

from django.db import connection

# Below it autovacuum is in time; above it the next query would plan for tables that are no more.
MANY_ROWS = 5_000


def refresh_statistics() -> None:
    """ANALYZE of the tables that grow (migration 0009): about a second for a million rows."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT encours_analyze()")
