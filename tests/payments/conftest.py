"""A company with a payment service of its own: `service` is the other side, whom payers pay and who keeps the truth."""

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, date, datetime
from typing import Any

import pytest

from benchmarks.payments.scripted import NAME, ScriptedGateway, Service
from encours.actions.new_connection import new_connection
from encours.actions.open_checkout import OpenedCheckout, open_checkout
from encours.core.payments.methods import CARD, INSTANT_TRANSFER, SEPA_DEBIT
from encours.ports import registry
from encours.ports.connections import ConnectionKind
from encours.store.models import Charge, Company, Customer, Document, GatewayConnection, PaymentOption
from tests import cast

NOW = datetime(2026, 3, 10, 9, tzinfo=UTC)
TODAY = date(2026, 3, 10)


@pytest.fixture
def scripted(monkeypatch) -> None:
    """The scripted service is a provider like any other."""
    monkeypatch.setattr(registry, "gateways", lambda: {NAME: ScriptedGateway})


@pytest.fixture
def service(tmp_path, scripted) -> Iterator[Service]:
    with closing(Service(str(tmp_path / "service.db"), start=NOW)) as made:
        yield made


def connect(company: Company, service: Service, **settings: Any) -> GatewayConnection:
    """The company's account at the service, with every way of paying offered."""
    made = new_connection(
        kind=ConnectionKind.GATEWAY, company=company, provider=NAME, name="Service d’essai",
        given={"path": service.path, **settings},
    )  # fmt: skip
    made.save()
    PaymentOption.objects.bulk_create(
        PaymentOption(company=company, method=method, connection=made)
        for method in (CARD, SEPA_DEBIT, INSTANT_TRANSFER)
    )
    return made


@pytest.fixture
def connection(company, service) -> GatewayConnection:
    return connect(company, service)


@pytest.fixture
def dubois(company) -> Customer:
    return cast.good_payer(company)


def invoices(company: Company, customer: Customer, *cents: int) -> list[Document]:
    return [
        cast.invoice(company, customer, f"FA-2026-{rank:03}", payable_cents=amount, issue_date=date(2026, 1, 5))
        for rank, amount in enumerate(cents, start=1)
    ]  # fmt: skip


def begin(
    company: Company, customer: Customer, documents: list[Document], *, method: str = CARD,
    cents: int | None = None, now: datetime = NOW,
) -> OpenedCheckout:  # fmt: skip
    """The customer chooses what to pay and is sent to the service."""
    return open_checkout(
        company=company, customer_id=customer.pk, portions=[(each.pk, 0, cents) for each in documents],
        method=method, return_url="https://encours.example/p/x", now=now, on=now.date(), actor="portal:1",
    )  # fmt: skip


def charge_of(opened: OpenedCheckout) -> Charge:
    return Charge.objects.get(pk=opened.charge_id)


def open_of(*documents: Document) -> list[int]:
    """What is open of each now."""
    now = Document.objects.in_bulk([each.pk for each in documents])
    return [now[each.pk].open_cents for each in documents]
