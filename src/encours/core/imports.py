"""What came of a file that was brought in, as people and scripts are told."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from encours.core.problems import Problem
from encours.core.wording import Sentence

# of each document in the JSON that scripts read
DOCUMENT_COLUMNS = (
    "number",
    "type",
    "issue_date",
    "due_date",
    "currency",
    "payable_cents",
    "seller",
    "buyer",
)
# kinds whose files tell of accounts; those of the others tell of documents, be the file refused or not
BANK_KINDS = frozenset(
    {"camt052", "camt053", "camt054", "cfonb120", "mt940", "ofx", "bank_csv", "bridge", "qonto"}
)
# kinds whose files tell of neither
ORDER_KINDS = frozenset({"orders", "deliveries"})
SCORE_KINDS = frozenset({"scores"})
ANSWER_KIND = "pain002"


@dataclass(frozen=True)
class ImportOutcome:
    """What came of one file. `accounts` is given for bank files, `documents` (a frame) for the others.

    `state` is done or refused. `refused` counts lines, or is 1 when the whole file was refused.
    """

    file: str
    kind: str
    state: str
    created: int = 0
    unchanged: int = 0
    refused: int = 0
    updated: int = 0
    accounts: tuple[Mapping[str, Any], ...] | None = None
    documents: pl.DataFrame | None = None
    problems: tuple[Problem, ...] = ()
    notes: tuple[Sentence, ...] = ()  # how the file was understood

    def as_json(self, language: str) -> dict[str, Any]:
        """One entry of `files[]` as scripts read it. `language` is that of the problems' messages."""
        entry: dict[str, Any] = {
            "file": self.file,
            "kind": self.kind,
            "state": self.state,
            "created": self.created,
            "unchanged": self.unchanged,
            "refused": self.refused,
        }
        if self.updated:
            entry["updated"] = self.updated
        if self.accounts is not None or self.kind in BANK_KINDS:
            entry["accounts"] = [dict(account) for account in self.accounts or ()]
        if self.documents is not None:
            dates = pl.col("issue_date", "due_date").cast(pl.String)
            told = self.documents.with_columns(dates)
            entry["documents"] = told.to_dicts() if told.height <= _SMALL else _Streamed(told)
        elif (
            self.kind
            and self.kind not in ORDER_KINDS | SCORE_KINDS | {ANSWER_KIND}
            and "accounts" not in entry
        ):
            entry["documents"] = []
        if self.notes:
            entry["notes"] = [note.say(language) for note in self.notes]
        entry["problems"] = [problem.as_json(language) for problem in self.problems]
        return entry


_SMALL = 10_000


class _Streamed(list[dict[str, Any]]):
    """The rows of a large frame for `json.dump`, which walks a list: a million dicts are never held at once."""

    def __init__(self, frame: pl.DataFrame) -> None:
        super().__init__()
        self._frame = frame

    def __iter__(self) -> Iterator[dict[str, Any]]:
        for part in self._frame.iter_slices(_SMALL):
            yield from part.to_dicts()

    def __len__(self) -> int:
        return self._frame.height

    def __bool__(self) -> bool:
        return True


def refused_lines(problems: tuple[Problem, ...]) -> int:
    """How many lines were refused: a line counts once, whatever is wrong with it."""
    errors = [problem for problem in problems if problem.severity == "error"]
    return len({(problem.line, "" if problem.line else problem.raw) for problem in errors})
