"""Charges as people read them: lists, one with all that became of it, and what is on its way for documents."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import F, QuerySet, Sum

from encours.core.payments.charges import OPEN, PENDING, UNFINISHED
from encours.core.payments.following import what_follows
from encours.core.payments.mandates import means_of
from encours.core.wording import Sentence
from encours.queries.paging import Page, page_of
from encours.store.models import Charge, Chargeback, ChargeDocument, Company, Refund

_ATTEMPTS_SHOWN = 20


@dataclass(frozen=True)
class ChargeFilter:
    """What a list shows. Empty fields ask for nothing; `text` is part of a reference or of a customer's name."""

    states: tuple[str, ...] = ()
    method: str = ""
    origin: str = ""
    connection_id: int | None = None
    mandate_id: int | None = None
    failure_group: str = ""
    since: date | None = None
    until: date | None = None
    customer_id: int | None = None
    needs_person: bool = False  # those with a problem
    text: str = ""


@dataclass(frozen=True)
class ChargeRow:
    """One charge in a list. `kept_cents` is what is left of the money that came."""

    id: int
    reference: str
    customer_id: int
    customer_name: str
    connection_name: str
    origin: str
    method: str
    state: str
    currency: str
    amount_cents: int
    received_cents: int
    refunded_cents: int
    contested_cents: int
    fee_cents: int | None
    requested_date: date
    collection_date: date | None
    ended_at: datetime | None
    attempt_number: int
    next_attempt_date: date | None
    failure_group: str
    failure_code: str
    failure: Sentence | None
    problem: Sentence | None
    payment_id: int | None
    mandate_id: int | None
    is_returned: bool

    @property
    def kept_cents(self) -> int:
        if self.is_returned:
            return 0
        return max(self.received_cents - self.refunded_cents - self.contested_cents, 0)


@dataclass(frozen=True)
class ChargedDocument:
    """What a charge asks for, or paid, of a document."""

    document_id: int
    number: str
    position: int
    amount_cents: int
    open_cents: int


@dataclass(frozen=True)
class ChargeDetail:
    """A charge with all that became of it. `payout_line_id` is the bank line its money came by; `attempts` are the other
    charges for the same documents, the latest first."""

    row: ChargeRow
    asked_by: str
    url: str
    expires_at: datetime | None
    external_id: str
    told_at: datetime | None
    documents: tuple[ChargedDocument, ...]
    refunds: tuple[Refund, ...]
    chargebacks: tuple[Chargeback, ...]
    payout_id: int | None
    payout_external_id: str
    payout_line_id: int | None
    previous_id: int | None
    next_id: int | None
    message_id: int | None  # whose link led to it, or that announced it
    mandate_means: Sentence | None
    attempts: tuple[ChargeRow, ...]

    @property
    def follows(self) -> Sentence:
        """What happens next."""
        return what_follows(
            state=self.row.state,
            method=self.row.method,
            failure_group=self.row.failure_group,
            is_by_mandate=self.row.mandate_id is not None,
            next_attempt_date=self.row.next_attempt_date,
            has_next=self.next_id is not None,
            expires_at=self.expires_at,
            payout=self.payout_external_id,
        )

    @property
    def refundable_cents(self) -> int:
        """What can still be given back: less what was asked to be given back already."""
        asked = sum(each.amount_cents for each in self.refunds if each.state in ("created", "pending"))
        return max(self.row.kept_cents - asked, 0) if self.row.state == "succeeded" else 0


def charges_page(*, company: Company, wanted: ChargeFilter, number: int, size: int) -> Page[ChargeRow]:
    """The latest first. Two queries."""
    found = page_of(_matching(company, wanted), number=number, size=size)
    return found.with_rows([row_of(each) for each in found.rows])


def charges_of_customer(*, company: Company, customer_id: int, limit: int = 20) -> Sequence[ChargeRow]:
    """The customer's latest charges, the latest first. One query."""
    rows = _matching(company, ChargeFilter(customer_id=customer_id))[:limit]
    return [row_of(each) for each in rows]


def charge_detail(*, company: Company, charge_id: int) -> ChargeDetail | None:
    """One charge; None when the company has none of this id. Five queries."""
    rows = _matching(company, ChargeFilter()).select_related("payout", "next", "mandate")
    found = rows.filter(pk=charge_id).first()
    if found is None:
        return None
    documents = ChargeDocument.objects.filter(company=company, charge=found).order_by("pk")
    named = documents.annotate(number=F("document__number"), open_cents=F("document__open_cents"))
    names = ("document_id", "number", "position", "amount_cents", "open_cents")
    following, mandate = getattr(found, "next", None), found.mandate
    same = ChargeDocument.objects.filter(company=company, document__in=documents.values("document"))
    attempts = _matching(company, ChargeFilter()).filter(pk__in=same.values("charge")).exclude(pk=found.pk)
    return ChargeDetail(
        row=row_of(found),
        asked_by=found.asked_by,
        url=found.url,
        expires_at=found.expires_at,
        external_id=found.external_id,
        told_at=found.told_at,
        documents=tuple(ChargedDocument(**row) for row in named.values(*names)),
        refunds=tuple(Refund.objects.filter(company=company, charge=found).order_by("-pk")),
        chargebacks=tuple(Chargeback.objects.filter(company=company, charge=found).order_by("-pk")),
        payout_id=found.payout_id,
        payout_external_id=found.payout.external_id if found.payout else "",
        payout_line_id=found.payout.transaction_id if found.payout else None,
        previous_id=found.previous_id,
        next_id=following.pk if following else None,
        message_id=found.message_id,
        mandate_means=mandate
        and means_of(kind=mandate.kind, brand=mandate.brand, last_digits=mandate.last_digits),
        attempts=tuple(row_of(each) for each in attempts[:_ATTEMPTS_SHOWN]),
    )


def pending_by_document(
    *, company: Company, document_ids: Collection[int] | None = None
) -> dict[tuple[int, int], int]:
    """Cents on their way by (document id, position; 0 is the whole document): they count as covering. One query."""
    return _by_document(company, (PENDING,), document_ids)


def asked_by_document(
    *, company: Company, document_ids: Collection[int] | None = None
) -> dict[tuple[int, int], int]:
    """Cents a charge that is not over asks for, the customer's own open payments included. One query."""
    return _by_document(company, UNFINISHED, document_ids)


def waits_for_customer(*, company: Company, customer_id: int) -> Sequence[ChargeRow]:
    """Payments the customer began and did not finish, the latest first. One query."""
    return [
        row_of(each)
        for each in _matching(company, ChargeFilter(customer_id=customer_id, states=(OPEN,)))[:20]
    ]


def _by_document(
    company: Company, states: Sequence[str], document_ids: Collection[int] | None
) -> dict[tuple[int, int], int]:
    rows = ChargeDocument.objects.filter(company=company, charge__state__in=states)
    if document_ids is not None:
        rows = rows.filter(document__in=document_ids)
    counted = rows.values_list("document", "position").annotate(cents=Sum("amount_cents")).order_by()
    return {(document_id, position): cents for document_id, position, cents in counted}


def _matching(company: Company, wanted: ChargeFilter) -> QuerySet[Charge]:
    rows = Charge.objects.filter(company=company).select_related("customer", "connection").order_by("-pk")
    if wanted.states:
        rows = rows.filter(state__in=wanted.states)
    if wanted.method:
        rows = rows.filter(method=wanted.method)
    if wanted.origin:
        rows = rows.filter(origin=wanted.origin)
    for name in ("connection_id", "mandate_id", "customer_id"):
        if getattr(wanted, name) is not None:
            rows = rows.filter(**{name: getattr(wanted, name)})
    if wanted.failure_group:
        rows = rows.filter(failure_group=wanted.failure_group)
    if wanted.since is not None:
        rows = rows.filter(requested_date__gte=wanted.since)
    if wanted.until is not None:
        rows = rows.filter(requested_date__lte=wanted.until)
    if wanted.needs_person:
        rows = rows.filter(problem__isnull=False)
    if wanted.text.strip():
        text = wanted.text.strip()
        rows = rows.filter(reference__icontains=text) | rows.filter(customer__name__icontains=text)
    return rows


def row_of(found: Charge) -> ChargeRow:
    """A charge as lists show it; its customer and connection are read with it."""
    return ChargeRow(
        id=found.pk,
        reference=found.reference,
        customer_id=found.customer_id,
        customer_name=found.customer.name,
        connection_name=found.connection.name,
        origin=found.origin,
        method=found.method,
        state=found.state,
        currency=found.currency,
        amount_cents=found.amount_cents,
        received_cents=found.received_cents,
        refunded_cents=found.refunded_cents,
        contested_cents=found.contested_cents,
        fee_cents=found.fee_cents,
        requested_date=found.requested_date,
        collection_date=found.collection_date,
        ended_at=found.ended_at,
        attempt_number=found.attempt_number,
        next_attempt_date=found.next_attempt_date,
        failure_group=found.failure_group,
        failure_code=found.failure_code,
        failure=Sentence.from_json(found.failure) if found.failure else None,
        problem=Sentence.from_json(found.problem) if found.problem else None,
        payment_id=found.payment_id,
        mandate_id=found.mandate_id,
        is_returned=found.state == Charge.State.RETURNED,
    )
