"""Gives the access to a bank back, and forgets the credentials of its connection."""

from encours.actions.change_connection import revoke_connection
from encours.actions.open_connection import open_connection
from encours.ports.connections import ConnectionKind, UnableToAsk
from encours.ports.registry import live_feeds
from encours.store.models import BankConnection, Company


def revoke_bank(*, company: Company, connection_id: int, actor: str) -> bool:
    """False when it was revoked already. What it brought stays.

    Raises `UnableToAsk` when the other side cannot be told and asking again may help: nothing is changed then.
    """
    connection = BankConnection.objects.get(company=company, pk=connection_id)
    if connection.state == BankConnection.State.REVOKED:
        return False
    if connection.provider in live_feeds():
        _give_back(connection)
    return revoke_connection(
        kind=ConnectionKind.BANK, company=company, connection_id=connection_id, actor=actor
    )  # fmt: skip


def _give_back(connection: BankConnection) -> None:
    try:
        feed = open_connection(connection)
    except UnableToAsk:
        return  # without credentials there is no access to give back
    try:
        feed.revoke()
    except UnableToAsk as error:
        if not error.needs_person:  # one that no longer lets us in has nothing to take back
            raise
    finally:
        feed.close()
