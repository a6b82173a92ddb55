"""An address that is told everything, and a clock that only moves when it is told to."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import partial

import pytest

from encours.actions import deliver_webhooks as action
from encours.actions.change_webhook import AddedWebhook, add_webhook
from encours.actions.deliver_webhooks import Delivered, deliver_webhooks
from encours.core.webhooks import EVENTS
from encours.ports.webhooks import post_webhook
from encours.store.models import Document, WebhookEndpoint
from tests import cast
from tests.webhooks.receiver import Receiver

JAN, MARCH = date(2026, 1, 5), date(2026, 3, 2)


class Clock:
    """Begins now, so that the database's own time of what happens lies before."""

    def __init__(self) -> None:
        self.now = datetime.now(UTC)

    def __call__(self) -> datetime:
        return self.now

    def wait(self, **time: float) -> None:
        self.now += timedelta(**time)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as running:
        yield running


@pytest.fixture
def added(company, receiver) -> AddedWebhook:
    return add_webhook(
        company=company, url=receiver.url, events=list(EVENTS), may_be_inside=True, actor="user:1"
    )


@pytest.fixture
def endpoint(added) -> WebhookEndpoint:
    return WebhookEndpoint.objects.get(pk=added.endpoint_id)


@pytest.fixture
def deliver(company, clock, monkeypatch):
    """`deliver()`: a round as the worker does it, allowed inside the network, with three seconds of patience."""
    monkeypatch.setattr(action, "post_webhook", partial(post_webhook, seconds=3))

    def run() -> Delivered:
        return deliver_webhooks(company=company, clock=clock, may_be_inside=True)

    return run


@pytest.fixture
def invoice(company) -> Document:
    dubois = cast.good_payer(company)
    return cast.invoice(company, dubois, "FA-2026-0001", payable_cents=120_000, issue_date=JAN)
