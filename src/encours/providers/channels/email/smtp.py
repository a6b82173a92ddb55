"""Hand-over by SMTP, told apart by how far it came.

Before the message itself is sent (DATA) nothing can have left, so every failure is a plain one. A 4xx answer
may be tried again, a 5xx answer about the recipient or the message is final. When the connection
breaks after DATA nobody on this side knows whether the server took the message: the exception goes up and the outcome stays
unknown. smtplib's own `sendmail` hides that difference, so its commands are used one by one.
"""

import smtplib
import ssl
from contextlib import suppress
from email.message import EmailMessage
from urllib.parse import unquote, urlsplit

from encours.ports.channels import HandedOver, UnableToReachProvider

SUBMISSION_PORT = 587


class Smtp:
    def __init__(self, url: str, timeout_seconds: float) -> None:
        self._url = urlsplit(url)
        self._timeout_seconds = timeout_seconds
        self._server: smtplib.SMTP | None = None

    def open(self) -> None:
        if self._server is not None and self._alive(self._server):
            return
        self.close()
        try:
            self._server = self._connected()
        except (OSError, smtplib.SMTPException) as error:
            raise UnableToReachProvider(_said(error)) from error

    def send(
        self, message: EmailMessage, *, sender: str, recipient: str, copies: tuple[str, ...] = ()
    ) -> HandedOver:
        """`copies` get the same message; one that is refused does not keep it from its recipient."""
        if self._server is None:
            self.open()
        server = self._server
        assert server is not None
        try:
            refusal = self._envelope(server, sender, recipient, copies)
        except (OSError, smtplib.SMTPException) as error:
            self.close()
            return HandedOver("failed", detail=_said(error))
        if refusal is not None:
            return refusal
        return self._data(server, message)

    def close(self) -> None:
        server, self._server = self._server, None
        if server is not None:
            with suppress(OSError, smtplib.SMTPException):
                server.quit()

    def _connected(self) -> smtplib.SMTP:
        host, port = self._url.hostname or "127.0.0.1", self._url.port
        if self._url.scheme == "smtps":
            server: smtplib.SMTP = smtplib.SMTP_SSL(
                host, port or 465, timeout=self._timeout_seconds, context=ssl.create_default_context()
            )
        else:
            server = smtplib.SMTP(host, port or 25, timeout=self._timeout_seconds)
            if port == SUBMISSION_PORT:
                server.starttls(context=ssl.create_default_context())
        server.ehlo_or_helo_if_needed()
        if self._url.username:
            server.login(unquote(self._url.username), unquote(self._url.password or ""))
        return server

    @staticmethod
    def _alive(server: smtplib.SMTP) -> bool:
        try:
            return server.noop()[0] == 250
        except (OSError, smtplib.SMTPException):
            return False

    @staticmethod
    def _envelope(
        server: smtplib.SMTP, sender: str, recipient: str, copies: tuple[str, ...]
    ) -> HandedOver | None:
        """MAIL and RCPT; None when both were taken."""
        code, answer = server.mail(sender)
        if code != 250:
            # our own address or rights: says nothing about the recipient
            _start_over(server)
            return HandedOver("failed", detail=_line(code, answer))
        code, answer = server.rcpt(recipient)
        if code not in (250, 251):
            _start_over(server)
            return HandedOver("refused" if code >= 500 else "failed", detail=_line(code, answer))
        for copy in copies:
            server.rcpt(copy)
        return None

    def _data(self, server: smtplib.SMTP, message: EmailMessage) -> HandedOver:
        try:
            code, answer = server.data(message.as_bytes())
        except smtplib.SMTPDataError as error:  # DATA itself was refused: the message was not sent
            self.close()
            code, answer = error.smtp_code, error.smtp_error
            return HandedOver("failed", detail=_line(code, answer))
        except BaseException:
            self.close()
            raise
        if code == 250:
            return HandedOver("accepted", provider_id=_line(code, answer)[:200])
        return HandedOver("refused" if code >= 500 else "failed", detail=_line(code, answer))


def _start_over(server: smtplib.SMTP) -> None:
    with suppress(OSError, smtplib.SMTPException):  # a server that hung up is noticed before the next message
        server.rset()


def _line(code: int, answer: bytes | str) -> str:
    text = answer.decode("utf-8", "replace") if isinstance(answer, bytes) else answer
    return f"{code} {' '.join(text.split())}"


def _said(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        return _line(error.smtp_code, error.smtp_error)
    return f"{type(error).__name__}: {error}"
