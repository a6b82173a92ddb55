"""Pauses, resumes and revokes a connection, replaces its secrets, and seals all of them with a new key."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from django.db import transaction

from encours.actions.change_webhook import owner_of as owner_of_webhook
from encours.actions.journal import record
from encours.actions.open_bank_connection import open_bank_connection, owner_of, provider_type
from encours.actions.open_channel import owner_of as owner_of_channel
from encours.actions.open_mailbox import owner_of as owner_of_mailbox
from encours.actions.read_second import seal_reader_again
from encours.ports.connections import UnableToAsk, settings_of
from encours.ports.registry import live_feeds
from encours.store.models import BankConnection, ChannelConnection, Company, Mailbox, WebhookEndpoint
from encours.store.secrets import add_key, drop_old_keys, is_sealed_with_current_key, seal, unseal
from encours.store.tenancy import company_scope

_STATES = {
    "bank_connection.paused": (BankConnection.State.ACTIVE, BankConnection.State.PAUSED),
    "bank_connection.resumed": (BankConnection.State.PAUSED, BankConnection.State.ACTIVE),
}


def pause(*, company: Company, connection_id: int, actor: str) -> bool:
    """True when it was active: nothing is asked until it is resumed."""
    return _change(company, connection_id, "bank_connection.paused", actor)


def resume(*, company: Company, connection_id: int, actor: str) -> bool:
    """True when it was paused: it is asked again at the next occasion, for all that came meanwhile."""
    return _change(company, connection_id, "bank_connection.resumed", actor)


@transaction.atomic
def _change(company: Company, connection_id: int, action: str, actor: str) -> bool:
    before, after = _STATES[action]
    connection = BankConnection.objects.select_for_update().get(company=company, pk=connection_id)
    if connection.state != before:
        return False
    connection.state, connection.next_check_at, connection.failure_count = after, None, 0
    connection.save(update_fields=["state", "next_check_at", "failure_count"])
    _tell(connection, action, actor)
    return True


def revoke(*, company: Company, connection_id: int, actor: str) -> bool:
    """Gives the access back and forgets the credentials; what it brought stays. False when it was revoked already.

    Raises `UnableToAsk` when the other side cannot be told and asking again may help: nothing is changed then.
    """
    connection = BankConnection.objects.get(company=company, pk=connection_id)
    if connection.state == BankConnection.State.REVOKED:
        return False
    if connection.provider in live_feeds():
        _give_back(connection)
    with transaction.atomic():
        connection = BankConnection.objects.select_for_update().get(company=company, pk=connection_id)
        connection.state, connection.sealed, connection.problem = BankConnection.State.REVOKED, "", None
        connection.next_check_at = None
        connection.save(update_fields=["state", "sealed", "problem", "next_check_at"])
        _tell(connection, "bank_connection.revoked", actor)
    return True


def _give_back(connection: BankConnection) -> None:
    try:
        feed = open_bank_connection(connection)
    except UnableToAsk:
        return  # without credentials there is no access to give back
    try:
        feed.revoke()
    except UnableToAsk as error:
        if not error.needs_person:  # one that no longer lets us in has nothing to take back
            raise
    finally:
        feed.close()


@transaction.atomic
def replace_secrets(*, company: Company, connection_id: int, given: Mapping[str, str], actor: str) -> None:
    """New credentials for those given and not empty; the others stay as they are."""
    connection = BankConnection.objects.select_for_update().get(company=company, pk=connection_id)
    made = provider_type(connection.provider)
    assert made is not None
    names = {each.name for each in settings_of(made.Config) if each.secret}
    new = {name: value.strip() for name, value in given.items() if name in names and value.strip()}
    if not new:
        return
    known = unseal(connection.sealed, owner=owner_of(connection))
    connection.sealed = seal(known | new, owner=owner_of(connection))
    connection.problem, connection.next_check_at, connection.failure_count = None, None, 0
    connection.save(update_fields=["sealed", "problem", "next_check_at", "failure_count"])
    _tell(connection, "bank_connection.secrets_replaced", actor)


def change_credential_key(*, companies: Iterable[Company], actor: str) -> int:
    """Seals every stored credential with a new key and forgets the keys before the last one. How many were sealed.

    `companies` are all there are. Interrupted, it may be run again: old keys go only at the end.
    """
    add_key()
    sealed = 0
    for company in companies:
        with company_scope(company.pk), transaction.atomic():
            sealed += _seal_again(company, actor)
    drop_old_keys()
    return sealed


def _seal_again(company: Company, actor: str) -> int:
    banks = BankConnection.objects.select_for_update(no_key=True).filter(company=company).order_by("pk")
    webhooks = WebhookEndpoint.objects.select_for_update(no_key=True).filter(company=company).order_by("pk")
    mailboxes = Mailbox.objects.select_for_update(no_key=True).filter(company=company).order_by("pk")
    channels = ChannelConnection.objects.select_for_update(no_key=True).filter(company=company).order_by("pk")
    changed = (
        _seal_rows(banks, owner_of)
        + _seal_rows(webhooks, owner_of_webhook)
        + _seal_rows(mailboxes, owner_of_mailbox)
        + seal_reader_again(company=company)
        + _seal_rows(channels, owner_of_channel)
    )
    if changed:
        record(
            company=company, actor=actor, action="credentials.sealed_again", subject_type="company",
            subject_id=company.pk, data={"count": changed},
        )  # fmt: skip
    return changed


def _seal_rows(rows: Iterable[Any], owner_of_row: Callable[[Any], str]) -> int:
    stale = [row for row in rows if row.sealed and not is_sealed_with_current_key(row.sealed)]
    for row in stale:
        owner = owner_of_row(row)
        row.sealed = seal(unseal(row.sealed, owner=owner), owner=owner)
        row.save(update_fields=["sealed"])
    return len(stale)


def _tell(connection: BankConnection, action: str, actor: str) -> None:
    record(
        company=connection.company,
        actor=actor,
        action=action,
        subject_type="bank_connection",
        subject_id=connection.pk,
        data={"name": connection.name, "provider": connection.provider},
    )
