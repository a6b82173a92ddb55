"""Papers a person attached to a customer or to a document of it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from encours.queries.files import FileOnDisk, file_on_disk
from encours.queries.journal import actor_names
from encours.store.models import Company, Paper


@dataclass(frozen=True)
class PaperRow:
    """A paper as lists show it. `number` is its document's, "" when it is of the customer as a whole."""

    id: int
    kind: str
    title: str
    name: str
    paper_date: date | None
    document_id: int | None
    number: str
    media_type: str
    added_at: datetime
    added_by: str
    file: FileOnDisk

    @property
    def size(self) -> int:
        return self.file.size


def papers_of(*, company: Company, customer_id: int, document_id: int | None = None) -> list[PaperRow]:
    """A customer's papers, or those of one document, in the order they were added. Two queries at most."""
    found = Paper.objects.filter(company=company, customer_id=customer_id, removed_at=None)
    if document_id is not None:
        found = found.filter(document_id=document_id)
    return _rows(company, list(found.select_related("file", "document").order_by("pk")))


def paper_file(*, company: Company, paper_id: int) -> tuple[FileOnDisk, str] | None:
    """The file of a paper under the name it came by, and its media type; None when the company has no such paper."""
    paper = Paper.objects.filter(company=company, pk=paper_id).select_related("file").first()
    if paper is None:
        return None
    return replace(file_on_disk(paper.file), name=paper.name), paper.file.media_type


def _rows(company: Company, papers: Sequence[Paper]) -> list[PaperRow]:
    names = actor_names(company=company, actors=[paper.added_by for paper in papers]) if papers else {}
    return [
        PaperRow(
            id=paper.pk,
            kind=paper.kind,
            title=paper.title,
            name=paper.name,
            paper_date=paper.paper_date,
            document_id=paper.document_id,
            number=paper.document.number if paper.document else "",
            media_type=paper.file.media_type,
            added_at=paper.created_at,
            added_by=names.get(paper.added_by, paper.added_by),
            file=file_on_disk(paper.file),
        )
        for paper in papers
    ]
