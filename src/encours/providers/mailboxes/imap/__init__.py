"""A mailbox over IMAP (RFC 9051, RFC 3501), always encrypted.

A mail is known by its UID as long as the folder's UIDVALIDITY stays; when that changes the last days are read again. Mails are fetched
with BODY.PEEK from a folder opened for reading only, so that nothing there changes, unless the settings ask to mark what was taken as read.
"""

import imaplib
import ssl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import date, datetime, timedelta
from typing import Any, ClassVar

from encours.core.wording import Wording
from encours.ports.connections import NOT_LET_IN, NOT_REACHED, NOT_UNDERSTOOD, UnableToAsk
from encours.ports.mailboxes import Cursor, IncomingMail
from encours.providers.mailboxes.imap.fields import (
    attribute,
    body,
    folder_name,
    internal_date,
    search_date,
    sequence,
)
from encours.providers.mailboxes.imap.settings import ImapConfig

_SIZES_AT_ONCE = 200
_TIMEOUT_SECONDS = 30

NO_FOLDER = Wording(
    "imap.no_folder",
    fr="{host} ne trouve pas le dossier « {folder} », ou n'y donne pas accès.",
    en='{host} does not find the folder "{folder}", or gives no access to it.',
)


class Imap:
    name: ClassVar[str] = "imap"
    title: ClassVar[Wording] = Wording("imap.title", fr="Boîte IMAP", en="IMAP mailbox")
    Config: ClassVar[type] = ImapConfig

    def __init__(self, config: Any) -> None:
        self._config = config
        self._server: imaplib.IMAP4 | None = None

    def check(self) -> int:
        with self._asking():
            _, count = self._opened()
            return count

    def arrivals(self, *, cursor: Cursor, today: date, max_bytes: int) -> Iterator[IncomingMail]:
        with self._asking():
            validity, _ = self._opened()
            uids = self._uids_since(cursor, validity, today)
        for start in range(0, len(uids), _SIZES_AT_ONCE):
            some = uids[start : start + _SIZES_AT_ONCE]
            with self._asking():
                about = self._about(some)
            for uid in some:
                if uid not in about:
                    continue  # somebody deleted it meanwhile
                size, received_at = about[uid]
                is_whole = size <= max_bytes
                with self._asking():
                    content = self._content(uid, "BODY.PEEK[]" if is_whole else "BODY.PEEK[HEADER]")
                if content is not None:
                    yield IncomingMail(
                        content, is_whole, size, received_at, {"validity": validity, "uid": uid}
                    )

    def taken(self, mail: IncomingMail) -> None:
        if self._config.after == "read":
            with self._asking():
                self._asked("STORE", str(mail.cursor["uid"]), "+FLAGS.SILENT", r"(\Seen)")

    def close(self) -> None:
        server, self._server = self._server, None
        if server is not None:
            with suppress(OSError, imaplib.IMAP4.error):
                server.logout()

    # -- the conversation

    def _opened(self) -> tuple[int, int]:
        """The folder, open: its UIDVALIDITY and how many mails it holds."""
        if self._server is None:
            self._server = self._signed_in()
        status, counted = self._server.select(
            folder_name(self._config.folder), readonly=self._config.after == "leave"
        )
        if status != "OK":
            sentence = NO_FOLDER(host=self._config.host, folder=self._config.folder)
            raise UnableToAsk(sentence, needs_person=True)
        _, validity = self._server.response("UIDVALIDITY")
        if not validity or not validity[-1]:
            raise self._not_understood("no UIDVALIDITY")
        return int(validity[-1]), int(counted[0] or 0)

    def _signed_in(self) -> imaplib.IMAP4:
        config = self._config
        context = ssl.create_default_context(cadata=config.certificate or None)
        if config.security == "starttls":
            server = imaplib.IMAP4(config.host, config.port, timeout=_TIMEOUT_SECONDS)
            server.starttls(context)
        else:
            server = imaplib.IMAP4_SSL(
                config.host, config.port, ssl_context=context, timeout=_TIMEOUT_SECONDS
            )
        try:
            self._sign_in(server)
        except imaplib.IMAP4.abort:
            raise
        except UnableToAsk:
            with suppress(OSError, imaplib.IMAP4.error):
                server.logout()
            raise
        except (imaplib.IMAP4.error, UnicodeError) as error:
            with suppress(OSError, imaplib.IMAP4.error):
                server.logout()
            raise self._not_let_in() from error
        return server

    def _sign_in(self, server: imaplib.IMAP4) -> None:
        config = self._config
        credentials = f"\0{config.username}\0{config.password}".encode()
        if "AUTH=PLAIN" in server.capabilities:
            server.authenticate("PLAIN", lambda _: credentials)
        else:
            server.login(sequence(config.username), config.password)

    def _not_let_in(self) -> UnableToAsk:
        return UnableToAsk(NOT_LET_IN(host=self._config.host), needs_person=True)

    def _uids_since(self, cursor: Cursor, validity: int, today: date) -> list[int]:
        last = cursor.get("uid", 0) if cursor.get("validity") == validity else 0
        if last:
            wanted = ("UID", f"{last + 1}:*")
        else:
            wanted = ("SINCE", search_date(today - timedelta(days=self._config.days_back)))
        found = self._asked("SEARCH", *wanted)
        uids = {int(uid) for line in found if isinstance(line, bytes) for uid in line.split()}
        # "n:*" always holds the last mail, even when its UID is below n (RFC 3501, 6.4.8)
        return sorted(uid for uid in uids if uid > last)

    def _about(self, uids: Sequence[int]) -> dict[int, tuple[int, datetime]]:
        """Size and day of arrival of each that is still there."""
        told = self._asked("FETCH", ",".join(map(str, uids)), "(UID RFC822.SIZE INTERNALDATE)")
        about = {}
        for line in told:
            text = line if isinstance(line, bytes) else line[0] if isinstance(line, tuple) else b""
            uid, size, moment = attribute(text, "UID"), attribute(text, "RFC822.SIZE"), internal_date(text)
            if uid is not None and size is not None and moment is not None:
                about[uid] = (size, moment)
        return about

    def _content(self, uid: int, part: str) -> bytes | None:
        return body(self._asked("FETCH", str(uid), f"(UID {part})"), uid)

    def _asked(self, command: str, *arguments: str) -> list[Any]:
        assert self._server is not None, "asked before the folder was opened"
        status, answer = self._server.uid(command, *arguments)
        if status != "OK":
            raise self._not_understood(f"UID {command}: {status}")
        return answer

    @contextmanager
    def _asking(self) -> Iterator[None]:
        """What goes wrong with the other side, in words. The connection is given up: its state is not known any more."""
        try:
            yield
        except ssl.SSLCertVerificationError as error:
            self._give_up()
            raise self._not_reached(error.verify_message, needs_person=True) from error
        except (OSError, imaplib.IMAP4.abort) as error:
            self._give_up()
            raise self._not_reached(str(error) or type(error).__name__) from error
        except (imaplib.IMAP4.error, ValueError) as error:
            self._give_up()
            raise self._not_understood(str(error)) from error

    def _give_up(self) -> None:
        server, self._server = self._server, None
        if server is not None:
            with suppress(OSError, imaplib.IMAP4.error):
                server.shutdown()

    def _not_reached(self, reason: str, *, needs_person: bool = False) -> UnableToAsk:
        return UnableToAsk(
            NOT_REACHED(host=self._config.host, reason=reason[:120]), needs_person=needs_person
        )

    def _not_understood(self, reason: str) -> UnableToAsk:
        return UnableToAsk(NOT_UNDERSTOOD(host=self._config.host, reason=reason[:120]))
