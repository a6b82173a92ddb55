"""E-mail over SMTP; without a server, into a folder of .eml files."""

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from encours.ports.channels import HandedOver, OutgoingMessage
from encours.providers.channels.email.folder import Folder
from encours.providers.channels.email.mime import mime
from encours.providers.channels.email.smtp import Smtp


@dataclass(frozen=True)
class EmailConfig:
    """`smtp_url` is smtp://user:password@host:587 (STARTTLS on port 587) or smtps://…; `folder` is used without one."""

    smtp_url: str = ""
    folder: str = ""
    timeout_seconds: float = 30.0


class Email:
    """One connection, kept for many messages. The Message-ID is made of the idempotency key."""

    name: ClassVar[str] = "email"
    Config: ClassVar[type] = EmailConfig

    def __init__(self, config: EmailConfig) -> None:
        if config.smtp_url:
            self._transport = Smtp(config.smtp_url, config.timeout_seconds)
        else:
            self._transport = Folder(Path(config.folder))

    def accepts(self, recipient_address: str) -> bool:
        local, at, domain = recipient_address.rpartition("@")
        return bool(local and at and "." in domain and " " not in recipient_address)

    def open(self) -> None:
        self._transport.open()

    def send(self, message: OutgoingMessage) -> HandedOver:
        return self._transport.send(
            mime(message), sender=message.sender_address, recipient=message.recipient_address
        )

    def close(self) -> None:
        with suppress(OSError):
            self._transport.close()
