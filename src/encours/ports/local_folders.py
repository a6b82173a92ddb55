"""Folders of this machine, or that it mounts: what lies in one, and where a file goes once it was worked on."""

import os
import stat
from datetime import UTC, datetime
from pathlib import Path

from encours.core.drops import NOTE, names_beside
from encours.ports.connections import NO_FOLDER, NOT_REACHED, UnableToAsk
from encours.ports.drops import DropEntry, PutAway


def check_folder(folder: Path) -> None:
    """Raises `UnableToAsk` unless it is a folder, named from the root."""
    if not folder.is_absolute() or not folder.is_dir():
        raise UnableToAsk(NO_FOLDER(folder=str(folder)), needs_person=True)


def entries_of(folder: Path) -> list[DropEntry]:
    """Its files by name; no folders, no links: a link could lead to any file of the machine. Raises `OSError`."""
    with os.scandir(folder) as found:
        files = [each for each in found if each.is_file(follow_symlinks=False)]
        return sorted(
            (entry_of(each.name, each.stat(follow_symlinks=False)) for each in files),
            key=lambda entry: entry.name,
        )


def entry_of(name: str, status: os.stat_result) -> DropEntry:
    return DropEntry(name, status.st_size, datetime.fromtimestamp(status.st_mtime, UTC))


def open_file(path: Path) -> int:
    """A descriptor of the file itself, whatever its name leads to by now. Raises `OSError`."""
    return os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)


def is_file(status: os.stat_result) -> bool:
    return stat.S_ISREG(status.st_mode)


def put_away(folder: Path, name: str, below: PutAway, note: str) -> None:
    """Moves a file into a folder below, beside those of its name, with a note for people. Raises `OSError`."""
    path, target = folder / name, folder / below
    if not path.exists():
        return
    target.mkdir(exist_ok=True)
    final = next(free for each in names_beside(name) if not (free := target / each).exists())
    if note:
        final.with_name(final.name + NOTE).write_text(note, "utf-8")
    path.rename(final)


def not_reached(folder: Path, error: OSError) -> UnableToAsk:
    return UnableToAsk(NOT_REACHED(host=str(folder), reason=error.strerror or "?"))
