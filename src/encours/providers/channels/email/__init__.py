"""E-mail over SMTP; without a server, into a folder of .eml files."""

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from encours.core.wording import Wording
from encours.ports.channels import HandedOver, OutgoingMessage
from encours.ports.connections import setting
from encours.providers.channels.email.folder import Folder
from encours.providers.channels.email.mime import mime
from encours.providers.channels.email.smtp import Smtp

TITLE = Wording("email.title", fr="Serveur d’envoi (SMTP)", en="Mail server (SMTP)")
SMTP_LABEL = Wording("email.smtp_url", fr="Adresse du serveur", en="Address of the server")
SMTP_HELP = Wording(
    "email.smtp_help",
    fr="smtp://utilisateur:motdepasse@serveur:587 (chiffré par STARTTLS) ou smtps://… ; scellée, car elle contient le mot de"
    " passe.",
    en="smtp://user:password@server:587 (encrypted by STARTTLS) or smtps://…; sealed, as it holds the password.",
)
FOLDER_LABEL = Wording("email.folder", fr="Dossier", en="Folder")
TIMEOUT_LABEL = Wording("email.timeout", fr="Délai (s)", en="Timeout (s)")


@dataclass(frozen=True)
class EmailConfig:
    """`smtp_url` is smtp://user:password@host:587 (STARTTLS on port 587) or smtps://…; `folder` is used without one."""

    smtp_url: str = setting(SMTP_LABEL, help=SMTP_HELP, secret=True, default="")
    folder: str = setting(FOLDER_LABEL, hidden=True, default="")
    timeout_seconds: int = setting(TIMEOUT_LABEL, hidden=True, default=30)


class Email:
    """One connection, kept for many messages. The Message-ID is made of the idempotency key."""

    name: ClassVar[str] = "email"
    channel: ClassVar[str] = "email"
    title: ClassVar[Wording] = TITLE
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
            mime(message),
            sender=message.sender_address,
            recipient=message.recipient_address,
            copies=tuple(each for each in (message.copy_to, message.blind_copy_to) if each),
        )

    def close(self) -> None:
        with suppress(OSError):
            self._transport.close()
