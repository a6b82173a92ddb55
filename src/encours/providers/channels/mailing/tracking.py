"""What a mailing house says became of letters: tables (CSV, XLSX) and JSON, a line per letter and event.

A line names the reference of our manifest and a status in the house's words. Without a date it is of the day on which the
file was written. Read twice it gives the same reports.
"""

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl

from encours.core.mailing import meaning
from encours.core.money import Money
from encours.core.wording import Wording
from encours.ports.channels import Report, TrackingFile
from encours.ports.drops import DropEntry
from encours.ports.files import ImportFile, UnableToReadFile
from encours.ports.tables import Vocabulary, folded, open_table
from encours.ports.tables.cells import cents, dates, gather

NOT_JSON = Wording(
    "mailing.not_json",
    fr="Le fichier n’est ni une liste JSON de plis ni un objet qui en contient une sous « letters ».",
    en="The file is neither a JSON list of letters nor an object that holds one under “letters”.",
)
_FIELDS = {
    "reference": ("reference", "référence", "ref", "référence client", "référence pli", "votre référence", "id client", "client reference", "letter reference", "idempotency key"),
    "status": ("status", "statut", "état", "event", "évènement", "événement", "state"),
    "date": ("date", "date statut", "date évènement", "date événement", "event date", "status date", "horodatage", "timestamp", "date dépôt", "date de dépôt"),
    "detail": ("detail", "détail", "motif", "libellé", "reason", "comment", "commentaire", "message", "cause"),
    "cost": ("cost", "coût", "prix", "price", "montant", "prix HT", "coût HT"),
    "currency": ("currency", "devise"),
}  # fmt: skip
VOCABULARY = Vocabulary("mailing_tracking", fields=_FIELDS, needs=[{"reference", "status"}])
_NAMES = {folded(name): field for field, names in _FIELDS.items() for name in names}
_PARIS = ZoneInfo("Europe/Paris")


def read_tracking(entry: DropEntry, content: bytes) -> TrackingFile:
    """The file's reports in its order, and its lines that say nothing that is known."""
    reports, unread = [], []
    try:
        for row, raw in _rows(entry, content):
            report = _report(row, entry, raw)
            if report is None:
                unread.append(raw)
            else:
                reports.append(report)
    except UnableToReadFile as error:
        return TrackingFile(entry.name, problem=error.problem.sentence)
    return TrackingFile(entry.name, tuple(reports), tuple(unread))


def _rows(entry: DropEntry, content: bytes) -> Iterator[tuple[Mapping[str, Any], str]]:
    """Each line by the canonical names of its cells, and as it stands. Raises `UnableToReadFile`."""
    if content.lstrip(b"\xef\xbb\xbf \r\n\t")[:1] in (b"[", b"{"):
        yield from _of_json(content)
        return
    with TemporaryDirectory(prefix="encours-") as folder:
        path = Path(folder) / "tracking"
        path.write_bytes(content)
        table = open_table(ImportFile(path, entry.name, len(content), content[: 1 << 16]), VOCABULARY)
        for part in table.batches():
            frame = part.fields().drop("line")
            raws = [(table.delimiter or ";").join(cells) for cells in frame.iter_rows()]
            yield from zip(_read(frame).iter_rows(named=True), raws, strict=True)
            yield from (({}, problem.raw) for problem in part.problems)


def _of_json(content: bytes) -> Iterator[tuple[Mapping[str, Any], str]]:
    try:
        told = json.loads(content.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise UnableToReadFile(NOT_JSON()) from error
    if isinstance(told, dict):
        told = told.get("letters", told.get("plis", [told]))
    if not isinstance(told, list):
        raise UnableToReadFile(NOT_JSON())
    rows = [_named(each) if isinstance(each, dict) else {} for each in told]
    frame = pl.DataFrame(
        {field: [row.get(field, "") for row in rows] for field in _FIELDS},
        schema=dict.fromkeys(_FIELDS, pl.String),
    )
    raws = [json.dumps(each, ensure_ascii=False) for each in told]
    yield from zip(_read(frame).iter_rows(named=True), raws, strict=True)


def _named(row: Mapping[str, Any]) -> dict[str, str]:
    known = {_NAMES.get(folded(key)): value for key, value in row.items() if value is not None}
    return {field: str(value).strip() for field, value in known.items() if field is not None}


def _read(frame: pl.DataFrame) -> pl.DataFrame:
    """Beside the texts what they say: `day` and `cost_cents`."""
    read = []
    if "date" in frame.columns:
        read.append(dates("date", gather([frame["date"]])).alias("day"))
    if "cost" in frame.columns:
        read.append(cents("cost", gather([frame["cost"]])).alias("cost_cents"))
    return frame.with_columns(read)


def _report(row: Mapping[str, Any], entry: DropEntry, raw: str) -> Report | None:
    reference = row.get("reference") or ""
    kind = meaning(row.get("status") or "")
    if not reference or kind is None:
        return None
    at = _moment(row) or entry.modified_at
    cost_cents = row.get("cost_cents")
    # of the day, not of the file: a house that tells a state again tells the same report
    external = f"{reference}:{kind}:{at.date() if _moment(row) else ''}"
    return Report(
        external if len(external) <= 200 else sha256(external.encode()).hexdigest(),
        kind,
        at,
        provider_id=reference,
        key=reference,
        detail=row.get("detail") or row["status"],
        raw=raw,
        cost=Money(cost_cents, (row.get("currency") or "EUR").upper()) if cost_cents is not None else None,
    )


def _moment(row: Mapping[str, Any]) -> datetime | None:
    """The day a table gives at noon, where the house is; a moment in ISO 8601 as it is."""
    day = row.get("day")
    text = row.get("date") or ""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        if not isinstance(day, date):
            return None
        return datetime(day.year, day.month, day.day, 12, tzinfo=_PARIS).astimezone(UTC)
    if len(text) <= len("2026-03-02"):
        found = found.replace(hour=12)
    return (found if found.tzinfo else found.replace(tzinfo=_PARIS)).astimezone(UTC)
