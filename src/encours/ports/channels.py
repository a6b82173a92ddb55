"""How a message leaves. A channel hands over and says what became of it; it never decides whether to send."""

from dataclasses import dataclass, field
from typing import ClassVar, Literal, Protocol


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
    name: ClassVar[str]

    def accepts(self, recipient_address: str) -> bool:
        """Whether the address is one this channel can reach."""
        ...

    def send(self, message: OutgoingMessage) -> HandedOver:
        """Hand the message to the provider, once. An exception leaves the outcome unknown."""
        ...
