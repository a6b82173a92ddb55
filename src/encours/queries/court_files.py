"""Files built for a court, or being built."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from encours.queries.files import FileOnDisk, file_on_disk
from encours.queries.journal import actor_names
from encours.store.models import Company, CourtFile


@dataclass(frozen=True)
class CourtFileRow:
    """A file as lists show it. `findings` are {"severity", "sentence": a stored Sentence}; `who` is a person's name or
    the actor as stored."""

    id: int
    customer_id: int
    customer_code: str
    customer_name: str
    procedure: str
    court: str
    on_date: date
    state: str
    who: str
    asked_at: datetime
    finished_at: datetime | None
    done_units: int
    total_units: int
    document_count: int
    principal_cents: int
    interest_cents: int
    indemnity_cents: int
    interest_until: date | None
    piece_count: int
    page_count: int
    is_archival: bool
    findings: list[dict[str, Any]]
    handed_over_date: date | None
    handed_over_to: str
    pdf: FileOnDisk | None
    archive: FileOnDisk | None

    @property
    def total_cents(self) -> int:
        return self.principal_cents + self.interest_cents + self.indemnity_cents

    @property
    def is_active(self) -> bool:
        return self.state in (CourtFile.State.WAITING, CourtFile.State.RUNNING)


def court_files_of(*, company: Company, customer_id: int, limit: int = 50) -> list[CourtFileRow]:
    """A customer's files, the newest first. Two queries."""
    found = CourtFile.objects.filter(company=company, customer_id=customer_id)
    return _rows(company, list(found.select_related("customer", "pdf", "archive").order_by("-pk")[:limit]))


def court_file_of(*, company: Company, court_file_id: int) -> CourtFileRow | None:
    found = CourtFile.objects.filter(company=company, pk=court_file_id)
    rows = _rows(company, list(found.select_related("customer", "pdf", "archive")))
    return rows[0] if rows else None


def _rows(company: Company, files: list[CourtFile]) -> list[CourtFileRow]:
    names = actor_names(company=company, actors=[file.asked_by for file in files]) if files else {}
    return [
        CourtFileRow(
            id=file.pk, customer_id=file.customer_id, customer_code=file.customer.code, customer_name=file.customer.name,
            procedure=file.procedure, court=file.court, on_date=file.on_date, state=file.state,
            who=names.get(file.asked_by, file.asked_by), asked_at=file.created_at, finished_at=file.finished_at,
            done_units=file.done_units, total_units=file.total_units, document_count=len(file.document_ids),
            principal_cents=file.principal_cents, interest_cents=file.interest_cents,
            indemnity_cents=file.indemnity_cents, interest_until=file.interest_until, piece_count=file.piece_count,
            page_count=file.page_count, is_archival=file.is_archival, findings=file.findings,
            handed_over_date=file.handed_over_date, handed_over_to=file.handed_over_to,
            pdf=file_on_disk(file.pdf) if file.pdf else None,
            archive=file_on_disk(file.archive) if file.archive else None,
        )
        for file in files
    ]  # fmt: skip
