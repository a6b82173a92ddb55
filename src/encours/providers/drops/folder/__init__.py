"""A folder of this machine, or one it mounts."""

import os
import shutil
import stat
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import ClassVar

from encours.core.drops import NOTE, names_beside
from encours.core.wording import Wording
from encours.ports.connections import NO_FOLDER, NOT_REACHED, UnableToAsk, setting
from encours.ports.drops import AFTER, AFTER_LABEL, FOLDER_LABEL, SETTLE_LABEL, DropEntry, PutAway


@dataclass(frozen=True)
class FolderConfig:
    folder: str = setting(FOLDER_LABEL)
    after: str = setting(AFTER_LABEL, default="move", choices=AFTER)
    settle_seconds: int = setting(SETTLE_LABEL, default=10, hidden=True)


class Folder:
    name: ClassVar[str] = "folder"
    title: ClassVar[Wording] = Wording("drop.watched_folder", fr="Dossier surveillé", en="Watched folder")
    Config: ClassVar[type] = FolderConfig
    shares_our_clock: ClassVar[bool] = True

    def __init__(self, config: FolderConfig) -> None:
        self._folder = Path(config.folder)
        self.after, self.settle_seconds = config.after, config.settle_seconds

    def open(self) -> None:
        if not self._folder.is_absolute() or not self._folder.is_dir():
            raise UnableToAsk(NO_FOLDER(folder=str(self._folder)), needs_person=True)

    def entries(self) -> list[DropEntry]:
        try:
            with os.scandir(self._folder) as found:
                # a link could lead to any file of the machine
                files = [each for each in found if each.is_file(follow_symlinks=False)]
                return sorted(
                    (_entry(each.name, each.stat(follow_symlinks=False)) for each in files),
                    key=lambda entry: entry.name,
                )
        except OSError as error:
            raise self._failed(error) from error

    def fetch(self, entry: DropEntry, into: Path) -> DropEntry | None:
        path = self._folder / entry.name
        try:
            # the file itself, whatever its name leads to by now
            descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
            with os.fdopen(descriptor, "rb") as source, into.open("wb") as target:
                if not stat.S_ISREG(os.fstat(source.fileno()).st_mode):
                    return None
                shutil.copyfileobj(source, target)
                return _entry(entry.name, os.fstat(source.fileno()))
        except FileNotFoundError:
            return None
        except OSError as error:
            raise self._failed(error) from error

    def put_away(self, name: str, folder: PutAway, note: str) -> None:
        path, below = self._folder / name, self._folder / folder
        try:
            if not path.exists():
                return
            below.mkdir(exist_ok=True)
            final = next(free for each in names_beside(name) if not (free := below / each).exists())
            if note:
                final.with_name(final.name + NOTE).write_text(note, "utf-8")
            path.rename(final)
        except OSError as error:
            raise self._failed(error) from error

    def close(self) -> None:
        pass

    def _failed(self, error: OSError) -> UnableToAsk:
        return UnableToAsk(NOT_REACHED(host=str(self._folder), reason=error.strerror or "?"))


def _entry(name: str, status: os.stat_result) -> DropEntry:
    return DropEntry(name, status.st_size, datetime.fromtimestamp(status.st_mtime, UTC))
