"""A real SMTP server on 127.0.0.1 that keeps what it takes and answers as it is told."""

import socket
from collections.abc import Callable
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

from aiosmtpd.controller import Controller


class PostOffice:
    """`answers` maps a stage ("MAIL", "RCPT", "DATA") to the reply it gives instead of taking the mail."""

    def __init__(self) -> None:
        self.taken: list[EmailMessage] = []
        self.answers: dict[str, str] = {}
        # called when a command is heard, before any answer
        self.when_asked: dict[str, Callable[[], None]] = {}
        self.before_taking: Callable[[EmailMessage], None] = lambda _: None
        self.hang_up_after_data = False
        self.connections = 0
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self._port = free.getsockname()[1]
        self._controller = Controller(self, hostname="127.0.0.1", port=self._port)

    def __enter__(self) -> "PostOffice":
        self._controller.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._controller.stop()

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self._port}"

    @property
    def keys(self) -> list[str]:
        return [str(mail["Message-ID"]) for mail in self.taken]

    async def handle_EHLO(self, server, session, envelope, hostname, responses):
        self.connections += 1
        session.host_name = hostname
        return responses

    async def handle_MAIL(self, server, session, envelope, address, options):
        self.when_asked.get("MAIL", _nothing)()
        if "MAIL" in self.answers:
            return self.answers["MAIL"]
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(self, server, session, envelope, address, options):
        self.when_asked.get("RCPT", _nothing)()
        if "RCPT" in self.answers:
            return self.answers["RCPT"]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        mail = message_from_bytes(envelope.content, policy=default)
        if "DATA" in self.answers:
            return self.answers["DATA"]
        self.before_taking(mail)
        self.taken.append(mail)
        if self.hang_up_after_data:
            server.transport.abort()
        return "250 taken"


def _nothing() -> None:
    return
