"""Makes what a connection is asked through, with its credentials unsealed for as long as it is used."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection as database

from encours.core.wording import Wording
from encours.ports.connections import UnableToAsk, UnableToConfigure, configured, settings_of
from encours.ports.registry import connectors
from encours.store.models.connections import Connection
from encours.store.secrets import UnableToUnseal, unseal

_LOCK_CLASS = 7010  # advisory lock: one asks a connection at a time

NO_CREDENTIALS = Wording(
    "bank_connection.no_credentials",
    fr="Les identifiants de cette connexion ne peuvent plus être lus (clé absente) : donnez-les de nouveau.",
    en="The credentials of this connection can no longer be read (their key is missing): give them again.",
)
NO_PROVIDER = Wording(
    "bank_connection.no_provider",
    fr="Le connecteur « {provider} » n'est pas installé.",
    en='The provider "{provider}" is not installed.',
)


def open_connection(connection: Connection) -> Any:
    """The provider of a connection of any kind, ready to be asked and to be closed afterwards.

    Raises `UnableToAsk` when it is not installed, or its credentials cannot be read or do not suffice.
    """
    made = connectors(connection.kind).get(connection.provider)
    if made is None:
        raise UnableToAsk(NO_PROVIDER(provider=connection.provider), needs_person=True)
    try:
        secret = unseal(connection.sealed, owner=connection.seal_owner)
    except UnableToUnseal as error:
        raise UnableToAsk(NO_CREDENTIALS(), needs_person=True) from error
    # settings hold some of ours beside the provider's
    names = {each.name for each in settings_of(made.Config)}
    given = {name: value for name, value in connection.settings.items() if name in names}
    try:
        return made(configured(made.Config, {**given, **secret}))
    except UnableToConfigure as error:
        raise UnableToAsk(error.sentence, needs_person=True) from error


@contextmanager
def asking_alone(connection: Connection) -> Iterator[bool]:
    """False when somebody else asks this connection right now. Held by the database session: it ends with us."""
    lock = [_LOCK_CLASS, f"{connection.kind}:{connection.pk}"]
    with database.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, hashtext(%s))", lock)
        is_ours = cursor.fetchall()[0][0]
    try:
        yield is_ours
    finally:
        if is_ours and database.connection is not None and not database.needs_rollback:
            with database.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s, hashtext(%s))", lock)
