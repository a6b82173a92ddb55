"""Empties the tables after a test that committed, whoever still holds them; and where their ids start."""

from django.db import OperationalError, connection, transaction

PATIENCE_SECONDS = 20

# what a test writes: the product's tables, the queue, the sessions (allauth's go with the users)
_TABLES = """
    SELECT string_agg(format('%I', tablename), ', ') FROM pg_tables WHERE schemaname = 'public'
    AND (tablename LIKE 'store\\_%' OR tablename IN ('procrastinate_jobs', 'procrastinate_events',
        'procrastinate_periodic_defers', 'procrastinate_workers', 'django_session'))
"""
# other connections in a transaction that holds a lock on a table of the schema
_HOLDERS = """
    SELECT DISTINCT a.pid, a.state, now() - a.xact_start, a.query
    FROM pg_stat_activity AS a JOIN pg_locks AS l USING (pid) JOIN pg_class AS c ON c.oid = l.relation
    WHERE a.pid <> pg_backend_pid() AND a.datname = current_database() AND l.granted
        AND c.relnamespace = 'public'::regnamespace
"""

_SEQUENCES = """
    SELECT c.oid::regclass::text FROM pg_class AS c
    WHERE c.relkind = 'S' AND c.relnamespace = 'public'::regnamespace AND c.relname LIKE 'store\_%' ORDER BY 1
"""
IDS_APART = 10_000


def number_apart() -> None:
    """As the schema's owner: ids of each table start at a number of its own, of five digits or more.

    A page that groups the digits of an id, or takes one table's for another's, is then seen in every run and not
    only in those that happen to come that far.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_SEQUENCES)
        for place, (name,) in enumerate(cursor.fetchall(), start=1):
            cursor.execute(f"ALTER SEQUENCE {name} START WITH {place * IDS_APART} RESTART")


def wipe() -> None:
    """As the schema's owner. A connection that will not let go is ended, so that the next test is not harmed, and named."""
    try:
        _truncate()
    except OperationalError as error:
        if getattr(error.__cause__, "sqlstate", None) != "55P03":  # lock_not_available
            raise
        holders = _end_holders()
        _truncate()
        told = "; ".join(f"{pid} {state} for {age}: {query[:300]}" for pid, state, age, query in holders)
        raise AssertionError(
            f"the test left connections behind that held its tables for {PATIENCE_SECONDS} s: {told}"
        ) from error


def _truncate() -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL lock_timeout = '{PATIENCE_SECONDS}s'")
        cursor.execute("SET LOCAL session_replication_role = replica")
        # these two are append-only, even for the owner
        for table in ("store_journalentry", "store_movement"):
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER no_truncate")
        cursor.execute(_TABLES)
        cursor.execute(f"TRUNCATE {cursor.fetchone()[0]} RESTART IDENTITY CASCADE")
        for table in ("store_journalentry", "store_movement"):
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER no_truncate")


def _end_holders() -> list[tuple[int, str, object, str]]:
    with connection.cursor() as cursor:
        cursor.execute(_HOLDERS)
        holders = cursor.fetchall()
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM unnest(%s::int[]) AS pid", [[h[0] for h in holders]]
        )
    return holders
