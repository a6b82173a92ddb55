"""Payment plans customers ask for: within which limits, over what, and what became of them."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from encours.core.cases.plans import Part, instalments_left, parts_from_json, settled_cents
from encours.core.cases.proposals import Limits, Owed, Proposal, propose
from encours.core.interest import UnableToComputeInterest, interest_cents, rate_spans
from encours.queries.case_facts import PlanOfCustomer, plans_to_judge
from encours.queries.cases import CaseFilter, InstalmentRow, PlanRow, plan_row, plans_page
from encours.queries.charges import pending_by_document
from encours.queries.free_amounts import FreeDocument, free_documents
from encours.queries.interest import interest_terms
from encours.queries.paging import Page, page_of
from encours.queries.portal_settings import portal_settings
from encours.store.models import Company, Customer, Document, PaymentPlan, PlanRequest, Receivable

# of a customer's page, the newest
SHOWN = 5


@dataclass(frozen=True)
class PlanRequestRow:
    """A request as both sides see it; `offered` are the instalments the company offers instead, `plan_id` is there once it
    is accepted."""

    id: int
    customer_id: int
    customer_name: str
    link_id: int
    currency: str
    documents: tuple[tuple[int, str], ...]  # id and number
    parts: tuple[Part, ...]
    interest_cents: int
    offered: tuple[Part, ...]
    offered_interest_cents: int
    note: str
    asked_name: str
    asked_email: str
    asked_at: datetime
    state: str
    decided_at: datetime | None
    decided_by: str
    answer: str
    plan_id: int | None

    @property
    def total_cents(self) -> int:
        return sum(part.amount_cents for part in self.parts)

    @property
    def document_ids(self) -> tuple[int, ...]:
        return tuple(key for key, _ in self.documents)

    @property
    def numbers(self) -> tuple[str, ...]:
        return tuple(number for _, number in self.documents)


def plan_limits(*, company: Company) -> Limits:
    """How far the company lets its customers go."""
    settings = portal_settings(company=company)
    return Limits(
        max_instalments=settings.plan_max_instalments,
        max_days=settings.plan_max_days,
        min_first_percent=settings.plan_min_first_percent,
        min_instalment_cents=settings.plan_min_instalment_cents,
        max_cents=settings.plan_max_cents,
    )


def askable_documents(*, company: Company, customer_id: int) -> list[FreeDocument]:
    """What a plan may be asked for: open, in no plan, not contested whole, with no payment on its way."""
    able = [
        each
        for each in free_documents(company=company, customer_id=customer_id)
        if each.uncontested_cents > 0
    ]
    pending = pending_by_document(company=company, document_ids=[each.id for each in able])
    on_its_way = {document_id for (document_id, _), cents in pending.items() if cents}
    return [each for each in able if each.id not in on_its_way]


def plan_proposal(
    *,
    company: Company,
    customer_id: int,
    document_ids: Collection[int],
    count: int,
    first_date: date,
    on: date,
) -> tuple[Proposal, str] | None:
    """What asking would come to, and its currency; None when no document, one that cannot be asked for, or documents of
    several currencies are chosen. Raises `UnableToPropose`.
    """
    wanted = set(document_ids)
    able = askable_documents(company=company, customer_id=customer_id)
    chosen = [each for each in able if each.id in wanted]
    if not chosen or len(chosen) != len(wanted) or len({each.currency for each in chosen}) > 1:
        return None
    currency = chosen[0].currency
    made = propose(
        owed=_owed(company, chosen),
        currency=currency,
        count=count,
        first_date=first_date,
        on=on,
        limits=plan_limits(company=company),
        interest_of=lambda cents: _interest_cents(company, customer_id, currency, cents, on),
    )
    return made, currency


def _owed(company: Company, chosen: Sequence[FreeDocument]) -> list[Owed]:
    """Instalments of the documents with their own days; what is contested is taken from the last ones."""
    rows = Receivable.objects.filter(
        company_id=company.pk, document_id__in=[each.id for each in chosen], open_cents__gt=0
    ).order_by("due_date", "document_id", "position")
    left = {each.id: each.uncontested_cents for each in chosen}
    found = []
    for document_id, due_date, cents in rows.values_list("document_id", "due_date", "open_cents"):
        taken = min(cents, left[document_id])
        left[document_id] -= taken
        if taken:
            found.append(Owed(due_date, taken))
    return found


def _interest_cents(company: Company, customer_id: int, currency: str, cent_days: int, on: date) -> int:
    """Late interest on cents times days at the rate of today: those of half-years to come are not known. None where the
    company asks for none, of a consumer, in another currency than the law's, or while the rate is not known."""
    if not portal_settings(company=company).plan_asks_interest or currency != "EUR":
        return 0
    terms, _ = interest_terms(company=company, customer=Customer.objects.get(company=company, pk=customer_id))
    try:
        today = rate_spans(due_date=on - timedelta(days=1), on=on, terms=terms)
    except UnableToComputeInterest:
        return 0
    return interest_cents(amount_cents=cent_days, spans=today)


def broke_plan_lately(*, company: Company, customer_id: int, on: date) -> bool:
    """Within a year: who did speaks with a person before the next."""
    return PaymentPlan.objects.filter(
        company=company,
        customer_id=customer_id,
        state=PaymentPlan.State.BROKEN,
        judged_date__gt=on - timedelta(days=365),
    ).exists()


def plan_requests_page(
    *, company: Company, state: str = "", text: str = "", number: int, size: int
) -> Page[PlanRequestRow]:
    """The latest first; `state` is one of `PlanRequest.State`, or `decided` for what is over."""
    found = PlanRequest.objects.filter(company=company).select_related("customer")
    if state == "decided":
        found = found.exclude(state__in=PlanRequest.OPEN)
    elif state:
        found = found.filter(state=state)
    if text:
        found = found.filter(customer__name__icontains=text)
    page = page_of(found.order_by("-pk"), number=number, size=size)
    return page.with_rows(_rows(company, page.rows))


def requests_of_customer(*, company: Company, customer_id: int) -> list[PlanRequestRow]:
    """The last ones, the latest first."""
    found = PlanRequest.objects.filter(company=company, customer_id=customer_id).select_related("customer")
    return _rows(company, found.order_by("-pk")[:SHOWN])


def plan_request_row(*, company: Company, request_id: int) -> PlanRequestRow | None:
    found = PlanRequest.objects.filter(company=company, pk=request_id).select_related("customer")
    return next(iter(_rows(company, found)), None)


def own_plans(*, company: Company, customer_id: int, on: date) -> list[PlanRow]:
    """A customer's payment plans, the latest first, with what came of each until now rather than when it was judged."""
    wanted = CaseFilter(customer_id=customer_id)
    rows = plans_page(company=company, wanted=wanted, on=on, number=1, size=SHOWN).rows
    if not rows:
        return []
    facts = {
        each.plan.plan_id: each for each in plans_to_judge(company=company, customer_id=customer_id, on=on)
    }
    return [_until_now(row, facts.get(row.id), on) for row in rows]


def own_plan(*, company: Company, customer_id: int, plan_id: int, on: date) -> PlanRow | None:
    """A plan of this customer's, and nobody else's."""
    row = plan_row(company=company, plan_id=plan_id, on=on)
    return row if row is not None and row.customer_id == customer_id else None


def _until_now(row: PlanRow, facts: PlanOfCustomer | None, on: date) -> PlanRow:
    if facts is None:
        return row
    settled = settled_cents(plan=facts.plan, account=facts.account, until=on)
    parts = [Part(each.due_date, each.amount_cents) for each in row.instalments]
    left = instalments_left(instalments=parts, settled=settled)
    # the interest is on no document: the ledger never says that it came
    return replace(
        row,
        settled_cents=settled,
        instalments=[
            InstalmentRow(part.due_date, part.amount_cents, cents, cents > 0 and part.due_date < on)
            for part, cents in left
        ],
    )


def _rows(company: Company, found: Iterable[PlanRequest]) -> list[PlanRequestRow]:
    requests = list(found)
    ids = {document_id for each in requests for document_id in each.document_ids}
    numbers = dict(Document.objects.filter(company=company, pk__in=ids).values_list("pk", "number"))
    return [
        PlanRequestRow(
            id=each.pk,
            customer_id=each.customer_id,
            customer_name=each.customer.name,
            link_id=each.link_id,
            currency=each.currency,
            documents=tuple((key, numbers[key]) for key in each.document_ids if key in numbers),
            parts=parts_from_json(each.instalments),
            interest_cents=each.interest_cents,
            offered=parts_from_json(each.offered_instalments or ()),
            offered_interest_cents=each.offered_interest_cents or 0,
            note=each.note,
            asked_name=each.asked_name,
            asked_email=each.asked_email,
            asked_at=each.asked_at,
            state=each.state,
            decided_at=each.decided_at,
            decided_by=each.decided_by,
            answer=each.answer,
            plan_id=each.plan_id,
        )
        for each in requests
    ]
