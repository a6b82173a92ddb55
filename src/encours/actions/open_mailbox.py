"""Makes a mailbox's provider, with its credentials unsealed for as long as it is used."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection as database

from encours.actions.open_bank_connection import NO_CREDENTIALS, NO_PROVIDER
from encours.ports import mailboxes as port
from encours.ports.connections import UnableToAsk, configured, settings_of
from encours.ports.registry import mailboxes
from encours.store.models import Mailbox
from encours.store.secrets import UnableToUnseal, unseal

_LOCK_CLASS = 7011  # advisory lock: one reader of a mailbox at a time


def open_mailbox(mailbox: Mailbox) -> port.Mailbox:
    """The provider, ready to be asked. Raises `UnableToAsk` when its credentials cannot be read."""
    made = mailboxes().get(mailbox.provider)
    if made is None:
        raise UnableToAsk(NO_PROVIDER(provider=mailbox.provider), needs_person=True)
    try:
        secret = unseal(mailbox.sealed, owner=owner_of(mailbox))
    except UnableToUnseal as error:
        raise UnableToAsk(NO_CREDENTIALS(), needs_person=True) from error
    names = {each.name for each in settings_of(made.Config)}
    given = {name: value for name, value in mailbox.settings.items() if name in names}
    return made(configured(made.Config, {**given, **secret}))


def owner_of(mailbox: Mailbox) -> str:
    """The name credentials are sealed under: those of one mailbox do not open in another's row."""
    return f"mailbox:{mailbox.company_id}:{mailbox.seal_key}"


@contextmanager
def reading_alone(mailbox: Mailbox) -> Iterator[bool]:
    """False when somebody else reads this mailbox right now. Held by the database session: it ends with us."""
    key = mailbox.pk % (1 << 31)
    with database.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [_LOCK_CLASS, key])
        is_ours = cursor.fetchall()[0][0]
    try:
        yield is_ours
    finally:
        if is_ours and database.connection is not None and not database.needs_rollback:
            with database.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [_LOCK_CLASS, key])
