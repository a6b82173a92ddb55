"""A company that collects by files handed in to its bank, and the mandates its customers signed on paper."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from encours.actions.announce_charges import announce_charges
from encours.actions.change_creditor import change_creditor
from encours.actions.give_mandates import MandateEntry, give_mandates
from encours.core.payments.direct_debits import MandateGiven
from encours.store.models import (
    Company,
    Customer,
    Document,
    GatewayConnection,
    PaymentMandate,
    PortalSettings,
)
from tests import cast
from tests.dunning.conftest import bank_known, post_office, send

__all__ = ["post_office"]

NOW = datetime(2026, 3, 10, 9, tzinfo=UTC)
TODAY = date(2026, 3, 10)  # a Tuesday
DUE = date(2026, 3, 31)
TOLD = date(2026, 3, 17)  # two weeks before
MADE = date(2026, 3, 27)  # two settlement days before
CREDITOR = {
    "creditor_name": "Ventalune Énergie", "creditor_identifier": "FR72ZZZ123456", "iban": "FR7630004000031234567890143",
    "bic": "BNPAFRPPXXX",
}  # fmt: skip
IBANS = (
    "FR7630006000011234567890189",
    "DE89370400440532013000",
    "GB29NWBK60161331926819",
    "BE68539007547034",
)


@pytest.fixture
def bank(company) -> GatewayConnection:
    return change_creditor(company=company, given=CREDITOR, actor="t")


@pytest.fixture
def dubois(company) -> Customer:
    return cast.good_payer(company)


def given(customer: Customer, **details: Any) -> MandateEntry:
    said: dict[str, Any] = {
        "holder_name": customer.name, "iban": IBANS[0], "signed_date": date(2026, 1, 15), "reference": "RUM-0001",
        **details,
    }  # fmt: skip
    return MandateEntry(customer.pk, MandateGiven(**said))


def sign(company: Company, customer: Customer, **details: Any) -> PaymentMandate:
    """The customer signs on paper, and somebody enters it."""
    done = give_mandates(company=company, entries=[given(customer, **details)], on=TODAY, now=NOW, actor="t")
    assert not done.problems, done.problems
    return PaymentMandate.objects.get(company=company, reference=done.references[0])


@pytest.fixture
def mandate(company, dubois, bank) -> PaymentMandate:
    """Dubois signed, and the company debits on the due date."""
    PortalSettings.objects.update_or_create(company=company, defaults={"allows_autopay": True})
    bank_known(company, date(2026, 12, 31))
    return sign(company, dubois)


def owed(company, customer, number="FA-1", cents=50_000, due=DUE) -> Document:
    return cast.invoice(
        company, customer, number, payable_cents=cents, issue_date=TODAY - timedelta(days=5), due_date=due
    )


def announce(company, on=TOLD) -> None:
    """The customers are told, and the mail leaves."""
    announce_charges(company=company, on=on, actor="t")
    send(company, on)
