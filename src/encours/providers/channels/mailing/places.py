"""Where a mailing house takes letters and leaves what became of them: a folder of this machine, one of an SFTP server.

A file gets its name last, in one step: whoever looks sees it whole or not at all.
"""

import os
import posixpath
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

import asyncssh
from asyncssh.constants import FILEXFER_TYPE_REGULAR

from encours.core.drops import NOTE, names_beside
from encours.ports.drops import DropEntry, PutAway
from encours.ports.local_folders import (
    check_folder,
    entries_of,
    entry_of,
    is_file,
    not_reached,
    open_file,
    put_away,
)
from encours.ports.sftp import FETCH_SECONDS, STEP_SECONDS, SftpSession

# what a file is called until it is whole (core.drops knows it for an unfinished one)
UNFINISHED = ".part"
MAX_TRACKING_BYTES = 32 << 20


class Place(Protocol):
    """All of it raises `UnableToAsk`."""

    def open(self) -> None: ...

    def is_there(self, name: str) -> bool:
        """Whether a letter's file lies in the folder of letters."""
        ...

    def stage(self, name: str, content: bytes) -> None:
        """Writes it whole, under a name that nobody takes."""
        ...

    def release(self, name: str) -> None:
        """Gives what was staged its name."""
        ...

    def tracking(self) -> list[DropEntry]:
        """The files of the folder of tracking, by name."""
        ...

    def read(self, entry: DropEntry) -> bytes | None:
        """A tracking file's content; None when it changed meanwhile, or is gone."""
        ...

    def put_away(self, name: str, folder: PutAway, note: str) -> None:
        """Moves a tracking file into a folder below its own, with a note beside it unless empty."""
        ...

    def close(self) -> None: ...


class FolderPlace:
    def __init__(self, *, letters: str, tracking: str) -> None:
        self._letters = Path(letters)
        self._tracking = self._letters / tracking

    def open(self) -> None:
        for folder in (self._letters, self._tracking):
            check_folder(folder)

    def is_there(self, name: str) -> bool:
        return (self._letters / name).exists()

    def stage(self, name: str, content: bytes) -> None:
        try:
            with (self._letters / (name + UNFINISHED)).open("wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise not_reached(self._letters, error) from error

    def release(self, name: str) -> None:
        try:
            (self._letters / (name + UNFINISHED)).replace(self._letters / name)
        except OSError as error:
            raise not_reached(self._letters, error) from error

    def tracking(self) -> list[DropEntry]:
        try:
            return entries_of(self._tracking)
        except OSError as error:
            raise not_reached(self._tracking, error) from error

    def read(self, entry: DropEntry) -> bytes | None:
        try:
            with os.fdopen(open_file(self._tracking / entry.name), "rb") as file:
                status = os.fstat(file.fileno())
                if not is_file(status) or entry_of(entry.name, status) != entry:
                    return None
                return file.read(MAX_TRACKING_BYTES)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise not_reached(self._tracking, error) from error

    def put_away(self, name: str, folder: PutAway, note: str) -> None:
        try:
            put_away(self._tracking, name, folder, note)
        except OSError as error:
            raise not_reached(self._tracking, error) from error

    def close(self) -> None:
        pass


class SftpPlace:
    def __init__(self, session: SftpSession, *, letters: str, tracking: str) -> None:
        self._session = session
        self._letters, self._tracking = letters, posixpath.join(letters, tracking)

    def open(self) -> None:
        if not self._session.is_open:
            self._session.open()
            self._session.run(self._look(), STEP_SECONDS)

    def is_there(self, name: str) -> bool:
        return self._session.run(self._client.exists(posixpath.join(self._letters, name)), STEP_SECONDS)

    def stage(self, name: str, content: bytes) -> None:
        self._session.run(
            self._write(posixpath.join(self._letters, name + UNFINISHED), content), FETCH_SECONDS
        )

    def release(self, name: str) -> None:
        path = posixpath.join(self._letters, name)
        self._session.run(self._client.rename(path + UNFINISHED, path), STEP_SECONDS)

    def tracking(self) -> list[DropEntry]:
        return self._session.run(self._entries(), STEP_SECONDS)

    def read(self, entry: DropEntry) -> bytes | None:
        return self._session.run(self._read(entry), FETCH_SECONDS)

    def put_away(self, name: str, folder: PutAway, note: str) -> None:
        self._session.run(self._put_away(name, folder, note), STEP_SECONDS)

    def close(self) -> None:
        self._session.close()

    @property
    def _client(self) -> asyncssh.SFTPClient:
        return self._session.client

    async def _look(self) -> None:
        for folder in (self._letters, self._tracking):
            if not await self._client.isdir(folder):
                raise asyncssh.SFTPNoSuchFile(folder)

    async def _write(self, path: str, content: bytes) -> None:
        async with self._client.open(path, "wb") as file:
            await file.write(content)

    async def _entries(self) -> list[DropEntry]:
        found = []
        async for each in self._client.scandir(self._tracking):
            if each.attrs.type == FILEXFER_TYPE_REGULAR:
                name = os.fsdecode(each.filename) if isinstance(each.filename, bytes) else each.filename
                found.append(_remote_entry(name, each.attrs))
        return sorted(found, key=lambda entry: entry.name)

    async def _read(self, entry: DropEntry) -> bytes | None:
        path = posixpath.join(self._tracking, entry.name)
        try:
            async with self._client.open(path, "rb") as file:
                content = await file.read(MAX_TRACKING_BYTES)
            now = _remote_entry(entry.name, await self._client.lstat(path))
        except asyncssh.SFTPNoSuchFile:
            return None
        return bytes(content) if now == entry else None

    async def _put_away(self, name: str, folder: PutAway, note: str) -> None:
        path, below = posixpath.join(self._tracking, name), posixpath.join(self._tracking, folder)
        if not await self._client.exists(path):
            return
        if not await self._client.isdir(below):
            await self._client.mkdir(below)
        final = await self._free(below, name)
        if note:
            await self._write(final + NOTE, note.encode())
        await self._client.rename(path, final)

    async def _free(self, folder: str, name: str) -> str:
        for each in names_beside(name):
            path = posixpath.join(folder, each)
            if not await self._client.exists(path):
                return path
        raise AssertionError("names never end")


def _remote_entry(name: str, attrs: asyncssh.SFTPAttrs) -> DropEntry:
    return DropEntry(name, attrs.size or 0, datetime.fromtimestamp(attrs.mtime or 0, UTC))
