"""Who pays in the portal gets a receipt, once; nobody in test mode; a payment that goes back is explained by a person."""

from collections.abc import Iterator
from datetime import date, timedelta

import pytest

from encours.actions.follow_charge import follow_charge
from encours.actions.run_dunning import run_dunning
from encours.actions.send_messages import send_messages
from encours.actions.update_letter_settings import update_letter_settings
from encours.actions.update_portal_settings import update_portal_settings
from encours.core.payments.methods import SEPA_DEBIT
from encours.store.models import Charge, Message, Task
from tests.dunning.conftest import bank_known
from tests.dunning.post_office import PostOffice
from tests.payments.conftest import NOW, TODAY, begin, charge_of, invoices

pytestmark = pytest.mark.django_db


@pytest.fixture
def office(settings, tmp_path) -> Iterator[PostOffice]:
    settings.FILES_FOLDER = tmp_path / "files"
    with PostOffice() as made:
        settings.CHANNELS = {"email": {"smtp_url": made.url}}
        yield made


def receipts() -> list[Message]:
    return list(Message.objects.filter(template="receipt").order_by("pk"))


def pay(company, service, opened, *, days: int = 0) -> str:
    service.pay(charge_of(opened).reference)
    return follow_charge(company=company, charge_id=opened.charge_id, now=NOW + timedelta(days=days))


def send(company, on: date = TODAY):
    return send_messages(company=company, now=NOW + (on - TODAY), on=on, actor="test")


def test_a_payment_is_receipted_by_mail_with_its_pdf(company, dubois, connection, service, office):
    first, second = invoices(company, dubois, 120_000, 80_000)
    opened = begin(company, dubois, [first, second])
    assert pay(company, service, opened) == "succeeded"
    send(company)
    (message,) = receipts()
    assert message.state == Message.State.SENT
    assert message.subject == "Reçu : votre paiement de 2 000,00 €, Atelier Lumen SAS"
    for said in (
        "FA-2026-001",
        "1\u202f200,00\u00a0€",
        "FA-2026-002",
        "carte bancaire",
        charge_of(opened).reference,
    ):
        assert said in message.text
    assert "Ces factures sont entièrement réglées." in message.text
    attachment = message.attachments.get()
    assert (attachment.kind, attachment.file.media_type) == ("letter", "application/pdf")
    (mail,) = office.taken
    assert [part.get_filename() for part in mail.iter_attachments()] == [attachment.file.name]


def test_a_part_says_what_is_left(company, dubois, connection, service, office):
    dubois.language = "en"
    dubois.save()
    (document,) = invoices(company, dubois, 120_000)
    pay(company, service, begin(company, dubois, [document], cents=50_000))
    send(company)
    (message,) = receipts()
    assert "€700.00 is left to pay on these invoices." in message.text
    assert "bank card" in message.text


def test_once_whatever_is_told_again(company, dubois, connection, service):
    (document,) = invoices(company, dubois, 120_000)
    opened = begin(company, dubois, [document])
    pay(company, service, opened)
    for minutes in (1, 2):
        follow_charge(company=company, charge_id=opened.charge_id, now=NOW + timedelta(minutes=minutes))
    assert len(receipts()) == 1


def test_a_debit_is_receipted_when_its_money_is_there(company, dubois, connection, service):
    (document,) = invoices(company, dubois, 120_000)
    opened = begin(company, dubois, [document], method=SEPA_DEBIT)
    service.debit(charge_of(opened).reference)
    assert follow_charge(company=company, charge_id=opened.charge_id, now=NOW) == "pending"
    assert receipts() == []
    service.wait(timedelta(days=5))
    assert pay(company, service, opened, days=5) == "succeeded"
    (message,) = receipts()
    assert message.planned_date == TODAY + timedelta(days=5)


@pytest.mark.parametrize("why", ["test mode", "test keys", "switched off", "charged by mandate"])
def test_no_receipt_when(why, company, dubois, connection, service):
    (document,) = invoices(company, dubois, 120_000)
    opened = begin(company, dubois, [document])
    if why == "test mode":
        company.is_test_mode = True
        company.save()
    elif why == "test keys":
        connection.settings = connection.settings | {"merchant": {"is_test": True}}
        connection.save()
    elif why == "switched off":
        update_portal_settings(company=company, actor="test", sends_receipts=False)
    else:
        Charge.objects.update(origin=Charge.Origin.AUTOPAY)
    assert pay(company, service, opened) == "succeeded"
    assert receipts() == []


def test_it_leaves_on_a_sunday_and_however_old_the_bank_data_are(
    company, dubois, connection, service, office
):
    sunday = date(2026, 3, 15)
    bank_known(company, date(2026, 1, 2))
    (document,) = invoices(company, dubois, 120_000)
    pay(company, service, begin(company, dubois, [document]))
    sending = send(company, sunday)
    assert (sending.sent, receipts()[0].state) == (1, Message.State.SENT)


def test_thanks_are_not_said_twice_for_the_same_money(company, dubois, connection, service, office):
    update_letter_settings(company=company, says_thanks=True, on=TODAY, actor="test")
    (document,) = invoices(company, dubois, 120_000)
    Message.objects.create(
        company=company, customer=dubois, channel="email", template="reminder_1", step_code="r", currency="EUR",
        amount_cents=120_000, planned_date=TODAY, sent_date=TODAY, state="sent", reason={},
    ).reminders.create(
        company=company, customer=dubois, document=document, position=0, step_code="r", amount_cents=120_000,
        due_date=document.due_date,
    )  # fmt: skip
    pay(company, service, begin(company, dubois, [document]))
    send(company)
    run_dunning(company=company, on=TODAY + timedelta(days=1), actor="test")
    assert list(Message.objects.exclude(template="reminder_1").values_list("template", flat=True)) == [
        "receipt"
    ]


def test_a_receipt_is_no_contact_that_holds_reminders_back(company, dubois, connection, service, office):
    bank_known(company, TODAY)
    first, _ = invoices(company, dubois, 120_000, 80_000)
    pay(company, service, begin(company, dubois, [first]))
    send(company)
    run_dunning(company=company, on=TODAY, actor="test")
    assert Message.objects.exclude(template="receipt").count() == 1


def test_money_that_goes_back_before_the_receipt_left_stops_it(company, dubois, connection, service, office):
    (document,) = invoices(company, dubois, 120_000)
    opened = begin(company, dubois, [document])
    pay(company, service, opened)
    service.send_back(charge_of(opened).reference)
    follow_charge(company=company, charge_id=opened.charge_id, now=NOW + timedelta(hours=1))
    send(company)
    (message,) = receipts()
    assert (message.state, message.reason["code"]) == (Message.State.CANCELLED, "receipt.money_went_back")
    assert not Task.objects.exists()


def test_money_that_goes_back_later_is_explained_by_a_person(company, dubois, connection, service, office):
    (document,) = invoices(company, dubois, 120_000)
    opened = begin(company, dubois, [document])
    pay(company, service, opened)
    send(company)
    service.send_back(charge_of(opened).reference)
    for hours in (30, 31):
        follow_charge(company=company, charge_id=opened.charge_id, now=NOW + timedelta(hours=hours))
    task = Task.objects.get()
    assert (task.customer_id, task.message_id) == (dubois.pk, receipts()[0].pk)
    assert "1\u202f200,00\u00a0€" in task.note
    assert charge_of(opened).reference in task.note
    document.refresh_from_db()
    assert document.open_cents == 120_000
