"""How a message leaves, and what is heard of it afterwards.

A channel hands over and says what became of it; it never decides whether to send. A service that reports later has its
notices read, or is asked; a report changes nothing by itself: `actions.take_reports` decides.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar, Literal, Protocol, runtime_checkable

from encours.core.delivery_reports import ReportKind
from encours.core.money import Money
from encours.core.wording import Sentence, Wording
from encours.ports.notices import Notice


class UnableToReachProvider(Exception):
    """Nobody answers, or refuses us before any message: nothing was handed over and nothing was tried."""


@dataclass(frozen=True)
class Attachment:
    name: str
    media_type: str
    content: bytes


@dataclass(frozen=True)
class OutgoingMessage:
    """A message ready to leave. `idempotency_key` is the same on every hand-over of the same message.

    `recipient_address` is what the channel reaches: an e-mail address, a number in E.164, or the lines of a postal address.
    A letter is what its PDF attachments are, in their order; `recipient_country` is its ISO 3166 code. `in_reply_to` and
    `references` are Message-IDs without brackets, the oldest first; `notices_at` is where the service may report to, "" when it
    cannot reach us.
    """

    idempotency_key: str
    sender_name: str
    sender_address: str
    recipient_name: str
    recipient_address: str
    language: str
    subject: str
    text: str
    html: str = ""
    reply_to: str = ""
    attachments: tuple[Attachment, ...] = field(default=())
    recipient_company: str = ""
    recipient_country: str = ""
    is_consumer: bool = False  # no professional
    references: tuple[str, ...] = field(default=())
    copy_to: str = ""
    blind_copy_to: str = ""
    tracks_opens: bool = False
    notices_at: str = ""

    @property
    def mail_id(self) -> str:
        """The Message-ID an e-mail carries, without brackets (RFC 5322, 3.6.4): of the same message always the same."""
        return f"{self.idempotency_key}@{self.sender_address.rpartition('@')[2]}"


@dataclass(frozen=True)
class HandedOver:
    """What the provider answered. `refused` is final for this address; `failed` may be tried again. `parts` is what is
    paid for: a text message may be several. `is_stopped` when its owner asked to get no more."""

    outcome: Literal["accepted", "refused", "failed"]
    provider_id: str = ""
    detail: str = ""
    parts: int = 1
    is_stopped: bool = False


@dataclass(frozen=True)
class Report:
    """What a service says of a message it took. `external_id` is the same whenever it says so again.

    `provider_id` is what `HandedOver` named, or `key` the message's idempotency key where the service gives that back;
    one about a person rather than a message (`opted_out`) has neither, only the `recipient`.
    """

    external_id: str
    kind: ReportKind
    reported_at: datetime
    provider_id: str = ""
    key: str = ""
    recipient: str = ""
    detail: str = ""
    raw: str = ""
    cost: Money | None = None  # what the message costs in all, where the service says


@dataclass(frozen=True)
class Proof:
    """A document in which a service attests what became of a message; `name` is one of `core.delivery_reports.PROOFS`."""

    name: str
    file: Attachment


class Channel(Protocol):
    """One folder in `providers/channels`, with one entry point. Made from its frozen `Config`, whose fields are made
    with `ports.connections.setting`.

    `name` is the entry point's; `channel` one of `core.dunning.policy.CHANNELS`.
    """

    name: ClassVar[str]
    channel: ClassVar[str]
    title: ClassVar[Wording]
    Config: ClassVar[type]

    def __init__(self, config: Any) -> None: ...

    def accepts(self, recipient_address: str) -> bool:
        """Whether the address is one this channel can reach."""
        ...

    def open(self) -> None:
        """Get ready to send: connect, or see that the connection still holds. Raises `UnableToReachProvider`."""
        ...

    def send(self, message: OutgoingMessage) -> HandedOver:
        """Hand the message to the provider, once. An exception leaves the outcome unknown."""
        ...

    def close(self) -> None: ...


@runtime_checkable
class Reporting(Protocol):
    """A channel whose service posts notices to us."""

    def read_notice(self, *, notice: Notice, now: datetime) -> tuple[Report, ...]:
        """What a notice says, once its signature was found right. Raises `UnableToTrustNotice`."""
        ...


@runtime_checkable
class Asked(Protocol):
    """A channel whose service is asked what became of a message."""

    def reports(self, *, provider_id: str, now: datetime) -> tuple[Report, ...]:
        """All it says of one message so far. Raises `UnableToReachProvider`."""
        ...


@runtime_checkable
class Proving(Protocol):
    """A channel whose service attests what became of a message."""

    def proofs(self, *, provider_id: str) -> tuple[Proof, ...]:
        """The proofs there are by now. Raises `UnableToReachProvider`."""
        ...


@dataclass(frozen=True)
class TrackingFile:
    """A file in which a service tells of many messages, as it was read. `unread` are the lines nobody understood, as they
    stand; `problem` says why none of it could be read."""

    name: str
    reports: tuple[Report, ...] = ()
    unread: tuple[str, ...] = ()
    problem: Sentence | None = None


@runtime_checkable
class Collecting(Protocol):
    """A channel whose service leaves files that tell what became of messages."""

    def collect(self, *, now: datetime) -> Iterator[TrackingFile]:
        """Those that are whole by now. Raises `UnableToReachProvider` and `ports.connections.UnableToAsk`."""
        ...

    def put_away(self, file: TrackingFile) -> None:
        """After its reports were kept: it is not given again. Raises as `collect` does."""
        ...


@runtime_checkable
class Remembering(Protocol):
    """A channel that can tell of a message whose hand-over was interrupted whether the service has it."""

    def remembered(self, *, keys: Sequence[str], now: datetime) -> tuple[Report, ...]:
        """A report for each of these idempotency keys that it has. One it says nothing of may have come all the same.
        Raises as `Collecting.collect` does."""
        ...
