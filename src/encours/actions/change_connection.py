"""Pauses, resumes and revokes a connection of any kind, and replaces its credentials."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from encours.actions.new_connection import record_connection
from encours.ports.connections import ConnectionKind, settings_of
from encours.ports.registry import connectors
from encours.store.models import Company
from encours.store.models.connections import Connection, connection_model
from encours.store.secrets import UnableToUnseal, seal, unseal


def pause_connection(
    *, kind: ConnectionKind, company: Company, connection_id: int, actor: str, verb: str = "paused"
) -> bool:
    """True when it was active: nothing is asked until it is resumed. `verb` is the journal's."""
    active, paused = Connection.State.ACTIVE, Connection.State.PAUSED
    return _switch(kind, company, connection_id, active, paused, verb, actor)


def resume_connection(
    *, kind: ConnectionKind, company: Company, connection_id: int, actor: str, verb: str = "resumed"
) -> bool:
    """True when it was paused: it is asked again at the next occasion, for all that came meanwhile."""
    active, paused = Connection.State.ACTIVE, Connection.State.PAUSED
    return _switch(kind, company, connection_id, paused, active, verb, actor)


@transaction.atomic
def revoke_connection(*, kind: ConnectionKind, company: Company, connection_id: int, actor: str) -> bool:
    """Forgets the credentials; what it brought or did stays. False when it was revoked already.

    Nothing is said to the other side: where access is to be given back, the caller does that first.
    """
    connection = locked_connection(kind=kind, company=company, connection_id=connection_id)
    if connection.state == Connection.State.REVOKED:
        return False
    connection.state, connection.sealed, connection.problem = Connection.State.REVOKED, "", None
    connection.next_check_at = None
    connection.save(update_fields=["state", "sealed", "problem", "next_check_at"])
    record_connection(connection, "revoked", actor=actor)
    return True


@transaction.atomic
def replace_secrets(
    *, kind: ConnectionKind, company: Company, connection_id: int, given: Mapping[str, str], actor: str
) -> None:
    """New credentials for those given and not empty; the others stay as they are."""
    connection = locked_connection(kind=kind, company=company, connection_id=connection_id)
    made = connectors(kind)[connection.provider]
    names = {each.name for each in settings_of(made.Config) if each.secret}
    new = {name: value.strip() for name, value in given.items() if name in names and value.strip()}
    if not new:
        return
    try:
        known = unseal(connection.sealed, owner=connection.seal_owner)
    except UnableToUnseal:
        known = {}  # its key is gone: what is given now is all there is
    connection.sealed = seal(known | new, owner=connection.seal_owner)
    connection.problem, connection.next_check_at, connection.failure_count = None, None, 0
    connection.save(update_fields=["sealed", "problem", "next_check_at", "failure_count"])
    record_connection(connection, "secrets_replaced", actor=actor)


def locked_connection(*, kind: ConnectionKind, company: Company, connection_id: int) -> Any:
    """The row, nobody else's until the transaction ends."""
    rows = connection_model(kind)._default_manager.select_for_update()
    return rows.get(company=company, pk=connection_id)


@transaction.atomic
def _switch(
    kind: ConnectionKind, company: Company, connection_id: int, before: str, after: str, verb: str, actor: str
) -> bool:
    connection = locked_connection(kind=kind, company=company, connection_id=connection_id)
    if connection.state != before:
        return False
    connection.state, connection.next_check_at, connection.failure_count = after, None, 0
    connection.save(update_fields=["state", "next_check_at", "failure_count"])
    record_connection(connection, verb, actor=actor)
    return True
