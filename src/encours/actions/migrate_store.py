"""Brings the database to this version's tables, and gives the restricted role its rights."""

from django.core.management import call_command
from django.db import connection

from encours.core.wording import Sentence, Wording
from encours.store.roles import UnableToTakeRole, create_app_role, grant_app_role
from encours.store.tenancy import as_owner

OLDEST_SERVER = 150000  # views that check rights as their reader (security_invoker)


SERVER_TOO_OLD = Wording(
    "server_too_old",
    fr="Le serveur est plus ancien que PostgreSQL 15.",
    en="The server is older than PostgreSQL 15.",
)


class UnableToMigrate(Exception):
    """`sentence` says why. The database is as it was."""

    def __init__(self, sentence: Sentence) -> None:
        super().__init__(sentence.say("en"))
        self.sentence = sentence


def migrate_store(*, verbosity: int = 0) -> None:
    """Re-runnable; loses nothing. Runs as the schema's owner."""
    with as_owner():
        with connection.cursor() as cursor:
            if connection.pg_version < OLDEST_SERVER:
                raise UnableToMigrate(SERVER_TOO_OLD())
            try:
                create_app_role(cursor)
            except UnableToTakeRole as error:
                raise UnableToMigrate(error.sentence) from error
        call_command("migrate", verbosity=verbosity, interactive=False)
        with connection.cursor() as cursor:
            grant_app_role(cursor)
