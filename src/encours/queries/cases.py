"""Disputes, promises and payment plans as lists and pages show them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Prefetch, Q, QuerySet

from encours.core.cases.disputes import Contested
from encours.core.cases.plans import Part, instalments_left
from encours.core.references import normalised_number
from encours.queries.paging import Page, page_of
from encours.store.models import (
    Company,
    Dispute,
    PaymentPlan,
    PlanDocument,
    PlanInstalment,
    Promise,
    PromiseDocument,
)

# of a customer's or a document's page, the newest
SHOWN = 10


@dataclass(frozen=True)
class CaseFilter:
    """`state` is `open` or `closed`, `late` for what is past its day; `text` a part of a customer's name, an owner or a
    document's number. Empty fields ask for nothing."""

    state: str = ""
    text: str = ""
    customer_id: int | None = None
    document_id: int | None = None


@dataclass(frozen=True)
class DisputeRow:
    """A dispute; `blocked_cents` is what it keeps from being asked for now, 0 once it is resolved."""

    id: int
    customer_id: int
    customer_name: str
    document_id: int
    number: str
    currency: str
    open_cents: int
    blocked_cents: int
    disputed_cents: int
    is_whole: bool
    reason_code: str
    note: str
    owner: str
    deadline: date | None
    opened_date: date
    age_days: int  # until it was resolved, or today
    is_late: bool
    resolved_date: date | None
    outcome: str
    resolution_note: str


@dataclass(frozen=True)
class CaseDocument:
    """A document of a promise or a plan, and how much of it that is about."""

    id: int
    number: str
    cents: int


@dataclass(frozen=True)
class PromiseRow:
    """A promise; `settled_cents` is what came in time, as judged last."""

    id: int
    customer_id: int
    customer_name: str
    currency: str
    amount_cents: int
    settled_cents: int
    promised_date: date
    last_day: date
    is_late: bool  # its last day has passed, and the bank is not known that far yet
    recorded_date: date
    recorded_by: str
    source: str
    note: str
    state: str
    judged_date: date | None
    ended_note: str
    documents: Sequence[CaseDocument]


@dataclass(frozen=True)
class InstalmentRow:
    due_date: date
    amount_cents: int
    left_cents: int
    is_late: bool


@dataclass(frozen=True)
class PlanRow:
    """A payment plan; `settled_cents` is what came of the principal, as judged last."""

    id: int
    customer_id: int
    customer_name: str
    currency: str
    planned_cents: int
    interest_cents: int
    settled_cents: int
    agreed_date: date
    agreed_with: str
    grace_days: int
    when_broken: str
    note: str
    state: str
    judged_date: date | None
    missed_date: date | None
    ended_note: str
    instalments: Sequence[InstalmentRow]
    documents: Sequence[CaseDocument]

    @property
    def total_cents(self) -> int:
        return self.planned_cents + self.interest_cents

    @property
    def next_instalment(self) -> InstalmentRow | None:
        """The first that has not come whole."""
        return next((each for each in self.instalments if each.left_cents), None)

    @property
    def progress_percent(self) -> int:
        return 100 * self.settled_cents // self.planned_cents


@dataclass(frozen=True)
class CasesOf:
    """What was said of a customer or of a document, the newest first."""

    disputes: Sequence[DisputeRow]
    promises: Sequence[PromiseRow]
    plans: Sequence[PlanRow]

    @property
    def any(self) -> bool:
        return bool(self.disputes or self.promises or self.plans)


def cases_of(
    *, company: Company, customer_id: int | None = None, document_id: int | None = None, on: date
) -> CasesOf:
    """Of a customer, or of one document: the last `SHOWN` of each kind, open or not."""
    asked: dict[str, Any] = {
        "company": company,
        "wanted": CaseFilter(customer_id=customer_id, document_id=document_id),
        "on": on,
        "number": 1,
        "size": SHOWN,
    }
    return CasesOf(disputes_page(**asked).rows, promises_page(**asked).rows, plans_page(**asked).rows)


def disputes_page(
    *, company: Company, wanted: CaseFilter, on: date, number: int, size: int
) -> Page[DisputeRow]:
    """Open ones: those whose deadline comes first, first; others: the latest first."""
    found = _filtered(Dispute, company, wanted, own=Q(owner__icontains=wanted.text))
    if wanted.state in ("open", "late"):
        found = found.filter(resolved_date=None)
        order: tuple[Any, ...] = ("deadline", "opened_date", "pk")
    else:
        order = ("-opened_date", "-pk")
    if wanted.state == "late":
        found = found.filter(deadline__lt=on)
    elif wanted.state == "closed":
        found = found.exclude(resolved_date=None)
    if wanted.document_id:
        found = found.filter(document_id=wanted.document_id)
    page = page_of(found.order_by(*order).select_related("customer", "document"), number=number, size=size)
    return page.with_rows([_dispute(each, on) for each in page.rows])


def promises_page(
    *, company: Company, wanted: CaseFilter, on: date, number: int, size: int
) -> Page[PromiseRow]:
    """Open ones: those whose day comes first, first; others: the latest day first."""
    found = _filtered(Promise, company, wanted, own=Q(source__icontains=wanted.text))
    is_open = wanted.state in ("open", "late")
    if is_open:
        found = found.filter(state=Promise.State.OPEN)
    elif wanted.state == "closed":
        found = found.exclude(state=Promise.State.OPEN)
    if wanted.state == "late":
        found = found.filter(promised_date__lt=on)
    if wanted.document_id:
        found = found.filter(documents__document_id=wanted.document_id)
    order = ("promised_date", "pk") if is_open else ("-promised_date", "-pk")
    page = page_of(_with_promised(company, found.order_by(*order)), number=number, size=size)
    return page.with_rows([_promise(each, on) for each in page.rows])


def plans_page(*, company: Company, wanted: CaseFilter, on: date, number: int, size: int) -> Page[PlanRow]:
    """The latest agreed first; `late` are those that were broken."""
    found = _filtered(PaymentPlan, company, wanted, own=Q(agreed_with__icontains=wanted.text))
    state = PaymentPlan.State
    if wanted.state == "open":
        found = found.filter(state__in=[state.AGREED, state.BROKEN])
    elif wanted.state == "late":
        found = found.filter(state=state.BROKEN)
    elif wanted.state == "closed":
        found = found.filter(state__in=[state.KEPT, state.ENDED])
    if wanted.document_id:
        found = found.filter(documents__document_id=wanted.document_id)
    page = page_of(_with_parts(company, found.order_by("-agreed_date", "-pk")), number=number, size=size)
    return page.with_rows([_plan(each, on) for each in page.rows])


def dispute_row(*, company: Company, dispute_id: int, on: date) -> DisputeRow | None:
    found = Dispute.objects.filter(company=company, pk=dispute_id).select_related("customer", "document")
    return next((_dispute(each, on) for each in found), None)


def promise_row(*, company: Company, promise_id: int, on: date) -> PromiseRow | None:
    found = _with_promised(company, Promise.objects.filter(company=company, pk=promise_id))
    return next((_promise(each, on) for each in found), None)


def plan_row(*, company: Company, plan_id: int, on: date) -> PlanRow | None:
    found = _with_parts(company, PaymentPlan.objects.filter(company=company, pk=plan_id))
    return next((_plan(each, on) for each in found), None)


def _filtered(model: Any, company: Company, wanted: CaseFilter, *, own: Q) -> QuerySet[Any]:
    found = model.objects.filter(company=company)
    if wanted.customer_id:
        found = found.filter(customer_id=wanted.customer_id)
    if wanted.text:
        said = Q(customer__name__icontains=wanted.text) | Q(customer__code__istartswith=wanted.text) | own
        number = normalised_number(wanted.text)
        path = "document" if model is Dispute else "documents__document"
        if number:
            said |= Q(**{f"{path}__search_number": number, f"{path}__company": company})
        found = found.filter(pk__in=model.objects.filter(said, company=company).values("pk"))
    return found


def _with_promised(company: Company, found: QuerySet[Promise]) -> QuerySet[Promise]:
    parts = PromiseDocument.objects.filter(company=company).select_related("document").order_by("pk")
    return found.select_related("customer").prefetch_related(Prefetch("documents", parts))


def _with_parts(company: Company, found: QuerySet[PaymentPlan]) -> QuerySet[PaymentPlan]:
    documents = PlanDocument.objects.filter(company=company).select_related("document").order_by("pk")
    instalments = PlanInstalment.objects.filter(company=company).order_by("position")
    return found.select_related("customer").prefetch_related(
        Prefetch("documents", documents), Prefetch("instalments", instalments)
    )


def _dispute(each: Any, on: date) -> DisputeRow:
    contested = Contested(each.disputed_cents, each.is_whole)
    is_open = each.resolved_date is None
    return DisputeRow(
        id=each.pk,
        customer_id=each.customer_id,
        customer_name=each.customer.name,
        document_id=each.document_id,
        number=each.document.number,
        currency=each.document.currency,
        open_cents=each.document.open_cents,
        blocked_cents=contested.blocked_cents(open_cents=each.document.open_cents) if is_open else 0,
        disputed_cents=each.disputed_cents,
        is_whole=each.is_whole,
        reason_code=each.reason_code,
        note=each.note,
        owner=each.owner,
        deadline=each.deadline,
        opened_date=each.opened_date,
        age_days=((each.resolved_date or on) - each.opened_date).days,
        is_late=is_open and each.deadline is not None and each.deadline < on,
        resolved_date=each.resolved_date,
        outcome=each.outcome,
        resolution_note=each.resolution_note,
    )


def _promise(each: Any, on: date) -> PromiseRow:
    last_day = each.promised_date + timedelta(days=each.grace_days)
    return PromiseRow(
        id=each.pk,
        customer_id=each.customer_id,
        customer_name=each.customer.name,
        currency=each.currency,
        amount_cents=each.amount_cents,
        settled_cents=each.settled_cents,
        promised_date=each.promised_date,
        last_day=last_day,
        is_late=each.state == Promise.State.OPEN and last_day < on,
        recorded_date=each.recorded_date,
        recorded_by=each.recorded_by,
        source=each.source,
        note=each.note,
        state=each.state,
        judged_date=each.judged_date,
        ended_note=each.ended_note,
        documents=_documents(each.documents.all(), "promised_cents"),
    )


def _plan(each: Any, on: date) -> PlanRow:
    parts = [Part(row.due_date, row.amount_cents) for row in each.instalments.all()]
    return PlanRow(
        id=each.pk,
        customer_id=each.customer_id,
        customer_name=each.customer.name,
        currency=each.currency,
        planned_cents=each.planned_cents,
        interest_cents=each.interest_cents,
        settled_cents=each.settled_cents,
        agreed_date=each.agreed_date,
        agreed_with=each.agreed_with,
        grace_days=each.grace_days,
        when_broken=each.when_broken,
        note=each.note,
        state=each.state,
        judged_date=each.judged_date,
        missed_date=each.missed_date,
        ended_note=each.ended_note,
        instalments=[
            InstalmentRow(part.due_date, part.amount_cents, left, left > 0 and part.due_date < on)
            for part, left in instalments_left(instalments=parts, settled=each.settled_cents)
        ],
        documents=_documents(each.documents.all(), "planned_cents"),
    )


def _documents(rows: Iterable[Any], cents: str) -> list[CaseDocument]:
    return [CaseDocument(row.document_id, row.document.number, getattr(row, cents)) for row in rows]
