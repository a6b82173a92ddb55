"""Takes the complete files of a drop in, and puts them away.

Each file goes three committed steps: received (its content kept, under its name), imported, put away. A process that dies
between two leaves a row that says how far it came; the next round goes on from there. The same content again is only
put away.
"""

import tempfile
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import file_digest
from pathlib import Path

from django.conf import settings
from django.db import transaction

from encours.actions.import_file import receive_file, recorded_outcome, run_import
from encours.actions.read_file import FILE_TOO_LARGE
from encours.core.drops import is_candidate, is_complete
from encours.core.imports import ImportOutcome
from encours.core.wording import Sentence
from encours.ports.connections import UnableToAsk
from encours.ports.drops import Drop, DropEntry
from encours.ports.files import UnableToReadFile, shown_name
from encours.store.models import BankConnection, Company, DropFile, ImportBatch


@dataclass(frozen=True)
class DropTaken:
    """What came of one look: outcomes of the files imported now, names of those that may still be growing."""

    outcomes: tuple[ImportOutcome, ...]
    refused: tuple[tuple[str, Sentence], ...]  # files that never became an import, and why
    waiting: tuple[str, ...]


def take_drop(
    *, company: Company, connection: BankConnection, drop: Drop, now: datetime, actor: str
) -> DropTaken:
    """Everything complete in an open drop. The caller is the only one that reads it. Raises `UnableToAsk`."""
    look = _Look(company, connection, drop, now, actor)
    known = {file.name: file for file in DropFile.objects.filter(company=company, connection=connection)}
    failures = []
    for entry in drop.entries():
        if is_candidate(entry.name):
            name = shown_name(Path(entry.name))
            try:
                look.at(name, entry, known.get(name))
            except UnableToAsk:
                raise
            except Exception as error:  # noqa: BLE001 (one file that fails through our fault must not stop those after it)
                failures.append(error)
    if failures:
        raise failures[0]
    return DropTaken(tuple(look.outcomes), tuple(look.refused), tuple(look.waiting))


@dataclass
class _Look:
    company: Company
    connection: BankConnection
    drop: Drop
    now: datetime
    actor: str
    outcomes: list[ImportOutcome] = field(default_factory=list)
    refused: list[tuple[str, Sentence]] = field(default_factory=list)
    waiting: list[str] = field(default_factory=list)

    def at(self, name: str, entry: DropEntry, file: DropFile | None) -> None:
        """One file, as far as it goes today."""
        seen_at = None
        if file is not None and _is_same(file, entry):
            seen_at = file.seen_at
        else:
            if file is not None and file.state == DropFile.State.TAKEN:
                self._import(file)  # another file came under its name before its import ended
            file = self._see(file, name, entry)
        if file.state == DropFile.State.SEEN:
            if not self._is_complete(entry, seen_at) or not self._receive(file, entry):
                self.waiting.append(name)
                return
            if file.problem:
                self.refused.append((name, Sentence.from_json(file.problem)))
        if file.state == DropFile.State.TAKEN:
            self._import(file)
        self._put_away(file, entry)

    def _see(self, file: DropFile | None, name: str, entry: DropEntry) -> DropFile:
        """A row for a file that is new or has changed."""
        file = file or DropFile(company=self.company, connection=self.connection, name=name)
        file.size, file.modified_at, file.seen_at = entry.size, entry.modified_at, self.now
        file.state, file.batch, file.problem, file.is_put_away = DropFile.State.SEEN, None, None, False
        file.save()
        return file

    def _is_complete(self, entry: DropEntry, seen_at: datetime | None) -> bool:
        return is_complete(
            entry.modified_at,
            seen_at=seen_at,
            now=self.now,
            settle_seconds=self.drop.settle_seconds,
            shares_our_clock=self.drop.shares_our_clock,
        )

    def _receive(self, file: DropFile, entry: DropEntry) -> bool:
        """The content is kept and the row says so, both or neither. False when it is gone or grew meanwhile."""
        if entry.size > settings.IMPORT_MAX_BYTES:
            limit = settings.IMPORT_MAX_BYTES >> 20
            _refuse(file, FILE_TOO_LARGE(size=-(-entry.size >> 20), limit=limit))
            return True
        with tempfile.TemporaryDirectory(prefix="encours-drop-") as folder:
            copy = Path(folder) / "file"
            after = self.drop.fetch(entry, copy)
            if after is None:
                file.delete()
                return False
            if not _is_same(file, after) or copy.stat().st_size != entry.size:
                file.size, file.modified_at, file.seen_at = after.size, after.modified_at, self.now
                file.save(update_fields=["size", "modified_at", "seen_at"])
                return False
            try:
                with transaction.atomic():
                    file.batch = _same_content(self.company, copy) or receive_file(
                        company=self.company, source=copy, name=file.name, actor=self.actor
                    )
                    file.state = DropFile.State.TAKEN
                    file.save(update_fields=["batch", "state"])
            except UnableToReadFile as error:
                _refuse(file, error.problem.sentence)
        return True

    def _import(self, file: DropFile) -> None:
        assert file.batch_id is not None
        batch = ImportBatch.objects.select_related("file").get(company=self.company, pk=file.batch_id)
        if batch.state in (ImportBatch.State.DONE, ImportBatch.State.REFUSED):
            outcome = recorded_outcome(company=self.company, batch=batch)
        else:
            outcome = run_import(company=self.company, batch_id=file.batch_id)
        file.state = DropFile.State.DONE if outcome.state == "done" else DropFile.State.REFUSED
        file.save(update_fields=["state"])
        self.outcomes.append(outcome)

    def _put_away(self, file: DropFile, entry: DropEntry) -> None:
        if self.drop.after == "leave" or file.state not in (DropFile.State.DONE, DropFile.State.REFUSED):
            return
        if file.state == DropFile.State.DONE:
            self.drop.put_away(entry.name, "done", "")
        else:
            self.drop.put_away(entry.name, "refused", _note(self.company, file))
        file.is_put_away = True
        file.save(update_fields=["is_put_away"])


def _is_same(file: DropFile, entry: DropEntry) -> bool:
    """Whether a row tells of this very file; one that was put away already is another that came after it."""
    return (file.size, file.modified_at) == (entry.size, entry.modified_at) and not file.is_put_away


def _same_content(company: Company, copy: Path) -> ImportBatch | None:
    """An import of this very content that came to an end, whoever brought it."""
    with copy.open("rb") as content:
        digest = file_digest(content, "sha256").hexdigest()
    finished = (ImportBatch.State.DONE, ImportBatch.State.REFUSED)
    return (
        ImportBatch.objects.filter(company=company, file__sha256=digest, state__in=finished)
        .order_by("-pk")
        .first()
    )


def _refuse(file: DropFile, sentence: Sentence) -> None:
    file.state, file.problem, file.batch = DropFile.State.REFUSED, sentence.as_json(), None
    file.save(update_fields=["state", "problem", "batch"])


def _note(company: Company, file: DropFile) -> str:
    """Why a file was refused, for whoever left it there: in the company's language, first what concerns all of it."""
    if file.problem:
        sentences = [Sentence.from_json(file.problem)]
    else:
        assert file.batch is not None
        problems = recorded_outcome(company=company, batch=file.batch).problems
        sentences = [problem.sentence for problem in problems[:20]]
    return "".join(f"{sentence.say(company.language)}\n" for sentence in sentences)
