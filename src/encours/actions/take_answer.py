"""Takes a bank's answer to direct debits (pain.002) that came by the front door: an import, a watched folder, a server."""

from pathlib import Path

from django.conf import settings

from encours.actions.read_direct_debit_answer import UnableToReadDirectDebits, read_direct_debit_answer
from encours.actions.read_file import opened
from encours.core.imports import ANSWER_KIND, ImportOutcome
from encours.core.problems import Problem
from encours.ports.files import UnableToReadFile
from encours.store.models import Company, ImportBatch

_MARK = b"CstmrPmtStsRpt"


def is_answer(path: Path, *, kind: str = "") -> bool:
    """Whether a kept file is one; `kind` is what somebody said it is."""
    if kind:
        return kind == ANSWER_KIND
    head = opened(path=path, name=path.name, max_bytes=settings.IMPORT_MAX_BYTES).head
    return _MARK in head


def take_answer(*, company: Company, batch: ImportBatch, path: Path) -> ImportOutcome:
    """What came of it, said at the moment the file came. In the caller's transaction. Raises `UnableToReadFile`."""
    try:
        done = read_direct_debit_answer(
            company=company,
            name=batch.file_name,
            content=path.read_bytes(),
            now=batch.created_at,
            actor=batch.imported_by,
        )
    except UnableToReadDirectDebits as error:
        raise UnableToReadFile(error.sentence, kind=ANSWER_KIND) from error
    problems = tuple(Problem(each.sentence, line=each.line, file=batch.file_name) for each in done.problems)
    return ImportOutcome(
        file=batch.file_name,
        kind=ANSWER_KIND,
        state=ImportBatch.State.DONE,
        created=done.refused + done.put_back,
        refused=len(problems),
        problems=problems,
    )
