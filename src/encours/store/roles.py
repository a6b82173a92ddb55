"""Rights of the restricted role the product works under."""

from typing import Any

from encours.store.postgres.base import APP_ROLE

# The past is only ever added to. The triggers of migration 0002 say the same to everybody else.
APPEND_ONLY = ("store_journalentry", "store_movement")


def grant_app_role(cursor: Any) -> None:
    """Rows of every table, but no change of the schema, and no change of the past. Re-runnable."""
    cursor.execute(f"GRANT USAGE ON SCHEMA public TO {APP_ROLE}")
    cursor.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {APP_ROLE}")
    cursor.execute(f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {APP_ROLE}")
    cursor.execute(f"GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA public TO {APP_ROLE}")
    for table in APPEND_ONLY:
        cursor.execute(f"REVOKE UPDATE, DELETE ON {table} FROM {APP_ROLE}")


def create_app_role(cursor: Any) -> None:
    """For a database that gets its tables from a backup: what migration 0002 does at its beginning. Re-runnable."""
    cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [APP_ROLE])
    if cursor.fetchone() is None:
        cursor.execute(f"CREATE ROLE {APP_ROLE} NOLOGIN NOSUPERUSER NOBYPASSRLS")
    cursor.execute("SELECT pg_has_role(current_user, %s, 'SET')", [APP_ROLE])
    if not cursor.fetchone()[0]:
        cursor.execute(f"GRANT {APP_ROLE} TO CURRENT_USER")
