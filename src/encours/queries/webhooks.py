"""Addresses of other programs as people see them: how each does, what it was sent and what it answered."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Max, Q

from encours.core.webhooks import EVENTS, TEST_EVENT
from encours.core.wording import Sentence, Wording
from encours.queries.paging import Page, page_of
from encours.store.models import Company, WebhookAttempt, WebhookDelivery, WebhookEndpoint

TEST = Wording("webhook.test", fr="Message d'essai", en="Trial message")
_SHOWN_ATTEMPTS = 12


@dataclass(frozen=True)
class EndpointRow:
    """`problem` is why it is disabled or what its last attempt met; `events` are (code, in words)."""

    id: int
    url: str
    events: tuple[tuple[str, Sentence], ...]
    state: str
    problem: Sentence | None
    failing_since: datetime | None
    next_attempt_at: datetime | None
    waiting_count: int
    delivered_at: datetime | None

    def as_json(self, language: str) -> dict[str, Any]:
        """One entry of `webhooks[]` as scripts read it."""
        return {
            "id": self.id,
            "url": self.url,
            "events": [code for code, _ in self.events],
            "state": self.state,
            "problem": {"code": self.problem.code, "message": self.problem.say(language)}
            if self.problem
            else None,
            "failing_since": self.failing_since.isoformat() if self.failing_since else None,
            "waiting_count": self.waiting_count,
            "delivered_at": self.delivered_at.isoformat() if self.delivered_at else None,
        }


@dataclass(frozen=True)
class AttemptRow:
    """`status` of HTTP, or the problem why there is none; neither when the worker died meanwhile."""

    started_at: datetime
    status: int | None
    problem: Sentence | None


@dataclass(frozen=True)
class DeliveryRow:
    """One event on its way, with its last attempts, the latest first."""

    id: int
    webhook_id: str
    event: Sentence
    occurred_at: datetime
    state: str
    next_attempt_at: datetime | None
    data: dict[str, Any]
    attempts: tuple[AttemptRow, ...]


def webhook_endpoints(*, company: Company, endpoint_id: int | None = None) -> list[EndpointRow]:
    """Every address, or the one of an id, in the order they were added. One query."""
    found = WebhookEndpoint.objects.filter(company=company)
    if endpoint_id is not None:
        found = found.filter(pk=endpoint_id)
    counted = found.annotate(
        waiting=Count("deliveries", filter=Q(deliveries__state=WebhookDelivery.State.WAITING)),
        last=Max("deliveries__delivered_at"),
    )
    return [_endpoint(each) for each in counted.order_by("pk")]


def webhook_deliveries(*, company: Company, endpoint_id: int, number: int, size: int) -> Page[DeliveryRow]:
    """What an address was sent or waits to be, the latest first. Three queries."""
    found = WebhookDelivery.objects.filter(company=company, endpoint=endpoint_id)
    page = page_of(found.select_related("event").order_by("-pk"), number=number, size=size)
    attempts: dict[int, list[AttemptRow]] = {delivery.pk: [] for delivery in page.rows}
    made = WebhookAttempt.objects.filter(company=company, delivery__in=list(attempts)).order_by("-pk")
    for each in made if attempts else []:
        problem = Sentence.from_json(each.problem) if each.problem else None
        attempts[each.delivery_id].append(AttemptRow(each.started_at, each.status, problem))
    return page.with_rows([_delivery(each, attempts[each.pk][:_SHOWN_ATTEMPTS]) for each in page.rows])


def _endpoint(found: Any) -> EndpointRow:
    return EndpointRow(
        id=found.pk,
        url=found.url,
        events=tuple((code, EVENTS[code]()) for code in found.events if code in EVENTS),
        state=found.state,
        problem=Sentence.from_json(found.problem) if found.problem else None,
        failing_since=found.failing_since,
        next_attempt_at=found.next_attempt_at,
        waiting_count=found.waiting,
        delivered_at=found.last,
    )


def _delivery(found: Any, attempts: Sequence[AttemptRow]) -> DeliveryRow:
    code = found.event.event
    return DeliveryRow(
        id=found.pk,
        webhook_id=found.event.webhook_id,
        event=TEST() if code == TEST_EVENT else EVENTS[code](),
        occurred_at=found.event.occurred_at,
        state=found.state,
        next_attempt_at=found.next_attempt_at,
        data=found.event.data,
        attempts=tuple(attempts),
    )
