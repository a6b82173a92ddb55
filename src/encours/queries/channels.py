"""By what messages can leave here, and what each of them costs."""

from django.db.models import Q

from encours.core.dunning.policy import CHANNELS
from encours.core.webhooks import MESSAGE_EVENT
from encours.store.models import ChannelConnection, Company, WebhookEndpoint

# e-mail goes by the installation's server, or into its folder, when no service is connected; a person prints and calls
_ALWAYS = frozenset({"email", "letter", "task"})


def open_channels(*, company: Company) -> frozenset[str]:
    """The channels by which something here can send."""
    connected = ChannelConnection.objects.filter(company=company, state=ChannelConnection.State.ACTIVE)
    found = _ALWAYS | set(connected.values_list("channel", flat=True))
    listening = WebhookEndpoint.objects.filter(
        Q(events__contains=[MESSAGE_EVENT]), company=company, state=WebhookEndpoint.State.ACTIVE
    )
    if listening.exists():
        found |= {"webhook"}
    return frozenset(found & set(CHANNELS))


def channel_costs(*, company: Company) -> dict[str, int]:
    """Cents a message costs, for each of CHANNELS: as the company set them, nothing where it said nothing."""
    return {channel: int(company.channel_costs.get(channel, 0)) for channel in CHANNELS}
