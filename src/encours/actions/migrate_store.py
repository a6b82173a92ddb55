"""Brings the database to this version's tables, and gives the restricted role its rights."""

from django.core.management import call_command
from django.db import connection

from encours.store.roles import grant_app_role
from encours.store.tenancy import as_owner


def migrate_store(*, verbosity: int = 0) -> None:
    """Re-runnable; loses nothing. Runs as the schema's owner."""
    with as_owner():
        call_command("migrate", verbosity=verbosity, interactive=False)
        with connection.cursor() as cursor:
            grant_app_role(cursor)
