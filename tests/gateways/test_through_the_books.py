"""From a customer's choice to the ledger and back, through Stripe as it answers over HTTP: nothing here knows the provider."""

import random
from datetime import date

import pytest

from encours.actions.book_payouts import book_payouts
from encours.actions.cancel_charge import cancel_charge
from encours.actions.connect_gateway import check_gateway
from encours.actions.fetch_lost_events import fetch_lost_events
from encours.actions.follow_charge import follow_charge
from encours.actions.open_checkout import OpenedCheckout, UnableToOpenCheckout, open_checkout
from encours.actions.receive_gateway_event import receive_gateway_event
from encours.actions.refund_charge import refund_charge
from encours.actions.update_payment_options import PaymentChoice, update_payment_options
from encours.actions.work_gateway_events import work_gateway_events
from encours.store.models import (
    Charge,
    Chargeback,
    Company,
    Document,
    GatewayConnection,
    GatewayEvent,
    Payment,
    Payout,
)
from tests import cast
from tests.gateways.conftest import Connect
from tests.gateways.fake_stripe import Decline, FakeStripe


@pytest.fixture
def stripe_account(company: Company, connect: Connect, fake: FakeStripe) -> GatewayConnection:
    """Cards and debits are offered."""
    connection = connect()
    check_gateway(company=company, connection_id=connection.pk, now=fake.now)
    both = [PaymentChoice(method, True, connection.pk) for method in ("card", "sepa_debit")]
    update_payment_options(company=company, choices=both, actor="test")
    return connection


@pytest.fixture
def invoice(company: Company) -> Document:
    customer = cast.good_payer(company)
    return cast.invoice(company, customer, "FA-2026-001", payable_cents=120_000, issue_date=date(2026, 1, 5))


def begin(company: Company, invoice: Document, fake: FakeStripe, *, method: str = "card") -> OpenedCheckout:
    return open_checkout(
        company=company, customer_id=invoice.customer_id, portions=[(invoice.pk, 0, None)], method=method,
        return_url="https://encours.example/p/x", now=fake.now, on=fake.now.date(), actor="portal:1",
    )  # fmt: skip


def hear(company: Company, connection: GatewayConnection, fake: FakeStripe) -> None:
    """All events so far are posted, twice each and in any order, and worked."""
    posts = [fake.notice(event) for event in fake.of("event") for _ in range(2)]
    random.Random(7).shuffle(posts)
    for body, headers in posts:
        receive_gateway_event(
            company=company, hook_key=connection.hook_key, body=body, headers=headers, now=fake.now
        )
    work_gateway_events(company=company, now=fake.now)
    assert not GatewayEvent.objects.filter(state__in=["waiting", "failed"]).exists()


def books(invoice: Document) -> tuple[int, int, str]:
    """(open on the invoice, receipts, state of its latest charge)."""
    now = Document.objects.get(pk=invoice.pk)
    charge = Charge.objects.order_by("-pk").first()
    return now.open_cents, Payment.objects.count(), charge.state if charge else ""


def test_a_card_pays_an_invoice_once(company: Company, stripe_account: GatewayConnection, invoice: Document, fake: FakeStripe):  # fmt: skip
    opened = begin(company, invoice, fake)
    assert opened.url.startswith("https://checkout.stripe.com/")
    charge = Charge.objects.get()
    fake.pay(charge.external_id, outcome=Decline("insufficient_funds"))
    hear(company, stripe_account, fake)
    assert books(invoice) == (120_000, 0, "open")
    intent = fake.pay(charge.external_id)
    for _ in range(2):
        hear(company, stripe_account, fake)
        assert books(invoice) == (0, 1, "succeeded")
    charge.refresh_from_db()
    assert charge.fee_cents == 120_000 * 150 // 10_000 + 25
    assert intent["metadata"]["encours_reference"] == charge.reference
    with pytest.raises(UnableToOpenCheckout):
        begin(company, invoice, fake)


def test_a_debit_counts_while_it_is_on_its_way_and_comes_back(company: Company, stripe_account: GatewayConnection, invoice: Document, fake: FakeStripe):  # fmt: skip
    begin(company, invoice, fake, method="sepa_debit")
    intent = fake.pay(Charge.objects.get().external_id, "sepa_debit")
    hear(company, stripe_account, fake)
    assert books(invoice) == (120_000, 0, "pending")
    with pytest.raises(UnableToOpenCheckout):  # never charged twice
        begin(company, invoice, fake)
    fake.settle(intent["id"])
    hear(company, stripe_account, fake)
    assert books(invoice) == (0, 1, "succeeded")
    fake.return_debit(intent["id"], "insufficient_funds")
    hear(company, stripe_account, fake)
    open_cents, _, state = books(invoice)
    assert (open_cents, state) == (120_000, "returned")
    charge = Charge.objects.get()
    assert (charge.failure_group, charge.failure_code) == ("later", "insufficient_funds")
    assert not Chargeback.objects.exists()
    begin(company, invoice, fake)  # the customer may pay again, by another way


def test_a_debit_the_bank_refuses_leaves_the_invoice_open(company: Company, stripe_account: GatewayConnection, invoice: Document, fake: FakeStripe):  # fmt: skip
    begin(company, invoice, fake, method="sepa_debit")
    intent = fake.pay(Charge.objects.get().external_id, "sepa_debit")
    fake.fail_debit(intent["id"], "account_closed")
    hear(company, stripe_account, fake)
    assert books(invoice) == (120_000, 0, "failed")
    assert Charge.objects.get().failure_group == "never"


def test_refunds_and_contested_money_open_the_invoice_again(company: Company, stripe_account: GatewayConnection, invoice: Document, fake: FakeStripe):  # fmt: skip
    begin(company, invoice, fake)
    charge = Charge.objects.get()
    intent = fake.pay(charge.external_id)
    hear(company, stripe_account, fake)
    refund_charge(
        company=company, charge_id=charge.pk, amount_cents=20_000, reason="avoir", now=fake.now, actor="test"
    )
    fake.refund(intent["id"], 10_000)  # somebody at Stripe
    hear(company, stripe_account, fake)
    charge.refresh_from_db()
    assert charge.refunded_cents == 30_000
    dispute = fake.dispute(intent["id"], cents=90_000)
    hear(company, stripe_account, fake)
    charge.refresh_from_db()
    assert (charge.contested_cents, Chargeback.objects.get().state) == (90_000, "open")
    fake.close_dispute(dispute["id"], "won")
    hear(company, stripe_account, fake)
    charge.refresh_from_db()
    assert (charge.contested_cents, Chargeback.objects.get().state, charge.state) == (0, "won", "succeeded")


def test_what_was_never_delivered_is_fetched(company: Company, stripe_account: GatewayConnection, invoice: Document, fake: FakeStripe):  # fmt: skip
    begin(company, invoice, fake)
    fake.pay(Charge.objects.get().external_id)
    GatewayConnection.objects.update(events_until_at=fake.now)  # the row was made by today's clock
    assert fetch_lost_events(company=company, now=fake.now).events == len(fake.of("event"))
    assert fetch_lost_events(company=company, now=fake.now).events == 0
    work_gateway_events(company=company, now=fake.now)
    assert books(invoice) == (0, 1, "succeeded")


def test_an_answer_nobody_heard_is_found_and_the_page_closed(company: Company, stripe_account: GatewayConnection, invoice: Document, fake: FakeStripe):  # fmt: skip
    fake.troubles = ["cut", "cut"]
    with pytest.raises(UnableToOpenCheckout):
        begin(company, invoice, fake)
    charge = Charge.objects.get()
    assert charge.state == "created"
    assert follow_charge(company=company, charge_id=charge.pk, now=fake.now) == "open"
    charge.refresh_from_db()
    assert cancel_charge(company=company, charge_id=charge.pk, now=fake.now, actor="test") == "canceled"
    assert fake.things[charge.external_id]["status"] == "expired"
    assert len(fake.of("checkout.session")) == 1


def test_a_payout_knows_its_payments_to_the_cent(company: Company, stripe_account: GatewayConnection, invoice: Document, fake: FakeStripe):  # fmt: skip
    begin(company, invoice, fake)
    charge = Charge.objects.get()
    intent = fake.pay(charge.external_id)
    fake.refund(intent["id"], 5_000)
    fake.pay_out()
    hear(company, stripe_account, fake)
    book_payouts(company=company, now=fake.now, actor="test")
    payout = Payout.objects.get()
    assert (payout.gross_cents, payout.fee_cents, abs(payout.refunded_cents), payout.other_cents) == (120_000, 1_825, 5_000, 0)  # fmt: skip
    assert payout.amount_cents == 120_000 - 1_825 - 5_000
    charge.refresh_from_db()
    assert charge.payout_id == payout.pk
