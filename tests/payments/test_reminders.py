"""Money on its way is not asked for again: when a day is planned, and when a message is about to leave."""

from datetime import date

import pytest

from encours.actions.follow_charge import follow_charge
from encours.actions.run_dunning import plan_dunning, run_dunning
from encours.actions.save_policy import save_policy
from encours.core.dunning import held_sentence
from encours.core.dunning.policy import Policy, Step
from encours.core.payments.methods import SEPA_DEBIT
from encours.store.models import Message
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
