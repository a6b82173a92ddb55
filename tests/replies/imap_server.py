"""A small IMAP4rev1 server on 127.0.0.1, over TLS, that speaks what RFC 3501 says of the commands a reader uses, its failures included."""

import base64
import re
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from tempfile import TemporaryDirectory

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@dataclass
class Stored:
    uid: int
    content: bytes
    received_at: datetime
    flags: set[str] = field(default_factory=set)


@dataclass
class ImapServer:
    """One account with folders. What a test sets decides how it fails; `log` has every command but what is secret in it."""

    username: str = "relances@lumen.example"
    password: str = "motdepasse à part"
    folders: dict[str, list[Stored]] = field(default_factory=lambda: {"INBOX": []})
    uid_validity: int = 3857529045
    hang_up_in_body_of: int | None = None  # a UID: the connection breaks in the middle of its text
    lies_about: int | None = None  # a UID that SEARCH names and FETCH no longer knows
    offers_plain: bool = True
    bearer: str = ""  # the access token that lets in; then no password does
    offers_bearer: str = "XOAUTH2"
    chatter: bool = False  # tells of other mails' flags in between, as a server may
    log: list[str] = field(default_factory=list)
    port: int = 0
    certificate: str = ""

    def put(self, content: bytes, *, received_at: datetime, folder: str = "INBOX") -> int:
        mails = self.folders[folder]
        uid = (mails[-1].uid if mails else 100) + 1
        mails.append(Stored(uid, content, received_at))
        return uid

    def settings(self, **more: object) -> dict[str, object]:
        """What a connection to it is given."""
        return {
            "host": "localhost",
            "port": self.port,
            "username": self.username,
            "password": self.password,
            "certificate": self.certificate,
            **more,
        }


@contextmanager
def imap_server() -> Iterator[ImapServer]:
    server = ImapServer()
    with TemporaryDirectory() as folder:
        context = _context(server, Path(folder))
        listening = socket.create_server(("127.0.0.1", 0))
        server.port = listening.getsockname()[1]
        threading.Thread(target=_accept, args=(server, listening, context), daemon=True).start()
        try:
            yield server
        finally:
            listening.close()


def _context(server: ImapServer, folder: Path) -> ssl.SSLContext:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.DNSName("localhost"), x509.IPAddress(ip_address("127.0.0.1"))]),
            critical=False,
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = certificate.public_bytes(serialization.Encoding.PEM)
    server.certificate = pem.decode()
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path = folder / "server.pem"
    path.write_bytes(secret + pem)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    return context


def _accept(server: ImapServer, listening: socket.socket, context: ssl.SSLContext) -> None:
    while True:
        try:
            plain, _ = listening.accept()
        except OSError:
            return
        threading.Thread(target=_serve, args=(server, plain, context), daemon=True).start()


def _serve(server: ImapServer, plain: socket.socket, context: ssl.SSLContext) -> None:
    with suppress(OSError), context.wrap_socket(plain, server_side=True) as secure:
        _Session(server, secure).run()


class _HungUp(Exception):
    pass


class _Session:
    def __init__(self, server: ImapServer, connection: ssl.SSLSocket) -> None:
        self._server, self._connection = server, connection
        self._lines = connection.makefile("rb")
        self._folder: list[Stored] | None = None
        self._is_read_only = True
        self._is_signed_in = False

    def run(self) -> None:
        self._say("* OK IMAP4rev1 ready")
        with suppress(_HungUp):
            for raw in self._lines:
                line = raw.decode("utf-8", "replace").rstrip("\r\n")
                tag, _, rest = line.partition(" ")
                command, _, arguments = rest.partition(" ")
                shown = "…" if command.upper() == "LOGIN" else arguments
                self._server.log.append(f"{command.upper()} {shown}".strip())
                if self._answer(tag, command.upper(), arguments):
                    return

    def _answer(self, tag: str, command: str, arguments: str) -> bool:
        match command:
            case "CAPABILITY":
                plain = " AUTH=PLAIN" if self._server.offers_plain and not self._server.bearer else ""
                bearer = f" AUTH={self._server.offers_bearer}" if self._server.bearer else ""
                self._say(f"* CAPABILITY IMAP4rev1{plain}{bearer}")
                self._say(f"{tag} OK done")
            case "AUTHENTICATE" if arguments == self._server.offers_bearer:
                self._bearer(tag)
            case "AUTHENTICATE":
                self._say("+ ")
                given = base64.b64decode(self._lines.readline()).decode().split("\0")
                self._sign_in(tag, given[1], given[2])
            case "LOGIN":
                username, password = re.findall(r'"((?:[^"\\]|\\.)*)"', arguments)
                self._sign_in(tag, username, re.sub(r"\\(.)", r"\1", password))
            case "LOGOUT":
                self._say("* BYE")
                self._say(f"{tag} OK bye")
                return True
            case _ if not self._is_signed_in:
                self._say(f"{tag} NO sign in first")
            case "SELECT" | "EXAMINE":
                self._select(tag, arguments, read_only=command == "EXAMINE")
            case "UID":
                self._uid(tag, arguments)
            case _:
                self._say(f"{tag} BAD unknown command")
        return False

    def _sign_in(self, tag: str, username: str, password: str) -> None:
        self._is_signed_in = (username, password) == (self._server.username, self._server.password)
        self._say(
            f"{tag} OK signed in" if self._is_signed_in else f"{tag} NO [AUTHENTICATIONFAILED] no such login"
        )

    def _bearer(self, tag: str) -> None:
        """What is refused is told as a challenge first, which wants an answer (Google's XOAUTH2; RFC 7628, 3.2.3)."""
        server = self._server
        self._say("+ ")
        given = base64.b64decode(self._lines.readline()).decode()
        if server.offers_bearer == "XOAUTH2":
            wanted, wanted_after = f"user={server.username}\1auth=Bearer {server.bearer}\1\1", b""
        else:
            wanted, wanted_after = (
                f"n,a={server.username},\1host=localhost\1port={server.port}\1auth=Bearer {server.bearer}\1\1",
                b"\1",
            )
        self._is_signed_in = given == wanted
        if self._is_signed_in:
            self._say(f"{tag} OK signed in")
            return
        self._say("+ " + base64.b64encode(b'{"status":"400","schemes":"Bearer"}').decode())
        after = base64.b64decode(self._lines.readline())
        self._say(f"{tag} NO AUTHENTICATE failed." if after == wanted_after else f"{tag} BAD unexpected")

    def _select(self, tag: str, arguments: str, *, read_only: bool) -> None:
        self._folder = self._server.folders.get(arguments.strip('"'))
        self._is_read_only = read_only
        if self._folder is None:
            self._say(f"{tag} NO [NONEXISTENT] no such folder")
            return
        self._say(f"* {len(self._folder)} EXISTS")
        self._say(f"* OK [UIDVALIDITY {self._server.uid_validity}] UIDs valid")
        self._say(f"{tag} OK [{'READ-ONLY' if read_only else 'READ-WRITE'}] done")

    def _uid(self, tag: str, arguments: str) -> None:
        assert self._folder is not None
        command, _, rest = arguments.partition(" ")
        if command == "SEARCH":
            self._search(rest)
        elif command == "FETCH":
            uids, _, wanted = rest.partition(" ")
            self._fetch({int(uid) for uid in uids.split(",")}, wanted)
        elif command == "STORE":
            uid, what, flags = rest.split(" ", 2)
            if self._is_read_only:
                self._say(f"{tag} NO folder is read-only")
                return
            assert what == "+FLAGS.SILENT"
            for mail in self._folder:
                if mail.uid == int(uid):
                    mail.flags |= set(flags.strip("()").split())
        self._say(f"{tag} OK done")

    def _search(self, rest: str) -> None:
        assert self._folder is not None
        if rest.startswith("UID "):
            first = int(rest[4:].partition(":")[0])
            # the last mail is always meant by "*", below the first or not
            found = [mail.uid for mail in self._folder if mail.uid >= first or mail is self._folder[-1]]
        else:
            day, month, year = rest.removeprefix("SINCE ").split("-")
            since = datetime(int(year), _MONTHS.index(month) + 1, int(day), tzinfo=UTC)
            found = [mail.uid for mail in self._folder if mail.received_at >= since]
        if self._server.lies_about:
            found.append(self._server.lies_about)
        self._say(f"* SEARCH {' '.join(map(str, found))}".rstrip())

    def _fetch(self, uids: set[int], wanted: str) -> None:
        assert self._folder is not None
        for number, mail in enumerate(self._folder, 1):
            if mail.uid not in uids:
                continue
            if "RFC822.SIZE" in wanted:
                moment = mail.received_at
                told = f"{moment.day:2d}-{_MONTHS[moment.month - 1]}-{moment:%Y %H:%M:%S} +0000"
                self._say(
                    f'* {number} FETCH (UID {mail.uid} RFC822.SIZE {len(mail.content)} INTERNALDATE "{told}")'
                )
                continue
            assert "BODY.PEEK[" in wanted, "a reader must not mark what it reads"
            if self._server.chatter:
                self._say(f"* {number} FETCH (UID 1 FLAGS (\\Seen))")
            content = mail.content
            if "HEADER" in wanted:
                content = content.partition(b"\r\n\r\n")[0] + b"\r\n\r\n"
            part = "BODY[HEADER]" if "HEADER" in wanted else "BODY[]"
            head = f"* {number} FETCH (UID {mail.uid} {part} {{{len(content)}}}\r\n".encode()
            if self._server.hang_up_in_body_of == mail.uid:
                self._connection.sendall(head + content[: len(content) // 2])
                self._connection.close()
                raise _HungUp
            self._connection.sendall(head + content + b")\r\n")

    def _say(self, line: str) -> None:
        self._connection.sendall(line.encode() + b"\r\n")
