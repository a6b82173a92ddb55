"""From the notice to the money: never without notice, never twice, never more than announced, nothing that is blocked."""

from datetime import date, timedelta

import pytest

from encours.actions import charge_announced as charging
from encours.actions.announce_charges import announce_charges
from encours.actions.charge_announced import charge_announced
from encours.actions.follow_charge import follow_charge
from encours.actions.hold_receivable import hold_receivable
from encours.actions.preview_message import preview_message
from encours.store.models import Charge, ChargeNotice, Message, PaymentMandate, PortalSettings
from tests import cast
from tests.dunning.conftest import at, bank_known, post_office, send
from tests.payments.conftest import NOW, TODAY, begin, open_of
from tests.payments.test_mandates import pay_and_agree

pytestmark = pytest.mark.django_db
__all__ = ["post_office"]

DUE = date(2026, 3, 31)  # a Tuesday
TOLD = date(2026, 3, 17)  # two weeks before


@pytest.fixture
def mandate(company, dubois, connection, service) -> PaymentMandate:
    """Dubois has paid once and agreed to be charged from then on."""
    paid = cast.invoice(company, dubois, "FA-0", payable_cents=1_000, issue_date=date(2026, 1, 5))
    pay_and_agree(company, dubois, [paid], service)
    bank_known(company, date(2026, 12, 31))
    return PaymentMandate.objects.get()


def owed(company, customer, number="FA-1", cents=50_000, due=DUE):
    return cast.invoice(
        company, customer, number, payable_cents=cents, issue_date=TODAY - timedelta(days=5), due_date=due
    )


def announce(company, on=TOLD, *, leaves=True):
    done = announce_charges(company=company, on=on, actor="t")
    if leaves:
        send(company, on)
    return done


def charge(company, on=DUE):
    return charge_announced(company=company, on=on, now=at(on), actor="t", accept_bank_age=True)


def outcomes(mandate, said: str) -> None:
    """What the service will make of charges by this mandate."""
    PaymentMandate.objects.filter(pk=mandate.pk).update(mandate_external_id=f"m:{said}")


def test_announced_two_weeks_before_and_charged_on_the_due_date(
    company, dubois, mandate, service, post_office
):
    document = owed(company, dubois)
    assert announce(company, TOLD - timedelta(days=1)).notices == 0
    assert announce(company).notices == 1
    message = Message.objects.get(template="charge_notice")
    assert message.state == "sent"
    for told in ("31/03/2026", "500,00", "4242", mandate.reference, "FA-1"):
        assert told in message.text, told
    assert charge(company, DUE - timedelta(days=1)).charge_ids == ()
    assert charge(company).states == ("succeeded",)
    assert open_of(document) == [0]
    made = Charge.objects.get(origin="autopay")
    assert (made.idempotency_key, made.amount_cents) == (f"auto:{document.pk}:1", 50_000)
    assert ChargeNotice.objects.get().state == "charged"
    # again, that day and later
    assert charge(company).charge_ids == charge(company, DUE + timedelta(days=9)).charge_ids == ()
    assert announce(company, DUE).notices == 0


def test_nothing_is_charged_that_was_not_told_long_enough_before(company, dubois, mandate, post_office):
    owed(company, dubois)
    announce(company, leaves=False)
    assert charge(company).charge_ids == ()
    send(company, DUE - timedelta(days=1))  # held up: the charge moves with it
    notice = ChargeNotice.objects.get()
    assert notice.charge_date == date(2026, 4, 13)
    assert "13/04/2026" in Message.objects.get(template="charge_notice").text
    assert charge(company, notice.charge_date - timedelta(days=1)).charge_ids == ()
    assert charge(company, notice.charge_date).states == ("succeeded",)


def test_a_notice_that_did_not_leave_charges_nothing(company, dubois, mandate, post_office):
    owed(company, dubois)
    announce(company, leaves=False)
    Message.objects.filter(template="charge_notice").update(state="failed")
    assert charge(company, DUE + timedelta(days=20)).charge_ids == ()
    notice = ChargeNotice.objects.get()
    assert notice.state == "canceled"
    assert notice.reason is not None
    assert notice.reason["code"] == "charge_notice.not_sent"
    assert announce(company, TOLD + timedelta(days=1)).notices == 0


@pytest.mark.parametrize("why", ["paid", "held", "being paid", "mandate ended", "card ended"])
def test_looked_at_once_more_on_the_day(why, company, dubois, mandate, service, post_office):
    document = owed(company, dubois)
    announce(company)
    if why == "paid":
        opened = begin(company, dubois, [document])
        service.pay(Charge.objects.get(pk=opened.charge_id).reference)
        follow_charge(company=company, charge_id=opened.charge_id, now=NOW)
    elif why == "held":
        hold_receivable(
            company=company, customer_id=dubois.pk, document_id=document.pk, kind="pause", reason="vu avec lui",
            from_date=TODAY, actor="t",
        )  # fmt: skip
    elif why == "being paid":
        begin(company, dubois, [document])
    elif why == "mandate ended":
        PaymentMandate.objects.update(state="revoked")
    else:
        PaymentMandate.objects.update(expires_date=DUE - timedelta(days=1))
    done = charge(company)
    assert (done.charge_ids, done.canceled) == ((), 1)
    assert ChargeNotice.objects.get().reason
    assert not Charge.objects.filter(origin="autopay").exists()


def test_less_left_is_less_charged_and_never_more_than_announced(
    company, dubois, mandate, service, post_office
):
    first, second = owed(company, dubois), owed(company, dubois, "FA-2", 30_000)
    announce(company)
    opened = begin(company, dubois, [first], cents=20_000)
    service.pay(Charge.objects.get(pk=opened.charge_id).reference)
    follow_charge(company=company, charge_id=opened.charge_id, now=NOW)
    ChargeNotice.objects.filter(document=second).update(amount_cents=25_000)
    charge(company)
    made = dict(Charge.objects.filter(origin="autopay").values_list("documents__document", "amount_cents"))
    assert made == {first.pk: 30_000, second.pk: 25_000}
    assert open_of(first, second) == [0, 5_000]


def test_paid_before_the_notice_left_is_not_announced(company, dubois, mandate, service, post_office):
    document = owed(company, dubois)
    announce(company, leaves=False)
    message = Message.objects.get(template="charge_notice")
    assert preview_message(company=company, message_id=message.pk, on=TOLD).rendered is not None
    opened = begin(company, dubois, [document])
    service.pay(Charge.objects.get(pk=opened.charge_id).reference)
    follow_charge(company=company, charge_id=opened.charge_id, now=NOW)
    send(company, TOLD)
    message.refresh_from_db()
    assert message.state == "cancelled"


def test_what_is_late_is_charged_only_where_company_and_customer_want_it(
    company, dubois, mandate, post_office
):
    owed(company, dubois, due=date(2026, 2, 20))
    assert announce(company).notices == 0
    PortalSettings.objects.create(company=company, charges_overdue=True)
    PaymentMandate.objects.update(pays_overdue=False)
    assert announce(company).notices == 0
    PaymentMandate.objects.update(pays_overdue=True)
    assert announce(company).notices == 1
    assert charge(company).states == ("succeeded",)
    assert Charge.objects.get(mandate=mandate).origin == "overdue"


def test_nothing_is_charged_while_the_bank_is_not_known(company, dubois, connection, service, post_office):
    paid = cast.invoice(company, dubois, "FA-0", payable_cents=1_000, issue_date=date(2026, 1, 5))
    pay_and_agree(company, dubois, [paid], service)
    owed(company, dubois)
    announce(company)
    done = charge_announced(company=company, on=DUE, now=at(DUE), actor="t")
    assert done.charge_ids == ()
    assert done.warning is not None


@pytest.mark.parametrize("moment", ["before", "after"])
def test_an_answer_nobody_heard_is_one_charge(moment, company, dubois, mandate, service, post_office):
    document = owed(company, dubois)
    announce(company)
    service.break_next("charge", moment)
    assert charge(company).states == ("created",)
    assert charge(company).charge_ids == ()  # not asked by the run again: it is followed
    made = Charge.objects.get(origin="autopay")
    assert follow_charge(company=company, charge_id=made.pk, now=at(DUE)) == "succeeded"
    assert sum(row["key"] == made.idempotency_key for row in service.payments()) == 1
    assert open_of(document) == [0]


def test_killed_between_writing_and_asking_leaves_one_charge(
    company, dubois, mandate, service, post_office, monkeypatch
):
    document = owed(company, dubois)
    announce(company)

    def killed(**_):
        raise KeyboardInterrupt

    with monkeypatch.context() as dying:
        dying.setattr(charging, "ask_charge", killed)
        with pytest.raises(KeyboardInterrupt):
            charge(company)
    assert Charge.objects.get(origin="autopay").state == "created"
    Charge.objects.update(created_at=at(DUE))  # the test's clock is not the database's
    assert charge(company).states == ("succeeded",)
    assert Charge.objects.filter(origin="autopay").count() == 1
    assert open_of(document) == [0]
