"""How far a customer may go by itself in the portal, and what it did there."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Min

from encours.core.cases.disputes import REASONS
from encours.core.wording import Sentence
from encours.queries.portal_settings import portal_settings
from encours.store.models import Company, Dispute, Promise

# how a promise made in the portal says where it comes from (`Promise.source`)
PORTAL_SOURCE = "portail"


def last_promise_date(*, company: Company, customer_id: int, on: date) -> date:
    """The last day a customer may promise by itself.

    Counted from the first of its promises in the portal of that time that was not kept: who moves its promise every day
    moves it no further.
    """
    longest = timedelta(days=portal_settings(company=company).max_promise_days)
    earlier = Promise.objects.filter(
        company=company, customer_id=customer_id, source=PORTAL_SOURCE, recorded_date__gt=on - longest
    ).exclude(state=Promise.State.KEPT)
    first = earlier.aggregate(first=Min("recorded_date"))["first"]
    return (first or on) + longest


@dataclass(frozen=True)
class OwnPromise:
    """A promise that runs."""

    id: int
    promised_date: date
    amount_cents: int
    currency: str


@dataclass(frozen=True)
class OwnDispute:
    """A document contested, and not resolved yet. `disputed_cents` is None when it is all of it."""

    id: int
    number: str
    reason: Sentence
    opened_date: date
    disputed_cents: int | None
    currency: str


def own_promises(*, company: Company, customer_id: int) -> tuple[OwnPromise, ...]:
    found = Promise.objects.filter(company=company, customer_id=customer_id, state=Promise.State.OPEN)
    return tuple(
        OwnPromise(each.pk, each.promised_date, each.amount_cents, each.currency)
        for each in found.order_by("promised_date", "pk")
    )


def own_disputes(*, company: Company, customer_id: int) -> tuple[OwnDispute, ...]:
    found = Dispute.objects.filter(company=company, customer_id=customer_id, resolved_date=None)
    return tuple(
        OwnDispute(
            id=each.pk,
            number=each.document.number,
            reason=REASONS[each.reason_code](),
            opened_date=each.opened_date,
            disputed_cents=None if each.is_whole else each.disputed_cents,
            currency=each.document.currency,
        )
        for each in found.select_related("document").order_by("-opened_date", "-pk")
    )
