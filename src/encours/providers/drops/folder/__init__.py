"""A folder of this machine, or one it mounts."""

import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from encours.core.wording import Wording
from encours.ports.connections import setting
from encours.ports.drops import AFTER, AFTER_LABEL, FOLDER_LABEL, SETTLE_LABEL, DropEntry, PutAway
from encours.ports.local_folders import (
    check_folder,
    entries_of,
    entry_of,
    is_file,
    not_reached,
    open_file,
    put_away,
)


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
        check_folder(self._folder)

    def entries(self) -> list[DropEntry]:
        try:
            return entries_of(self._folder)
        except OSError as error:
            raise not_reached(self._folder, error) from error

    def fetch(self, entry: DropEntry, into: Path) -> DropEntry | None:
        try:
            descriptor = open_file(self._folder / entry.name)
            with os.fdopen(descriptor, "rb") as source, into.open("wb") as target:
                if not is_file(os.fstat(source.fileno())):
                    return None
                shutil.copyfileobj(source, target)
                return entry_of(entry.name, os.fstat(source.fileno()))
        except FileNotFoundError:
            return None
        except OSError as error:
            raise not_reached(self._folder, error) from error

    def put_away(self, name: str, folder: PutAway, note: str) -> None:
        try:
            put_away(self._folder, name, folder, note)
        except OSError as error:
            raise not_reached(self._folder, error) from error

    def close(self) -> None:
        pass
