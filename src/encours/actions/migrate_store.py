"""Brings the database to this version's tables, and gives the restricted role its rights."""

from django.core.management import call_command
from django.db import connection

from encours.store.roles import UnableToTakeRole, create_app_role, grant_app_role
from encours.store.tenancy import as_owner

OLDEST_SERVER = 150000  # views that check rights as their reader (security_invoker)


class UnableToMigrate(Exception):
    """Its text says why. The database is as it was."""


def migrate_store(*, verbosity: int = 0) -> None:
    """Re-runnable; loses nothing. Runs as the schema's owner."""
    with as_owner():
        with connection.cursor() as cursor:
            if connection.pg_version < OLDEST_SERVER:
                raise UnableToMigrate("the server is older than PostgreSQL 15")
            try:
                create_app_role(cursor)
            except UnableToTakeRole as error:
                raise UnableToMigrate(str(error)) from error
        call_command("migrate", verbosity=verbosity, interactive=False)
        with connection.cursor() as cursor:
            grant_app_role(cursor)
