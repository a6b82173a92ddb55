"""A folder of an SFTP server, where banks leave statements (and EBICS gateways do)."""

import os
import posixpath
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import ClassVar

import asyncssh
from asyncssh.constants import FILEXFER_TYPE_REGULAR

from encours.core.drops import NOTE, names_beside
from encours.core.wording import Wording
from encours.ports.connections import setting
from encours.ports.drops import AFTER, AFTER_LABEL, FOLDER_LABEL, SETTLE_LABEL, DropEntry, PutAway
from encours.ports.sftp import (
    FETCH_SECONDS,
    HOST_KEY_LABEL,
    HOST_LABEL,
    PASSPHRASE_LABEL,
    PASSWORD_LABEL,
    PORT_LABEL,
    PRIVATE_KEY_HELP,
    PRIVATE_KEY_LABEL,
    STEP_SECONDS,
    USER_LABEL,
    SftpAccess,
    SftpSession,
)

_BLOCK = 1 << 18


@dataclass(frozen=True, kw_only=True)
class SftpConfig:
    host: str = setting(HOST_LABEL)
    port: int = setting(PORT_LABEL, default=22)
    username: str = setting(USER_LABEL)
    folder: str = setting(FOLDER_LABEL, default=".")
    password: str = setting(PASSWORD_LABEL, default="", secret=True)
    private_key: str = setting(PRIVATE_KEY_LABEL, help=PRIVATE_KEY_HELP, default="", secret=True, long=True)
    passphrase: str = setting(PASSPHRASE_LABEL, default="", secret=True)
    after: str = setting(AFTER_LABEL, default="move", choices=AFTER)
    host_key: str = setting(HOST_KEY_LABEL, default="", hidden=True)
    settle_seconds: int = setting(SETTLE_LABEL, default=30, hidden=True)


class Sftp:
    name: ClassVar[str] = "sftp"
    title: ClassVar[Wording] = Wording("drop.sftp", fr="Dépôt SFTP", en="SFTP drop")
    Config: ClassVar[type] = SftpConfig
    shares_our_clock: ClassVar[bool] = False

    def __init__(self, config: SftpConfig) -> None:
        self._config = config
        self.after, self.settle_seconds = config.after, config.settle_seconds
        self._session = SftpSession(
            SftpAccess(
                host=config.host, port=config.port, username=config.username, password=config.password,
                private_key=config.private_key, passphrase=config.passphrase, host_key=config.host_key,
                folder=config.folder,
            )
        )  # fmt: skip

    def open(self) -> None:
        self._session.open()

    def entries(self) -> list[DropEntry]:
        return self._session.run(self._entries(), STEP_SECONDS)

    def fetch(self, entry: DropEntry, into: Path) -> DropEntry | None:
        return self._session.run(self._fetch(entry, into), FETCH_SECONDS)

    def put_away(self, name: str, folder: PutAway, note: str) -> None:
        self._session.run(self._put_away(name, folder, note), STEP_SECONDS)

    def close(self) -> None:
        self._session.close()

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
        return self._session.client


def _entry(name: str, attrs: asyncssh.SFTPAttrs) -> DropEntry:
    return DropEntry(name, attrs.size or 0, datetime.fromtimestamp(attrs.mtime or 0, UTC))


def _text(name: str | bytes) -> str:
    return os.fsdecode(name) if isinstance(name, bytes) else name
