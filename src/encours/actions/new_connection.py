"""A new connection of any kind: what was given is checked, its credentials are sealed, the journal is told."""

import secrets
from collections.abc import Mapping
from typing import Any

from encours.actions.journal import record
from encours.core.wording import Sentence, Wording
from encours.ports.connections import ConnectionKind, UnableToConfigure, configured, settings_of
from encours.ports.registry import connectors
from encours.store.models import Company
from encours.store.models.connections import Connection, connection_model
from encours.store.secrets import seal

UNKNOWN_PROVIDER = Wording(
    "connect_bank.unknown_provider", fr="Ce connecteur n'existe pas.", en="There is no such provider."
)
NO_NAME = Wording(
    "connect_bank.no_name", fr="Donnez un nom à la connexion.", en="Give the connection a name."
)


class UnableToConnect(Exception):
    """Nothing was changed; `sentence` says why."""

    def __init__(self, sentence: Sentence) -> None:
        super().__init__(sentence.code)
        self.sentence = sentence


def new_connection(
    *,
    kind: ConnectionKind,
    company: Company,
    provider: str,
    name: str,
    given: Mapping[str, Any],
    may_set_hidden: bool = False,
) -> Any:
    """A row of the kind's own model, not saved yet: the caller adds what is its own, saves it and tells the journal.

    `given` holds settings and secrets by name, hidden ones only of who may set them. Nothing is asked of the other side.
    Raises `UnableToConnect`.
    """
    made = connectors(kind).get(provider)
    if made is None:
        raise UnableToConnect(UNKNOWN_PROVIDER())
    if not name.strip():
        raise UnableToConnect(NO_NAME())
    known = [each for each in settings_of(made.Config) if may_set_hidden or not each.hidden]
    values = {each.name: _clean(given.get(each.name)) for each in known}
    try:
        configured(made.Config, values)
    except UnableToConfigure as error:
        raise UnableToConnect(error.sentence) from error
    connection = connection_model(kind)(
        company=company,
        provider=provider,
        name=name.strip()[:80],
        settings={each.name: values[each.name] for each in known if not each.secret and values[each.name]},
        hook_key=secrets.token_urlsafe(32),
    )
    secret = {each.name: values[each.name] for each in known if each.secret and values[each.name]}
    connection.sealed = seal(secret, owner=connection.seal_owner)
    return connection


def record_connection(connection: Connection, verb: str, *, actor: str, **more: Any) -> None:
    """Tells the journal what was done with it ("added", "paused", …)."""
    record(
        company=connection.company,
        actor=actor,
        action=f"{connection.journal_prefix or connection.kind}.{verb}",
        subject_type=connection.kind,
        subject_id=connection.pk,
        data={**connection.journal_data(), **more},
    )


def _clean(value: Any) -> Any:
    return value.strip() if isinstance(value, str) else value
