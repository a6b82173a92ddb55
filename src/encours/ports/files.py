"""Files that come through the front door, and the two ports that read them."""

import os
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

EMPTY_FILE = Wording("empty_file", fr="Le fichier est vide.", en="The file is empty.")


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
    """A file's name as text that can be stored and printed: bytes that are no UTF-8 become U+FFFD."""
    return os.fsencode(path.name).decode("utf-8", errors="replace")


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
