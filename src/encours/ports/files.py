"""Files that come through the front door, and the two ports that read them."""

import errno
import os
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar, Protocol

from encours.core.invoices import DocumentBatch
from encours.core.problems import Problem
from encours.core.statements import Statement
from encours.core.wording import Sentence, Wording

Progress = Callable[[int, int], None]
"""Called with (done, total), total being 0 while it is not known; the unit is the caller's."""

# control and format characters, line and paragraph separators
_UNPRINTABLE = {"Cc", "Cf", "Zl", "Zp"}
EMPTY_FILE = Wording("empty_file", fr="Le fichier est vide.", en="The file is empty.")


# by errno, of the system's own reasons those a person can do something about
_SYSTEM_REASONS = {
    errno.EACCES: Wording("os.no_permission", fr="vous n'en avez pas le droit", en="permission denied"),
    errno.EPERM: Wording("os.not_permitted", fr="le système l'interdit", en="the system forbids it"),
    errno.ENOENT: Wording("os.no_path", fr="son chemin n'existe pas", en="its path does not exist"),
    errno.ENOTDIR: Wording("os.not_a_folder", fr="son chemin n'existe pas", en="its path does not exist"),
    errno.EIO: Wording("os.io_error", fr="le disque ne répond pas", en="the disk does not answer"),
    errno.ELOOP: Wording("os.link_loop", fr="le lien tourne en rond", en="the link leads to itself"),
    errno.ENOSPC: Wording("os.no_space", fr="le disque est plein", en="the disk is full"),
    errno.EROFS: Wording("os.read_only", fr="il est en lecture seule", en="it is read-only"),
    errno.ENAMETOOLONG: Wording("os.name_too_long", fr="son nom est trop long", en="its name is too long"),
}


class UnableToReadFile(Exception):
    """The whole file is refused; nothing of it may be kept. Carries why, in words."""

    def __init__(
        self, sentence: Sentence, *, line: int | None = None, field: str = "", kind: str = ""
    ) -> None:
        super().__init__(sentence.code)
        self.problem = Problem(sentence, line=line, field=field)
        self.kind = kind  # what the file was recognised as, empty when it was not


@dataclass(frozen=True)
class ImportFile:
    """A file on disk within the size limit; `head` is its first 64 KiB, for recognising it."""

    path: Path
    name: str
    size: int
    head: bytes


@dataclass(frozen=True)
class ReadContext:
    """What a reader may know of the company: nothing it could change."""

    currency: str = "EUR"
    # column mappings confirmed earlier: {header fingerprint: {header: canonical field}}
    mappings: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    company_siren: str = ""


@dataclass(frozen=True)
class StatementFile:
    """A bank file read whole. Refused lines are in `problems`."""

    statements: tuple[Statement, ...]
    problems: tuple[Problem, ...] = ()
    # for formats with columns: fingerprint and mapping that was used, to be remembered
    mapping: tuple[str, Mapping[str, str]] | None = None


def shown_name(path: Path) -> str:
    """A file's name as one line of text that can be stored and printed: bytes that are no UTF-8, and what would move
    a terminal's cursor, become U+FFFD.
    """
    text = os.fsencode(path.name).decode("utf-8", errors="replace")
    return "".join("\ufffd" if unicodedata.category(c) in _UNPRINTABLE else c for c in text)


def system_reason(error: OSError) -> Sentence | str:
    """What the system says of a file, in words a person understands where there are some."""
    known = _SYSTEM_REASONS.get(error.errno or 0)
    return known() if known else error.strerror or str(error) or "?"


class BankFeed(Protocol):
    """Reads one bank format. `kind` is the name scripts see (camt053, cfonb120 …)."""

    kinds: ClassVar[tuple[str, ...]]

    def identify(self, file: ImportFile) -> str | None:
        """The kind when this reader is the one for the file, else None. Cheap: looks at `head` only."""
        ...

    def read(self, file: ImportFile, context: ReadContext) -> StatementFile:
        """The statements in the order of the file. Raises `UnableToReadFile`."""
        ...


class InvoiceSource(Protocol):
    """Reads one format of invoices or customers."""

    kinds: ClassVar[tuple[str, ...]]

    def identify(self, file: ImportFile) -> str | None: ...

    def read(self, file: ImportFile, context: ReadContext) -> Iterator[DocumentBatch]:
        """Batches of bounded size in the order of the file. Raises `UnableToReadFile`."""
        ...
