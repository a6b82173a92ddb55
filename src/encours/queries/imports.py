"""Files brought in: the list, one import with what it brought, and its quarantine."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Q, QuerySet, Sum

from encours.queries.journal import actor_names
from encours.queries.paging import Page, page_of
from encours.store.models import BankAccount, Company, Document, ImportBatch, ImportProblem, Statement

ACTIVE = (ImportBatch.State.WAITING, ImportBatch.State.RUNNING)
STATES = tuple(state.value for state in ImportBatch.State)
SHOWN_DOCUMENTS = 10
_ROWS_AT_ONCE = 1000


@dataclass(frozen=True)
class ImportRow:
    """One import. `who` is a person's name, or the actor as stored. `done_units` counts lines while it runs."""

    id: int
    file_name: str
    size: int
    kind: str
    state: str
    created: int
    unchanged: int
    refused: int
    done_units: int
    total_units: int
    who: str
    at: datetime
    finished_at: datetime | None
    notes: Sequence[dict[str, Any]] = ()

    @property
    def is_active(self) -> bool:
        return self.state in ACTIVE

    @property
    def is_in_vain(self) -> bool:
        """Every line was refused."""
        return self.state == ImportBatch.State.DONE and self.refused > 0 and not self.created + self.unchanged


@dataclass(frozen=True)
class AccountBrought:
    """What a bank file brought to one account: the lines it was the first to tell."""

    account: BankAccount
    statement_count: int
    line_count: int
    credit_cents: int
    debit_cents: int


@dataclass(frozen=True)
class ImportDetail:
    """`documents` are the first it brought; `reason` is the stored Sentence why a file was refused
    or its import failed.
    """

    row: ImportRow
    accounts: Sequence[AccountBrought]
    documents: Sequence[Document]
    warning_count: int
    reason: dict[str, Any] | None = None

    @property
    def has_unknown_columns(self) -> bool:
        return (
            self.row.state == ImportBatch.State.REFUSED and (self.reason or {}).get("code") in _ABOUT_COLUMNS
        )


_ABOUT_COLUMNS = ("unknown_columns", "unknown_field")


def imports_page(
    *, company: Company, state: str = "", text: str = "", number: int, size: int
) -> Page[ImportRow]:
    """The newest first; `text` is a part of the file's name."""
    found = ImportBatch.objects.filter(company=company).select_related("file")
    if state in STATES:
        found = found.filter(state=state)
    if text:
        found = found.filter(file_name__icontains=text)
    page = page_of(found.order_by("-id"), number=number, size=size)
    return page.with_rows(_rows(company, page.rows))


def import_batch(*, company: Company, batch_id: int) -> ImportBatch | None:
    """None when the company has no such import."""
    return ImportBatch.objects.filter(company=company, pk=batch_id).select_related("file").first()


def import_detail(*, company: Company, batch_id: int) -> ImportDetail | None:
    """None when the company has no such import."""
    batch = import_batch(company=company, batch_id=batch_id)
    if batch is None:
        return None
    problems = ImportProblem.objects.filter(company=company, batch=batch)
    reason = None
    if batch.state in (ImportBatch.State.REFUSED, ImportBatch.State.FAILED):
        reason = problems.filter(severity="error").order_by("pk").values_list("sentence", flat=True).first()
    return ImportDetail(
        row=_rows(company, [batch])[0],
        accounts=_accounts(company, batch),
        documents=_documents(company, batch),
        warning_count=problems.filter(severity="warning")[:1001].count(),
        reason=reason,
    )


def problems_page(
    *, company: Company, batch_id: int, severity: str, number: int, size: int
) -> Page[ImportProblem]:
    """The refused lines (`error`) or the warnings of an import, in the order of the file."""
    return page_of(_problems(company, batch_id, severity), number=number, size=size)


def export_problems(
    *, company: Company, batch_id: int, after: ImportProblem | None
) -> Sequence[ImportProblem]:
    """Refused lines in blocks, in the order they were refused."""
    found = ImportProblem.objects.filter(company=company, batch_id=batch_id, severity="error")
    return list(found.filter(pk__gt=after.pk if after else 0).order_by("pk")[:_ROWS_AT_ONCE])


def refused_line_numbers(*, company: Company, batch_id: int) -> set[int]:
    """Lines of the file of which something was refused."""
    found = ImportProblem.objects.filter(company=company, batch_id=batch_id, severity="error")
    return set(found.exclude(line=None).values_list("line", flat=True))


def _problems(company: Company, batch_id: int, severity: str) -> QuerySet[ImportProblem]:
    return ImportProblem.objects.filter(company=company, batch_id=batch_id, severity=severity).order_by(
        "line", "pk"
    )


def _rows(company: Company, batches: Sequence[ImportBatch]) -> list[ImportRow]:
    names = actor_names(company=company, actors=[batch.imported_by for batch in batches])
    return [
        ImportRow(
            id=batch.pk,
            file_name=batch.file_name,
            size=batch.file.size,
            kind=batch.kind,
            state=batch.state,
            created=batch.created_count,
            unchanged=batch.unchanged_count,
            refused=batch.refused_count,
            done_units=batch.done_units,
            total_units=batch.total_units,
            who=names.get(batch.imported_by, batch.imported_by),
            at=batch.created_at,
            finished_at=batch.finished_at,
            notes=batch.notes,
        )
        for batch in batches
    ]


def _accounts(company: Company, batch: ImportBatch) -> list[AccountBrought]:
    """By account; nothing for a file that is no bank's."""
    theirs = Q(transactions__company=company)
    found = (
        Statement.objects.filter(company=company, batch=batch)
        .values("account_id")
        .annotate(
            statement_count=Count("pk", distinct=True),
            line_count=Count("transactions", filter=theirs),
            credit_cents=Sum(
                "transactions__amount_cents", filter=theirs & Q(transactions__amount_cents__gt=0), default=0
            ),
            debit_cents=Sum(
                "transactions__amount_cents", filter=theirs & Q(transactions__amount_cents__lt=0), default=0
            ),
        )
        .order_by("account_id")
    )
    totals = {row.pop("account_id"): row for row in found}
    accounts = BankAccount.objects.filter(company=company, pk__in=totals).order_by("identifier")
    return [AccountBrought(account=account, **totals[account.pk]) for account in accounts]


def _documents(company: Company, batch: ImportBatch) -> list[Document]:
    """The first ones it created, found by the ids they lie between: documents have no index by import."""
    if batch.first_document_id is None:
        return []
    between = Document.objects.filter(
        company=company, pk__range=(batch.first_document_id, batch.last_document_id), batch_id=batch.pk
    )
    return list(between.select_related("customer").order_by("pk")[:SHOWN_DOCUMENTS])
