"""How a message leaves. A channel hands over and says what became of it; it never decides whether to send."""

from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal, Protocol


class UnableToReachProvider(Exception):
    """Nobody answers, or refuses us before any message: nothing was handed over and nothing was tried."""


@dataclass(frozen=True)
class Attachment:
    name: str
    media_type: str
    content: bytes


@dataclass(frozen=True)
class OutgoingMessage:
    """A message ready to leave. `idempotency_key` is the same on every hand-over of the same message."""

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


@dataclass(frozen=True)
class HandedOver:
    """What the provider answered. `refused` is final for this address; `failed` may be tried again."""

    outcome: Literal["accepted", "refused", "failed"]
    provider_id: str = ""
    detail: str = ""


class Channel(Protocol):
    """One folder in `providers/channels`, with one entry point. Made from its frozen `Config`."""

    name: ClassVar[str]
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
