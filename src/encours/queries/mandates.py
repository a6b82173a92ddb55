"""Mandates as people look at them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import DateField, F, OuterRef, QuerySet, Subquery

from encours.core.payments.mandates import ACTIVE, KINDS, STATES, means_of
from encours.core.wording import Sentence
from encours.queries.paging import Page, page_of
from encours.store.models import Charge, Company, Document, PaymentMandate

# a card that ends within so many days is shown as ending
ENDING_DAYS = 45


@dataclass(frozen=True)
class MandateFilter:
    """What a list shows; `is_ending`: in force, and over within `ENDING_DAYS` or before something open falls due."""

    state: str = ""
    kind: str = ""
    is_ending: bool = False
    text: str = ""  # part of a reference or of a customer's name


@dataclass(frozen=True)
class MandateRow:
    """One mandate. `uncovered_date` is the first due date, of what is open, that lies after the method's end."""

    id: int
    reference: str
    customer_id: int
    customer_name: str
    connection_name: str
    kind: str
    means: Sentence
    state: str
    pays_on_due_date: bool
    pays_overdue: bool
    max_cents: int | None
    signed_at: datetime | None
    expires_date: date | None
    uncovered_date: date | None
    asked_for_new_date: date | None  # when the customer was asked for a new one
    last_used_date: date | None
    last_charge_id: int | None
    last_charge_state: str
    ended_at: datetime | None
    ended_reason: Sentence | None

    @property
    def is_in_force(self) -> bool:
        return self.state == ACTIVE

    @property
    def may_be_revoked(self) -> bool:
        return self.ended_at is None


@dataclass(frozen=True)
class MandateDetail:
    """A mandate with what proves it: `said` are the words agreed to, in the customer's language."""

    row: MandateRow
    holder_name: str
    bank_country: str
    said: str
    agreed_by: str
    network: str
    external_id: str
    mandate_external_id: str
    customer_external_id: str
    first_used_date: date | None


def mandates_page(
    *, company: Company, wanted: MandateFilter, on: date, number: int, size: int
) -> Page[MandateRow]:
    """The latest first; of those that end, the first to end first. Two queries."""
    rows = _rows(company)
    if wanted.state:
        rows = rows.filter(state=wanted.state)
    if wanted.kind:
        rows = rows.filter(kind=wanted.kind)
    if wanted.text.strip():
        text = wanted.text.strip()
        rows = rows.filter(reference__icontains=text) | rows.filter(customer__name__icontains=text)
    if wanted.is_ending:
        rows = _ending_only(rows, on=on)
    order = ("expires_date", "pk") if wanted.is_ending else ("-pk",)
    found = page_of(rows.order_by(*order), number=number, size=size)
    return found.with_rows([_row(each) for each in found.rows])


def ending_count(*, company: Company, on: date) -> int:
    """How many methods in force end soon. One query."""
    return _ending_only(_rows(company), on=on).count()


def mandates_of_customer(*, company: Company, customer_id: int, limit: int = 5) -> Sequence[MandateRow]:
    """The customer's, the latest first. One query."""
    return [_row(each) for each in _rows(company).filter(customer=customer_id).order_by("-pk")[:limit]]


def mandate_detail(*, company: Company, mandate_id: int) -> MandateDetail | None:
    """One mandate; None when the company has none of this id. One query."""
    found = _rows(company).filter(pk=mandate_id).first()
    if found is None:
        return None
    proof = found.evidence or {}
    return MandateDetail(
        row=_row(found),
        holder_name=found.holder_name,
        bank_country=found.bank_country,
        said=str(proof.get("said") or ""),
        agreed_by=str(proof.get("actor") or ""),
        network=str(proof.get("network") or ""),
        external_id=found.external_id,
        mandate_external_id=found.mandate_external_id,
        customer_external_id=found.customer_external_id,
        first_used_date=found.first_used_date,
    )


def _ending_only(rows: "QuerySet[PaymentMandate]", *, on: date) -> "QuerySet[PaymentMandate]":
    """Mandates in force whose method ends soon, or before something that is open falls due."""
    in_force = rows.filter(state=ACTIVE, expires_date__isnull=False)
    return in_force.filter(expires_date__lte=on + timedelta(days=ENDING_DAYS)) | in_force.filter(
        uncovered_date__isnull=False
    )


def _rows(company: Company) -> "QuerySet[PaymentMandate]":
    """Those a service or a signature knows: what was only begun is none."""
    open_after = Document.objects.filter(
        company=company,
        customer=OuterRef("customer"),
        open_cents__gt=0,
        due_date__gt=OuterRef("expires_date"),
    ).order_by("due_date")
    charges = Charge.objects.filter(company=company, mandate=OuterRef("pk")).order_by("-pk")
    rows = PaymentMandate.objects.filter(company=company).exclude(external_id="", sealed_iban="")
    return rows.select_related("customer", "connection").annotate(
        uncovered_date=Subquery(open_after.values("due_date")[:1], output_field=DateField()),
        last_charge_id=Subquery(charges.values("pk")[:1]),
        last_charge_state=Subquery(charges.values("state")[:1]),
        customer_name=F("customer__name"),
    )


def _row(found: Any) -> MandateRow:
    return MandateRow(
        id=found.pk,
        reference=found.reference,
        customer_id=found.customer_id,
        customer_name=found.customer_name,
        connection_name=found.connection.name,
        kind=found.kind,
        means=means_of(kind=found.kind, brand=found.brand, last_digits=found.last_digits),
        state=found.state,
        pays_on_due_date=found.pays_on_due_date,
        pays_overdue=found.pays_overdue,
        max_cents=found.max_cents,
        signed_at=found.signed_at,
        expires_date=found.expires_date,
        uncovered_date=found.uncovered_date if found.state == ACTIVE else None,
        asked_for_new_date=found.expiry_told_date,
        last_used_date=found.last_used_date,
        last_charge_id=found.last_charge_id,
        last_charge_state=found.last_charge_state or "",
        ended_at=found.ended_at,
        ended_reason=Sentence.from_json(found.ended_reason) if found.ended_reason else None,
    )


def mandates(*, company: Company, language: str, provider: str = "") -> list[dict[str, Any]]:
    """All that were ever given, or those of one provider, the latest first, in words of a language. One query."""
    rows = (
        PaymentMandate.objects.filter(company=company)
        .exclude(external_id="", sealed_iban="")
        .select_related("customer")
    )
    if provider:
        rows = rows.filter(connection__provider=provider)
    return [
        {
            "id": each.pk,
            "customer": each.customer.name,
            "reference": each.reference,
            "kind": KINDS[each.kind]().say(language),
            "means": means_of(kind=each.kind, brand=each.brand, last_digits=each.last_digits).say(language),
            "state": each.state,
            "state_told": STATES[each.state]().say(language),
            "pays_on_due_date": each.pays_on_due_date,
            "pays_overdue": each.pays_overdue,
            "max_cents": each.max_cents,
            "signed_at": each.signed_at,
            "expires_date": each.expires_date,
            "last_used_date": each.last_used_date,
        }
        for each in rows.order_by("-pk")
    ]


def mandate_id(*, company: Company, reference: str) -> int | None:
    """The mandate with a reference, as letters and lists say it."""
    found = PaymentMandate.objects.filter(company=company, reference=reference)
    return found.values_list("pk", flat=True).first()
