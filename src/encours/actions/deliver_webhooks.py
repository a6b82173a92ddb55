"""Delivers what waits for addresses of other programs: claimed, sent, marked, each step committed by itself.

A worker that dies between sending and marking leaves a claim that runs out; the message is then sent again under the same
`webhook-id`, by which its receiver knows it: at least once, never silently lost.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from encours.actions.change_webhook import owner_of
from encours.actions.entrust_message import settle_webhook_message
from encours.actions.journal import record
from encours.core.webhooks import (
    FAILED_LONG,
    GONE,
    MESSAGE_EVENT,
    SECRET_LOST,
    Outcome,
    body_of,
    has_failed_long,
    headers_of,
    next_attempt_at,
)
from encours.core.wording import Sentence
from encours.ports.webhooks import post_webhook
from encours.store.models import Company, WebhookAttempt, WebhookDelivery, WebhookEndpoint, WebhookEvent
from encours.store.secrets import UnableToUnseal, unseal

# how long a claim holds: longer than any attempt may take
CLAIM = timedelta(minutes=2)
# a round ends after this, so that other work gets its turn
BUDGET = timedelta(seconds=20)
_KEPT = timedelta(days=30)


@dataclass(frozen=True)
class Delivered:
    """What a round came to; `is_unfinished` when more could be sent at once."""

    delivered: int
    failed: int
    is_unfinished: bool


@dataclass(frozen=True)
class _Claim:
    delivery: WebhookDelivery
    attempt: WebhookAttempt
    url: str
    body: bytes
    headers: dict[str, str]


def deliver_webhooks(*, company: Company, clock: Callable[[], datetime], may_be_inside: bool) -> Delivered:
    """Sends what is due, to each address in the order it happened. An address that is down has all of it wait.

    `clock` tells the time of each attempt, which its signature covers.
    """
    started, delivered, failed = clock(), 0, 0
    for endpoint_id in due_endpoints(company=company, now=started):
        while claim := _claim(company, endpoint_id, clock()):
            outcome = post_webhook(
                url=claim.url, body=claim.body, headers=claim.headers, may_be_inside=may_be_inside
            )
            goes_on = _mark(company, claim, outcome, clock())
            delivered, failed = delivered + outcome.is_success, failed + (not outcome.is_success)
            if clock() - started >= BUDGET:
                return Delivered(delivered, failed, is_unfinished=True)
            if not goes_on:
                break
    return Delivered(delivered, failed, is_unfinished=False)


def due_endpoints(*, company: Company, now: datetime) -> list[int]:
    """Ids of the addresses something is due for."""
    waiting = WebhookDelivery.objects.filter(_due(now), company=company, state=WebhookDelivery.State.WAITING)
    active = WebhookEndpoint.objects.filter(_due(now), company=company, state=WebhookEndpoint.State.ACTIVE)
    found = active.filter(pk__in=waiting.values("endpoint")).order_by("pk")
    return list(found.values_list("pk", flat=True))


def forget_old_events(*, company: Company, now: datetime) -> int:
    """How many were forgotten; those that still wait stay."""
    old = WebhookEvent.objects.filter(company=company, occurred_at__lt=now - _KEPT)
    waiting = WebhookDelivery.objects.filter(company=company, state=WebhookDelivery.State.WAITING)
    count, _ = old.exclude(pk__in=waiting.values("event")).delete()
    return count


def _due(now: datetime) -> Q:
    return Q(next_attempt_at=None) | Q(next_attempt_at__lte=now)


@transaction.atomic
def _claim(company: Company, endpoint_id: int, now: datetime) -> _Claim | None:
    """The oldest message that is due, nobody else's until the claim runs out."""
    endpoint = WebhookEndpoint.objects.filter(
        company=company, pk=endpoint_id, state=WebhookEndpoint.State.ACTIVE
    ).first()
    waiting = WebhookDelivery.objects.filter(
        _due(now), company=company, endpoint=endpoint_id, state=WebhookDelivery.State.WAITING
    )
    delivery = waiting.select_for_update(skip_locked=True).order_by("pk").first()
    if endpoint is None or delivery is None:
        return None
    try:
        secret = unseal(endpoint.sealed, owner=owner_of(endpoint))["secret"]
    except UnableToUnseal:
        _switch_off(endpoint, SECRET_LOST())
        endpoint.save(update_fields=["state", "problem"])
        return None
    delivery.next_attempt_at = now + CLAIM
    delivery.save(update_fields=["next_attempt_at"])
    attempt = WebhookAttempt.objects.create(company=company, delivery=delivery, started_at=now)
    event = WebhookEvent.objects.get(company=company, pk=delivery.event_id)
    body = body_of(event=event.event, occurred_at=event.occurred_at, data=event.data)
    headers = headers_of(secret=secret, webhook_id=event.webhook_id, body=body, now=now)
    return _Claim(delivery, attempt, endpoint.url, body, headers)


@transaction.atomic
def _mark(company: Company, claim: _Claim, outcome: Outcome, now: datetime) -> bool:
    """Whether the address may be sent the next message now."""
    # who tells of an allocation refers to the address: such a transaction, however long, holds nobody up here
    endpoints = WebhookEndpoint.objects.select_for_update(no_key=True).filter(company=company)
    deliveries = WebhookDelivery.objects.select_for_update(no_key=True).filter(company=company)
    endpoint = endpoints.filter(pk=claim.delivery.endpoint_id).first()
    delivery = deliveries.filter(pk=claim.delivery.pk).first()
    if endpoint is None or delivery is None:
        return False  # removed meanwhile
    WebhookAttempt.objects.filter(company=company, pk=claim.attempt.pk).update(
        ended_at=now, status=outcome.status, problem=outcome.problem.as_json() if outcome.problem else None
    )
    if outcome.is_success:
        delivery.state, delivery.delivered_at = WebhookDelivery.State.DELIVERED, now
        endpoint.problem, endpoint.failing_since, endpoint.next_attempt_at = None, None, None
        endpoint.failure_count = 0
    else:
        _count_failure(delivery, now)
        _back_off(endpoint, outcome, now)
    delivery.save(update_fields=["state", "delivered_at", "failure_count", "next_attempt_at"])
    _settle_message(company, delivery, now)
    endpoint.save(update_fields=["state", "problem", "failing_since", "failure_count", "next_attempt_at"])
    return endpoint.state == WebhookEndpoint.State.ACTIVE and not outcome.is_address_down


def _settle_message(company: Company, delivery: WebhookDelivery, now: datetime) -> None:
    """A reminder that another program sends counts once that program has it."""
    event = WebhookEvent.objects.get(company=company, pk=delivery.event_id)
    if event.event != MESSAGE_EVENT or delivery.state == WebhookDelivery.State.WAITING:
        return
    settle_webhook_message(
        company=company,
        message_id=event.data["message_id"],
        was_taken=delivery.state == WebhookDelivery.State.DELIVERED,
        now=now,
        actor="worker",
    )


def _count_failure(delivery: WebhookDelivery, now: datetime) -> None:
    delivery.failure_count += 1
    delivery.next_attempt_at = next_attempt_at(failures=delivery.failure_count, now=now)
    if delivery.next_attempt_at is None:
        delivery.state = WebhookDelivery.State.FAILED


def _back_off(endpoint: WebhookEndpoint, outcome: Outcome, now: datetime) -> None:
    """An address that is down rests as long as its failures in a row say; one that is gone, or failed for long, is switched off."""
    since = endpoint.failing_since = endpoint.failing_since or now
    endpoint.problem = outcome.told().as_json()
    if outcome.is_address_down:
        endpoint.failure_count += 1
        endpoint.next_attempt_at = next_attempt_at(failures=endpoint.failure_count, now=now) or (
            now + timedelta(days=1)
        )
    if outcome.is_gone:
        _switch_off(endpoint, GONE())
    elif has_failed_long(since=since, now=now):
        _switch_off(endpoint, FAILED_LONG(since=since.date()))


def _switch_off(endpoint: WebhookEndpoint, why: Sentence) -> None:
    endpoint.state, endpoint.problem = WebhookEndpoint.State.DISABLED, why.as_json()
    record(
        company=endpoint.company, actor="worker", action="webhook_endpoint.disabled",
        subject_type="webhook_endpoint", subject_id=endpoint.pk, data={"url": endpoint.url, "reason": why.as_json()},
    )  # fmt: skip
