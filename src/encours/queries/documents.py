"""Invoices, credit notes and deposits: the list, one document with all that concerns it, an export."""

from dataclasses import dataclass
from datetime import date, timedelta
from functools import reduce
from operator import and_, or_
from typing import Any

from django.db.models import F, Prefetch, Q, QuerySet

from encours.core.metrics import bucket_ranges
from encours.core.references import normalised_number
from encours.queries.paging import COUNT_LIMIT, Page, page_of
from encours.store.models import (
    Allocation,
    Company,
    Customer,
    Document,
    Hold,
    JournalEntry,
    MessageAttachment,
    Movement,
    Receivable,
    Reminder,
)

STATES = ("open", "overdue", "paid")
TYPES = tuple(Document.Type.values)
# first and last day late of each ageing bucket
BUCKETS = {code: (from_days, to_days) for code, from_days, to_days in bucket_ranges()}
SORTS = {
    "issued": ("issue_date", "id"),
    "due": ("due_date", "id"),
    "amount": ("payable_cents", "id"),
}
# customers whose name holds the searched text; beyond it the text is too common to search documents by
MAX_CUSTOMERS_SEARCHED = 200
EXPORT_ROWS_AT_ONCE = 2000


@dataclass(frozen=True)
class DocumentFilter:
    """Which documents; empty and None mean any. Dates are of issue, amounts of the document's total."""

    text: str = ""
    state: str = ""
    type: str = ""
    bucket: str = ""
    customer_id: int | None = None
    message_id: int | None = None  # asked for by this message
    from_date: date | None = None
    until_date: date | None = None
    min_cents: int | None = None
    max_cents: int | None = None
    sort: str = ""

    @property
    def order(self) -> str:
        """The sort asked for, or the one that answers the question: what is late, oldest first."""
        if self.sort.lstrip("-") in SORTS:
            return self.sort
        return "due" if self.state == "overdue" or self.bucket else "-issued"


@dataclass(frozen=True)
class DocumentRow:
    """One line of a list. `days_late` counts from the earliest date still unpaid, 0 when nothing is late.

    `state` is `paid`, `credit` (a credit note, or an invoice the company owes, not used up), `overdue` or `open`.
    """

    id: int
    number: str
    type: str
    customer_id: int
    customer_name: str
    issue_date: date
    due_date: date
    currency: str
    payable_cents: int
    open_cents: int
    days_late: int
    instalment_count: int

    @property
    def state(self) -> str:
        if self.open_cents == 0:
            return "paid"
        if self.open_cents < 0:
            return "credit"
        return "overdue" if self.days_late else "open"

    @property
    def signed_cents(self) -> int:
        """The total as the customer's account sees it: a credit note is negative."""
        return -self.payable_cents if self.type == Document.Type.CREDIT_NOTE else self.payable_cents


@dataclass(frozen=True)
class DocumentPage(Page[DocumentRow]):
    """`is_search_too_wide` when more customers bear the searched name than were looked through."""

    is_search_too_wide: bool = False


def documents_page(
    *, company: Company, wanted: DocumentFilter, on: date, number: int, size: int
) -> DocumentPage:
    """A page of documents in the order asked for. At most five queries, whatever the number of documents."""
    named = _customers_named(company, wanted.text)
    found = _besides_lateness(company, wanted, named)
    parts = [found.filter(part) for part in _parts(company, wanted, on)]
    ordered = _ordered(_first_of(company, parts, wanted.order, number * size + 1), wanted.order)
    page = page_of(
        ordered,
        number=number,
        size=size,
        counted=_counted(parts),
        read=lambda keys: _ordered(
            Document.objects.filter(company=company, pk__in=keys).select_related("customer"), wanted.order
        ),
    )
    shown = page.with_rows(_rows(company, page.rows, on))
    return DocumentPage(**vars(shown), is_search_too_wide=len(named) > MAX_CUSTOMERS_SEARCHED)


def export_documents(
    *, company: Company, wanted: DocumentFilter, on: date, after_id: int = 0
) -> list[DocumentRow]:
    """The next rows of an export in the order of their ids, to be asked for until none comes."""
    found = _matching(company, wanted, on).filter(pk__gt=after_id).order_by("pk")
    return _rows(company, list(found[:EXPORT_ROWS_AT_ONCE]), on)


def _matching(company: Company, wanted: DocumentFilter, on: date) -> QuerySet[Document]:
    named = _customers_named(company, wanted.text)
    found = _besides_lateness(company, wanted, named).select_related("customer")
    return found.filter(reduce(or_, _parts(company, wanted, on)))


def _besides_lateness(company: Company, wanted: DocumentFilter, named: list[int]) -> QuerySet[Document]:
    found = Document.objects.filter(company=company)
    if wanted.customer_id is not None:
        found = found.filter(customer_id=wanted.customer_id)
    if wanted.message_id is not None:
        asked = Reminder.objects.filter(company=company, message_id=wanted.message_id)
        found = found.filter(pk__in=asked.values("document_id"))
    if wanted.type:
        found = found.filter(type=wanted.type)
    if wanted.state == "paid":
        found = found.filter(open_cents=0)
    elif wanted.state == "open":
        found = found.filter(~Q(open_cents=0))
    elif wanted.state == "overdue":
        found = found.filter(~Q(open_cents=0), open_cents__gt=0)
    if wanted.bucket in BUCKETS:
        found = found.filter(~Q(open_cents=0))
    if wanted.from_date:
        found = found.filter(issue_date__gte=wanted.from_date)
    if wanted.until_date:
        found = found.filter(issue_date__lte=wanted.until_date)
    if wanted.min_cents is not None:
        found = found.filter(payable_cents__gte=wanted.min_cents)
    if wanted.max_cents is not None:
        found = found.filter(payable_cents__lte=wanted.max_cents)
    if wanted.text:
        found = found.filter(_says(wanted.text, named))
    return found


def _parts(company: Company, wanted: DocumentFilter, on: date) -> list[Q]:
    """Conditions that exclude each other: together they say how late, or all; each alone has an index for its order."""
    spans: list[tuple[int | None, int | None]] = [(1, None)] if wanted.state == "overdue" else []
    if wanted.bucket in BUCKETS:
        spans.append(BUCKETS[wanted.bucket])
    if spans:
        late = [_late(company, *span, on) for span in spans]
        return [reduce(and_, (whole for whole, _ in late)), reduce(and_, (split for _, split in late))]
    if wanted.order.lstrip("-") == "due" and not wanted.state and wanted.customer_id is None:
        # due dates have an index for what is open and one for what is settled, none for both; a customer's are sorted
        return [~Q(open_cents=0), Q(open_cents=0)]
    return [Q()]


def _late(company: Company, from_days: int | None, to_days: int | None, on: date) -> tuple[Q, Q]:
    """Days late within both ends: of whole documents, and of those with instalments by any that is still open."""
    span: dict[str, Any] = {}
    if from_days is not None:
        span["due_date__lte"] = on - timedelta(days=from_days)
    if to_days is not None:
        span["due_date__gte"] = on - timedelta(days=to_days)
    parts = Receivable.objects.filter(company_id=company.pk, position__gt=0, open_cents__gt=0, **span)
    return Q(instalment_count=0, **span), Q(instalment_count__gt=0, pk__in=parts.values("document_id"))


def _says(text: str, named: list[int]) -> Q:
    """The number begins with the text, or the customer is one of those `named`."""
    said = Q(customer_id__in=named[:MAX_CUSTOMERS_SEARCHED])
    number = normalised_number(text)
    if number:
        # a range rather than LIKE: an index of any collation serves it
        said |= Q(search_number__gte=number, search_number__lt=f"{number}\uffff")
    return said


def _customers_named(company: Company, text: str) -> list[int]:
    """Whose name holds the text or whose code it is; one more than are searched when there are too many."""
    if not text:
        return []
    named = Customer.objects.filter(Q(name__icontains=text) | Q(code__iexact=text), company=company)
    return list(named.order_by("pk").values_list("pk", flat=True)[: MAX_CUSTOMERS_SEARCHED + 1])


def _ordered(found: QuerySet[Document], order: str) -> QuerySet[Document]:
    columns = SORTS[order.lstrip("-")]
    return found.order_by(*(F(c).desc() if order.startswith("-") else F(c).asc() for c in columns))


def _first_of(
    company: Company, parts: list[QuerySet[Document]], order: str, count: int
) -> QuerySet[Document]:
    """At least the first `count` of the parts together, in any order."""
    if len(parts) == 1:
        return parts[0]
    keys = [_ordered(part, order).values("pk")[:count] for part in parts]
    return Document.objects.filter(company=company, pk__in=keys[0].union(*keys[1:], all=True))


def _counted(parts: list[QuerySet[Document]]) -> Any:
    if len(parts) == 1:
        return parts[0]
    keys = [part.values("pk")[: COUNT_LIMIT + 1] for part in parts]
    return keys[0].union(*keys[1:], all=True)


def _rows(company: Company, documents: Any, on: date) -> list[DocumentRow]:
    split = [document.pk for document in documents if document.instalment_count and document.open_cents > 0]
    first_due = _first_due(company, split) if split else {}
    return [
        DocumentRow(
            id=d.pk,
            number=d.number,
            type=d.type,
            customer_id=d.customer_id,
            customer_name=d.customer.name,
            issue_date=d.issue_date,
            due_date=d.due_date,
            currency=d.currency,
            payable_cents=d.payable_cents,
            open_cents=d.open_cents,
            days_late=max(0, (on - (first_due.get(d.pk) or d.due_date)).days) if d.open_cents > 0 else 0,
            instalment_count=d.instalment_count,
        )
        for d in documents
    ]


def _first_due(company: Company, document_ids: list[int]) -> dict[int, date]:
    """The earliest open instalment's date, per document."""
    found: dict[int, date] = {}
    rows = Receivable.objects.filter(
        company_id=company.pk, document_id__in=document_ids, position__gt=0, open_cents__gt=0
    ).values_list("document_id", "due_date")
    for document_id, due_date in rows.order_by("-due_date"):
        found[document_id] = due_date  # the last written is the earliest
    return found


@dataclass(frozen=True)
class DocumentDetail:
    """A document and all that concerns it, ready to show."""

    document: Document
    row: DocumentRow
    vat_lines: list[Any]
    instalments: list[Any]  # Receivable rows with what is open on each
    movements: list[Movement]
    allocations: list[Allocation]  # money and credit notes that settle it
    used_on: list[Allocation]  # for a credit note: what it settles
    reminders: list[Reminder]
    holds: list[Hold]
    events: list[JournalEntry]


def document_detail(*, company: Company, document_id: int, on: date) -> DocumentDetail | None:
    """None when the company has no such document."""
    document = (
        Document.objects.filter(company=company, pk=document_id)
        .select_related("customer", "batch", "batch__file")
        .first()
    )
    if document is None:
        return None
    own = {"company": company, "document": document}
    allocations = Allocation.objects.filter(company=company).select_related(
        "payment", "credit_note", "match", "payment__transaction"
    )
    return DocumentDetail(
        document=document,
        row=_rows(company, [document], on)[0],
        vat_lines=list(document.vat_lines.order_by("-rate_basis_points", "pk")),
        instalments=list(
            Receivable.objects.filter(
                company_id=company.pk, document_id=document.pk, position__gt=0
            ).order_by("due_date", "position")
        )
        if document.instalment_count
        else [],
        movements=list(Movement.objects.filter(**own).order_by("booked_date", "pk")),
        allocations=list(allocations.filter(document=document).order_by("allocated_date", "pk")),
        used_on=list(
            allocations.filter(credit_note=document)
            .select_related("document")
            .order_by("allocated_date", "pk")
        )
        if document.type == Document.Type.CREDIT_NOTE
        else [],
        reminders=list(
            # the two indexes of reminders by document are of those that count and of those that do not
            Reminder.objects.filter(Q(counts=True) | Q(counts=False), customer_id=document.customer_id, **own)
            .select_related("message")
            .prefetch_related(
                Prefetch("message__attachments", MessageAttachment.objects.select_related("file"))
            )
            .order_by("message__planned_date", "pk")
        ),
        holds=list(
            Hold.objects.filter(
                Q(document=document) | Q(document=None, customer_id=document.customer_id),
                company=company,
                released_at=None,
            ).order_by("-from_date")
        ),
        events=list(
            JournalEntry.objects.filter(
                company=company, subject_type="document", subject_id=document.pk
            ).order_by("-sequence")[:50]
        ),
    )
