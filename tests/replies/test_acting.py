"""What a reply leads to, by a person's yes or by itself, and how it is taken back."""

from datetime import date, timedelta

import pytest

from encours.actions.act_on_reply import UnableToActOnReply, act_alone, act_on_reply
from encours.actions.correct_reply import correct_reading, dismiss_reply, match_reply
from encours.actions.run_dunning import plan_dunning, run_dunning
from encours.actions.take_reply import take_reply
from encours.actions.undo_reply import undo_reply
from encours.actions.update_reply_settings import UnableToUpdateReplySettings, update_reply_settings
from encours.core.wording import Sentence
from encours.queries.dunning import customer_situation
from encours.store.models import (
    Attempt,
    Company,
    Contact,
    Customer,
    Dispute,
    Document,
    Hold,
    JournalEntry,
    Message,
    Promise,
    Reply,
    Task,
    User,
)
from encours.store.tenancy import company_scope
from tests import cast
from tests.replies.mails import NOON, mail

KEY = "7d0a5b51-7f43-4a86-9c3f-3f1f5a1d2b6e"
TODAY = NOON.date()  # a Tuesday
FRIDAY = TODAY + timedelta(days=3)


@pytest.fixture
def late(company: Company) -> Customer:
    customer = cast.late_payer(company)
    for number, cents in (("FA-2026-0001", 120_000), ("FA-2026-0002", 80_000)):
        cast.invoice(
            company, customer, number, payable_cents=cents, issue_date=TODAY - timedelta(days=60),
            due_date=TODAY - timedelta(days=30),
        )  # fmt: skip
    # the bank is known up to today
    cast.statement(company, cast.bank_account(company), known_until_date=TODAY)
    return customer


@pytest.fixture
def reminder(company: Company, late: Customer) -> Message:
    """The reminder that asked for both, sent three weeks ago: the gap does not hold anything back."""
    run_dunning(company=company, on=TODAY - timedelta(days=21), actor="test")
    message = Message.objects.get(company=company, customer=late)
    contact = late.contacts.get()
    message.state, message.contact, message.recipient = Message.State.SENT, contact, contact.email
    message.sent_date, message.sent_at = TODAY - timedelta(days=21), NOON - timedelta(days=21)
    message.save()
    Attempt.objects.create(
        company=company, message=message, number=1, idempotency_key=KEY, claimed_at=NOON, outcome="accepted"
    )
    return message


def answered(company: Company, text: str, *, sender: str = "", **more: object) -> Reply:
    """An answer to the reminder, from the address it went to unless said otherwise."""
    sender = sender or Contact.objects.filter(company=company).order_by("pk")[0].email
    content = mail(text, sender=sender, answers=f"{KEY}@lumen.example", **more)  # type: ignore[arg-type]
    return take_reply(company=company, content=content, received_at=NOON, actor="test").reply


def accepted(company: Company, reply: Reply) -> Reply:
    return act_on_reply(company=company, reply_id=reply.pk, on=TODAY, now=NOON, actor="user:1")


def undone(company: Company, reply: Reply) -> Reply:
    return undo_reply(company=company, reply_id=reply.pk, on=TODAY, now=NOON, actor="user:1")


def reminded(company: Company, on: date = TODAY) -> list[str]:
    """Numbers of the documents a plan of the day asks for."""
    found = plan_dunning(company=company, on=on).lines["document_id"].to_list()
    return sorted(Document.objects.filter(pk__in=found).values_list("number", flat=True))


def codes(reply: Reply) -> list[str]:
    return [each["code"] for each in reply.outcome]


def said(reply: Reply) -> str:
    return " ".join(Sentence.from_json(each).say("fr") for each in reply.outcome)


BOTH = ["FA-2026-0001", "FA-2026-0002"]


def test_while_a_reply_waits_nothing_leaves_to_its_customer(company: Company, reminder: Message) -> None:
    assert reminded(company) == BOTH
    reply = answered(company, "Bonjour, à quoi correspond cette facture ?")
    found = plan_dunning(company=company, on=TODAY)
    assert len(found.lines) == 0
    assert found.held["detail"].unique().to_list() == ["une réponse du client attend d’être lue"]
    # what is about to leave looks again
    situation = customer_situation(
        company=company, customer_id=reminder.customer_id, message_id=0, currency="EUR", on=TODAY
    )
    assert situation.holds["hold_kind"].to_list() == ["pause"]
    dismiss_reply(company=company, reply_id=reply.pk, now=NOON, actor="user:1")
    assert reminded(company) == BOTH


def test_a_company_may_go_on_while_replies_wait(company: Company, reminder: Message) -> None:
    assert reminder.pk
    answered(company, "Bonjour, à quoi correspond cette facture ?")
    update_reply_settings(
        company=company, thresholds={}, holds_while_waiting=False, payment_wait_days=5, actor="test"
    )
    assert reminded(company) == BOTH


def test_a_machines_answer_holds_nothing_back(company: Company, reminder: Message) -> None:
    assert reminder.pk
    answered(company, "Votre message a bien été reçu.", headers={"Auto-Submitted": "auto-replied"})
    assert reminded(company) == BOTH


def test_a_reply_of_one_customer_holds_back_no_other(company: Company, reminder: Message) -> None:
    other = cast.good_payer(company)
    cast.invoice(
        company, other, "FA-2026-0009", payable_cents=50_000, issue_date=TODAY - timedelta(days=60),
        due_date=TODAY - timedelta(days=30),
    )  # fmt: skip
    assert reminder.pk
    answered(company, "Bonjour, à quoi correspond cette facture ?")
    assert reminded(company) == ["FA-2026-0009"]


def test_a_promise_is_recorded_and_taken_back(company: Company, reminder: Message) -> None:
    assert reminder.pk
    reply = accepted(company, answered(company, "Nous réglerons la facture FA-2026-0002 vendredi."))
    promise = Promise.objects.get(company=company)
    assert (promise.promised_date, promise.amount_cents) == (FRIDAY, 80_000)
    assert (reply.state, codes(reply)) == ("acted", ["reply.promised"])
    assert reminded(company) == ["FA-2026-0001"]
    reply = undone(company, reply)
    promise.refresh_from_db()
    assert (promise.state, reply.state, reply.outcome) == ("withdrawn", "waiting", [])


def test_half_of_it_is_half_of_what_is_overdue(company: Company, reminder: Message) -> None:
    assert reminder.pk
    accepted(company, answered(company, "Nous paierons la moitié vendredi."))
    assert Promise.objects.get(company=company).amount_cents == 100_000


def test_a_promise_without_its_day_asks_for_it(company: Company, reminder: Message) -> None:
    assert reminder.pk
    reply = answered(company, "Nous allons payer, promis.")
    with pytest.raises(UnableToActOnReply) as error:
        accepted(company, reply)
    assert error.value.sentence.code == "reply.no_day"
    correct_reading(
        company=company, reply_id=reply.pk, intent="promise", day=FRIDAY, amount_cents=30_000, reason="",
        document_ids=[], actor="user:1",
    )  # fmt: skip
    accepted(company, reply)
    assert Promise.objects.get(company=company).amount_cents == 30_000
    reply.refresh_from_db()
    assert reply.first_reading["date"] is None
    assert JournalEntry.objects.filter(company=company, action="reply.corrected").count() == 1


def test_a_dispute_holds_the_invoice_it_cites_and_no_other(company: Company, reminder: Message) -> None:
    assert reminder.pk
    reply = accepted(
        company, answered(company, "Nous contestons la facture FA-2026-0001 : produits défectueux.")
    )
    dispute = Dispute.objects.get(company=company)
    assert (dispute.document.number, dispute.reason_code) == ("FA-2026-0001", "QUALITE_ERR")
    assert reminded(company) == ["FA-2026-0002"]
    undone(company, reply)
    dispute.refresh_from_db()
    assert dispute.outcome == "withdrawn"


def test_a_dispute_of_one_of_several_asks_which(company: Company, reminder: Message) -> None:
    assert reminder.pk
    reply = answered(company, "Nous contestons cette facture, les produits étaient défectueux.")
    with pytest.raises(UnableToActOnReply) as error:
        accepted(company, reply)
    assert error.value.sentence.code == "reply.which_document"
    assert Dispute.objects.count() == 0


def test_already_paid_looks_for_the_money_first(company: Company, reminder: Message, late: Customer) -> None:
    assert reminder.pk
    cast.bank_line(
        company, 80_000, "VIR SANS REFERENCE", booked_date=TODAY - timedelta(days=4), counterparty_name="L."
    )
    reply = accepted(
        company, answered(company, "La facture FA-2026-0002 a été payée le 5 mars par virement.")
    )
    assert "reply.found_line" in codes(reply)
    hold = Hold.objects.get(company=company, customer=late)
    assert hold.document is not None
    assert (hold.document.number, hold.until_date) == ("FA-2026-0002", TODAY + timedelta(days=5))
    assert reminded(company) == ["FA-2026-0001"]
    undone(company, reply)
    assert reminded(company) == []  # it waits again
    hold.refresh_from_db()
    assert hold.released_at == NOON


def test_already_paid_and_not_there_is_told_and_held_for_some_days(
    company: Company, reminder: Message
) -> None:
    assert reminder.pk
    reply = accepted(
        company, answered(company, "La facture FA-2026-0002 a été payée le 5 mars par virement.")
    )
    assert codes(reply) == ["reply.not_found", "reply.waits_for_money"]
    assert reminded(company, TODAY + timedelta(days=6)) == BOTH


def test_already_paid_and_settled_holds_nothing(company: Company, reminder: Message, late: Customer) -> None:
    assert reminder.pk
    settled = cast.invoice(
        company, late, "FA-2026-0003", payable_cents=30_000, issue_date=TODAY - timedelta(days=50)
    )
    Document.objects.filter(pk=settled.pk).update(open_cents=0)
    reply = accepted(
        company, answered(company, "La facture FA-2026-0003 a été payée le 5 mars par virement.")
    )
    assert codes(reply) == ["reply.found_settled"]
    assert Hold.objects.count() == 0


def test_a_wrong_contact_is_written_to_no_more_and_somebody_looks_for_the_right_one(
    company: Company, reminder: Message, late: Customer
) -> None:
    assert reminder.pk
    reply = accepted(
        company, answered(company, "Je ne travaille plus chez eux, merci de voir avec la compta.")
    )
    contact = late.contacts.get()
    task = Task.objects.get(company=company)
    assert (contact.email_stop, task.title, task.state) == ("wrong", "Trouver le bon interlocuteur", "open")
    assert reminded(company) == []  # nobody to write to
    undone(company, reply)
    contact.refresh_from_db()
    task.refresh_from_db()
    assert (contact.email_stop, task.state) == ("", "cancelled")


def test_who_wants_no_more_mail_gets_none_and_another_contact_does(
    company: Company, reminder: Message, late: Customer
) -> None:
    assert reminder.pk
    first = late.contacts.get()
    accepted(company, answered(company, "Merci de me désinscrire de votre liste."))
    first.refresh_from_db()
    assert first.email_stop == "unsubscribed"
    second = Contact.objects.create(
        company=company, customer=late, name="Direction", email="dg@lefevre.example"
    )
    situation = customer_situation(
        company=company, customer_id=late.pk, message_id=0, currency="EUR", on=TODAY
    )
    assert situation.customers.select("contact_id", "email").row(0) == (second.pk, second.email)


def test_an_absence_pauses_until_the_return_when_there_is_nobody_else(
    company: Company, reminder: Message, late: Customer
) -> None:
    assert reminder.pk
    text = "Je suis absente, de retour le 23 mars."
    reply = accepted(company, answered(company, text, headers={"Auto-Submitted": "auto-replied"}))
    assert Hold.objects.get(company=company).until_date == date(2026, 3, 22)
    assert reminded(company) == []
    assert reminded(company, date(2026, 3, 23)) == BOTH
    undone(company, reply)
    Contact.objects.create(company=company, customer=late, name="Direction", email="dg@lefevre.example")
    reply = accepted(company, reply)
    assert codes(reply) == ["reply.others_there"]
    assert "dg@lefevre.example" in said(reply)
    assert reminded(company) == BOTH


@pytest.mark.parametrize("text", ["Pouvez-vous m'envoyer le duplicata de la facture ?", "Bien reçu, merci."])
def test_what_needs_an_answer_is_followed_by_nobody_but_a_person(
    company: Company, reminder: Message, text: str
) -> None:
    assert reminder.pk
    with pytest.raises(UnableToActOnReply) as error:
        accepted(company, answered(company, text))
    assert error.value.sentence.code == "reply.for_a_person"


def thresholds(company: Company, **percents: int) -> None:
    update_reply_settings(
        company=company, thresholds=percents, holds_while_waiting=True, payment_wait_days=5, actor="test"
    )


def alone(company: Company, reply: Reply) -> str:
    """The code of why a person is waited for; "" when it was followed."""
    why = act_alone(company=company, reply_id=reply.pk, now=NOON, actor="worker")
    return why.code if why else ""


PROMISE = "Nous réglerons la facture FA-2026-0002 vendredi."


def test_nothing_is_followed_by_itself_until_a_threshold_is_set(company: Company, reminder: Message) -> None:
    assert reminder.pk
    reply = answered(company, PROMISE)
    assert alone(company, reply) == "reply.no_threshold"
    thresholds(company, dispute=50)
    assert alone(company, reply) == "reply.no_threshold"
    thresholds(company, promise=99)
    assert alone(company, reply) == "reply.too_unsure"
    thresholds(company, promise=80)
    assert alone(company, reply) == ""
    reply.refresh_from_db()
    assert (reply.state, reply.handled_by, codes(reply)[0]) == ("acted", "worker", "reply.alone")
    entry = JournalEntry.objects.get(company=company, action="reply.acted")
    assert (entry.actor, entry.data["is_alone"]) == ("worker", True)
    undone(company, reply)
    assert Promise.objects.get(company=company).state == "withdrawn"


def test_a_mail_that_only_claims_to_be_from_a_contact_is_followed_by_nobody(
    company: Company, reminder: Message, late: Customer
) -> None:
    assert reminder.pk
    thresholds(company, promise=50)
    content = mail(PROMISE, sender=late.contacts.get().email)  # anybody can write this From
    reply = take_reply(company=company, content=content, received_at=NOON, actor="test").reply
    assert (reply.customer, alone(company, reply)) == (late, "reply.not_trusted")


def test_a_reply_that_says_two_things_or_lacks_something_waits(company: Company, reminder: Message) -> None:
    assert reminder.pk
    thresholds(company, promise=50, dispute=50)
    both = answered(company, f"{PROMISE} Pouvez-vous m'envoyer le duplicata de l'autre ?")
    assert alone(company, both) == "reply.several_things"
    without_day = answered(company, "Nous allons payer, promis.")
    assert alone(company, without_day) in ("reply.day_unsure", "reply.several_things")
    which = answered(company, "Nous contestons cette facture, les produits étaient défectueux.")
    assert alone(company, which) == "reply.which_document"
    assert set(Reply.objects.filter(company=company).values_list("state", flat=True)) == {"waiting"}


@pytest.mark.parametrize(
    ("wanted", "days"),
    [({"question": 90}, 5), ({"promise": 30}, 5), ({"promise": 101}, 5), ({}, 0), ({}, 90)],
)
def test_thresholds_that_make_no_sense_are_refused(
    company: Company, wanted: dict[str, int], days: int
) -> None:
    with pytest.raises(UnableToUpdateReplySettings):
        update_reply_settings(
            company=company, thresholds=wanted, holds_while_waiting=True, payment_wait_days=days, actor="test"
        )


def test_a_person_says_whose_an_unmatched_reply_is_and_the_next_one_is_known(
    company: Company, reminder: Message, late: Customer
) -> None:
    assert reminder.pk
    content = mail(PROMISE, sender="Paul <paul@ailleurs.example>", subject="bonjour")
    reply = take_reply(company=company, content=content.replace(b"FA-2026-0002", b"0002"), received_at=NOON, actor="t").reply  # fmt: skip
    assert reply.customer is None
    with pytest.raises(UnableToActOnReply):
        accepted(company, reply)
    reply = match_reply(
        company=company, reply_id=reply.pk, customer_id=late.pk, keeps_address=True, actor="user:1"
    )
    assert (reply.customer, reply.matched_by, len(reply.document_ids)) == (late, "person", 1)
    next_one = take_reply(
        company=company, content=mail("Merci.", sender="paul@ailleurs.example"), received_at=NOON, actor="t"
    ).reply
    assert (next_one.customer, next_one.matched_by) == (late, "address")


def test_what_is_dealt_with_is_dealt_with_once(company: Company, reminder: Message) -> None:
    assert reminder.pk
    reply = accepted(company, answered(company, PROMISE))
    with pytest.raises(UnableToActOnReply) as error:
        accepted(company, reply)
    assert error.value.sentence.code == "reply.handled_already"
    assert Promise.objects.count() == 1


def test_another_company_can_do_nothing_with_it(
    company: Company, other_company: Company, reminder: Message
) -> None:
    assert reminder.pk
    reply = answered(company, PROMISE)
    with company_scope(other_company.pk), pytest.raises(Reply.DoesNotExist):
        accepted(other_company, reply)
    with company_scope(other_company.pk), pytest.raises(Reply.DoesNotExist):
        undone(other_company, reply)
    assert User.objects.count() == 0
