"""A folder of an SFTP server, where banks leave statements (and EBICS gateways do).

The server must present the key a person has confirmed: until then, and when it presents another one, neither name nor
password is sent. Nothing of the user's own SSH settings, keys or agent is used.
"""

import asyncio
import os
import posixpath
from collections.abc import Awaitable, Coroutine
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ClassVar, TypeVar

import asyncssh
from asyncssh.constants import FILEXFER_TYPE_REGULAR

from encours.core.drops import NOTE, names_beside
from encours.core.wording import Wording
from encours.ports.connections import (
    CHANGED_HOST_KEY,
    NO_FOLDER,
    NOT_LET_IN,
    NOT_REACHED,
    UNKNOWN_HOST_KEY,
    UnableToAsk,
    UnableToTrustHost,
    setting,
)
from encours.ports.drops import AFTER, AFTER_LABEL, FOLDER_LABEL, SETTLE_LABEL, DropEntry, PutAway

T = TypeVar("T")

_HOST = Wording("sftp.host", fr="Serveur", en="Server")
_PORT = Wording("sftp.port", fr="Port", en="Port")
_USER = Wording("sftp.username", fr="Utilisateur", en="User")
_HOST_KEY = Wording("sftp.host_key", fr="Clé du serveur", en="Key of the server")
_PASSWORD = Wording("sftp.password", fr="Mot de passe", en="Password")
_PRIVATE_KEY = Wording("sftp.private_key", fr="Clé privée", en="Private key")
_PRIVATE_KEY_HELP = Wording(
    "sftp.private_key_help",
    fr="Au format OpenSSH ou PEM. Un mot de passe ou une clé suffit.",
    en="In OpenSSH or PEM format. A password or a key will do.",
)
_PASSPHRASE = Wording("sftp.passphrase", fr="Phrase secrète de la clé", en="Passphrase of the key")
_BLOCK = 1 << 18
_CONNECT_SECONDS, _STEP_SECONDS, _FETCH_SECONDS = 15, 30, 900


@dataclass(frozen=True, kw_only=True)
class SftpConfig:
    host: str = setting(_HOST)
    port: int = setting(_PORT, default=22)
    username: str = setting(_USER)
    folder: str = setting(FOLDER_LABEL, default=".")
    password: str = setting(_PASSWORD, default="", secret=True)
    private_key: str = setting(_PRIVATE_KEY, help=_PRIVATE_KEY_HELP, default="", secret=True, long=True)
    passphrase: str = setting(_PASSPHRASE, default="", secret=True)
    after: str = setting(AFTER_LABEL, default="move", choices=AFTER)
    host_key: str = setting(_HOST_KEY, default="", hidden=True)
    settle_seconds: int = setting(SETTLE_LABEL, default=30, hidden=True)


class Sftp:
    name: ClassVar[str] = "sftp"
    title: ClassVar[Wording] = Wording("drop.sftp", fr="Dépôt SFTP", en="SFTP drop")
    Config: ClassVar[type] = SftpConfig
    shares_our_clock: ClassVar[bool] = False

    def __init__(self, config: SftpConfig) -> None:
        self._config = config
        self.after, self.settle_seconds = config.after, config.settle_seconds
        self._runner = asyncio.Runner()
        self._connection: asyncssh.SSHClientConnection | None = None
        self._sftp: asyncssh.SFTPClient | None = None

    def open(self) -> None:
        self._run(self._open(), _CONNECT_SECONDS * 2)

    def entries(self) -> list[DropEntry]:
        return self._run(self._entries(), _STEP_SECONDS)

    def fetch(self, entry: DropEntry, into: Path) -> DropEntry | None:
        return self._run(self._fetch(entry, into), _FETCH_SECONDS)

    def put_away(self, name: str, folder: PutAway, note: str) -> None:
        self._run(self._put_away(name, folder, note), _STEP_SECONDS)

    def close(self) -> None:
        if self._connection is not None:
            self._connection.abort()
        self._runner.close()

    def _run(self, work: Coroutine[Any, Any, T], seconds: int) -> T:
        """Everything that can go wrong on the wire, as an answer nobody gave."""
        host = self._config.host
        try:
            return self._runner.run(_within(work, seconds))
        except asyncssh.HostKeyNotVerifiable as error:
            presented = self._runner.run(_within(self._presented(), _CONNECT_SECONDS))
            raise UnableToAsk(
                CHANGED_HOST_KEY(host=host, fingerprint=presented.get_fingerprint()), needs_person=True
            ) from error
        except (asyncssh.PermissionDenied, asyncssh.KeyImportError, asyncssh.KeyEncryptionError) as error:
            raise UnableToAsk(NOT_LET_IN(host=host), needs_person=True) from error
        except (asyncssh.SFTPNoSuchFile, asyncssh.SFTPNoSuchPath) as error:
            raise UnableToAsk(NO_FOLDER(folder=self._config.folder), needs_person=True) from error
        except TimeoutError as error:
            raise UnableToAsk(NOT_REACHED(host=host, reason="timeout")) from error
        except (OSError, asyncssh.Error) as error:
            raise UnableToAsk(NOT_REACHED(host=host, reason=type(error).__name__)) from error

    async def _presented(self) -> asyncssh.SSHKey:
        key = await asyncssh.get_server_host_key(self._config.host, self._config.port, config=None)
        if key is None:
            raise ConnectionError("no host key")
        return key

    async def _open(self) -> None:
        config = self._config
        if not config.host_key:
            key = await self._presented()
            line = key.export_public_key().decode().strip()
            sentence = UNKNOWN_HOST_KEY(host=config.host, fingerprint=key.get_fingerprint())
            raise UnableToTrustHost(sentence, host_key=line)
        own = None
        if config.private_key:
            own = [asyncssh.import_private_key(config.private_key, config.passphrase or None)]
        self._connection = await asyncssh.connect(
            config.host,
            config.port,
            known_hosts=([asyncssh.import_public_key(config.host_key)], [], []),
            username=config.username,
            password=config.password or None,
            client_keys=own,
            agent_path=None,
            config=None,
            gss_auth=False,
            gss_kex=False,
            connect_timeout=_CONNECT_SECONDS,
            login_timeout=_CONNECT_SECONDS,
        )
        self._sftp = await self._connection.start_sftp_client()

    async def _entries(self) -> list[DropEntry]:
        found = []
        async for each in self._client.scandir(self._config.folder):
            if each.attrs.type == FILEXFER_TYPE_REGULAR:
                found.append(_entry(_text(each.filename), each.attrs))
        return sorted(found, key=lambda entry: entry.name)

    async def _fetch(self, entry: DropEntry, into: Path) -> DropEntry | None:
        path = self._path(entry.name)
        try:
            async with self._client.open(path, "rb") as source:
                with into.open("wb") as target:
                    while block := await source.read(_BLOCK):
                        target.write(block)
                        if target.tell() > entry.size:  # it grew: it will be looked at again
                            break
            return _entry(entry.name, await self._client.lstat(path))
        except asyncssh.SFTPNoSuchFile:
            return None

    async def _put_away(self, name: str, folder: PutAway, note: str) -> None:
        below = self._path(folder)
        if not await self._client.exists(self._path(name)):
            return
        if not await self._client.isdir(below):
            await self._client.mkdir(below)
        final = await self._free(below, name)
        if note:
            async with self._client.open(final + NOTE, "wb") as file:
                await file.write(note.encode())
        await self._client.rename(self._path(name), final)

    async def _free(self, folder: str, name: str) -> str:
        """A name nobody has there yet."""
        for each in names_beside(name):
            path = posixpath.join(folder, each)
            if not await self._client.exists(path):
                return path
        raise AssertionError("names never end")

    def _path(self, name: str) -> str:
        return posixpath.join(self._config.folder, name)

    @property
    def _client(self) -> asyncssh.SFTPClient:
        assert self._sftp is not None, "open it first"
        return self._sftp


async def _within(work: Awaitable[T], seconds: int) -> T:
    return await asyncio.wait_for(work, seconds)


def _entry(name: str, attrs: asyncssh.SFTPAttrs) -> DropEntry:
    return DropEntry(name, attrs.size or 0, datetime.fromtimestamp(attrs.mtime or 0, UTC))


def _text(name: str | bytes) -> str:
    return os.fsdecode(name) if isinstance(name, bytes) else name
