"""Letters in print: checked when they are written, one PDF, sent on the day a person posts them."""

import csv
import io
from datetime import timedelta

import pikepdf
import pytest

from encours.actions.cancel_message import cancel_message
from encours.actions.court.archival import faults_of
from encours.actions.print_letters import UnableToPrint, post_letters, print_letters
from encours.actions.run_dunning import plan_dunning
from encours.core.wording import Sentence
from encours.queries.files import file_on_disk
from encours.store.models import Customer, JournalEntry, Message, Reminder
from tests import cast
from tests.channels.conftest import DAY, DUE
from tests.dunning.conftest import at, bank_known, send

pytestmark = pytest.mark.django_db


def printed(company, on=DAY):
    bank_known(company, on)
    return print_letters(company=company, now=at(on), on=on, actor="user:1")


def posted(company, batch, on=DAY):
    return post_letters(
        company=company, batch_id=batch.pk, posted_date=on, on=on, now=at(on, 16), actor="user:1"
    )


def test_sending_leaves_letters_to_who_prints_them(company, planned):
    message = planned("letter")
    sending = send(company, DAY)
    assert (sending.sent, [problem.code for problem in sending.problems]) == (0, ["message.letters_wait"])
    message.refresh_from_db()
    assert message.state == "approved"


def test_a_letter_is_printed_then_posted(company, planned):
    message = planned("letter")
    batch = printed(company).batch
    message.refresh_from_db()
    assert (message.state, message.sent_date, message.letter_batch_id) == ("entrusted", None, batch.pk)
    assert message.recipient == "Menuiserie Lefèvre SAS, 1 rue du Bois, 35000 RENNES"
    attachments = list(message.attachments.order_by("pk").select_related("file"))
    assert [each.kind for each in attachments] == ["letter", ""]
    for each in attachments:
        with pikepdf.open(file_on_disk(each.file).path) as pdf:
            assert faults_of(pdf) == []
    assert posted(company, batch, DAY + timedelta(1)) == 1
    message.refresh_from_db()
    assert (message.state, message.sent_date) == ("sent", DAY + timedelta(1))
    assert [each.outcome for each in message.attempts.all()] == ["accepted"]
    assert JournalEntry.objects.filter(action="letters.posted").count() == 1
    with pytest.raises(UnableToPrint):
        posted(company, batch, DAY + timedelta(1))


def test_each_letter_begins_on_a_sheet_of_its_own_behind_the_cover(company, planned):
    for rank in range(2, 5):
        other = cast.customer(
            company, f"C{rank}", f"=SUM Client {rank}", street="2 quai", postcode="44000", city="Nantes"
        )
        cast.invoice(company, other, f"FB-{rank}", payable_cents=50_000, issue_date=DUE, due_date=DUE)
    planned("letter", only=False)
    batch = printed(company).batch
    with pikepdf.open(file_on_disk(batch.pdf).path) as whole:
        # the cover with its empty back, then each letter with its statement on the next page
        assert len(whole.pages) == batch.page_count == 2 + 4 * 2
    rows = list(
        csv.reader(io.StringIO(file_on_disk(batch.recipients).path.read_text("utf-8-sig")), delimiter=";")
    )
    assert len(rows) == 5
    assert rows[2][3].startswith("'=SUM"), "a spreadsheet runs no formula of ours"
    assert batch.letter_count == 4


def test_what_is_paid_before_it_is_printed_is_not_printed(company, planned, fa1, lefevre):
    planned("letter")
    cast.receipt(company, lefevre, amount_cents=120_000, received_date=DAY)
    result = printed(company)
    assert (result.batch, result.sending.cancelled) == (None, 1)


def test_a_letter_taken_out_before_it_is_posted_leaves_its_step_free(company, planned):
    message = planned("letter")
    batch = printed(company).batch
    cancel_message(company=company, message_id=message.pk, reason="payé", actor="user:1", step_is_done=False)
    assert posted(company, batch) == 0
    message.refresh_from_db()
    assert message.state == "cancelled"
    assert not Reminder.objects.filter(counts=True).exists()


def test_while_a_letter_waits_to_be_posted_nothing_else_is_planned(company, planned):
    planned("letter")
    printed(company)
    assert plan_dunning(company=company, on=DAY + timedelta(8)).actions.is_empty()


def test_a_letter_cannot_be_posted_tomorrow_nor_before_it_was_printed(company, planned):
    planned("letter")
    batch = printed(company).batch
    for day in (DAY - timedelta(1), DAY + timedelta(1)):
        with pytest.raises(UnableToPrint):
            post_letters(
                company=company, batch_id=batch.pk, posted_date=day, on=DAY, now=at(DAY), actor="user:1"
            )


def test_printing_goes_on_where_it_was_interrupted(company, planned, monkeypatch):
    """The letter was written, the machine died before the batch: the next run has it."""
    message = planned("letter")
    monkeypatch.setattr("encours.actions.print_letters._batch", lambda *_: None)
    assert printed(company).batch is None
    monkeypatch.undo()
    message.refresh_from_db()
    assert message.state == "entrusted"
    assert printed(company).batch.letter_count == 1


def test_without_an_address_any_more_the_message_goes_by_e_mail(company, planned, lefevre):
    planned("letter", "email")
    Customer.objects.filter(pk=lefevre.pk).update(street="")
    assert printed(company).batch is None
    message = Message.objects.get()
    assert (message.channel, message.state) == ("email", "approved")
    assert Sentence.from_json(message.reason).say("fr") == (
        "R+1 : échéance la plus ancienne le 02/03/2026, 1 j de retard ; par e-mail : "
        "Aucune adresse postale complète pour ce client"
    )
    assert send(company, DAY).sent == 1
