"""What was announced to customers before it is charged by mandate: lists, and the notices of one charge or mandate."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import QuerySet, Sum

from encours.core.payments.mandates import means_of
from encours.core.wording import Sentence
from encours.queries.paging import Page, page_of
from encours.store.models import ChargeNotice, Company


@dataclass(frozen=True)
class NoticeRow:
    """One document announced. `sent_date` is None until its message has left: what did not leave charges nothing."""

    id: int
    customer_id: int
    customer_name: str
    document_id: int
    number: str
    mandate_id: int
    means: Sentence
    origin: str
    currency: str
    amount_cents: int
    announced_date: date
    charge_date: date
    state: str
    reason: Sentence | None
    message_id: int | None
    sent_date: date | None
    charge_id: int | None


@dataclass(frozen=True)
class NoticeSum:
    """What is announced and not charged yet, in one currency."""

    currency: str
    amount_cents: int


def notices_page(
    *, company: Company, state: str, number: int, size: int, customer_id: int | None = None
) -> Page[NoticeRow]:
    """What is announced, the next day first; of other states the latest first. Two queries."""
    rows = _rows(company)
    if customer_id is not None:
        rows = rows.filter(customer=customer_id)
    if state:
        rows = rows.filter(state=state)
    order = ("charge_date", "pk") if state == ChargeNotice.State.ANNOUNCED else ("-pk",)
    found = page_of(rows.order_by(*order), number=number, size=size)
    return found.with_rows([_row(each) for each in found.rows])


def charge_notice(*, company: Company, notice_id: int) -> NoticeRow | None:
    """One; None when the company has none of this id. One query."""
    found = _rows(company).filter(pk=notice_id).first()
    return _row(found) if found else None


def notice_sums(*, company: Company) -> Sequence[NoticeSum]:
    """What is announced, by currency, the most first. One query."""
    rows = ChargeNotice.objects.filter(company=company, state=ChargeNotice.State.ANNOUNCED)
    summed = rows.values("currency").annotate(cents=Sum("amount_cents")).order_by("-cents")
    return [NoticeSum(each["currency"], each["cents"]) for each in summed]


def notices_of_charge(*, company: Company, charge_id: int) -> Sequence[NoticeRow]:
    """What announced a charge. One query."""
    return [_row(each) for each in _rows(company).filter(charge=charge_id).order_by("pk")]


def notices_of_mandate(*, company: Company, mandate_id: int, limit: int = 20) -> Sequence[NoticeRow]:
    """What was announced by a mandate, the latest first. One query."""
    return [_row(each) for each in _rows(company).filter(mandate=mandate_id).order_by("-pk")[:limit]]


def _rows(company: Company) -> QuerySet[ChargeNotice]:
    rows = ChargeNotice.objects.filter(company=company)
    return rows.select_related("customer", "document", "mandate", "message")


def _row(found: ChargeNotice) -> NoticeRow:
    mandate = found.mandate
    return NoticeRow(
        id=found.pk,
        customer_id=found.customer_id,
        customer_name=found.customer.name,
        document_id=found.document_id,
        number=found.document.number,
        mandate_id=found.mandate_id,
        means=means_of(kind=mandate.kind, brand=mandate.brand, last_digits=mandate.last_digits),
        origin=found.origin,
        currency=found.currency,
        amount_cents=found.amount_cents,
        announced_date=found.announced_date,
        charge_date=found.charge_date,
        state=found.state,
        reason=Sentence.from_json(found.reason) if found.reason else None,
        message_id=found.message_id,
        sent_date=found.message.sent_date if found.message else None,
        charge_id=found.charge_id,
    )
