"""A place where others leave files for us: a folder of this machine, a server.

A drop lists, hands over and puts away. Which file is complete, and what it is, is decided by others.
"""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, ClassVar, Literal, Protocol

from encours.core.wording import Wording

AFTER = {
    "move": Wording(
        "drop.after_move", fr="Déplacer dans done/ ou refused/", en="Move it to done/ or refused/"
    ),
    "leave": Wording("drop.after_leave", fr="Le laisser en place", en="Leave it where it is"),
}
AFTER_LABEL = Wording("drop.after", fr="Une fois le fichier lu", en="Once a file is read")
FOLDER_LABEL = Wording("drop.folder", fr="Dossier", en="Folder")
SETTLE_LABEL = Wording(
    "drop.settle_seconds",
    fr="Secondes sans changement avant de lire un fichier",
    en="Seconds without a change before a file is read",
)
PutAway = Literal["done", "refused"]
"""Folders below the drop that finished files go to."""


@dataclass(frozen=True)
class DropEntry:
    """A file as the drop shows it now."""

    name: str
    size: int
    modified_at: datetime


class Drop(Protocol):
    """One folder in `providers/drops`, with one entry point. Made from its frozen `Config`."""

    name: ClassVar[str]
    title: ClassVar[Wording]
    Config: ClassVar[type]
    shares_our_clock: ClassVar[bool]
    """Whether `modified_at` is told by the clock of this machine."""
    after: str
    """What becomes of a file once it is read: a name of `AFTER`."""
    settle_seconds: int
    """How long a file must not have changed before it is read."""

    def __init__(self, config: Any) -> None: ...

    def open(self) -> None:
        """Raises `UnableToAsk`."""
        ...

    def entries(self) -> list[DropEntry]:
        """Ordinary files of the folder itself, by name; no links, nothing below it. Raises `UnableToAsk`."""
        ...

    def fetch(self, entry: DropEntry, into: Path) -> DropEntry | None:
        """Copies the file's content; gives it as it is afterwards, None when it is gone. Raises `UnableToAsk`."""
        ...

    def put_away(self, name: str, folder: PutAway, note: str) -> None:
        """Moves the file into a folder below, under a free name, with a note beside it unless empty. A file that is
        not there any more is no error. Raises `UnableToAsk`.
        """
        ...

    def close(self) -> None: ...
