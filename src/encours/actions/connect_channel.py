"""Connects a service that carries messages, tries it, rests it, and gives it up. Its credentials are sealed."""

import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from encours.actions.journal import record
from encours.actions.open_channel import NOTICES_AT, open_connection, owner_of
from encours.core.wording import Sentence, Wording
from encours.ports.channels import UnableToReachProvider
from encours.ports.connections import UnableToAsk, UnableToConfigure, configured, settings_of
from encours.ports.registry import channels
from encours.store.models import ChannelConnection, Company
from encours.store.secrets import UnableToUnseal, seal, unseal

UNKNOWN_SERVICE = Wording(
    "connect_channel.unknown", fr="Ce service n'existe pas.", en="There is no such service."
)
NO_NAME = Wording("connect_channel.no_name", fr="Donnez un nom au service.", en="Give the service a name.")
REFUSED = Wording(
    "connect_channel.refused", fr="Le service répond : {detail}", en="The service answers: {detail}"
)


class UnableToConnectChannel(Exception):
    """Nothing was changed; `sentence` says why."""

    def __init__(self, sentence: Sentence) -> None:
        super().__init__(sentence.code)
        self.sentence = sentence


@transaction.atomic
def connect_channel(
    *, company: Company, provider: str, name: str, given: Mapping[str, Any], notices_base: str, actor: str
) -> ChannelConnection:
    """The connection, in use: one that carried the same channel rests from now on.

    `given` holds settings and secrets by name, `notices_base` is where services reach us (scheme and host), "" when they
    cannot. Nothing is asked of the service. Raises `UnableToConnectChannel`.
    """
    made = channels().get(provider)
    if made is None:
        raise UnableToConnectChannel(UNKNOWN_SERVICE())
    if not name.strip():
        raise UnableToConnectChannel(NO_NAME())
    known = [each for each in settings_of(made.Config) if not each.hidden]
    try:
        configured(made.Config, {each.name: given.get(each.name) for each in known})
    except UnableToConfigure as error:
        raise UnableToConnectChannel(error.sentence) from error
    plain = {
        each.name: _clean(given[each.name]) for each in known if not each.secret and given.get(each.name)
    }
    secret = {each.name: _clean(given[each.name]) for each in known if each.secret and given.get(each.name)}
    _rest_others(company, made.channel, actor)
    connection = ChannelConnection(
        company=company,
        channel=made.channel,
        provider=provider,
        name=name.strip()[:80],
        settings=plain | ({NOTICES_AT: notices_base.rstrip("/")} if notices_base else {}),
        hook_key=secrets.token_urlsafe(32),
    )
    connection.sealed = seal(secret, owner=owner_of(connection))
    connection.save()
    _tell(connection, "channel.connected", actor)
    return connection


def try_connection(*, company: Company, connection_id: int, now: datetime) -> Sentence | None:
    """Why the service cannot be used, as far as it tells without sending anything; None when it answers."""
    connection = ChannelConnection.objects.get(company=company, pk=connection_id)
    problem = None
    try:
        service = open_connection(connection)
        try:
            service.open()
        finally:
            service.close()
    except UnableToAsk as error:
        problem = error.sentence
    except UnableToReachProvider as error:
        problem = REFUSED(detail=str(error))
    ChannelConnection.objects.filter(company=company, pk=connection_id).update(
        problem=problem.as_json() if problem else None,
        next_check_at=None,
        **({} if problem else {"checked_at": now}),
    )
    return problem


@transaction.atomic
def use_connection(*, company: Company, connection_id: int, actor: str) -> bool:
    """True when it rested: it carries its channel from now on, in place of another."""
    connection = ChannelConnection.objects.select_for_update().get(company=company, pk=connection_id)
    if connection.state != ChannelConnection.State.PAUSED:
        return False
    _rest_others(company, connection.channel, actor)
    connection.state, connection.next_check_at = ChannelConnection.State.ACTIVE, None
    connection.save(update_fields=["state", "next_check_at"])
    _tell(connection, "channel.used", actor)
    return True


@transaction.atomic
def rest_connection(*, company: Company, connection_id: int, actor: str) -> bool:
    """True when it was in use: nothing leaves by it until it is used again. What it carried is still asked about."""
    connection = ChannelConnection.objects.select_for_update().get(company=company, pk=connection_id)
    if connection.state != ChannelConnection.State.ACTIVE:
        return False
    connection.state = ChannelConnection.State.PAUSED
    connection.save(update_fields=["state"])
    _tell(connection, "channel.rested", actor)
    return True


@transaction.atomic
def revoke_connection(*, company: Company, connection_id: int, actor: str) -> bool:
    """Forgets the credentials; what it sent stays. False when they are forgotten already."""
    connection = ChannelConnection.objects.select_for_update().get(company=company, pk=connection_id)
    if connection.state == ChannelConnection.State.REVOKED:
        return False
    connection.state, connection.sealed, connection.problem = ChannelConnection.State.REVOKED, "", None
    connection.save(update_fields=["state", "sealed", "problem"])
    _tell(connection, "channel.revoked", actor)
    return True


@transaction.atomic
def replace_channel_secrets(
    *, company: Company, connection_id: int, given: Mapping[str, str], actor: str
) -> None:
    """New credentials for those given and not empty; the others stay as they are."""
    connection = ChannelConnection.objects.select_for_update().get(company=company, pk=connection_id)
    made = channels()[connection.provider]
    names = {each.name for each in settings_of(made.Config) if each.secret}
    new = {name: value.strip() for name, value in given.items() if name in names and value.strip()}
    if not new:
        return
    try:
        known = unseal(connection.sealed, owner=owner_of(connection))
    except UnableToUnseal:
        known = {}  # its key is gone: what is given now is all there is
    connection.sealed = seal(known | new, owner=owner_of(connection))
    connection.problem, connection.next_check_at = None, None
    connection.save(update_fields=["sealed", "problem", "next_check_at"])
    _tell(connection, "channel.secrets_replaced", actor)


def _rest_others(company: Company, channel: str, actor: str) -> None:
    used = ChannelConnection.objects.select_for_update().filter(
        company=company, channel=channel, state=ChannelConnection.State.ACTIVE
    )
    for connection in used:
        connection.state = ChannelConnection.State.PAUSED
        connection.save(update_fields=["state"])
        _tell(connection, "channel.rested", actor)


def _clean(value: Any) -> Any:
    return value.strip() if isinstance(value, str) else value


def _tell(connection: ChannelConnection, action: str, actor: str) -> None:
    """Never what is secret: the name and the kind only."""
    record(
        company=connection.company,
        actor=actor,
        action=action,
        subject_type="channel_connection",
        subject_id=connection.pk,
        data={"name": connection.name, "provider": connection.provider, "channel": connection.channel},
    )
