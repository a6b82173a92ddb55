"""Commands ask whether the database is of this version before they do anything."""

from django.db import connection

from encours.queries.store_state import is_up_to_date
from encours.store.tenancy import as_owner


def forget(app: str, name: str) -> int:
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = %s AND name = %s", [app, name])
        return cursor.rowcount


def record(app: str, name: str) -> None:
    with as_owner(), connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO django_migrations (app, name, applied) VALUES (%s, %s, now())", [app, name]
        )


def applied(app: str) -> list[str]:
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("SELECT name FROM django_migrations WHERE app = %s ORDER BY name", [app])
        return [name for (name,) in cursor.fetchall()]


def test_a_migration_that_was_not_applied_is_seen_wherever_it_comes_from(committed_db):
    assert is_up_to_date()
    for app in ("store", "account"):
        name = applied(app)[-1]
        assert forget(app, name) == 1
        try:
            assert not is_up_to_date()
        finally:
            record(app, name)
    assert is_up_to_date()


def test_a_migration_of_a_later_version_is_no_reason_to_migrate(committed_db):
    record("store", "9999_of_tomorrow")
    try:
        assert is_up_to_date()
    finally:
        forget("store", "9999_of_tomorrow")
