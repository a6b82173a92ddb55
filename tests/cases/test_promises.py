"""Promises to pay, from the call in which they are made to what the bank says of them."""

from datetime import UTC, date, datetime

import pytest

from encours.actions.allocate import Portion, allocate
from encours.actions.judge_promises import judge_promises
from encours.actions.open_dispute import open_dispute
from encours.actions.record_promise import UnableToRecordPromise, record_promise
from encours.actions.resolve_dispute import resolve_dispute
from encours.actions.undo_allocation import undo_allocation
from encours.actions.withdraw_promise import UnableToWithdrawPromise, withdraw_promise
from encours.store.models import Promise
from tests import cast
from tests.cases.stories import bank_known, day, pays


@pytest.fixture
def lefevre(company):
    return cast.late_payer(company)


def promised(company, customer, promised_date=day(13), **details):
    return record_promise(
        company=company, customer_id=customer.pk, promised_date=promised_date, actor="test",
        **({"on": day(10)} | details),
    )  # fmt: skip


def judged(company, promise, on):
    judge_promises(company=company, on=on, actor="test")
    promise.refresh_from_db()
    return promise.state, promise.settled_cents


def test_without_documents_all_that_is_overdue_is_promised(company, lefevre):
    old = cast.invoice(company, lefevre, "FA-1", payable_cents=100_00, issue_date=date(2026, 1, 5))
    cast.invoice(company, lefevre, "FA-2", payable_cents=70_00, issue_date=date(2026, 3, 9))
    promise = promised(company, lefevre)
    assert (promise.amount_cents, promise.currency) == (100_00, "EUR")
    assert [(part.document_id, part.promised_cents) for part in promise.documents.all()] == [(old.pk, 100_00)]


def test_an_amount_is_spread_over_the_longest_due_and_names_no_more(company, lefevre):
    first, second, _ = (
        cast.invoice(company, lefevre, f"FA-{n}", payable_cents=100_00, issue_date=date(2026, 1, n)) for n in (1, 2, 3)
    )  # fmt: skip
    promise = promised(company, lefevre, amount_cents=150_00)
    parts = {part.document_id: (part.promised_cents, part.rest_cents) for part in promise.documents.all()}
    assert parts == {first.pk: (100_00, 0), second.pk: (50_00, 50_00)}


def test_an_amount_beyond_what_is_overdue_takes_what_falls_due_later(company, lefevre):
    cast.invoice(company, lefevre, "FA-1", payable_cents=100_00, issue_date=date(2026, 1, 5))
    cast.invoice(company, lefevre, "FA-2", payable_cents=70_00, issue_date=date(2026, 3, 9))
    assert promised(company, lefevre, amount_cents=130_00).documents.count() == 2
    with pytest.raises(UnableToRecordPromise) as refused:
        promised(company, lefevre, amount_cents=170_01)
    assert refused.value.sentence.code == "promise_exceeds_open"


def test_what_is_in_dispute_is_not_promised_with_all(company, lefevre):
    partly = cast.invoice(company, lefevre, "FA-1", payable_cents=100_00, issue_date=date(2026, 1, 5))
    whole = cast.invoice(company, lefevre, "FA-2", payable_cents=70_00, issue_date=date(2026, 1, 5))
    for document, cents in ((partly, 40_00), (whole, None)):
        open_dispute(
            company=company, customer_id=lefevre.pk, document_id=document.pk, reason_code="PU_ERR",
            disputed_cents=cents, on=day(9), actor="test",
        )  # fmt: skip
    assert promised(company, lefevre).amount_cents == 60_00


def test_paid_on_its_day_it_is_kept(company, lefevre):
    invoice = cast.invoice(company, lefevre, "FA-1", payable_cents=100_00, issue_date=date(2026, 1, 5))
    promise = promised(company, lefevre)
    assert judged(company, promise, day(12)) == ("open", 0)
    pays(company, lefevre, 100_00, day(13), invoice)
    assert judged(company, promise, day(13)) == ("kept", 100_00)


def test_a_receipt_nobody_allocated_yet_counts(company, lefevre):
    cast.invoice(company, lefevre, "FA-1", payable_cents=100_00, issue_date=date(2026, 1, 5))
    promise = promised(company, lefevre)
    cast.receipt(company, lefevre, amount_cents=100_00, received_date=day(13))
    assert judged(company, promise, day(20)) == ("kept", 100_00)


def test_days_of_grace_and_not_one_more(company, lefevre):
    invoice = cast.invoice(company, lefevre, "FA-1", payable_cents=100_00, issue_date=date(2026, 1, 5))
    promise = promised(company, lefevre)
    assert promise.grace_days == 3
    assert judged(company, promise, day(16)) == ("open", 0)
    assert judged(company, promise, day(17)) == ("broken", 0)
    pays(company, lefevre, 100_00, day(17), invoice)
    assert judged(company, promise, day(18)) == ("broken", 0)


def test_never_broken_before_the_bank_is_known_up_to_its_last_day(company, lefevre):
    cast.invoice(company, lefevre, "FA-1", payable_cents=100_00, issue_date=date(2026, 1, 5))
    promise = promised(company, lefevre)
    bank_known(company, day(15))
    assert judged(company, promise, day(25)) == ("open", 0)
    bank_known(company, day(16))
    assert judged(company, promise, day(25)) == ("broken", 0)


def test_paid_in_part_and_reopened_when_that_part_is_taken_back(company, lefevre):
    invoice = cast.invoice(company, lefevre, "FA-1", payable_cents=100_00, issue_date=date(2026, 1, 5))
    promise = promised(company, lefevre)
    allocation = pays(company, lefevre, 40_00, day(12), invoice)
    assert judged(company, promise, day(17)) == ("partly", 40_00)
    undo_allocation(company=company, allocation_id=allocation, on=day(18), actor="test")
    # the money is still there, as a credit of the customer
    assert judged(company, promise, day(18)) == ("partly", 40_00)


def test_a_kept_promise_is_open_again_when_its_money_was_for_something_else(company, lefevre):
    invoice = cast.invoice(company, lefevre, "FA-1", payable_cents=100_00, issue_date=date(2026, 1, 5))
    other = cast.invoice(company, lefevre, "FA-9", payable_cents=100_00, issue_date=date(2026, 3, 9))
    promise = promised(company, lefevre)
    allocation = pays(company, lefevre, 100_00, day(12), invoice)
    assert judged(company, promise, day(12)) == ("kept", 100_00)
    undo_allocation(company=company, allocation_id=allocation, on=day(13), actor="test")
    payment = lefevre.payments.get()
    allocate(
        company=company, payment_id=payment.pk, portions=[Portion(other.pk, 100_00)], on=day(13), actor="test"
    )
    assert judged(company, promise, day(13)) == ("open", 0)
    assert judged(company, promise, day(17)) == ("broken", 0)


def test_what_was_written_off_or_credited_was_not_to_be_paid(company, lefevre):
    invoice = cast.invoice(company, lefevre, "FA-1", payable_cents=100_00, issue_date=date(2026, 1, 5))
    promise = promised(company, lefevre)
    note = cast.credit_note(company, lefevre, "AV-1", payable_cents=30_00, issue_date=day(11))
    allocate(
        company=company,
        credit_note_id=note.pk,
        portions=[Portion(invoice.pk, 30_00)],
        on=day(11),
        actor="test",
    )
    pays(company, lefevre, 70_00, day(13), invoice)
    assert judged(company, promise, day(14)) == ("kept", 100_00)


def test_no_cent_counts_for_two_promises(company, lefevre):
    invoice = cast.invoice(company, lefevre, "FA-1", payable_cents=100_00, issue_date=date(2026, 1, 5))
    later = promised(company, lefevre, day(20), amount_cents=50_00)
    sooner = promised(company, lefevre, day(13), amount_cents=50_00)
    pays(company, lefevre, 50_00, day(12), invoice)
    assert judged(company, sooner, day(30)) == ("kept", 50_00)
    assert judged(company, later, day(30)) == ("broken", 0)
    assert Promise.objects.count() == 2


def test_another_day_for_the_same_money_takes_the_place_of_the_first(company, lefevre):
    cast.invoice(company, lefevre, "FA-1", payable_cents=100_00, issue_date=date(2026, 1, 5))
    first = promised(company, lefevre, day(13))
    second = promised(company, lefevre, day(20), on=day(12))
    first.refresh_from_db()
    assert (first.state, first.replaced_by) == ("withdrawn", second)


def test_a_promise_that_was_judged_is_not_withdrawn(company, lefevre):
    cast.invoice(company, lefevre, "FA-1", payable_cents=100_00, issue_date=date(2026, 1, 5))
    promise = promised(company, lefevre)
    judged(company, promise, day(30))
    with pytest.raises(UnableToWithdrawPromise):
        withdraw_promise(company=company, promise_id=promise.pk, on=day(30), actor="test")


def test_judging_again_says_nothing_new(company, lefevre):
    cast.invoice(company, lefevre, "FA-1", payable_cents=100_00, issue_date=date(2026, 1, 5))
    promised(company, lefevre)
    first = judge_promises(company=company, on=day(30), actor="test")
    second = judge_promises(company=company, on=day(30), actor="test")
    assert (first.broken, second.broken) == (1, 0)


@pytest.mark.parametrize(
    ("details", "code"),
    [
        ({"promised_date": day(9)}, "promise_in_the_past"),
        ({"promised_date": date(2027, 6, 1)}, "promise_too_far"),
        ({"amount_cents": 0}, "promise_not_positive"),
        ({"document_ids": [0]}, "promise_unknown_document"),
        ({"document_ids": []}, "promise_unknown_document"),
    ],
)
def test_refused(company, lefevre, details, code):
    cast.invoice(company, lefevre, "FA-1", payable_cents=100_00, issue_date=date(2026, 1, 5))
    with pytest.raises(UnableToRecordPromise) as refused:
        promised(company, lefevre, **details)
    assert refused.value.sentence.code == code
    assert not Promise.objects.exists()


def test_nobody_breaks_a_promise_by_what_it_has_contested_since(company, lefevre):
    invoice = cast.invoice(company, lefevre, "FA-1", payable_cents=100_00, issue_date=date(2026, 1, 5))
    promise = promised(company, lefevre)
    dispute = open_dispute(
        company=company, customer_id=lefevre.pk, document_id=invoice.pk, reason_code="PU_ERR",
        disputed_cents=40_00, on=day(12), actor="test",
    )  # fmt: skip
    pays(company, lefevre, 60_00, day(13), invoice)
    assert judged(company, promise, day(20)) == ("open", 60_00)
    resolve_dispute(
        company=company,
        dispute_id=dispute.pk,
        outcome="rejected",
        on=day(21),
        now=datetime.now(UTC),
        actor="test",
    )
    assert judged(company, promise, day(21)) == ("partly", 60_00)
