"""Keeps what a formal notice claims: accrued while its letter is on the way, claimed once it has left.

The invoice stays as it is. A letter that does not leave claims nothing.
"""

from typing import Any

from django.db import connection, transaction

from encours.actions.journal import Event, record_all
from encours.core.interest import InterestPiece
from encours.core.interest_claims import Accrual
from encours.core.letters import Claim
from encours.queries.interest import interest_terms
from encours.store.models import Company, Customer, InterestClaim, Message

_CLAIM = """
UPDATE store_interestclaim i SET state = 'claimed', decided_date = m.sent_date, decided_by = %s
FROM store_message m
WHERE i.company_id = %s AND i.state = 'accrued' AND m.id = i.message_id AND m.company_id = i.company_id AND m.state = 'sent'
  AND NOT EXISTS (
    SELECT FROM store_interestclaim d LEFT JOIN store_message dm ON dm.id = d.message_id
    WHERE d.company_id = i.company_id AND d.document_id = i.document_id AND d.position = i.position AND d.id <> i.id
      AND d.to_date >= i.from_date AND (d.state <> 'accrued' OR (dm.state = 'sent' AND d.id < i.id)))
RETURNING m.id, i.customer_id, i.interest_cents, i.indemnity_cents
"""


def accrue_interest(*, company: Company, message: Message, claim: Claim | None) -> int:
    """Writes what the letter of a message is about to claim, in place of what an earlier attempt wrote; how many lines."""
    InterestClaim.objects.filter(company=company, message=message, state=InterestClaim.State.ACCRUED).delete()
    if claim is None or not claim.accruals:
        return 0
    customer = Customer.objects.get(company=company, pk=message.customer_id)
    terms = told_terms(company=company, customer=customer)
    made = InterestClaim.objects.bulk_create(
        claim_line(company, customer, accrual, terms, message=message) for accrual in claim.accruals
    )
    return len(made)


@transaction.atomic
def claim_interest(*, company: Company, actor: str) -> int:
    """What letters that have left said is claimed; how many lines. By whatever way they left, and again without effect:
    days that were decided on meanwhile stay as they were decided."""
    with connection.cursor() as cursor:
        cursor.execute(_CLAIM, [actor, company.pk])
        rows = cursor.fetchall()
    told: dict[int, list[int]] = {}
    customers: dict[int, int] = {}
    for message_id, customer_id, interest_cents, indemnity_cents in rows:
        told.setdefault(message_id, [0, 0])
        told[message_id][0] += interest_cents
        told[message_id][1] += indemnity_cents
        customers[message_id] = customer_id
    record_all(
        company=company,
        actor=actor,
        action="interest.claimed",
        subject_type="message",
        events=[
            Event(
                message_id,
                customers[message_id],
                {"interest_cents": interest, "indemnity_cents": indemnity, "currency": "EUR"},
            )
            for message_id, (interest, indemnity) in told.items()
        ],
    )
    return len(rows)


def claim_line(
    company: Company, customer: Customer, accrual: Accrual, terms: dict[str, Any], **decided: Any
) -> InterestClaim:
    """An accrual as it is kept."""
    return InterestClaim(
        company=company,
        customer=customer,
        document_id=accrual.receivable.document_id,
        position=accrual.receivable.position,
        from_date=accrual.from_date,
        to_date=accrual.to_date,
        pieces=[_piece(piece) for piece in accrual.pieces],
        interest_cents=accrual.interest_cents,
        indemnity_cents=accrual.indemnity_cents,
        terms=terms,
        **decided,
    )


def told_terms(*, company: Company, customer: Customer) -> dict[str, Any]:
    """What a line was computed under, for whoever checks it later."""
    terms, imputation = interest_terms(company=company, customer=customer)
    return {
        "debtor": terms.debtor,
        "agreed_basis_points": terms.agreed_basis_points,
        "day_count": terms.day_count,
        "imputation": imputation,
    }


def _piece(piece: InterestPiece) -> dict[str, Any]:
    return {
        "from": piece.span.from_date.isoformat(),
        "to": piece.span.until_date.isoformat(),
        "days": piece.span.days,
        "principal_cents": piece.principal_cents,
        "rate_basis_points": piece.span.rate_basis_points,
        "interest_cents": piece.interest_cents,
    }
