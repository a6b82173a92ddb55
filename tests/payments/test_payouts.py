"""A payout arrives as one bank line: it is found, put away with what it is made of, and is nobody's receipt."""

from datetime import date, timedelta

import pytest

from encours.actions.book_payouts import book_payouts, find_payouts
from encours.actions.follow_charge import follow_charge
from encours.actions.reconcile import reconcile
from encours.actions.set_aside import take_back
from encours.core.payments.methods import INSTANT_TRANSFER
from encours.core.payments.payouts import AwaitedPayout, PossibleLine, arrivals
from encours.queries.payouts import payout_detail
from encours.store.models import Charge, Payment, Payout, Transaction
from tests import cast
from tests.payments.conftest import NOW, TODAY, begin, charge_of, invoices, open_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def paid(company, dubois, connection, service) -> list[Charge]:
    """Two payments, one of them refunded in part, paid out together."""
    charges = []
    for document in invoices(company, dubois, 100_00, 50_00):
        opened = begin(company, dubois, [document])
        service.pay(charge_of(opened).reference)
        charges.append(charge_of(opened))
    service.give_back(charges[0].reference, 20_00)
    for charge in charges:
        follow_charge(company=company, charge_id=charge.pk, now=NOW)
    return charges


def bank_line(company, cents: int, text: str, day: date = TODAY) -> Transaction:
    return cast.bank_line(company, cents, text, booked_date=day, counterparty_name="SCRIPTED PAYMENTS LTD")


def test_a_payout_says_what_it_is_made_of(company, connection, service, paid) -> None:
    service.pay_out(TODAY, other_cents=-3_00)
    assert book_payouts(company=company, now=NOW, actor="worker") == 1
    assert book_payouts(company=company, now=NOW, actor="worker") == 1
    payout = Payout.objects.get()
    assert (payout.gross_cents, payout.fee_cents, payout.refunded_cents) == (150_00, 1_50, 20_00)
    assert (payout.other_cents, payout.amount_cents) == (-3_00, 125_50)
    detail = payout_detail(company=company, payout_id=payout.pk)
    assert detail is not None
    assert [row.reference for row in detail.charges] == [each.reference for each in paid]


def test_its_bank_line_is_found_whichever_comes_first(company, connection, service, paid) -> None:
    line = bank_line(company, 128_50, "PAYOUT")
    reconcile(company=company, on=TODAY, actor="worker")
    service.pay_out(TODAY)
    book_payouts(company=company, now=NOW, actor="worker")
    line.refresh_from_db()
    assert (line.state, (line.reason or {})["code"]) == ("set_aside", "line.payout")
    assert Payout.objects.get().transaction == line
    assert Payment.objects.count() == 2


def test_reconciling_never_books_a_payout(company, dubois, connection, service, paid) -> None:
    service.pay_out(TODAY)
    book_payouts(company=company, now=NOW, actor="worker")
    # an invoice of exactly the payout's amount waits beside it
    cast.invoice(company, dubois, "FA-2026-099", payable_cents=128_50, issue_date=date(2026, 2, 1))
    line = bank_line(company, 128_50, "PAYOUT FA-2026-099", TODAY + timedelta(days=2))
    reconcile(company=company, on=TODAY, actor="worker")
    line.refresh_from_db()
    assert line.state == "set_aside"
    assert Payout.objects.get().transaction == line
    assert Payment.objects.count() == 2


def test_what_a_person_takes_back_stays_theirs(company, connection, service, paid) -> None:
    service.pay_out(TODAY)
    line = bank_line(company, 128_50, "PAYOUT")
    book_payouts(company=company, now=NOW, actor="worker")
    take_back(company=company, transaction_id=line.pk, actor="user:1")
    find_payouts(company=company, actor="worker")
    assert Payout.objects.get().transaction is None


def test_a_transfer_straight_to_the_bank_is_booked_once(company, dubois, connection, service) -> None:
    [document] = invoices(company, dubois, 100_00)
    opened = begin(company, dubois, [document], method=INSTANT_TRANSFER)
    reference = charge_of(opened).reference
    service.pay(reference)
    follow_charge(company=company, charge_id=opened.charge_id, now=NOW)
    line = bank_line(company, 100_00, f"VIREMENT {reference}")
    reconcile(company=company, on=TODAY, actor="worker")
    line.refresh_from_db()
    assert line.state == "set_aside"
    assert Payment.objects.count() == 1
    assert charge_of(opened).payout is not None
    assert open_of(document) == [0]


def test_the_bank_may_be_faster_than_the_service(company, dubois, connection, service) -> None:
    [document] = invoices(company, dubois, 100_00)
    opened = begin(company, dubois, [document], method=INSTANT_TRANSFER)
    reference = charge_of(opened).reference
    line = bank_line(company, 100_00, f"VIR {document.number} {reference}")
    reconcile(company=company, on=TODAY, actor="worker")
    assert open_of(document) == [0]
    service.pay(reference)
    assert follow_charge(company=company, charge_id=opened.charge_id, now=NOW) == "succeeded"
    payment = Payment.objects.get()
    assert payment.transaction == line
    assert charge_of(opened).payment == payment
    assert payment.unallocated_cents == 0


def test_a_line_names_its_service_and_comes_about_then() -> None:
    awaited = [AwaitedPayout(rank, 500_00, "EUR", date(2026, 3, rank), ("STRIPE", "PO_1")) for rank in (3, 5)]
    lines = [
        PossibleLine(1, 500_00, "EUR", date(2026, 3, 4), "VIR DUBOIS"),
        PossibleLine(2, 500_00, "EUR", date(2026, 3, 6), "STRIPE PAYMENTS"),
        PossibleLine(3, 500_00, "EUR", date(2026, 3, 6), "VIR PO_1"),
        PossibleLine(4, 500_00, "EUR", date(2026, 4, 6), "STRIPE"),
    ]
    assert arrivals(awaited, lines) == {3: 2, 5: 3}
    assert arrivals([AwaitedPayout(1, 500_00, "USD", date(2026, 3, 6), ("STRIPE",))], lines) == {}
