"""Thanks on payment: wanted by the company, once per cycle, for money and not for tiny sums."""

from datetime import date

import pytest

from encours.actions.allocate import allocate
from encours.actions.run_dunning import run_dunning
from encours.actions.update_letter_settings import update_letter_settings
from encours.core.ledger import Portion
from encours.store.models import Message
from tests import cast
from tests.dunning.conftest import bank_known, send

DUE, REMINDED, PAID = date(2026, 2, 27), date(2026, 3, 2), date(2026, 3, 10)


@pytest.fixture
def lefevre(company):
    update_letter_settings(company=company, says_thanks=True, on=DUE, actor="test")
    return cast.late_payer(company)


def invoice(company, customer, number="FA-1", cents=100_000):
    return cast.invoice(
        company, customer, number, payable_cents=cents, issue_date=date(2026, 1, 28), due_date=DUE
    )


def pay(company, customer, document, cents, on=PAID):
    receipt = cast.receipt(company, customer, amount_cents=cents, received_date=on)
    allocate(
        company=company, payment_id=receipt.pk, portions=[Portion(document.pk, cents)], on=on, actor="test"
    )


def thanks() -> list[Message]:
    return list(Message.objects.filter(template="thank_you").order_by("pk"))


def test_who_was_reminded_and_has_paid_up_is_thanked_once(company, lefevre, live):
    bank_known(company, date(2026, 3, 12))
    document = invoice(company, lefevre)
    live(REMINDED)
    pay(company, lefevre, document, 100_000)
    live(date(2026, 3, 11))
    live(date(2026, 3, 12))
    [message] = thanks()
    assert (message.state, message.amount_cents) == (Message.State.SENT, 100_000)
    assert "Merci" in message.subject
    assert "1\u202f000,00\u00a0€" in message.text
    assert not message.attachments.exists()


def test_nobody_is_thanked_unless_the_company_wants_it(company, lefevre, live):
    update_letter_settings(company=company, says_thanks=False, on=DUE, actor="test")
    document = invoice(company, lefevre)
    live(REMINDED)
    pay(company, lefevre, document, 100_000)
    live(date(2026, 3, 11))
    assert thanks() == []


@pytest.mark.parametrize("why", ["a part is left", "a tiny sum", "a credit note", "never reminded"])
def test_no_thanks_when(why, company, lefevre, live):
    document = invoice(company, lefevre, cents=9_000 if why == "a tiny sum" else 100_000)
    if why != "never reminded":
        live(REMINDED)
    if why == "a part is left":
        pay(company, lefevre, document, 60_000)
    elif why == "a credit note":
        note = cast.credit_note(company, lefevre, "AV-1", payable_cents=100_000, issue_date=PAID)
        from encours.actions.apply_credit_notes import apply_credit_notes

        apply_credit_notes(company=company, on=PAID, actor="test")
        assert note.pk
    else:
        pay(company, lefevre, document, document.payable_cents)
    run_dunning(company=company, on=date(2026, 3, 11), actor="test")
    assert thanks() == []


def test_thanks_are_looked_at_once_more_before_they_leave(company, lefevre, live):
    document = invoice(company, lefevre)
    live(REMINDED)
    pay(company, lefevre, document, 100_000)
    run_dunning(company=company, on=date(2026, 3, 11), actor="test")
    invoice(company, lefevre, "FA-2")
    send(company, date(2026, 3, 11))
    [message] = thanks()
    assert (message.state, message.reason["code"]) == (Message.State.CANCELLED, "thanks.late_again")
