"""Makes what carries a channel's messages: the service the company connected, else what the installation has."""

from dataclasses import dataclass

from django.conf import settings

from encours.actions.open_connection import open_connection
from encours.ports.channels import Channel
from encours.ports.registry import channels
from encours.store.models import ChannelConnection, Company

# a setting that is ours and not a provider's: where services reach us from outside
NOTICES_AT = "notices_at"


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


def notices_at(connection: ChannelConnection) -> str:
    """The address a service's notices come to."""
    base = connection.settings.get(NOTICES_AT, "")
    return f"{base}/notifications/envois/{connection.company_id}/{connection.hook_key}/" if base else ""
