"""Makes a connection's drop or live feed, with its credentials unsealed for as long as it is used."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection as database

from encours.core.wording import Wording
from encours.ports.connections import UnableToAsk, configured, settings_of
from encours.ports.drops import Drop
from encours.ports.live_feeds import LiveFeed
from encours.ports.registry import drops, live_feeds
from encours.store.models import BankConnection
from encours.store.secrets import UnableToUnseal, unseal

_LOCK_CLASS = 7010  # advisory lock: one reader of a connection at a time

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


def provider_type(name: str) -> type[Drop] | type[LiveFeed] | None:
    """The drop or live feed of this name."""
    return drops().get(name) or live_feeds().get(name)


def open_bank_connection(connection: BankConnection) -> Any:
    """The provider, ready to be asked. Raises `UnableToAsk` when its credentials cannot be read."""
    made = provider_type(connection.provider)
    if made is None:
        raise UnableToAsk(NO_PROVIDER(provider=connection.provider), needs_person=True)
    try:
        secret = unseal(connection.sealed, owner=owner_of(connection))
    except UnableToUnseal as error:
        raise UnableToAsk(NO_CREDENTIALS(), needs_person=True) from error
    names = {each.name for each in settings_of(made.Config)}
    given = {name: value for name, value in connection.settings.items() if name in names}
    return made(configured(made.Config, {**given, **secret}))


def owner_of(connection: BankConnection) -> str:
    """The name credentials are sealed under: those of one connection do not open in another's row."""
    return f"bank_connection:{connection.company_id}:{connection.hook_key}"


@contextmanager
def reading_alone(connection: BankConnection) -> Iterator[bool]:
    """False when somebody else reads this connection right now. Held by the database session: it ends with us."""
    key = connection.pk % (1 << 31)
    with database.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [_LOCK_CLASS, key])
        is_ours = cursor.fetchall()[0][0]
    try:
        yield is_ours
    finally:
        if is_ours and database.connection is not None and not database.needs_rollback:
            with database.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [_LOCK_CLASS, key])
