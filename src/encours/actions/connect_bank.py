"""Adds a place to get bank data from, and asks for access to it."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction

from encours.actions.new_connection import UnableToConnect, new_connection, record_connection
from encours.actions.open_connection import open_connection
from encours.core.wording import Wording
from encours.ports.connections import ConnectionKind
from encours.ports.live_feeds import Consent
from encours.ports.registry import live_feeds
from encours.store.models import BankConnection, Company

OUTSIDE = Wording(
    "connect_bank.outside",
    fr="Ce dossier n'est pas sous {folders} (ENCOURS_DROP_FOLDERS). Ailleurs, la personne qui administre la machine ajoute le"
    " dossier par la commande « encours feeds add ».",
    en="This folder is not below {folders} (ENCOURS_DROP_FOLDERS). Elsewhere, whoever administers the machine adds it with"
    " `encours feeds add`.",
)
NO_HOST_KEY = Wording(
    "connect_bank.no_host_key",
    fr="Aucune empreinte n'attend de confirmation, ou ce n'est plus la même : regardez-la de nouveau.",
    en="No fingerprint waits to be confirmed, or it is another one now: look at it again.",
)
# settings that are ours and not a provider's
OFFERED_HOST_KEY = "offered_host_key"


@transaction.atomic
def connect_bank(
    *,
    company: Company,
    provider: str,
    name: str,
    given: Mapping[str, Any],
    is_operator: bool,
    actor: str,
) -> BankConnection:
    """The connection; one that needs consent is pending until `ask_for_consent`. Nothing is asked of the other side.

    `given` holds settings and secrets by name. An operator (the command line) may have any folder watched and any hidden
    setting; others only folders below ENCOURS_DROP_FOLDERS. Raises `UnableToConnect`.
    """
    connection: BankConnection = new_connection(
        kind=ConnectionKind.BANK,
        company=company,
        provider=provider,
        name=name,
        given=given,
        may_set_hidden=is_operator,
    )
    if provider == "folder" and not is_operator:
        _check_folder(connection.settings["folder"])
    if provider in live_feeds():
        connection.state = BankConnection.State.PENDING
    connection.save()
    record_connection(connection, "added", actor=actor)
    return connection


def ask_for_consent(
    *, company: Company, connection_id: int, return_url: str, email: str, actor: str
) -> Consent:
    """Where a person lets us in; with an empty `url` the key alone sufficed and the connection is active.

    May be asked again, after a bank withdrew its consent too. Raises `UnableToAsk`.
    """
    connection = BankConnection.objects.get(company=company, pk=connection_id)
    feed = open_connection(connection)
    try:
        consent = feed.connect(return_url=return_url, email=email, reference=connection.hook_key)
    finally:
        feed.close()
    with transaction.atomic():
        connection = BankConnection.objects.select_for_update().get(company=company, pk=connection_id)
        connection.settings |= dict(consent.settings or {})
        connection.state = BankConnection.State.ACTIVE
        connection.problem, connection.next_check_at, connection.failure_count = None, None, 0
        connection.save(update_fields=["settings", "state", "problem", "next_check_at", "failure_count"])
        record_connection(connection, "authorised", actor=actor)
    return consent


@transaction.atomic
def confirm_host(*, company: Company, connection_id: int, fingerprint: str, actor: str) -> None:
    """A person has compared the fingerprint a server presented: from now on it must present this key.

    Raises `UnableToConnect` when it is not the one that waits.
    """
    connection = BankConnection.objects.select_for_update().get(company=company, pk=connection_id)
    offered = connection.settings.get(OFFERED_HOST_KEY, {})
    if not offered or offered.get("fingerprint") != fingerprint:
        raise UnableToConnect(NO_HOST_KEY())
    kept = {name: value for name, value in connection.settings.items() if name != OFFERED_HOST_KEY}
    connection.settings = kept | {"host_key": offered["key"]}
    connection.state = BankConnection.State.ACTIVE
    connection.problem, connection.next_check_at, connection.failure_count = None, None, 0
    connection.save(update_fields=["settings", "state", "problem", "next_check_at", "failure_count"])
    record_connection(connection, "host_confirmed", actor=actor, fingerprint=fingerprint)


def _check_folder(folder: str) -> None:
    roots = [Path(root).resolve() for root in settings.DROP_FOLDERS if root]
    wanted = Path(folder).resolve()  # where it really leads
    if not any(wanted.is_relative_to(root) for root in roots):
        raise UnableToConnect(OUTSIDE(folders=", ".join(str(root) for root in roots)))
