"""What no service carries: a task for a person, and the company's own program. It counts when it is done."""

from datetime import timedelta

import pytest

from encours.actions.change_webhook import add_webhook
from encours.actions.complete_task import UnableToCompleteTask, cancel_task, complete_task
from encours.actions.deliver_webhooks import deliver_webhooks
from encours.actions.open_task import open_task
from encours.actions.run_dunning import plan_dunning
from encours.store.models import Customer, Message, Reminder, Task, WebhookEvent
from tests.channels.conftest import DAY, policy_of
from tests.dunning.conftest import at, send
from tests.webhooks.receiver import Receiver

pytestmark = pytest.mark.django_db


def done(company, task: Task, outcome: str = "promised", on=DAY) -> Task:
    return complete_task(
        company=company, task_id=task.pk, outcome=outcome, note="mardi", on=on, now=at(on, 15), actor="user:1"
    )


def test_a_step_opens_a_task_with_what_to_say(company, planned, lefevre):
    Customer.objects.filter(pk=lefevre.pk).update(salesperson="Camille Roux")
    message = planned("task")
    assert send(company, DAY).sent == 1
    task = Task.objects.get()
    assert " ".join(task.title.split()) == "Appeler Menuiserie Lefèvre SAS : 1 200,00 € en attente"
    assert "la facture FA-1" in task.note
    assert (task.assignee, task.due_date, task.message_id) == ("Camille Roux", DAY, message.pk)
    message.refresh_from_db()
    assert (message.state, message.sent_date) == ("entrusted", None)


@pytest.mark.parametrize(("outcome", "sent_date"), [("promised", DAY), ("not_reached", None)])
def test_a_task_done_is_the_step_done_and_a_contact_only_if_there_was_one(
    company, planned, outcome, sent_date
):
    message = planned("task")
    send(company, DAY)
    done(company, Task.objects.get(), outcome)
    message.refresh_from_db()
    assert (message.state, message.sent_date) == ("sent", sent_date)
    assert Reminder.objects.filter(counts=True).count() == 1


def test_a_task_is_done_once(company, planned):
    planned("task")
    send(company, DAY)
    task = Task.objects.get()
    done(company, task)
    for again in (lambda: done(company, task), lambda: cancel_task(company=company, task_id=task.pk, now=at(DAY), actor="user:1")):  # fmt: skip
        with pytest.raises(UnableToCompleteTask):
            again()
    assert Task.objects.get().outcome == "promised"


def test_a_task_taken_back_frees_its_step(company, planned):
    message = planned("task")
    send(company, DAY)
    cancel_task(company=company, task_id=Task.objects.get().pk, now=at(DAY), actor="user:1")
    message.refresh_from_db()
    assert message.state == "cancelled"
    assert len(plan_dunning(company=company, on=DAY).actions) == 1


def test_a_task_of_one_s_own_leaves_a_contact_behind(company, lefevre):
    task = open_task(company=company, customer_id=lefevre.pk, title="Rappeler", due_date=DAY, actor="user:1")
    done(company, task, "reached")
    contact = Message.objects.get()
    assert (contact.channel, contact.sent_date) == ("manual", DAY)


def test_a_task_is_of_its_company(company, other_company, lefevre):
    task = open_task(company=company, customer_id=lefevre.pk, title="Rappeler", due_date=DAY, actor="user:1")
    with pytest.raises(Task.DoesNotExist):
        done(other_company, task)


# -- the company's own program


@pytest.fixture
def program(company):
    with Receiver() as receiver:
        add_webhook(
            company=company, url=receiver.url, events=["message.to_send"], may_be_inside=True, actor="test"
        )
        yield receiver


def deliver(company, hours: int = 10):
    return deliver_webhooks(company=company, clock=lambda: at(DAY, hours), may_be_inside=True)


def test_without_a_program_that_listens_the_next_channel_goes(company, fa1):
    policy_of(company, "webhook", "email")
    assert plan_dunning(company=company, on=DAY).actions["channel"].to_list() == ["email"]


def test_a_program_is_told_what_to_send_and_then_it_counts(company, planned, program):
    message = planned("webhook")
    assert send(company, DAY).sent == 1
    message.refresh_from_db()
    assert (message.state, message.sent_date) == ("entrusted", DAY)
    told = WebhookEvent.objects.get().data
    assert (told["message_id"], told["amount_cents"]) == (message.pk, 120_000)
    assert [each["number"] for each in told["documents"]] == ["FA-1"]
    assert told["idempotency_key"] == message.attempts.get().idempotency_key
    deliver(company)
    message.refresh_from_db()
    assert message.state == "sent"
    assert message.attempts.get().outcome == "accepted"


def test_a_program_that_is_down_keeps_the_message_waiting(company, planned, program):
    message = planned("webhook")
    send(company, DAY)
    program.answers = [503]
    deliver(company)
    message.refresh_from_db()
    assert message.state == "entrusted"
    assert plan_dunning(company=company, on=DAY + timedelta(8)).actions.is_empty()
