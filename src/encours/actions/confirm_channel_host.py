"""A person confirms the server a mailing house takes letters on, by the fingerprint it presents."""

from django.db import transaction

from encours.actions.connect_bank import NO_HOST_KEY, OFFERED_HOST_KEY
from encours.actions.new_connection import UnableToConnect, record_connection
from encours.ports.connections import UnableToTrustHost
from encours.store.models import ChannelConnection, Company


@transaction.atomic
def offer_host_key(*, company: Company, connection_id: int, error: UnableToTrustHost) -> None:
    """What the server presented waits for a person beside what it says of itself."""
    connection = ChannelConnection.objects.select_for_update().get(company=company, pk=connection_id)
    offered = {"key": error.host_key, "fingerprint": error.sentence.params["fingerprint"]}
    connection.settings = connection.settings | {OFFERED_HOST_KEY: offered}
    connection.save(update_fields=["settings"])


@transaction.atomic
def confirm_channel_host(*, company: Company, connection_id: int, fingerprint: str, actor: str) -> None:
    """From now on the server must present this key. Raises `UnableToConnect` when it is not the one that waits."""
    connection = ChannelConnection.objects.select_for_update().get(company=company, pk=connection_id)
    offered = connection.settings.get(OFFERED_HOST_KEY, {})
    if not offered or offered.get("fingerprint") != fingerprint:
        raise UnableToConnect(NO_HOST_KEY())
    kept = {name: value for name, value in connection.settings.items() if name != OFFERED_HOST_KEY}
    connection.settings = kept | {"host_key": offered["key"]}
    connection.problem, connection.next_check_at, connection.failure_count = None, None, 0
    connection.save(update_fields=["settings", "problem", "next_check_at", "failure_count"])
    record_connection(connection, "host_confirmed", actor=actor, fingerprint=fingerprint)
