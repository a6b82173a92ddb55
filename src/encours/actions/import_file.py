"""Takes a file in: keeps it by its content, reads it, and brings what it holds into the books.

waiting -> running -> done, refused (nothing of the file was taken) or failed (our fault, may be tried again).
What a file brings is written in one transaction with its state: a process that dies leaves a batch "running"
of which nothing was kept, and which can be run again.
"""

import hashlib
import mimetypes
import os
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection, connections, transaction
from django.db.models.functions import Now

from encours.actions.import_documents import import_documents, quarantine
from encours.actions.import_orders import import_orders
from encours.actions.import_scores import import_scores
from encours.actions.import_statements import import_statements
from encours.actions.journal import record
from encours.actions.link_documents import link_imported
from encours.actions.read_ahead import read_ahead
from encours.actions.read_file import FILE_TOO_LARGE, FileReading, opened, read_file
from encours.actions.take_answer import is_answer, take_answer
from encours.core.imports import ImportOutcome
from encours.core.problems import Problem, by_line
from encours.core.wording import Sentence, Wording
from encours.ports.files import Progress, ReadContext, UnableToReadFile, shown_name, system_reason
from encours.ports.tables.headers import BY_HAND
from encours.store.models import ColumnMapping, Company, ImportBatch, ImportProblem, StoredFile
from encours.store.statistics import MANY_ROWS, refresh_statistics

FAILED = Wording(
    "import_failed",
    fr="L'import s'est interrompu : {cause}",
    en="The import broke off: {cause}",
)
NOT_KEPT = Wording(
    "file_not_kept",
    fr="Le fichier n'a pas pu être enregistré dans le dossier de données : {reason}.",
    en="The file could not be kept in the data folder: {reason}.",
)
_LONGEST_CAUSE = 300
_LOCK_CLASS = 7002  # advisory lock: one import per company at a time
_BLOCK = 1 << 20


def receive_file(*, company: Company, source: Path, name: str = "", actor: str) -> ImportBatch:
    """A waiting batch for a file, whose content is kept. Raises `UnableToReadFile` before anything is kept when
    it is missing, no ordinary file, empty or too large.
    """
    shown = (name or shown_name(source))[-255:]
    try:
        file = opened(path=source, name=shown, max_bytes=settings.IMPORT_MAX_BYTES)
        try:
            digest, size = _keep(file.path)
        except OSError as error:
            raise UnableToReadFile(NOT_KEPT(reason=system_reason(error))) from error
    except UnableToReadFile as error:
        error.problem = error.problem.in_file(shown)
        raise
    with transaction.atomic():
        stored, _ = StoredFile.objects.get_or_create(
            company=company,
            sha256=digest,
            defaults={"name": shown, "size": size, "media_type": mimetypes.guess_type(shown)[0] or ""},
        )
        return ImportBatch.objects.create(company=company, file=stored, file_name=shown, imported_by=actor)


def stored_path(sha256: str) -> Path:
    """Where the content of a received file lies."""
    return Path(settings.FILES_FOLDER) / sha256[:2] / sha256[2:]


def _keep(source: Path) -> tuple[str, int]:
    """(SHA-256, size) of a file whose content is on disk, under that name, before this returns."""
    folder = Path(settings.FILES_FOLDER)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    digest, size = hashlib.sha256(), 0
    descriptor, temporary = tempfile.mkstemp(dir=folder, prefix="arriving-")
    try:
        with os.fdopen(descriptor, "wb") as copy, source.open("rb") as original:
            while block := original.read(_BLOCK):
                size += len(block)
                if size > settings.IMPORT_MAX_BYTES:  # it grew since it was measured
                    limit = settings.IMPORT_MAX_BYTES >> 20
                    raise UnableToReadFile(FILE_TOO_LARGE(size=size >> 20, limit=limit))
                digest.update(block)
                copy.write(block)
            copy.flush()
            os.fsync(copy.fileno())
        final = stored_path(digest.hexdigest())
        final.parent.mkdir(mode=0o700, exist_ok=True)
        os.replace(temporary, final)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    return digest.hexdigest(), size


def run_import(
    *,
    company: Company,
    batch_id: int,
    kind: str = "",
    columns: Mapping[str, str] | None = None,
    progress: Progress | None = None,
) -> ImportOutcome:
    """Read the file of a batch and take in what it holds. A batch that is done already is only reported.

    `columns` maps headers to canonical fields by hand; the mapping that worked is remembered. An error that is
    not the file's leaves the batch "failed" and is raised.
    """
    batch = ImportBatch.objects.select_related("file").get(company=company, pk=batch_id)
    if batch.state in (ImportBatch.State.DONE, ImportBatch.State.REFUSED):
        return recorded_outcome(company=company, batch=batch)
    _set(batch, state=ImportBatch.State.RUNNING)
    # why an earlier attempt failed
    ImportProblem.objects.filter(company=company, batch=batch, sentence__code=FAILED.code).delete()
    try:
        outcome = _run(company, batch, kind, columns or {}, progress)
    except UnableToReadFile as error:
        return _refuse(company, batch, kind or error.kind, error.problem)
    # whatever it is, the batch must not stay "running" while somebody is there to say so
    except Exception as error:
        if not connection.needs_rollback:
            _fail(company, batch, error)
        raise
    if outcome.created >= MANY_ROWS:
        refresh_statistics()
    return outcome


@transaction.atomic
def _run(
    company: Company, batch: ImportBatch, kind: str, columns: Mapping[str, str], progress: Progress | None
) -> ImportOutcome:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [_LOCK_CLASS, company.pk])
    batch.refresh_from_db(fields=["state"])
    if batch.state == ImportBatch.State.DONE:  # another process was running it
        return recorded_outcome(company=company, batch=batch)
    path = stored_path(batch.file.sha256)
    if is_answer(path, kind=kind or batch.kind):
        outcome = take_answer(company=company, batch=batch, path=path)
        quarantine(company=company, batch=batch, problems=outcome.problems)
        return _done(batch, outcome)
    reading = read_file(
        path=path,
        name=batch.file_name,
        kind=kind or batch.kind,
        context=_context(company, columns),
        max_bytes=settings.IMPORT_MAX_BYTES,
    )
    batch.kind = reading.kind
    return _done(batch, _take(company, batch, reading, progress))


def _done(batch: ImportBatch, outcome: ImportOutcome) -> ImportOutcome:
    _set(
        batch,
        kind=outcome.kind,
        state=ImportBatch.State.DONE,
        notes=[note.as_json() for note in outcome.notes],
        created_count=outcome.created,
        unchanged_count=outcome.unchanged,
        refused_count=outcome.refused,
        finished_at=Now(),
    )
    return outcome


def _take(
    company: Company, batch: ImportBatch, reading: FileReading, progress: Progress | None
) -> ImportOutcome:
    actor = batch.imported_by
    if reading.statements is not None:
        bank = import_statements(
            company=company,
            batch=batch,
            statements=reading.statements,
            problems=reading.problems,
            actor=actor,
        )
        _remember(company, reading.kind, reading.mapping)
        return ImportOutcome(
            file=batch.file_name,
            kind=reading.kind,
            state=ImportBatch.State.DONE,
            created=bank.created,
            unchanged=bank.unchanged,
            refused=bank.refused,
            accounts=tuple(account.as_json() for account in bank.accounts),
            problems=by_line(problem.in_file(batch.file_name) for problem in bank.problems),
        )
    taken = None
    if reading.scores is not None:
        taken = import_scores(company=company, batch=batch, found=reading.scores, actor=actor)
    elif reading.orders is not None:
        taken = import_orders(company=company, batch=batch, found=reading.orders, actor=actor)
    if taken is not None:
        _remember(company, reading.kind, reading.mapping)
        return ImportOutcome(
            file=batch.file_name,
            kind=reading.kind,
            state=ImportBatch.State.DONE,
            created=taken.created,
            unchanged=taken.unchanged,
            refused=taken.refused,
            updated=taken.updated,
            problems=by_line(problem.in_file(batch.file_name) for problem in taken.problems),
        )
    assert reading.batches is not None
    seen = _Seen()
    with _reporting(batch, progress) as report:
        books = import_documents(
            company=company,
            batch=batch,
            batches=seen.watching(read_ahead(reading.batches)),
            actor=actor,
            progress=report,
        )
    if books.first_id is not None and books.last_id is not None:
        link_imported(
            company=company, batch=batch, first_id=books.first_id, last_id=books.last_id, actor=actor
        )
    _remember(company, reading.kind, seen.mapping)
    _set(batch, first_document_id=books.first_id, last_document_id=books.last_id)
    return ImportOutcome(
        file=batch.file_name,
        kind=reading.kind,
        state=ImportBatch.State.DONE,
        created=books.created,
        unchanged=books.unchanged,
        refused=books.refused,
        updated=books.updated,
        documents=books.documents,
        problems=by_line((*reading.problems, *books.problems)),
        notes=tuple(seen.notes),
    )


def _refuse(company: Company, batch: ImportBatch, kind: str, problem: Problem) -> ImportOutcome:
    """Nothing of the file was taken; why is kept."""
    with transaction.atomic():
        _set(
            batch,
            kind=kind or batch.kind,
            state=ImportBatch.State.REFUSED,
            refused_count=1,
            finished_at=Now(),
        )
        quarantine(company=company, batch=batch, problems=[problem])
        record(
            company=company,
            actor=batch.imported_by,
            action="file.refused",
            subject_type="import_batch",
            subject_id=batch.pk,
            data={"file": batch.file_name, "kind": kind or batch.kind, "problem": problem.code},
        )
    return ImportOutcome(
        file=batch.file_name,
        kind=kind or batch.kind,
        state=ImportBatch.State.REFUSED,
        refused=1,
        problems=(problem.in_file(batch.file_name),),
    )


@transaction.atomic
def _fail(company: Company, batch: ImportBatch, error: Exception) -> None:
    """It may be tried again; what went wrong is kept for whoever looks."""
    _set(batch, state=ImportBatch.State.FAILED)
    said = str(error).strip().partition("\n")[0][:_LONGEST_CAUSE]
    cause = f"{type(error).__name__}: {said}" if said else type(error).__name__
    quarantine(company=company, batch=batch, problems=[Problem(FAILED(cause=cause))])


def recorded_outcome(*, company: Company, batch: ImportBatch) -> ImportOutcome:
    """What a finished batch came to, from what was kept of it."""
    kept = ImportProblem.objects.filter(company=company, batch=batch).order_by("pk")
    return ImportOutcome(
        file=batch.file_name,
        kind=batch.kind,
        state=batch.state,
        created=batch.created_count,
        unchanged=batch.unchanged_count,
        refused=batch.refused_count,
        problems=tuple(
            Problem(
                Sentence.from_json(row.sentence),
                line=row.line,
                field=row.field,
                file=batch.file_name,
                raw=row.raw,
                severity="warning" if row.severity == "warning" else "error",
            )
            for row in kept
        ),
        notes=tuple(Sentence.from_json(note) for note in batch.notes),
    )


def _set(batch: ImportBatch, **values: Any) -> None:
    ImportBatch.objects.filter(company_id=batch.company_id, pk=batch.pk).update(**values)


def _context(company: Company, columns: Mapping[str, str]) -> ReadContext:
    remembered = ColumnMapping.objects.filter(company=company).order_by("pk")
    mappings: dict[str, Mapping[str, str]] = {row.fingerprint: row.columns for row in remembered}
    if columns:
        mappings[BY_HAND] = columns
    return ReadContext(currency=company.currency, mappings=mappings, company_siren=company.siren)


def _remember(company: Company, kind: str, mapping: tuple[str, Mapping[str, str]] | None) -> None:
    """The next file with these headers is read the same way."""
    if mapping is None:
        return
    fingerprint, columns = mapping
    ColumnMapping.objects.update_or_create(
        company=company, kind=kind, fingerprint=fingerprint, defaults={"columns": dict(columns)}
    )


@dataclass
class _Seen:
    """The mapping a reader used and what it notes, noticed while its batches pass."""

    mapping: tuple[str, Mapping[str, str]] | None = None
    notes: list[Sentence] = field(default_factory=list)

    def watching(self, batches: Any) -> Any:
        for batch in batches:
            self.mapping = batch.mapping or self.mapping
            self.notes += batch.notes
            yield batch


class _reporting:
    """Progress for the caller, and for whoever looks at the batch while its transaction is not finished yet."""

    def __init__(self, batch: ImportBatch, progress: Progress | None) -> None:
        self._batch, self._progress = batch, progress
        self._aside: Any = None

    def __enter__(self) -> Callable[[int, int], None]:
        return self._report

    def _report(self, done: int, total: int) -> None:
        if self._progress is not None:
            self._progress(done, total)
        if len(connection.savepoint_ids) > 0:
            return  # inside somebody's transaction nobody else sees the batch anyway
        if self._aside is None:
            self._aside = connections.create_connection("default")
        with self._aside.cursor() as cursor:
            cursor.execute(
                "UPDATE store_importbatch SET done_units = %s, total_units = %s WHERE id = %s AND company_id = %s",
                [done, total, self._batch.pk, self._batch.company_id],
            )

    def __exit__(self, *_: object) -> None:
        if self._aside is not None:
            self._aside.close()
