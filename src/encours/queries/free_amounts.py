"""What of a customer's open documents is contested, promised or planned, and what is free to be."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from django.db.models import Min, Q, Sum

from encours.core.cases.disputes import Contested
from encours.store.models import (
    Company,
    Dispute,
    PaymentPlan,
    PlanDocument,
    Promise,
    PromiseDocument,
    Receivable,
)

# A broken plan runs on when only what was missed fell due by that.
RUNNING = Q(plan__state=PaymentPlan.State.AGREED) | Q(
    plan__state=PaymentPlan.State.BROKEN, plan__when_broken=PaymentPlan.WhenBroken.MISSED_DUE
)


@dataclass(frozen=True)
class FreeDocument:
    """An open document of a customer, due on the day of its first open instalment; amounts in cents of its currency.
    `plan_id` is the plan that runs over it."""

    id: int
    number: str
    currency: str
    due_date: date
    open_cents: int
    disputed_cents: int
    promised_cents: int
    plan_id: int | None

    @property
    def uncontested_cents(self) -> int:
        """What could be promised or planned, had nobody done so already."""
        return 0 if self.plan_id is not None else self.open_cents - self.disputed_cents

    @property
    def free_cents(self) -> int:
        return max(self.uncontested_cents - self.promised_cents, 0)


def free_documents(*, company: Company, customer_id: int) -> list[FreeDocument]:
    """All a customer owes something on, the longest due first. Four queries, however many."""
    own = {"company": company, "customer_id": customer_id}
    disputed = {
        dispute.document_id: Contested(dispute.disputed_cents, dispute.is_whole)
        for dispute in Dispute.objects.filter(resolved_date=None, **own)
    }
    promised = dict(
        PromiseDocument.objects.filter(
            company=company, promise__customer_id=customer_id, promise__state=Promise.State.OPEN
        )
        .values_list("document_id")
        .annotate(cents=Sum("promised_cents"))
    )
    planned = dict(
        PlanDocument.objects.filter(RUNNING, company=company, plan__customer_id=customer_id).values_list(
            "document_id", "plan_id"
        )
    )
    documents = (
        Receivable.objects.filter(company_id=company.pk, customer_id=customer_id, open_cents__gt=0)
        .values("document_id", "number", "currency")
        .annotate(first_due_date=Min("due_date"), cents=Sum("open_cents"))
        .order_by("first_due_date", "document_id")
    )
    return [
        FreeDocument(
            id=row["document_id"],
            number=row["number"],
            currency=row["currency"],
            due_date=row["first_due_date"],
            open_cents=row["cents"],
            disputed_cents=disputed[row["document_id"]].blocked_cents(open_cents=row["cents"])
            if row["document_id"] in disputed
            else 0,
            promised_cents=promised.get(row["document_id"], 0),
            plan_id=planned.get(row["document_id"]),
        )
        for row in documents
    ]


def plannable(
    *, company: Company, customer_id: int, document_ids: Collection[int] | None = None
) -> list[FreeDocument]:
    """What a payment plan could cover: the documents chosen, or all of a customer that nobody contests whole or planned
    already, in the company's currency where some of it is."""
    found = free_documents(company=company, customer_id=customer_id)
    if document_ids is not None:
        return [each for each in found if each.id in set(document_ids)]
    able = [each for each in found if each.uncontested_cents > 0]
    currencies = {each.currency for each in able}
    currency = company.currency if company.currency in currencies else next(iter(sorted(currencies)), "")
    return [each for each in able if each.currency == currency]
