"""Adds a place to get bank data from: its settings checked, its credentials sealed, its access asked for."""

import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction

from encours.actions.journal import record
from encours.actions.open_bank_connection import open_bank_connection, owner_of, provider_type
from encours.core.wording import Sentence, Wording
from encours.ports.connections import UnableToConfigure, configured, settings_of
from encours.ports.live_feeds import Consent
from encours.ports.registry import live_feeds
from encours.store.models import BankConnection, Company
from encours.store.secrets import seal

UNKNOWN_PROVIDER = Wording(
    "connect_bank.unknown_provider", fr="Ce connecteur n'existe pas.", en="There is no such provider."
)
NO_NAME = Wording(
    "connect_bank.no_name", fr="Donnez un nom à la connexion.", en="Give the connection a name."
)
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


class UnableToConnectBank(Exception):
    """Nothing was changed; `sentence` says why."""

    def __init__(self, sentence: Sentence) -> None:
        super().__init__(sentence.code)
        self.sentence = sentence


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
    setting; others only folders below ENCOURS_DROP_FOLDERS. Raises `UnableToConnectBank`.
    """
    made = provider_type(provider)
    if made is None:
        raise UnableToConnectBank(UNKNOWN_PROVIDER())
    if not name.strip():
        raise UnableToConnectBank(NO_NAME())
    known = settings_of(made.Config)
    allowed = {each.name: given.get(each.name) for each in known if is_operator or not each.hidden}
    try:
        configured(made.Config, allowed)
    except UnableToConfigure as error:
        raise UnableToConnectBank(error.sentence) from error
    plain = {
        each.name: _clean(allowed[each.name]) for each in known if not each.secret and allowed.get(each.name)
    }
    if provider == "folder" and not is_operator:
        _check_folder(plain["folder"])
    needs_consent = provider in live_feeds()
    connection = BankConnection(
        company=company,
        provider=provider,
        name=name.strip()[:80],
        state=BankConnection.State.PENDING if needs_consent else BankConnection.State.ACTIVE,
        settings=plain,
        hook_key=secrets.token_urlsafe(32),
    )
    connection.sealed = seal(_secrets(made.Config, allowed), owner=owner_of(connection))
    connection.save()
    _tell(connection, "bank_connection.added", actor)
    return connection


def ask_for_consent(
    *, company: Company, connection_id: int, return_url: str, email: str, actor: str
) -> Consent:
    """Where a person lets us in; with an empty `url` the key alone sufficed and the connection is active.

    May be asked again, after a bank withdrew its consent too. Raises `UnableToAsk`.
    """
    connection = BankConnection.objects.get(company=company, pk=connection_id)
    feed = open_bank_connection(connection)
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
        _tell(connection, "bank_connection.authorised", actor)
    return consent


@transaction.atomic
def confirm_host(*, company: Company, connection_id: int, fingerprint: str, actor: str) -> None:
    """A person has compared the fingerprint a server presented: from now on it must present this key.

    Raises `UnableToConnectBank` when it is not the one that waits.
    """
    connection = BankConnection.objects.select_for_update().get(company=company, pk=connection_id)
    offered = connection.settings.get(OFFERED_HOST_KEY, {})
    if not offered or offered.get("fingerprint") != fingerprint:
        raise UnableToConnectBank(NO_HOST_KEY())
    kept = {name: value for name, value in connection.settings.items() if name != OFFERED_HOST_KEY}
    connection.settings = kept | {"host_key": offered["key"]}
    connection.state = BankConnection.State.ACTIVE
    connection.problem, connection.next_check_at, connection.failure_count = None, None, 0
    connection.save(update_fields=["settings", "state", "problem", "next_check_at", "failure_count"])
    _tell(connection, "bank_connection.host_confirmed", actor, fingerprint=fingerprint)


def _check_folder(folder: str) -> None:
    roots = [Path(root).resolve() for root in settings.DROP_FOLDERS if root]
    wanted = Path(folder).resolve()  # where it really leads
    if not any(wanted.is_relative_to(root) for root in roots):
        raise UnableToConnectBank(OUTSIDE(folders=", ".join(str(root) for root in roots)))


def _secrets(config: type, given: Mapping[str, Any]) -> dict[str, str]:
    return {
        each.name: _clean(given[each.name])
        for each in settings_of(config)
        if each.secret and given.get(each.name)
    }


def _clean(value: Any) -> Any:
    return value.strip() if isinstance(value, str) else value


def _tell(connection: BankConnection, action: str, actor: str, **more: Any) -> None:
    """Never what is secret, nor where money could be looked for: the name and the kind only."""
    record(
        company=connection.company,
        actor=actor,
        action=action,
        subject_type="bank_connection",
        subject_id=connection.pk,
        data={"name": connection.name, "provider": connection.provider, **more},
    )
