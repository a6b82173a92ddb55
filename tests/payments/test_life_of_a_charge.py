"""A charge from the click to the account and back: what the service says last is what the ledger holds."""

from datetime import timedelta

import pytest
from django.db.models import Sum

from encours.actions.allocate import allocate
from encours.actions.cancel_charge import UnableToCancel, cancel_charge
from encours.actions.follow_charge import follow_charge
from encours.actions.open_checkout import UnableToOpenCheckout
from encours.core.ledger import Portion
from encours.core.payments.methods import SEPA_DEBIT
from encours.queries.charges import charge_detail, pending_by_document
from encours.store.models import Allocation, Charge, Document, JournalEntry, Movement, Payment
from tests import cast
from tests.payments.conftest import NOW, begin, charge_of, invoices, open_of

pytestmark = pytest.mark.django_db


def follow(company, opened, now=NOW) -> str:
    return follow_charge(company=company, charge_id=opened.charge_id, now=now)


def happened(charge_id: int) -> list[str]:
    rows = JournalEntry.objects.filter(subject_type="charge", subject_id=charge_id).order_by("pk")
    return list(rows.values_list("action", flat=True))


def problem_of(opened) -> str:
    return (charge_of(opened).problem or {})["code"]


def paid_by_transfer(company, customer, document, cents: int) -> None:
    payment = cast.receipt(company, customer, amount_cents=cents, received_date=NOW.date())
    allocate(
        company=company, portions=[Portion(document.pk, cents)], on=NOW.date(), actor="test", payment_id=payment.pk
    )  # fmt: skip


def test_a_card_payment_settles_what_was_chosen(company, dubois, connection, service) -> None:
    first, second = invoices(company, dubois, 120_00, 80_00)
    opened = begin(company, dubois, [first, second])
    charge = charge_of(opened)
    assert (charge.state, charge.amount_cents, opened.url) == ("open", 200_00, "https://pay.example/1")
    service.pay(charge.reference)
    assert follow(company, opened) == "succeeded"
    assert follow(company, opened) == "succeeded"
    assert open_of(first, second) == [0, 0]
    payment = Payment.objects.get()
    assert (payment.source_key, payment.method, payment.amount_cents) == (
        f"charge:{charge.pk}",
        "card",
        200_00,
    )
    assert payment.unallocated_cents == 0
    charge.refresh_from_db()
    assert (charge.fee_cents, charge.received_cents, charge.payment_id) == (2_00, 200_00, payment.pk)
    assert happened(charge.pk) == ["charge.begun", "charge.succeeded"]


def test_a_debit_covers_while_it_is_on_its_way(company, dubois, connection, service) -> None:
    [document] = invoices(company, dubois, 100_00)
    opened = begin(company, dubois, [document], method=SEPA_DEBIT)
    service.debit(charge_of(opened).reference)
    assert follow(company, opened) == "pending"
    assert pending_by_document(company=company) == {(document.pk, 0): 100_00}
    with pytest.raises(UnableToOpenCheckout) as refused:
        begin(company, dubois, [document])
    assert refused.value.sentence.code == "checkout.already_pending"
    with pytest.raises(UnableToCancel):
        cancel_charge(company=company, charge_id=opened.charge_id, now=NOW, actor="user:1")
    service.pay(charge_of(opened).reference)
    assert follow(company, opened) == "succeeded"
    assert pending_by_document(company=company) == {}


def test_a_debit_that_returns_opens_the_invoice_again_and_says_why(
    company, dubois, connection, service
) -> None:
    [document] = invoices(company, dubois, 100_00)
    opened = begin(company, dubois, [document], method=SEPA_DEBIT)
    reference = charge_of(opened).reference
    service.pay(reference)
    follow(company, opened)
    later = NOW + timedelta(days=55)
    service.wait(timedelta(days=55))
    service.send_back(reference)
    assert follow(company, opened, later) == "returned"
    assert follow(company, opened, later) == "returned"
    assert open_of(document) == [100_00]
    payment = Payment.objects.get()
    assert payment.reversed_at is not None
    assert payment.unallocated_cents == 0
    detail = charge_detail(company=company, charge_id=opened.charge_id)
    assert detail is not None
    assert detail.row.failure is not None
    assert detail.row.failure.say("fr") == "Prélèvement contesté."
    kinds = (
        Movement.objects.filter(payment=payment)
        .order_by("pk")
        .values_list("kind", "reversed_kind", "amount_cents")
    )
    assert list(kinds)[-1] == ("reversed", "paid", 100_00)
    assert Movement.objects.filter(payment=payment).latest("pk").booked_date == later.date()
    assert happened(opened.charge_id)[-1] == "charge.returned"


def test_a_refund_takes_from_what_nothing_took_first(company, dubois, connection, service) -> None:
    first, second = invoices(company, dubois, 120_00, 80_00)
    opened = begin(company, dubois, [first, second])
    reference = charge_of(opened).reference
    service.pay(reference, 210_00)
    follow(company, opened)
    assert problem_of(opened) == "charge.left_over"
    service.give_back(reference, 30_00)
    follow(company, opened)
    assert open_of(first, second) == [0, 20_00]
    assert Payment.objects.get().unallocated_cents == 0
    service.turn_refunds(reference, "failed")
    follow(company, opened)
    assert open_of(first, second) == [0, 0]
    assert Payment.objects.get().unallocated_cents == 10_00


def test_a_contested_payment_is_gone_until_it_is_won(company, dubois, connection, service) -> None:
    [document] = invoices(company, dubois, 100_00)
    opened = begin(company, dubois, [document])
    reference = charge_of(opened).reference
    service.pay(reference)
    service.contest(reference)
    assert follow(company, opened) == "returned"
    assert open_of(document) == [100_00]
    assert Payment.objects.get().reversed_at is not None
    assert (charge_of(opened).failure or {})["code"] == "charge.contested"
    service.decide_contest(reference, "won")
    assert follow(company, opened) == "succeeded"
    assert open_of(document) == [0]
    assert Payment.objects.get().reversed_at is None
    assert happened(opened.charge_id) == [
        "charge.begun", "charge.succeeded", "charge.contested", "charge.contest_won",
    ]  # fmt: skip


def test_an_inquiry_moves_no_money(company, dubois, connection, service) -> None:
    [document] = invoices(company, dubois, 100_00)
    opened = begin(company, dubois, [document])
    service.pay(charge_of(opened).reference)
    service.contest(charge_of(opened).reference, state="warning")
    assert follow(company, opened) == "succeeded"
    assert open_of(document) == [0]


def test_paid_by_transfer_meanwhile_leaves_a_credit_and_says_so(company, dubois, connection, service) -> None:
    [document] = invoices(company, dubois, 100_00)
    opened = begin(company, dubois, [document])
    paid_by_transfer(company, dubois, document, 100_00)
    service.pay(charge_of(opened).reference)
    follow(company, opened)
    charge = charge_of(opened)
    assert charge.payment is not None
    assert charge.payment.unallocated_cents == 100_00
    assert problem_of(opened) == "charge.left_over"
    assert open_of(document) == [0]


def test_money_for_a_canceled_charge_is_booked_all_the_same(company, dubois, connection, service) -> None:
    [document] = invoices(company, dubois, 100_00)
    opened = begin(company, dubois, [document])
    reference = charge_of(opened).reference
    service.break_next("cancel", "before")
    Charge.objects.filter(pk=opened.charge_id).update(state="canceled")
    service.pay(reference)
    assert follow(company, opened) == "succeeded"
    assert open_of(document) == [0]


def test_a_second_payment_of_a_document_ends_the_first(company, dubois, connection, service) -> None:
    [document] = invoices(company, dubois, 100_00)
    first = begin(company, dubois, [document])
    second = begin(company, dubois, [document], cents=40_00)
    assert charge_of(first).state == "canceled"
    assert charge_of(second).amount_cents == 40_00
    assert [row["state"] for row in service.payments()] == ["canceled", "open"]


def test_nobody_pays_more_than_is_open(company, dubois, connection, service) -> None:
    [document] = invoices(company, dubois, 100_00)
    with pytest.raises(UnableToOpenCheckout) as refused:
        begin(company, dubois, [document], cents=100_01)
    assert refused.value.sentence.say("en") == "Only €100.00 is left to pay on FA-2026-001."
    paid_by_transfer(company, dubois, document, 100_00)
    with pytest.raises(UnableToOpenCheckout) as refused:
        begin(company, dubois, [document])
    assert refused.value.sentence.code == "checkout.nothing_open"
    assert not service.payments()


def test_another_customers_document_is_none(company, dubois, connection) -> None:
    [document] = invoices(company, cast.late_payer(company), 100_00)
    with pytest.raises(UnableToOpenCheckout) as refused:
        begin(company, dubois, [document])
    assert refused.value.sentence.code == "checkout.nothing_open"


@pytest.mark.parametrize("moment", ["before", "after"])
def test_an_answer_nobody_heard_is_looked_up(company, dubois, connection, service, moment) -> None:
    [document] = invoices(company, dubois, 100_00)
    service.break_next("checkout", moment)
    with pytest.raises(UnableToOpenCheckout) as refused:
        begin(company, dubois, [document])
    assert refused.value.sentence.code == "checkout.no_answer"
    charge = Charge.objects.get()
    assert charge.state == "created"
    if moment == "after":
        service.pay(charge.reference)
    state = follow_charge(company=company, charge_id=charge.pk, now=NOW + timedelta(minutes=10))
    assert state == ("succeeded" if moment == "after" else "canceled")
    assert open_of(document) == [0 if moment == "after" else 100_00]


def test_a_word_about_another_payment_is_not_booked(company, dubois, connection, service) -> None:
    first, second = invoices(company, dubois, 100_00, 50_00)
    one, other = begin(company, dubois, [first]), begin(company, dubois, [second])
    service.pay(charge_of(other).reference)
    Charge.objects.filter(pk=one.charge_id).update(external_id=charge_of(other).external_id)
    follow(company, one)
    assert problem_of(one) == "charge.other_payment"
    assert not Payment.objects.exists()


def test_the_ledger_is_the_sum_of_its_movements(company, dubois, connection, service) -> None:
    first, second = invoices(company, dubois, 120_00, 80_00)
    opened = begin(company, dubois, [first, second])
    reference = charge_of(opened).reference
    service.pay(reference)
    service.give_back(reference, 50_00)
    service.contest(reference, 30_00)
    follow(company, opened)
    for document in Document.objects.all():
        total = Movement.objects.filter(document=document).aggregate(cents=Sum("amount_cents"))["cents"]
        assert total == document.open_cents
    payment = Payment.objects.get()
    left = Movement.objects.filter(payment=payment).aggregate(cents=Sum("amount_cents"))["cents"]
    assert -left == payment.unallocated_cents == 0
    settled = Allocation.objects.filter(undone_at=None).aggregate(cents=Sum("amount_cents"))["cents"]
    assert settled == 200_00 - 50_00 - 30_00
