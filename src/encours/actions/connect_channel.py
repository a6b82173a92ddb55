"""Connects a service that carries messages, tries it, and lets it rest while another carries its channel."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction

from encours.actions.change_connection import locked_connection, pause_connection, resume_connection
from encours.actions.confirm_channel_host import offer_host_key
from encours.actions.new_connection import UnableToConnect, new_connection, record_connection
from encours.actions.open_channel import NOTICES_AT
from encours.actions.open_connection import open_connection
from encours.core.wording import Sentence, Wording
from encours.ports.channels import UnableToReachProvider
from encours.ports.connections import ConnectionKind, UnableToAsk, UnableToTrustHost
from encours.ports.registry import channels
from encours.store.models import ChannelConnection, Company

REFUSED = Wording(
    "connect_channel.refused", fr="Le service répond : {detail}", en="The service answers: {detail}"
)
OUTSIDE = Wording(
    "connect_channel.outside",
    fr="Le dossier {folder} n’est pas sous {folders} (ENCOURS_DROP_FOLDERS) : la personne qui administre la machine peut en"
    " autoriser d’autres.",
    en="The folder {folder} is not below {folders} (ENCOURS_DROP_FOLDERS): whoever administers the machine may allow others.",
)


@transaction.atomic
def connect_channel(
    *, company: Company, provider: str, name: str, given: Mapping[str, Any], notices_base: str, actor: str
) -> ChannelConnection:
    """The connection, in use: one that carried the same channel rests from now on.

    `given` holds settings and secrets by name, `notices_base` is where services reach us (scheme and host), "" when they
    cannot. Nothing is asked of the service. Raises `UnableToConnect`.
    """
    connection: ChannelConnection = new_connection(
        kind=ConnectionKind.CHANNEL, company=company, provider=provider, name=name, given=given
    )
    connection.channel = channels()[provider].channel
    if provider == "mailing_folder":
        _check_folders(connection.settings)
    if notices_base:
        connection.settings[NOTICES_AT] = notices_base.rstrip("/")
    _rest_others(company, connection.channel, actor)
    connection.save()
    record_connection(connection, "connected", actor=actor)
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
    except UnableToTrustHost as error:
        offer_host_key(company=company, connection_id=connection_id, error=error)
        problem = error.sentence
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
    kind = ConnectionKind.CHANNEL
    connection = locked_connection(kind=kind, company=company, connection_id=connection_id)
    if connection.state != ChannelConnection.State.PAUSED:
        return False
    _rest_others(company, connection.channel, actor)
    return resume_connection(
        kind=kind, company=company, connection_id=connection_id, actor=actor, verb="used"
    )  # fmt: skip


def rest_connection(*, company: Company, connection_id: int, actor: str) -> bool:
    """True when it was in use: nothing leaves by it until it is used again. What it carried is still asked about."""
    return pause_connection(
        kind=ConnectionKind.CHANNEL, company=company, connection_id=connection_id, actor=actor, verb="rested"
    )


def _check_folders(given: Mapping[str, Any]) -> None:
    """Only where whoever administers the machine lets files be left and taken (ENCOURS_DROP_FOLDERS)."""
    roots = [Path(root).resolve() for root in settings.DROP_FOLDERS if root]
    letters = Path(given["folder"])
    for folder in (letters, letters / given.get("tracking", "")):
        where = folder.resolve()  # where it really leads
        if not folder.is_absolute() or not any(where.is_relative_to(root) for root in roots):
            raise UnableToConnect(OUTSIDE(folder=str(folder), folders=", ".join(str(root) for root in roots)))


def _rest_others(company: Company, channel: str, actor: str) -> None:
    used = ChannelConnection.objects.filter(
        company=company, channel=channel, state=ChannelConnection.State.ACTIVE
    )
    for connection_id in used.values_list("pk", flat=True):
        rest_connection(company=company, connection_id=connection_id, actor=actor)
