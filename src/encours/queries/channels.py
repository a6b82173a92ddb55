"""By what messages can leave here, the services that carry them, and what each channel costs."""

from dataclasses import dataclass

from django.db.models import Q

from encours.core.dunning.policy import CHANNELS
from encours.core.webhooks import MESSAGE_EVENT
from encours.core.wording import Sentence
from encours.ports.channels import Reporting
from encours.ports.connections import UNKNOWN_HOST_KEY, ConnectionKind
from encours.ports.registry import channels
from encours.queries.connections import ConnectionRow, facts_of, kept_connections
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


def mailing_service(*, company: Company) -> str:
    """The name of the service that letters leave by; "" where a person prints them."""
    used = ChannelConnection.objects.filter(
        company=company, channel="letter", state=ChannelConnection.State.ACTIVE
    )
    return used.values_list("name", flat=True).first() or ""


def channel_costs(*, company: Company) -> dict[str, int]:
    """Cents a message costs, for each of CHANNELS: as the company set them, nothing where it said nothing."""
    return {channel: int(company.channel_costs.get(channel, 0)) for channel in CHANNELS}


@dataclass(frozen=True)
class ChannelRow(ConnectionRow):
    """A connected service. `takes_notices` when it reports to us at `hook_key`'s address, known to it as `notices_at`.
    `host_fingerprint` is what a server presented that waits for a person's word, "" when none does."""

    channel: str
    hook_key: str
    notices_at: str
    takes_notices: bool
    host_fingerprint: str


def channel_connections(*, company: Company) -> list[ChannelRow]:
    """All but the revoked ones: by channel, those in use first."""
    found = kept_connections(kind=ConnectionKind.CHANNEL, company=company)
    return [_row(each) for each in found.order_by("channel", "state", "name", "pk")]


def channel_connection(*, company: Company, connection_id: int) -> ChannelRow | None:
    """None when there is none of this id, or it was revoked."""
    found = kept_connections(kind=ConnectionKind.CHANNEL, company=company).filter(pk=connection_id).first()
    return _row(found) if found else None


def available_services() -> list[tuple[str, str, Sentence]]:
    """(channel, name, title) of every service that can be connected."""
    found = [(made.channel, name, made.title()) for name, made in channels().items()]
    return sorted(found, key=lambda each: (CHANNELS.index(each[0]), each[1]))  # type: ignore[arg-type]


def _row(found: ChannelConnection) -> ChannelRow:
    waits = (found.problem or {}).get("code") == UNKNOWN_HOST_KEY.code
    offered = found.settings.get("offered_host_key", {}) if waits else {}
    return ChannelRow(
        **facts_of(found),
        channel=found.channel,
        hook_key=found.hook_key,
        notices_at=found.settings.get("notices_at", ""),
        takes_notices=issubclass(channels().get(found.provider, object), Reporting),
        host_fingerprint=offered.get("fingerprint", ""),
    )
