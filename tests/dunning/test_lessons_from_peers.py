"""What users of other receivables software suffered from, line by line: each must be impossible here.

Ledger of the stories, unless said otherwise: Menuiserie Lefèvre owes FA-1, 1 200,00 €, due Monday 2 March 2026.
The default policy reminds at J-7, R+1, R+8 and R+15, at least 5 days apart.
"""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction

from encours.actions.allocate import Portion, allocate
from encours.actions.approve_messages import approve_messages
from encours.actions.cancel_message import cancel_message
from encours.actions.hold_receivable import hold_receivable
from encours.actions.record_contact import record_contact
from encours.actions.run_dunning import plan_dunning, run_dunning
from encours.core.dunning import held_sentence
from encours.store.models import Attempt, BankAccount, Document, Hold, Match, Message, Reminder
from tests import cast
from tests.dunning.conftest import approve_all, at, bank_known, send

DUE = date(2026, 3, 2)
R1, R8, R15 = DUE + timedelta(1), DUE + timedelta(8), DUE + timedelta(15)


@pytest.fixture
def lefevre(company):
    return cast.late_payer(company)


@pytest.fixture
def fa1(company, lefevre) -> Document:
    return cast.invoice(
        company, lefevre, "FA-1", payable_cents=120_000, issue_date=date(2026, 1, 31), due_date=DUE
    )


def steps(company, on) -> list[str]:
    return plan_dunning(company=company, on=on).actions["step_code"].to_list()


def reasons(company, on) -> list[str]:
    return [
        held_sentence(row).code for row in plan_dunning(company=company, on=on).held.iter_rows(named=True)
    ]


def settle(company, receipt, document, amount_cents) -> None:
    portions = [Portion(document_id=document.pk, amount_cents=amount_cents)]
    allocate(company=company, portions=portions, payment_id=receipt.pk, on=R1, actor="t")


def subjects(post_office) -> list[str]:
    return [str(mail["Subject"]) for mail in post_office.taken]


def test_a_scheduler_that_runs_too_often_sends_one_reminder(company, fa1, live, post_office):
    for _ in range(22):
        live(R1)
    assert len(post_office.taken) == 1
    assert Reminder.objects.filter(document=fa1, step_code="R+1", counts=True).count() == 1


def test_the_database_itself_refuses_the_same_step_twice(company, fa1):
    run_dunning(company=company, on=R1, actor="test")
    first = Reminder.objects.get()
    with pytest.raises(IntegrityError), transaction.atomic():
        Reminder.objects.create(
            company=company, customer=fa1.customer, message=first.message, document=fa1, due_date=DUE,
            step_code="R+1", amount_cents=1,
        )  # fmt: skip


def test_a_missed_day_loses_no_reminder(company, fa1, live, post_office):
    live(R1 + timedelta(2))
    assert "Rappel" in subjects(post_office)[0]


def test_after_missed_weeks_one_reminder_leaves_and_not_the_lower_ones(company, fa1, live, post_office):
    live(DUE + timedelta(10))
    for later in range(11, 15):
        live(DUE + timedelta(later))
    assert [r.step_code for r in Reminder.objects.order_by("id")] == ["R+8"]
    assert len(post_office.taken) == 1


def test_old_invoices_just_imported_start_with_a_reminder_never_with_the_formal_notice(
    company, fa1, live, post_office
):
    live(date(2026, 6, 15))
    assert "Deuxième rappel" in subjects(post_office)[0]
    assert steps(company, date(2026, 6, 19)) == []  # the gap is not over
    live(date(2026, 6, 22))
    assert "Mise en demeure" in subjects(post_office)[1]


def test_two_runs_on_one_date_do_not_move_anything_to_the_next_level(company, fa1):
    run_dunning(company=company, on=R15, actor="test")
    run_dunning(company=company, on=R15, actor="test")
    assert [message.step_code for message in Message.objects.all()] == ["R+8"]


def test_the_time_between_steps_counts_from_what_was_really_sent(company, fa1, live):
    live(R1 + timedelta(3))  # the first reminder leaves three days late
    assert steps(company, R8) == []
    assert reasons(company, R8) == ["dunning.too_soon"]
    assert steps(company, R1 + timedelta(10)) == ["R+8"]


def test_an_invoice_is_never_edited_by_interest_or_fees(company, fa1, live):
    for day in (R1, R8, R15):
        live(day)
    fa1.refresh_from_db()
    assert (fa1.payable_cents, fa1.open_cents) == (120_000, 120_000)
    assert Document.objects.count() == 1


def test_a_contact_by_hand_counts_in_the_gap(company, lefevre, fa1, post_office):
    record_contact(
        company=company, customer_id=lefevre.pk, on=R1, now=at(R1), note="Appelé, rappelle demain", actor="t"
    )
    assert steps(company, R1) == []
    assert reasons(company, R1) == ["dunning.too_soon"]
    assert steps(company, R1 + timedelta(5)) == ["R+1"]


def test_a_contact_by_hand_after_planning_stops_the_message(company, lefevre, fa1, post_office):
    run_dunning(company=company, on=R1, actor="test")
    approve_all(company)
    record_contact(company=company, customer_id=lefevre.pk, on=R1, now=at(R1), note="Appelé", actor="t")
    sending = send(company, R1)
    assert (sending.sent, sending.cancelled) == (0, 1)
    assert Message.objects.get(channel="email").reason["code"] == "dunning.too_soon"


def test_credit_notes_are_netted_per_customer(company, lefevre, fa1):
    cast.credit_note(company, lefevre, "AV-1", payable_cents=20_000, issue_date=DUE)
    assert plan_dunning(company=company, on=R1).actions["amount_cents"].to_list() == [100_000]
    cast.credit_note(company, lefevre, "AV-2", payable_cents=100_000, issue_date=DUE)
    assert steps(company, R1) == []
    assert reasons(company, R1) == ["dunning.covered_by_credit"]


def test_unallocated_receipts_are_netted_from_the_oldest_document_on(company, lefevre, fa1):
    cast.invoice(company, lefevre, "FA-2", payable_cents=50_000, issue_date=date(2026, 2, 1), due_date=R8)
    cast.receipt(company, lefevre, amount_cents=120_000, received_date=DUE)
    found = plan_dunning(company=company, on=R8 + timedelta(1))
    assert found.actions.select("step_code", "amount_cents").rows() == [("R+1", 50_000)]
    assert found.held["document_id"].to_list() == [fa1.pk]


def test_partly_paid_invoices_stay_in_reminders_with_what_remains(company, lefevre, fa1):
    receipt = cast.receipt(company, lefevre, amount_cents=50_000, received_date=DUE)
    settle(company, receipt, fa1, 50_000)
    assert plan_dunning(company=company, on=R1).actions["amount_cents"].to_list() == [70_000]


def test_a_hold_on_one_invoice_leaves_the_others_alone(company, lefevre, fa1):
    other = cast.invoice(
        company, lefevre, "FA-2", payable_cents=50_000, issue_date=date(2026, 1, 31), due_date=DUE
    )
    hold_receivable(
        company=company, customer_id=lefevre.pk, document_id=fa1.pk, kind=Hold.Kind.DISPUTE,
        reason="Livraison incomplète", from_date=DUE, actor="t",
    )  # fmt: skip
    found = plan_dunning(company=company, on=R1)
    assert found.lines["document_id"].to_list() == [other.pk]
    assert held_sentence(found.held.row(0, named=True)).say("fr") == "Pièce suspendue : Livraison incomplète"


def test_one_message_per_customer_for_many_invoices(company, lefevre, fa1):
    for number in range(2, 12):
        cast.invoice(
            company, lefevre, f"FA-{number}", payable_cents=10_000, issue_date=date(2026, 1, 31),
            due_date=DUE - timedelta(number),
        )  # fmt: skip
    found = plan_dunning(company=company, on=R8)
    assert len(found.actions) == 1
    assert found.actions["document_count"].item() == 11


def test_a_message_knows_how_many_documents_it_asks_for_and_since_when(company, lefevre, fa1, post_office):
    """In two instalments, one document; when something is paid meanwhile, what is left when it leaves."""
    split = cast.invoice(
        company, lefevre, "FA-2", payable_cents=80_000, issue_date=date(2026, 1, 31),
        instalments=[(DUE - timedelta(3), 30_000), (DUE - timedelta(1), 50_000)],
    )  # fmt: skip
    bank_known(company, R1)
    run_dunning(company=company, on=R1, actor="test")
    message = Message.objects.get(company=company)
    assert (message.document_count, message.oldest_due_date) == (2, DUE - timedelta(3))
    money = cast.receipt(company, lefevre, amount_cents=80_000, received_date=R1)
    settle(company, money, split, 80_000)
    approve_all(company)
    send(company, R1)
    message.refresh_from_db()
    assert (message.state, message.document_count, message.oldest_due_date) == ("sent", 1, DUE)


def test_amounts_of_zero_cause_no_mail(company, lefevre):
    cast.invoice(company, lefevre, "FA-0", payable_cents=0, issue_date=date(2026, 1, 31), due_date=DUE)
    found = plan_dunning(company=company, on=R1)
    assert (len(found.actions), len(found.held)) == (0, 0)


def test_small_remainders_cause_no_mail(company, lefevre):
    cast.invoice(company, lefevre, "FA-9", payable_cents=999, issue_date=date(2026, 1, 31), due_date=DUE)
    assert (steps(company, R1), reasons(company, R1)) == ([], ["dunning.below_minimum"])


def test_money_found_but_not_confirmed_counts_as_covered(company, lefevre, fa1):
    line = cast.bank_line(company, 120_000, "VIR MENUISERIE LEFEVRE")
    Match.objects.create(
        company=company, transaction=line, customer=lefevre, state="proposed", rule="amount", confidence=0.5,
        reason={}, lines=[{"document_id": fa1.pk, "number": "FA-1", "allocated_cents": 120_000}], decided_by="t",
    )  # fmt: skip
    assert (steps(company, R1), reasons(company, R1)) == ([], ["dunning.receipt_to_confirm"])


def test_what_is_paid_between_planning_and_sending_is_not_reminded(company, lefevre, fa1, post_office):
    run_dunning(company=company, on=R1, actor="test")
    approve_all(company)
    receipt = cast.receipt(company, lefevre, amount_cents=120_000, received_date=R1)
    settle(company, receipt, fa1, 120_000)
    sending = send(company, R1)
    assert (sending.sent, sending.cancelled, post_office.taken) == (0, 1, [])
    assert Message.objects.get().reason["code"] == "dunning.settled"
    assert not Reminder.objects.filter(counts=True).exists()


def test_what_is_partly_paid_meanwhile_is_asked_for_with_what_remains(company, lefevre, fa1, post_office):
    cast.invoice(company, lefevre, "FA-2", payable_cents=50_000, issue_date=date(2026, 1, 31), due_date=DUE)
    run_dunning(company=company, on=R1, actor="test")
    approve_all(company)
    receipt = cast.receipt(company, lefevre, amount_cents=130_000, received_date=R1)
    settle(company, receipt, fa1, 120_000)
    assert send(company, R1).sent == 1
    message = Message.objects.get()
    assert message.amount_cents == 40_000  # FA-2 less the 100 € nobody has allocated yet
    assert "FA-1" not in message.text
    assert "400,00" in message.text
    assert list(Reminder.objects.filter(counts=True).values_list("document__number", "amount_cents")) == [
        ("FA-2", 40_000)
    ]


def test_currencies_never_mix(company, lefevre, fa1):
    cast.invoice(
        company, lefevre, "FA-US", payable_cents=70_000, issue_date=date(2026, 1, 31), due_date=DUE,
        currency="USD",
    )  # fmt: skip
    cast.credit_note(company, lefevre, "AV-US", payable_cents=10_000, issue_date=DUE, currency="USD")
    found = plan_dunning(company=company, on=R1).actions
    assert found.select("currency", "amount_cents").rows() == [("EUR", 120_000), ("USD", 60_000)]


def test_nothing_leaves_while_the_bank_is_not_known_recently(company, fa1, post_office):
    bank_known(company, R1 - timedelta(6))
    run_dunning(company=company, on=R1, actor="test")
    approve_all(company)
    sending = send(company, R1, accept_bank_age=False)
    assert (sending.sent, [p.code for p in sending.problems]) == (0, ["dunning.bank_old"])
    assert Message.objects.get().state == "approved"
    bank_known(company, R1 - timedelta(1))
    assert send(company, R1, accept_bank_age=False).sent == 1


def test_a_company_that_never_imported_a_statement_plans_with_a_warning_and_sends_on_consent(
    company, fa1, post_office
):
    assert not BankAccount.objects.exists()
    assert [warning.code for warning in run_dunning(company=company, on=R1, actor="test").warnings] == [
        "dunning.bank_unknown"
    ]
    approve_all(company)
    assert send(company, R1, accept_bank_age=False).sent == 0
    assert send(company, R1).sent == 1


def test_addresses_that_bounced_or_are_missing_are_shown_not_written_to(
    company, lefevre, fa1, live, post_office
):
    post_office.answers["RCPT"] = "550 5.1.1 no such user"
    assert live(R1).failed == 1
    contact = lefevre.contacts.get()
    assert contact.bounced_at is not None
    assert (steps(company, R1 + timedelta(1)), reasons(company, R1 + timedelta(1))) == (
        [],
        ["dunning.bounced"],
    )
    contact.bounced_at, contact.email = None, "new@lefevre.example"
    contact.save()
    post_office.answers.clear()
    assert live(R1 + timedelta(1)).sent == 1  # the step was free again
    alone = cast.unreachable(company)
    cast.invoice(company, alone, "FA-5", payable_cents=90_000, issue_date=date(2026, 1, 31), due_date=DUE)
    assert "dunning.no_address" in reasons(company, R8)


def test_the_notice_before_due_leaves_only_before_due(company, fa1, live, post_office):
    run_dunning(company=company, on=DUE - timedelta(7), actor="test")
    assert Message.objects.get().step_code == "J-7"
    approve_all(company)
    sending = send(company, R1)  # approved, but nobody sent it in time
    assert (sending.sent, sending.cancelled) == (0, 1)
    assert Message.objects.get().reason["code"] == "dunning.notice_too_late"
    assert steps(company, DUE) == []
    assert steps(company, R1) == ["R+1"]


def test_a_formal_notice_leaves_only_with_a_persons_approval(company, fa1, live, post_office):
    live(R1)
    live(R8)
    run_dunning(company=company, on=R15, actor="test")
    assert approve_messages(company=company, actor="user:1") == []  # the click for the day's batch
    assert send(company, R15).sent == 0
    Message.objects.filter(step_code="R+15").update(state="approved", approved_by="policy")
    assert send(company, R15).cancelled == 1
    assert Message.objects.get(step_code="R+15").reason["code"] == "dunning.not_approved"


def test_a_message_that_a_person_cancelled_does_not_come_back(company, fa1, live):
    run_dunning(company=company, on=R1, actor="test")
    cancel_message(company=company, message_id=Message.objects.get().pk, reason="Client appelé", actor="t")
    assert steps(company, R1 + timedelta(1)) == []
    assert steps(company, R8) == ["R+8"]


def test_no_formal_notice_when_every_reminder_was_called_off(company, fa1):
    for day in (R1, R8):
        run_dunning(company=company, on=day, actor="test")
        cancel_message(company=company, message_id=Message.objects.last().pk, reason="Attendre", actor="t")
    assert (steps(company, R15), reasons(company, R15)) == ([], ["dunning.formal_needs_reminder"])


def test_nothing_leaves_at_weekends_and_on_public_holidays(company, lefevre, post_office):
    cast.invoice(
        company, lefevre, "FA-3", payable_cents=90_000, issue_date=date(2026, 3, 1), due_date=date(2026, 4, 3)
    )
    saturday, easter_monday, tuesday = date(2026, 4, 4), date(2026, 4, 6), date(2026, 4, 7)
    run_dunning(company=company, on=saturday, actor="test")
    assert Message.objects.get().planned_date == tuesday
    approve_all(company)
    for day in (saturday, easter_monday):
        assert [problem.code for problem in send(company, day).problems] == ["message.day_off"]
    assert send(company, tuesday).sent == 1


def test_temporary_failures_are_tried_again_later_and_not_for_ever(company, fa1, post_office):
    run_dunning(company=company, on=R1, actor="test")
    approve_all(company)
    post_office.answers["RCPT"] = "451 greylisted"
    assert send(company, R1, now=at(R1, 8)).failed == 1
    assert send(company, R1, now=at(R1, 8)).failed == 0  # not before a quarter of an hour
    for hour in (9, 11, 16, 23):
        at_hour = at(R1, hour) + timedelta(days=1 if hour == 23 else 0)
        send(company, R1, now=at_hour)
    message = Message.objects.get()
    assert (message.state, message.attempts.count()) == ("failed", 5)
    assert len(set(message.attempts.values_list("idempotency_key", flat=True))) == 1
    assert message.sent_date is None
    assert not Reminder.objects.filter(counts=True).exists()


def test_a_connection_lost_after_data_leaves_the_fate_unknown(company, fa1, live, post_office):
    post_office.hang_up_after_data = True
    sending = live(R1)
    assert (sending.sent, sending.unknown) == (0, 1)
    assert Message.objects.get().state == "unknown"
    assert Attempt.objects.get().outcome == "unknown"
    post_office.hang_up_after_data = False
    for day in (R1, R8, R15):
        live(day)
    assert len(post_office.taken) == 1
    assert reasons(company, R8) == ["dunning.message_unknown"]


def test_one_connection_carries_many_messages(company, post_office):
    for number in range(12):
        debtor = cast.customer(company, f"M{number}", f"Maison {number}", email=f"m{number}@example.com")
        cast.invoice(
            company, debtor, f"FM-{number}", payable_cents=50_000, issue_date=date(2026, 1, 31), due_date=DUE
        )
    run_dunning(company=company, on=R1, actor="test")
    approve_all(company)
    assert send(company, R1).sent == 12
    assert post_office.connections == 1
    assert len(set(subjects(post_office))) == 12
