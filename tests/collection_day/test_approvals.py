"""The agenda's approvals: what changed is said, one is decided at a time or a lot at once, and what ended is decided.

Menuiserie Lefèvre owes FA-1, 1 200,00 €, due Monday 2 March 2026.
"""

from datetime import date, timedelta

import pytest

from encours.actions.allocate import Portion, allocate
from encours.actions.approve_messages import approve_messages
from encours.actions.decide_ended import Decision, UnableToDecide, decide_ended
from encours.actions.hold_receivable import hold_receivable
from encours.actions.open_dispute import open_dispute
from encours.actions.postpone_message import UnableToPostpone, postpone_message
from encours.actions.record_contact import record_contact
from encours.actions.record_promise import record_promise
from encours.actions.run_dunning import run_dunning
from encours.queries.approvals import ended_page, ended_totals, since_planned
from encours.queries.messages import agenda_page
from encours.store.models import EndedReceivable, Hold, Message, PortfolioCustomer, User
from tests import cast
from tests.dunning.conftest import approve_all, at, bank_known, send

DUE = date(2026, 3, 2)
R1 = DUE + timedelta(1)


@pytest.fixture
def lefevre(company):
    return cast.late_payer(company)


@pytest.fixture
def fa1(company, lefevre):
    return cast.invoice(
        company, lefevre, "FA-1", payable_cents=120_000, issue_date=date(2026, 1, 31), due_date=DUE
    )


@pytest.fixture
def waiting(company, fa1) -> Message:
    bank_known(company, R1)
    run_dunning(company=company, on=R1, actor="test")
    message = Message.objects.get()
    Message.objects.update(state="waiting", approval="batch", approved_by="")
    return message


def told(company, message, on=R1) -> list[str]:
    found = since_planned(company=company, message_ids=[message.pk], on=on)
    return [sentence.code for sentence in found.get(message.pk, ())]


def pay(company, customer, document, cents) -> None:
    receipt = cast.receipt(company, customer, amount_cents=cents, received_date=R1)
    portions = [Portion(document_id=document.pk, amount_cents=cents)]
    allocate(company=company, portions=portions, payment_id=receipt.pk, on=R1, actor="t")


def test_nothing_is_said_where_nothing_changed(company, waiting):
    assert told(company, waiting) == []


def test_part_paid_since_is_said_with_the_amount(company, waiting, lefevre, fa1):
    pay(company, lefevre, fa1, 50_000)
    (sentence,) = since_planned(company=company, message_ids=[waiting.pk], on=R1)[waiting.pk]
    assert sentence.code == "approval.partly_paid"
    assert "500,00" in sentence.say("fr")


def test_all_paid_since_is_said_first(company, waiting, lefevre, fa1):
    pay(company, lefevre, fa1, 120_000)
    assert told(company, waiting)[0] == "approval.all_paid"


def test_promise_hold_contact_and_dispute_since_are_said(company, waiting, lefevre, fa1):
    record_promise(company=company, customer_id=lefevre.pk, promised_date=R1 + timedelta(5), on=R1, actor="t")
    assert told(company, waiting) == ["approval.promised"]
    open_dispute(
        company=company, customer_id=lefevre.pk, document_id=fa1.pk, reason_code=_reason(), on=R1, actor="t"
    )
    hold_receivable(company=company, customer_id=lefevre.pk, reason="déménage", from_date=R1, actor="t")
    record_contact(
        company=company, customer_id=lefevre.pk, on=R1, now=at(R1, hour=23).replace(year=2027), note="x", actor="t"
    )  # fmt: skip
    assert set(told(company, waiting)) == {
        "approval.promised", "approval.disputed", "approval.held", "approval.contacted",
    }  # fmt: skip


def _reason() -> str:
    from encours.core.cases.disputes import REASONS

    return next(iter(REASONS))


def test_a_postponed_message_leaves_on_its_day_and_not_before(company, waiting, post_office):
    later = R1 + timedelta(3)
    postpone_message(company=company, message_id=waiting.pk, until=later, on=R1, actor="user:1")
    approve_all(company)
    assert send(company, R1).sent == 0
    assert send(company, later).sent == 1
    for day in (R1, R1 + timedelta(200)):
        with pytest.raises(UnableToPostpone):
            postpone_message(company=company, message_id=waiting.pk, until=day, on=R1, actor="user:1")


def test_a_lot_is_one_step_or_one_portfolio_and_a_person_is_asked_one_by_one(company, waiting, lefevre):
    claire = User.objects.create_user("claire@lumen.example", "x")
    assert approve_messages(company=company, step_code="R+15", actor="user:1") == []
    assert approve_messages(company=company, user_ids=[claire.pk], actor="user:1") == []
    PortfolioCustomer.objects.create(company=company, customer=lefevre, user=claire, assigned_by="t")
    mine = agenda_page(
        company=company, state="waiting", step="", by="customer", user_ids=[claire.pk], number=1, size=9
    )
    assert [row.id for row in mine.rows] == [waiting.pk]
    Message.objects.update(approval="person")
    assert approve_messages(company=company, step_code="R+1", user_ids=[claire.pk], actor="user:1") == []
    Message.objects.update(approval="batch")
    assert approve_messages(company=company, step_code="R+1", user_ids=[claire.pk], actor="user:1") == [
        waiting.pk
    ]


@pytest.fixture
def ended(company, fa1, live, post_office):
    """Every step was sent, and nothing came."""
    bank_known(company, DUE + timedelta(400))
    day = R1
    while not EndedReceivable.objects.exists():
        assert day < DUE + timedelta(200), "the policy ends"
        live(day)
        day += timedelta(1)
    return day - timedelta(1)


def test_what_had_the_last_step_waits_for_a_decision(company, ended, lefevre):
    (total,) = ended_totals(company=company)
    assert (total.customers, total.count, total.amount_cents) == (1, 1, 120_000)
    (row,) = ended_page(company=company, number=1, size=10).rows
    assert (row.customer_name, row.count) == (lefevre.name, 1)
    first = EndedReceivable.objects.get()
    run_dunning(company=company, on=ended + timedelta(1), actor="test")
    again = EndedReceivable.objects.get()
    assert (again.pk, again.planned_date) == (first.pk, first.planned_date)  # waits since then


def test_what_was_paid_leaves_the_list_with_the_next_plan(company, ended, lefevre, fa1):
    pay(company, lefevre, fa1, 120_000)
    run_dunning(company=company, on=ended + timedelta(1), actor="test")
    assert ended_totals(company=company) == []


def test_handed_over_to_court_it_is_held_and_comes_back_no_more(company, ended, lefevre, fa1):
    decide_ended(
        company=company, customer_id=lefevre.pk, decision=Decision.COURT, reason="injonction", on=ended,
        actor="user:1",
    )  # fmt: skip
    assert Hold.objects.get().document_id == fa1.pk
    run_dunning(company=company, on=ended + timedelta(1), actor="test")
    assert ended_totals(company=company) == []
    with pytest.raises(UnableToDecide):
        decide_ended(
            company=company, customer_id=lefevre.pk, decision=Decision.COURT, reason="x", on=ended, actor="user:1"
        )  # fmt: skip


def test_written_off_nothing_is_open(company, ended, lefevre, fa1):
    decide_ended(
        company=company, customer_id=lefevre.pk, decision=Decision.WRITE_OFF, reason="liquidation", on=ended,
        actor="user:1",
    )  # fmt: skip
    fa1.refresh_from_db()
    assert fa1.open_cents == 0


def test_a_pause_has_an_end(company, ended, lefevre):
    arguments = {"company": company, "customer_id": lefevre.pk, "decision": Decision.PAUSE, "on": ended}
    with pytest.raises(UnableToDecide):
        decide_ended(**arguments, reason="attend", until_date=ended, actor="user:1")
    decide_ended(**arguments, reason="attend", until_date=ended + timedelta(30), actor="user:1")
    assert Hold.objects.get().kind == Hold.Kind.PAUSE


def test_who_looks_sees_the_letter_in_the_list_and_answers_line_by_line(house, sign_in):
    client = sign_in(house.company, "collector")
    page = client.get("/relances/").content.decode()
    assert f'id="message-{house.message.pk}"' in page
    looked = client.get(f"/relances/{house.message.pk}/regarder/", headers={"HX-Request": "true"})
    assert f"/envois/{house.message.pk}/lettre/" in looked.content.decode()
    answered = client.post(
        "/relances/approuver/", {"only": house.message.pk}, headers={"HX-Request": "true"}
    ).content.decode()
    assert "data-answered" in answered
    assert "Approuvé" in answered
    house.message.refresh_from_db()
    assert house.message.state == Message.State.APPROVED
