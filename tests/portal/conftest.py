"""Visitors of Atelier Lumen's portal: customers with a link, and somebody with a link of another company."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from unittest.mock import patch

import pytest
from django.test import Client

from encours.actions.make_portal_link import invite_to_portal
from encours.portal import limits
from encours.store.models import Charge, ChargeDocument, Company, Customer, Document, GatewayConnection
from encours.store.tenancy import company_scope
from tests import cast

NOW = datetime(2026, 3, 10, 9, tzinfo=UTC)
TODAY = date(2026, 3, 10)


@pytest.fixture(autouse=True)
def unhurried() -> Iterator[None]:
    """Nobody has asked for anything yet."""
    limits.clear()
    yield
    limits.clear()


@pytest.fixture
def clock() -> Iterator[list[datetime]]:
    """The portal's clock, which a test may put forward: `clock[0] += …`. Requests are counted by it too."""
    moment = [NOW]
    with (
        patch("encours.portal.clock.now", lambda: moment[0]),
        patch("encours.portal.clock.ticking_seconds", lambda: moment[0].timestamp()),
        patch("encours.portal.visit.now", lambda: moment[0]),
        patch("encours.portal.visit.ticking_seconds", lambda: moment[0].timestamp()),
    ):
        yield moment


@dataclass(frozen=True)
class Visitor:
    """Somebody with a link, in a browser of its own."""

    client: Client
    customer: Customer
    link_id: int
    path: str  # of the link, up to and with its last stroke

    def get(self, page: str = "", **options: Any) -> Any:
        return self.client.get(self.path + page, **options)

    def post(self, page: str, data: dict[str, Any] | None = None, **options: Any) -> Any:
        return self.client.post(self.path + page, data or {}, **options)


def visitor(company: Company, customer: Customer, *, now: datetime = NOW) -> Visitor:
    """In the company's scope or outside of it."""
    with company_scope(company.pk):
        made = invite_to_portal(
            company=company, customer_id=customer.pk, base_url="http://testserver", now=now, actor="test"
        )
    return Visitor(Client(), customer, made.link_id, made.url.removeprefix("http://testserver"))


@dataclass(frozen=True)
class Books:
    """Lefèvre owes Atelier Lumen one invoice that is late, one in two parts of which one is, and one to come."""

    late: Document
    split: Document
    upcoming: Document


@pytest.fixture
def lefevre(company: Company) -> Customer:
    return cast.late_payer(company)


@pytest.fixture
def books(company: Company, lefevre: Customer) -> Books:
    return Books(
        late=cast.invoice(
            company, lefevre, "FA-2026-0001", payable_cents=120_000, issue_date=TODAY - timedelta(days=90)
        ),
        split=cast.invoice(
            company, lefevre, "FA-2026-0002", payable_cents=90_000, issue_date=TODAY - timedelta(days=40),
            instalments=[(TODAY - timedelta(days=10), 30_000), (TODAY + timedelta(days=20), 60_000)],
        ),
        upcoming=cast.invoice(
            company, lefevre, "FA-2026-0003", payable_cents=45_050, issue_date=TODAY - timedelta(days=5)
        ),
    )  # fmt: skip


@pytest.fixture
def visit(company: Company, lefevre: Customer, clock: list[datetime]) -> Visitor:
    """Lefèvre's accountant, with a link."""
    return visitor(company, lefevre)


@pytest.fixture
def pending(company: Company, lefevre: Customer) -> Any:
    """`pending(document, cents)`: a card payment of Lefèvre that the service says is on its way."""

    def made(
        document: Document, cents: int, *, state: str = "pending", customer: Customer | None = None
    ) -> Charge:
        connection, _ = GatewayConnection.objects.get_or_create(
            company=company,
            provider="fake",
            defaults={"name": "Service", "hook_key": "h", "state": "revoked"},
        )
        charge = Charge.objects.create(
            company=company, customer=customer or lefevre, connection=connection, origin="customer", method="card",
            state=state, reference=f"R{document.pk}-{state}", idempotency_key=f"R{document.pk}-{state}", currency="EUR",
            amount_cents=cents, requested_date=TODAY, asked_by="portal:0", asked_at=NOW,
        )  # fmt: skip
        ChargeDocument.objects.create(
            company=company, charge=charge, document=document, amount_cents=cents, is_open=state == "pending"
        )
        return charge

    return made
