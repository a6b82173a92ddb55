"""What receivables of a customer bore in late interest, and what was claimed or waived of it."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any, cast

from django.db import connection
from django.db.models import Q, Sum

from encours.core.interest import DayCount, Debtor, Imputation, InterestTerms, PartPayment
from encours.core.interest_claims import (
    Accrual,
    DecidedInterest,
    LateReceivable,
    accruals,
    indemnities,
    settled_in_order,
)
from encours.queries.letter_settings import letter_settings
from encours.queries.reference_rates import ecb_rates
from encours.store.models import Company, Customer, InterestClaim, Message

# What is older cannot be claimed any more between companies (Code de commerce, art. L110-4).
LIMITATION_DAYS = 5 * 365
# Of a customer's page; the rest is told by its count.
SHOWN = 200

# A line whose letter has left is claimed, whether or not somebody has written so yet (`actions.claim_interest`).
DECIDED = ~Q(state=InterestClaim.State.ACCRUED) | Q(message__state=Message.State.SENT)

_LATE = """
SELECT r.document_id, r.position, r.number, r.due_date, r.amount_cents, r.open_cents FROM store_receivable r
WHERE r.company_id = %s AND r.customer_id = %s AND r.currency = 'EUR' AND r.type <> 'credit_note' AND r.amount_cents > 0
  AND r.due_date < %s AND r.due_date >= %s AND (%s::bigint[] IS NULL OR r.document_id = ANY(%s::bigint[]))
ORDER BY r.due_date, r.document_id, r.position
"""
# When money or a credit note settled a document: on the day it was received or issued, not the day somebody noticed.
_SETTLED = """
SELECT a.document_id, coalesce(p.received_date, c.issue_date, a.allocated_date), a.amount_cents
FROM store_allocation a
LEFT JOIN store_payment p ON p.id = a.payment_id AND p.company_id = a.company_id
LEFT JOIN store_document c ON c.id = a.credit_note_id AND c.company_id = a.company_id
WHERE a.company_id = %s AND a.document_id = ANY(%s) AND a.undone_at IS NULL
UNION ALL
SELECT document_id, max(booked_date), -sum(amount_cents)::bigint FROM store_movement
WHERE company_id = %s AND document_id = ANY(%s)
  AND coalesce(nullif(reversed_kind, ''), kind) IN ('written_off', 'discount', 'bank_fee', 'rounding_difference')
GROUP BY 1 HAVING sum(amount_cents) < 0
"""


@dataclass(frozen=True)
class ClaimRow:
    """Interest that was claimed or waived."""

    id: int
    customer_id: int
    customer_name: str
    document_id: int
    number: str
    position: int
    from_date: date
    to_date: date
    interest_cents: int
    indemnity_cents: int
    state: str
    decided_date: date | None
    decided_by: str
    reason: str
    message_id: int | None
    pieces: list[dict[str, Any]]


@dataclass(frozen=True)
class InterestSums:
    """Of a customer: claimed and waived, interest and indemnities together."""

    claimed_cents: int
    waived_cents: int


def interest_terms(*, company: Company, customer: Customer) -> tuple[InterestTerms, Imputation]:
    """Under which terms a customer's interest is computed. An agreed rate is one between companies; that of a public
    buyer is set by decree."""
    settings = letter_settings(company=company)
    debtor = cast(Debtor, customer.kind)
    terms = InterestTerms(
        debtor=debtor,
        agreed_basis_points=settings.agreed_basis_points if debtor == "company" else None,
        day_count=cast(DayCount, settings.day_count),
        ecb_rates=ecb_rates(company=company),
    )
    return terms, cast(Imputation, settings.imputation)


def customer_accruals(
    *,
    company: Company,
    customer: Customer,
    on: date,
    document_ids: Collection[int] | None = None,
    covered_cents: Mapping[tuple[int, int], int] | None = None,
) -> list[Accrual]:
    """What has accrued until a day on a customer's receivables, or on those of some documents, paid or not; nothing for a
    consumer. `covered_cents`, by document and instalment, is what credits not yet allocated cover: it bore nothing.
    Raises `UnableToComputeInterest`."""
    terms, imputation = interest_terms(company=company, customer=customer)
    if terms.debtor == "person":
        return []
    late = late_receivables(company=company, customer=customer, on=on, document_ids=document_ids)
    return accruals(
        receivables=[_uncovered(each, covered_cents or {}) for each in late],
        decided=decided_interest(company=company, customer=customer),
        on=on,
        terms=terms,
        imputation=imputation,
    )


def customer_indemnities(
    *, company: Company, customer: Customer, on: date, document_ids: Collection[int]
) -> list[Accrual]:
    """The indemnities alone, while a rate is not known."""
    return indemnities(
        receivables=late_receivables(company=company, customer=customer, on=on, document_ids=document_ids),
        decided=decided_interest(company=company, customer=customer),
        on=on,
    )


def late_receivables(
    *, company: Company, customer: Customer, on: date, document_ids: Collection[int] | None = None
) -> list[LateReceivable]:
    """Receivables whose due date has passed, open or paid after it, with what settled them. Two queries."""
    ids = None if document_ids is None else list(document_ids)
    oldest = on - timedelta(days=LIMITATION_DAYS)
    with connection.cursor() as cursor:
        cursor.execute(_LATE, [company.pk, customer.pk, str(on), str(oldest), ids, ids])
        parts: dict[int, list[LateReceivable]] = defaultdict(list)
        for row in cursor.fetchall():
            parts[row[0]].append(LateReceivable(*row))
        chosen = list(parts)
        cursor.execute(_SETTLED, [company.pk, chosen, company.pk, chosen])
        payments: dict[int, list[PartPayment]] = defaultdict(list)
        for document_id, day, cents in cursor.fetchall():
            payments[document_id].append(PartPayment(day, cents))
    found = []
    for document_id, instalments in parts.items():
        found += settled_in_order(instalments=instalments, payments=payments[document_id])
    return [each for each in found if each.open_cents or _paid_late(each)]


def decided_interest(*, company: Company, customer: Customer) -> list[DecidedInterest]:
    """What was claimed or waived of a customer's receivables."""
    rows = InterestClaim.objects.filter(DECIDED, company=company, customer=customer)
    return [
        DecidedInterest(
            document_id,
            position,
            to_date,
            interest_cents,
            indemnity_cents,
            "waived" if state == "waived" else "claimed",
        )
        for document_id, position, to_date, interest_cents, indemnity_cents, state in rows.values_list(
            "document_id", "position", "to_date", "interest_cents", "indemnity_cents", "state"
        )
    ]


def claim_rows(*, company: Company, customer_id: int | None = None, limit: int = SHOWN) -> list[ClaimRow]:
    """Claims and waivers, the newest first."""
    rows = InterestClaim.objects.filter(DECIDED, company=company)
    if customer_id is not None:
        rows = rows.filter(customer_id=customer_id)
    found = rows.select_related("customer", "document").order_by("-decided_date", "-id")[:limit]
    return [_row(each) for each in found]


def interest_sums(*, company: Company, customer_id: int) -> InterestSums:
    """What was claimed and waived of a customer's interest, in one query."""
    rows = InterestClaim.objects.filter(DECIDED, company=company, customer_id=customer_id)
    sums = {"claimed": 0, "waived": 0}
    for state, interest, indemnity in rows.values_list("state").annotate(
        Sum("interest_cents"), Sum("indemnity_cents")
    ):
        sums["waived" if state == "waived" else "claimed"] += interest + indemnity
    return InterestSums(sums["claimed"], sums["waived"])


def claimed_document_ids(*, company: Company, customer: Customer) -> set[int]:
    """Documents whose interest was claimed once: what accrued on them since is claimed with the next notice."""
    rows = InterestClaim.objects.filter(company=company, customer=customer, state=InterestClaim.State.CLAIMED)
    return set(rows.values_list("document_id", flat=True))


def _uncovered(receivable: LateReceivable, covered_cents: Mapping[tuple[int, int], int]) -> LateReceivable:
    cents = covered_cents.get((receivable.document_id, receivable.position), 0)
    if not cents:
        return receivable
    # as if it had been paid when it fell due
    paid = PartPayment(receivable.due_date, cents)
    return replace(receivable, payments=(*receivable.payments, paid))


def _paid_late(receivable: LateReceivable) -> bool:
    return any(payment.date > receivable.due_date for payment in receivable.payments)


def _row(each: Any) -> ClaimRow:
    return ClaimRow(
        id=each.pk,
        customer_id=each.customer_id,
        customer_name=each.customer.name,
        document_id=each.document_id,
        number=each.document.number,
        position=each.position,
        from_date=each.from_date,
        to_date=each.to_date,
        interest_cents=each.interest_cents,
        indemnity_cents=each.indemnity_cents,
        state="waived" if each.state == InterestClaim.State.WAIVED else "claimed",
        decided_date=each.decided_date,
        decided_by=each.decided_by,
        reason=each.reason,
        message_id=each.message_id,
        pieces=each.pieces,
    )
