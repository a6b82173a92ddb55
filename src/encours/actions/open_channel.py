"""Makes what carries a channel's messages: the service the company connected, else what the installation has."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings

from encours.core.wording import Wording
from encours.ports.channels import Channel
from encours.ports.connections import UnableToAsk, UnableToConfigure, configured, settings_of
from encours.ports.registry import channels
from encours.store.models import ChannelConnection, Company
from encours.store.secrets import UnableToUnseal, unseal

# a setting that is ours and not a provider's: where services reach us from outside
NOTICES_AT = "notices_at"

NO_CREDENTIALS = Wording(
    "channel.no_credentials",
    fr="Les identifiants de ce service ne peuvent plus être lus (clé absente) : donnez-les de nouveau.",
    en="The credentials of this service can no longer be read (their key is missing): give them again.",
)
NO_PROVIDER = Wording(
    "channel.no_provider",
    fr="Le service « {provider} » n'est pas installé.",
    en='The service "{provider}" is not installed.',
)


@dataclass(frozen=True)
class Carrier:
    """What carries messages of a channel. `notices_at` is where its service may report to, "" without one."""

    channel: Channel
    notices_at: str = ""


def carrier_of(*, company: Company, channel: str) -> Carrier | None:
    """None when no service is connected for this channel. Raises `UnableToAsk` when its credentials cannot be read."""
    connection = ChannelConnection.objects.filter(
        company=company, channel=channel, state=ChannelConnection.State.ACTIVE
    ).first()
    if connection is not None:
        return Carrier(open_connection(connection), notices_at(connection))
    if channel in settings.CHANNELS:  # the installation's own
        made = channels()[channel]
        return Carrier(made(made.Config(**settings.CHANNELS[channel])))
    return None


def open_connection(connection: ChannelConnection) -> Any:
    """The service, ready to be used. Raises `UnableToAsk` when its credentials cannot be read."""
    made = channels().get(connection.provider)
    if made is None:
        raise UnableToAsk(NO_PROVIDER(provider=connection.provider), needs_person=True)
    try:
        secret = unseal(connection.sealed, owner=owner_of(connection))
    except UnableToUnseal as error:
        raise UnableToAsk(NO_CREDENTIALS(), needs_person=True) from error
    names = {each.name for each in settings_of(made.Config)}
    given = {name: value for name, value in connection.settings.items() if name in names}
    try:
        return made(configured(made.Config, {**given, **secret}))
    except UnableToConfigure as error:
        raise UnableToAsk(error.sentence, needs_person=True) from error


def notices_at(connection: ChannelConnection) -> str:
    """The address a service's notices come to."""
    base = connection.settings.get(NOTICES_AT, "")
    return f"{base}/notifications/envois/{connection.company_id}/{connection.hook_key}/" if base else ""


def owner_of(connection: ChannelConnection) -> str:
    """The name credentials are sealed under: those of one connection do not open in another's row."""
    return f"channel_connection:{connection.company_id}:{connection.hook_key}"
