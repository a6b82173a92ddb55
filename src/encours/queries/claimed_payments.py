"""Money a customer says it paid: is it there?"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Q, QuerySet, Sum

from encours.store.models import Company, Document, Match, Payment, Transaction

# a transfer is booked some days after it was sent, and people say the day from memory
_BEFORE, _AFTER = timedelta(days=10), timedelta(days=10)
# without a day: what came in lately
_LATELY = timedelta(days=45)
_SHOWN = 5


@dataclass(frozen=True)
class FoundLine:
    """A bank line that may be the payment: nobody has said whose it is, or a proposal waits."""

    line_id: int
    booked_date: date
    amount_cents: int
    currency: str
    counterparty_name: str


@dataclass(frozen=True)
class ClaimedPayment:
    """What is there of it. `settled_numbers` are documents meant that owe nothing any more; `receipts` are on the customer's account,
    allocated to nothing; `proposed` bank lines wait for a yes for this customer; `lines` have its amount and nobody knows whose they are.
    """

    settled_numbers: tuple[str, ...] = ()
    receipt_cents: int = 0
    currency: str = "EUR"
    proposed: tuple[FoundLine, ...] = ()
    lines: tuple[FoundLine, ...] = ()
    open_numbers: tuple[str, ...] = ()

    @property
    def is_found(self) -> bool:
        return bool(self.settled_numbers or self.receipt_cents or self.proposed or self.lines)


def claimed_payment(
    *,
    company: Company,
    customer_id: int,
    document_ids: Collection[int],
    amount_cents: int | None,
    currency: str,
    day: date | None,
    on: date,
) -> ClaimedPayment:
    """Looks where money can be: on the documents meant (all that the customer owes when none is named), on its account, among
    proposals, and among the bank lines of these days that nobody knows. Without an amount, what the documents owe is looked for.
    """
    meant = Document.objects.filter(company=company, customer_id=customer_id, currency=currency)
    named = meant.filter(pk__in=list(document_ids))
    owed = named if document_ids else meant.filter(open_cents__gt=0, due_date__lte=on)
    open_amounts = dict(owed.filter(open_cents__gt=0).values_list("number", "open_cents"))
    wanted = {amount_cents} if amount_cents is not None else set(open_amounts.values())
    if amount_cents is None and open_amounts:
        wanted.add(sum(open_amounts.values()))
    receipts = Payment.objects.filter(
        company=company, customer_id=customer_id, currency=currency, unallocated_cents__gt=0, reversed_at=None
    ).aggregate(cents=Sum("unallocated_cents"))["cents"]
    first, last = (day - _BEFORE, min(day + _AFTER, on)) if day else (on - _LATELY, on)
    lines = Transaction.objects.filter(
        company=company, currency=currency, booked_date__gte=first, booked_date__lte=last
    )
    proposals = Match.objects.filter(
        company=company, customer_id=customer_id, state=Match.State.PROPOSED
    ).values("transaction_id")
    proposed = lines.filter(pk__in=proposals, state=Transaction.State.PROPOSED)
    unknown = (
        lines.filter(amount_cents__in=sorted(wanted))
        .filter(Q(state=Transaction.State.NEW) | Q(state=Transaction.State.PROPOSED))
        .exclude(pk__in=proposals)
    )
    return ClaimedPayment(
        settled_numbers=tuple(named.filter(open_cents=0).order_by("pk").values_list("number", flat=True)),
        receipt_cents=receipts or 0,
        currency=currency,
        proposed=_lines(proposed),
        lines=_lines(unknown),
        open_numbers=tuple(sorted(open_amounts)),
    )


def _lines(found: QuerySet[Transaction]) -> tuple[FoundLine, ...]:
    rows = found.order_by("-booked_date", "-pk")[:_SHOWN]
    return tuple(
        FoundLine(
            line_id=row.pk,
            booked_date=row.booked_date,
            amount_cents=row.amount_cents,
            currency=row.currency,
            counterparty_name=row.counterparty_name or row.remittance[:60],
        )
        for row in rows
    )
