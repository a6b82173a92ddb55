"""Adds, switches, tests and removes an address of another program, and has a message sent to it again."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from encours.actions.journal import record
from encours.actions.tell_webhooks import defer_deliveries
from encours.core.webhooks import EVENTS, TEST_EVENT, secret_text, unknown_events
from encours.core.wording import Sentence, Wording
from encours.ports.webhooks import url_problem
from encours.store.models import Company, WebhookDelivery, WebhookEndpoint, WebhookEvent
from encours.store.secrets import seal

_KEY_BYTES = 32
MAX_ENDPOINTS = 20

NO_EVENT = Wording(
    "webhook.no_event",
    fr="Choisissez au moins un événement parmi : {known}.",
    en="Choose at least one event among: {known}.",
)
UNKNOWN_EVENT = Wording(
    "webhook.unknown_event",
    fr="L'événement « {event} » n'existe pas : {known}.",
    en='There is no event "{event}": {known}.',
)
TOO_MANY_ENDPOINTS = Wording(
    "webhook.too_many",
    fr="Il y a déjà {limit} adresses : retirez-en une d'abord.",
    en="There are {limit} addresses already: remove one first.",
)


class UnableToAddWebhook(Exception):
    """No address was added. `sentence` says why."""

    def __init__(self, sentence: Sentence) -> None:
        super().__init__(sentence.code)
        self.sentence = sentence


@dataclass(frozen=True)
class AddedWebhook:
    """`secret` is what its receiver verifies with; nobody can show it again."""

    endpoint_id: int
    secret: str


@transaction.atomic
def add_webhook(
    *, company: Company, url: str, events: Sequence[str], may_be_inside: bool, actor: str
) -> AddedWebhook:
    """An address that is told these events from now on. Raises `UnableToAddWebhook`."""
    url, known = url.strip(), ", ".join(EVENTS)
    problem = url_problem(url, may_be_inside=may_be_inside)
    if problem is not None:
        raise UnableToAddWebhook(problem)
    if not events:
        raise UnableToAddWebhook(NO_EVENT(known=known))
    for event in unknown_events(events):
        raise UnableToAddWebhook(UNKNOWN_EVENT(event=event, known=known))
    if WebhookEndpoint.objects.filter(company=company).count() >= MAX_ENDPOINTS:
        raise UnableToAddWebhook(TOO_MANY_ENDPOINTS(limit=MAX_ENDPOINTS))
    secret = secret_text(secrets.token_bytes(_KEY_BYTES))
    endpoint = WebhookEndpoint.objects.create(company=company, url=url, events=sorted(set(events)), sealed="")
    endpoint.sealed = seal({"secret": secret}, owner=owner_of(endpoint))
    endpoint.save(update_fields=["sealed"])
    _record(endpoint, "webhook_endpoint.added", actor)
    return AddedWebhook(endpoint.pk, secret)


@transaction.atomic
def disable_webhook(*, company: Company, endpoint_id: int, actor: str) -> bool:
    """True when it was active: it is told nothing more. What waits for it stays, what happens meanwhile is not kept."""
    endpoint = _locked(company, endpoint_id)
    if endpoint is None or endpoint.state == WebhookEndpoint.State.DISABLED:
        return False
    endpoint.state, endpoint.problem = WebhookEndpoint.State.DISABLED, None
    endpoint.save(update_fields=["state", "problem"])
    _record(endpoint, "webhook_endpoint.disabled", actor)
    return True


@transaction.atomic
def enable_webhook(*, company: Company, endpoint_id: int, actor: str) -> bool:
    """True when it was disabled: what waits for it is sent at once, and what happens from now on."""
    endpoint = _locked(company, endpoint_id)
    if endpoint is None or endpoint.state == WebhookEndpoint.State.ACTIVE:
        return False
    endpoint.state, endpoint.problem = WebhookEndpoint.State.ACTIVE, None
    endpoint.failing_since, endpoint.failure_count, endpoint.next_attempt_at = None, 0, None
    endpoint.save(update_fields=["state", "problem", "failing_since", "failure_count", "next_attempt_at"])
    _record(endpoint, "webhook_endpoint.enabled", actor)
    defer_deliveries(company=company)
    return True


@transaction.atomic
def remove_webhook(*, company: Company, endpoint_id: int, actor: str) -> bool:
    """True when it was there: its secret and all that waits for it are gone."""
    endpoint = _locked(company, endpoint_id)
    if endpoint is None:
        return False
    _record(endpoint, "webhook_endpoint.removed", actor)
    endpoint.delete()
    return True


@transaction.atomic
def try_webhook(*, company: Company, endpoint_id: int, now: datetime) -> bool:
    """True when a message that says nothing was put on its way to the address, which must be active."""
    endpoint = _locked(company, endpoint_id)
    if endpoint is None or endpoint.state != WebhookEndpoint.State.ACTIVE:
        return False
    event = WebhookEvent.objects.create(
        company=company, webhook_id=f"evt_{secrets.token_hex(16)}", event=TEST_EVENT, data={}, occurred_at=now
    )
    WebhookDelivery.objects.create(company=company, endpoint=endpoint, event=event)
    _at_once(endpoint)
    return True


@transaction.atomic
def resend_webhook(*, company: Company, endpoint_id: int, delivery_id: int) -> bool:
    """True when a message is sent again, under the `webhook-id` it had, to an address that must be active."""
    endpoint = _locked(company, endpoint_id)
    if endpoint is None or endpoint.state != WebhookEndpoint.State.ACTIVE:
        return False
    deliveries = WebhookDelivery.objects.filter(company=company, endpoint=endpoint, pk=delivery_id)
    if not deliveries.update(state=WebhookDelivery.State.WAITING, failure_count=0, next_attempt_at=None):
        return False
    _at_once(endpoint)
    return True


def owner_of(endpoint: WebhookEndpoint) -> str:
    """The name its secret is sealed under."""
    return f"webhook_endpoint:{endpoint.pk}"


def _at_once(endpoint: WebhookEndpoint) -> None:
    """A person asked: the address is tried now, however long it was to rest."""
    endpoint.next_attempt_at = None
    endpoint.save(update_fields=["next_attempt_at"])
    defer_deliveries(company=endpoint.company)


def _locked(company: Company, endpoint_id: int) -> WebhookEndpoint | None:
    rows = WebhookEndpoint.objects.select_for_update(no_key=True)
    return rows.filter(company=company, pk=endpoint_id).first()


def _record(endpoint: WebhookEndpoint, action: str, actor: str) -> None:
    record(
        company=endpoint.company,
        actor=actor,
        action=action,
        subject_type="webhook_endpoint",
        subject_id=endpoint.pk,
        data={"url": endpoint.url, "events": endpoint.events},
    )
