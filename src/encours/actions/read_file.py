"""Reads a file of any kind the product knows. Needs no company, no database and no Django."""

import stat
from codecs import BOM_UTF8
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path

from encours.core.acceptance import accept
from encours.core.invoices import DocumentBatch
from encours.core.orders.batches import OrderBatch
from encours.core.problems import Problem
from encours.core.scores import ScoreBatch
from encours.core.statements import Statement
from encours.core.wording import Wording
from encours.ports.files import (
    EMPTY_FILE,
    ImportFile,
    InvoiceSource,
    ReadContext,
    UnableToReadFile,
    shown_name,
    system_reason,
)
from encours.ports.registry import bank_feeds, invoice_sources, order_sources, score_sources
from encours.ports.tables import UNKNOWN_COLUMNS, fingerprint, first_records, is_table
from encours.ports.tables.headers import BY_HAND, UNKNOWN_FIELD
from encours.ports.tables.workbooks import is_workbook

NO_SUCH_FILE = Wording("no_such_file", fr="Ce fichier n'existe pas.", en="There is no such file.")
IS_A_DIRECTORY = Wording(
    "is_a_directory",
    fr="C'est un dossier : donnez les fichiers qu'il contient.",
    en="This is a folder: give the files in it.",
)
NOT_A_REGULAR_FILE = Wording(
    "not_a_regular_file",
    fr="Ce n'est pas un fichier ordinaire (tube, périphérique …).",
    en="This is no ordinary file (pipe, device …).",
)
NOT_READABLE = Wording(
    "file_not_readable",
    fr="Ce fichier ne peut pas être lu : {reason}.",
    en="This file cannot be read: {reason}.",
)
ARCHIVE = Wording(
    "archive",
    fr="C'est une archive compressée ({format}) ou un classeur abîmé : décompressez-la et donnez les fichiers qu'elle"
    " contient.",
    en="This is a compressed archive ({format}) or a damaged workbook: extract it and give the files in it.",
)
_ARCHIVES = {
    b"PK\x03\x04": "zip",
    b"\x1f\x8b": "gzip",
    b"BZh": "bzip2",
    b"\xfd7zXZ": "xz",
    b"7z\xbc\xaf": "7z",
    b"Rar!": "rar",
}
FILE_TOO_LARGE = Wording(
    "file_too_large",
    fr="Le fichier fait {size} Mo ; la limite est de {limit} Mo (ENCOURS_IMPORT_MAX_BYTES).",
    en="The file has {size} MB; the limit is {limit} MB (ENCOURS_IMPORT_MAX_BYTES).",
)
UNKNOWN_FORMAT = Wording(
    "unknown_format",
    fr="Le format de ce fichier n'est pas reconnu. Formats lus : {kinds}.",
    en="The format of this file is not recognised. Formats read: {kinds}.",
)
UNKNOWN_KIND = Wording(
    "unknown_kind",
    fr="Type de fichier « {kind} » inconnu. Types : {kinds}.",
    en='Unknown kind "{kind}". Kinds: {kinds}.',
)
MANY_REFUSED = Wording(
    "too_many_refused_lines",
    fr="Plus de {limit} lignes refusées : le fichier n'est pas celui qu'il semble être, rien n'en est repris.",
    en="More than {limit} lines are refused: the file is not what it seems to be, nothing of it is taken.",
)
MAX_REFUSED_LINES = 10_000
HEAD_BYTES = 1 << 16
# when a table could be of several kinds, the first of these that recognises it
_TABLES = ("invoices_csv", "bank_csv", "deliveries", "orders", "scores", "customers_csv")


@dataclass(frozen=True)
class FileReading:
    """What a file is and holds: `statements` of a bank file, `orders` (or deliveries), `scores`, or `batches` of documents and
    customers.

    `batches` is read as it is iterated, once; it may raise `UnableToReadFile`. `problems` are those known
    before: batches bring their own.
    """

    file: str
    kind: str
    statements: tuple[Statement, ...] | None
    batches: Iterator[DocumentBatch] | None
    problems: tuple[Problem, ...] = ()
    mapping: tuple[str, dict[str, str]] | None = None
    orders: OrderBatch | None = None
    scores: ScoreBatch | None = None


def known_kinds() -> tuple[str, ...]:
    """Every kind of file there is a reader for."""
    readers = chain(
        bank_feeds().values(), invoice_sources().values(), order_sources().values(), score_sources().values()
    )
    return tuple(sorted(kind for reader in readers for kind in reader.kinds))


def read_file(
    *, path: Path, kind: str = "", context: ReadContext, max_bytes: int, name: str = ""
) -> FileReading:
    """The file read by the reader of its kind: the one given, else the one that recognises it.

    Raises `UnableToReadFile` (its problem names the file) when the whole file is refused.
    """
    shown = name or shown_name(path)
    try:
        file = opened(path=path, name=shown, max_bytes=max_bytes)
        chosen = kind or _recognised(file, context)
    except UnableToReadFile as error:
        raise _named(error, shown, kind) from error
    try:
        return _read(file, chosen, context)
    except UnableToReadFile as error:
        raise _named(error, shown, chosen) from error


def opened(*, path: Path, name: str, max_bytes: int) -> ImportFile:
    """A regular file within the limit, with its head. Nothing is read of what is not. Raises `UnableToReadFile`."""
    try:
        status = path.stat()
        if stat.S_ISDIR(status.st_mode):
            raise UnableToReadFile(IS_A_DIRECTORY())
        if not stat.S_ISREG(status.st_mode):
            raise UnableToReadFile(NOT_A_REGULAR_FILE())
        if status.st_size > max_bytes:
            raise UnableToReadFile(FILE_TOO_LARGE(size=-(-status.st_size >> 20), limit=max_bytes >> 20))
        if status.st_size == 0:
            raise UnableToReadFile(EMPTY_FILE())
        with path.open("rb") as file:
            return ImportFile(path, name, status.st_size, file.read(HEAD_BYTES))
    except FileNotFoundError as error:
        raise UnableToReadFile(NO_SUCH_FILE()) from error
    except OSError as error:
        raise UnableToReadFile(NOT_READABLE(reason=system_reason(error))) from error


def _recognised(file: ImportFile, context: ReadContext) -> str:
    readers = chain(
        invoice_sources().values(), order_sources().values(), score_sources().values(), bank_feeds().values()
    )
    kinds = [kind for reader in readers if (kind := reader.identify(file))]
    others = [kind for kind in kinds if kind not in _TABLES]
    if others:
        return others[0]
    for mark, name in _ARCHIVES.items():
        if file.head.startswith(mark) and not is_workbook(file.head):
            raise UnableToReadFile(ARCHIVE(format=name))
    if is_table(file):
        tables = [kind for kind in _TABLES if kind in kinds]
        if kind := _mapped(file, context) or next(iter(tables), ""):
            return kind
        if first_records(file):
            raise UnableToReadFile(UNKNOWN_COLUMNS(columns=_columns(file), fields=_fields()))
    if not file.head.removeprefix(BOM_UTF8).strip() and file.size <= HEAD_BYTES:
        raise UnableToReadFile(EMPTY_FILE())
    raise UnableToReadFile(UNKNOWN_FORMAT(kinds=", ".join(known_kinds())))


def _mapped(file: ImportFile, context: ReadContext) -> str:
    """The kind of table that a mapping given by hand, or remembered for these headers, makes of the file."""
    remembered = any(fingerprint(cells) in context.mappings for cells, _ in first_records(file))
    if BY_HAND not in context.mappings and not remembered:
        return ""
    refusals = []
    for kind in _TABLES:
        try:
            reading = _read(file, kind, context)
            if reading.batches is not None:
                next(reading.batches, None)
            return kind
        except UnableToReadFile as error:
            refusals.append(error)
    if BY_HAND in context.mappings:
        # the field names decide which kind a mapping is meant for
        meant = [error for error in refusals if error.problem.code != UNKNOWN_FIELD.code]
        raise (meant or refusals)[0]
    return ""


def _read(file: ImportFile, kind: str, context: ReadContext) -> FileReading:
    for feed in bank_feeds().values():
        if kind in feed.kinds:
            found = feed.read(file, context)
            problems = tuple(problem.in_file(file.name) for problem in found.problems)
            mapping = (found.mapping[0], dict(found.mapping[1])) if found.mapping else None
            return FileReading(file.name, kind, found.statements, None, problems, mapping)
    for source in invoice_sources().values():
        if kind in source.kinds:
            return FileReading(file.name, kind, None, _accepted(source, file, kind, context))
    for source in order_sources().values():
        if kind in source.kinds:
            found = _judged(source.read(file, context), file.name)
            mapping = (found.mapping[0], dict(found.mapping[1])) if found.mapping else None
            return FileReading(file.name, kind, None, None, found.problems, mapping, orders=found)
    for source in score_sources().values():
        if kind in source.kinds:
            scores = source.read(file, context)
            problems = tuple(each.in_file(file.name) for each in scores.problems)
            if sum(problem.severity == "error" for problem in problems) > MAX_REFUSED_LINES:
                raise UnableToReadFile(MANY_REFUSED(limit=MAX_REFUSED_LINES))
            mapping = (scores.mapping[0], dict(scores.mapping[1])) if scores.mapping else None
            return FileReading(file.name, kind, None, None, problems, mapping, scores=scores)
    raise UnableToReadFile(UNKNOWN_KIND(kind=kind, kinds=", ".join(known_kinds())))


def _judged(found: OrderBatch, name: str) -> OrderBatch:
    """Customers without wrong identifiers and terms nobody can read, as those of invoices are taken."""
    customers = accept(DocumentBatch(parties=found.parties))
    problems = (*found.problems, *customers.problems)
    if sum(problem.severity == "error" for problem in problems) > MAX_REFUSED_LINES:
        raise UnableToReadFile(MANY_REFUSED(limit=MAX_REFUSED_LINES))
    return replace(found, parties=customers.parties, problems=tuple(each.in_file(name) for each in problems))


def _accepted(
    source: InvoiceSource, file: ImportFile, kind: str, context: ReadContext
) -> Iterator[DocumentBatch]:
    refused = 0
    try:
        for batch in source.read(file, context):
            judged = accept(batch, company_siren=context.company_siren)
            refused += sum(problem.severity == "error" for problem in judged.problems)
            if refused > MAX_REFUSED_LINES:
                raise UnableToReadFile(MANY_REFUSED(limit=MAX_REFUSED_LINES))
            yield replace(judged, problems=tuple(p.in_file(file.name) for p in judged.problems))
    except UnableToReadFile as error:
        raise _named(error, file.name, kind) from error


def _named(error: UnableToReadFile, name: str, kind: str) -> UnableToReadFile:
    problem = error.problem
    named = UnableToReadFile(problem.sentence, line=problem.line, field=problem.field, kind=kind)
    named.problem = problem.in_file(name)
    return named


def _columns(file: ImportFile) -> str:
    """Cells of the record that looks most like a header: many, and none that begins with a digit."""
    records = [cells for cells, _ in first_records(file)]
    best = max(records, key=lambda cells: sum(1 for c in cells if c.strip() and not c.strip()[0].isdigit()))
    return ", ".join(cell.strip() for cell in best if cell.strip())[:500]


def _fields() -> str:
    return "number, issue_date, due_date, total, code, name, siren, …"
