"""Money on its way is not asked for again: when a day is planned, and when a message is about to leave."""

from datetime import date, timedelta

import pytest

from encours.actions.follow_charge import follow_charge
from encours.actions.run_dunning import plan_dunning, run_dunning
from encours.actions.save_policy import save_policy
from encours.actions.stop_charge_notice import stop_charge_notice
from encours.core.dunning import held_sentence
from encours.core.dunning.policy import Policy, Step
from encours.core.dunning.reasons import CHARGE_ANNOUNCED
from encours.core.payments.methods import SEPA_DEBIT
from encours.store.models import ChargeNotice, Customer, Document, Message, PaymentMandate
from tests.dunning.conftest import approve_all, bank_known, post_office, send
from tests.payments.conftest import NOW, TODAY, begin, charge_of, invoices

pytestmark = pytest.mark.django_db
__all__ = ["post_office"]

ON_ITS_WAY = "A payment of this document is on its way (card or direct debit)"


@pytest.fixture(autouse=True)
def in_force(company) -> None:
    """A first reminder from the day after the due date on; the bank is known until today."""
    policy = Policy("standard", "Essai", 1, 1_000, (Step(1, "reminder_1"),))
    save_policy(company=company, policy=policy, is_default=True, actor="t")
    bank_known(company, TODAY)


def held_on(company, on: date) -> list[str]:
    held = plan_dunning(company=company, on=on).held
    return [held_sentence(row).say("en") for row in held.iter_rows(named=True)]


def debited(company, customer, documents, service, cents=None):
    """The customer has ordered a direct debit: it takes days."""
    opened = begin(company, customer, documents, method=SEPA_DEBIT, cents=cents)
    service.debit(charge_of(opened).reference)
    assert follow_charge(company=company, charge_id=opened.charge_id, now=NOW) == "pending"
    return opened


def test_a_debit_on_its_way_counts_as_covering(company, dubois, connection, service):
    debited(company, dubois, invoices(company, dubois, 100_00), service)
    assert held_on(company, TODAY) == [ON_ITS_WAY]


def test_what_is_only_begun_covers_nothing(company, dubois, connection):
    begin(company, dubois, invoices(company, dubois, 100_00))
    assert held_on(company, TODAY) == []
    assert plan_dunning(company=company, on=TODAY).actions.height == 1


def test_a_part_on_its_way_leaves_the_rest_to_be_reminded(company, dubois, connection, service):
    debited(company, dubois, invoices(company, dubois, 100_00), service, cents=60_00)
    assert plan_dunning(company=company, on=TODAY).actions["amount_cents"].to_list() == [40_00]


def test_a_debit_that_came_back_is_asked_for_again(company, dubois, connection, service):
    opened = debited(company, dubois, invoices(company, dubois, 100_00), service)
    service.decline(charge_of(opened).reference)
    assert follow_charge(company=company, charge_id=opened.charge_id, now=NOW) == "failed"
    assert plan_dunning(company=company, on=TODAY).actions["amount_cents"].to_list() == [100_00]


def test_a_reminder_that_was_approved_stays_here_when_a_debit_began_meanwhile(
    company, dubois, connection, service, post_office
):
    documents = invoices(company, dubois, 100_00)
    run_dunning(company=company, on=TODAY, actor="t")
    approve_all(company)
    debited(company, dubois, documents, service)
    send(company, TODAY)
    assert post_office.keys == []
    assert Message.objects.get().state == "cancelled"


def announced(company, customer: Customer, document: Document, connection, *, on: date) -> ChargeNotice:
    """The customer was told that it is charged on a day."""
    mandate = PaymentMandate.objects.create(
        company=company, customer=customer, connection=connection, kind="card", state="active", reference="M1",
        external_id="pm_1",
    )  # fmt: skip
    return ChargeNotice.objects.create(
        company=company, customer=customer, mandate=mandate, document=document, origin="overdue", currency="EUR",
        amount_cents=document.open_cents, announced_date=TODAY, charge_date=on,
    )  # fmt: skip


def test_what_is_announced_to_be_charged_is_not_asked_for_until_then(company, dubois, connection):
    [document] = invoices(company, dubois, 100_00)
    day = TODAY + timedelta(days=7)
    notice = announced(company, dubois, document, connection, on=day)
    told = [CHARGE_ANNOUNCED(until=day).say("en")]
    assert held_on(company, TODAY) == told
    assert held_on(company, day) == told
    assert plan_dunning(company=company, on=day + timedelta(days=1)).actions.height == 1
    stop_charge_notice(company=company, notice_id=notice.pk, reason="vu avec lui", actor="t")
    assert held_on(company, TODAY) == []
    assert plan_dunning(company=company, on=TODAY).actions.height == 1


def test_a_notice_that_did_not_leave_holds_nothing_back(company, dubois, connection):
    [document] = invoices(company, dubois, 100_00)
    notice = announced(company, dubois, document, connection, on=TODAY + timedelta(days=7))
    notice.message = Message.objects.create(
        company=company, customer=dubois, channel="email", template="charge_notice", currency="EUR",
        amount_cents=100_00, document_count=1, planned_date=TODAY, state="failed", reason={},
    )  # fmt: skip
    notice.save()
    assert held_on(company, TODAY) == []


def test_a_reminder_that_was_approved_stays_here_when_a_charge_was_announced_meanwhile(
    company, dubois, connection, post_office
):
    [document] = invoices(company, dubois, 100_00)
    run_dunning(company=company, on=TODAY, actor="t")
    approve_all(company)
    announced(company, dubois, document, connection, on=TODAY + timedelta(days=7))
    send(company, TODAY)
    assert post_office.keys == []
    assert Message.objects.get().state == "cancelled"
