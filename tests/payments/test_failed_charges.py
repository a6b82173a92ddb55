"""What follows from a charge by mandate that failed: by whose fault it is."""

from datetime import date, timedelta

import pytest

from encours.actions.charge_by_mandate import charge_by_mandate
from encours.actions.decide_failures import decide_failures
from encours.store.models import Charge, PaymentMandate, Task
from tests.dunning.conftest import at, post_office, send
from tests.payments.conftest import open_of
from tests.payments.test_charged_by_mandate import DUE, TOLD, mandate, outcomes, owed

pytestmark = pytest.mark.django_db
__all__ = ["mandate", "post_office"]


def day(company, on):
    done = charge_by_mandate(company=company, on=on, now=at(on), actor="t", accept_bank_age=True)
    send(company, on)
    return done


@pytest.fixture
def failing(company, dubois, mandate, service, post_office):
    """A charge that fails for the reason of a group; the document and the charge."""

    def made(group: str):
        document = owed(company, dubois)
        day(company, TOLD)
        outcomes(mandate, f"failed:{group}")
        assert day(company, DUE).charging.states == ("failed",)
        mandate.refresh_from_db()
        return document, Charge.objects.get(origin="autopay")

    return made


def test_never_again_by_a_mandate_that_is_over(company, mandate, failing):
    document, _ = failing("never")
    assert (mandate.state, mandate.ended_reason["code"]) == ("revoked", "mandate.ended_by_failure")
    assert day(company, DUE + timedelta(days=30)).charging.charge_ids == ()
    assert open_of(document) == [50_000]


def test_a_customer_who_must_act_is_a_persons_task_once(company, mandate, failing):
    failing("customer")
    assert mandate.state == "suspended"
    day(company, DUE + timedelta(days=1))
    task = Task.objects.get()
    assert "4242" in task.note
    assert Charge.objects.filter(origin="autopay").count() == 1


def test_what_may_pass_is_tried_again_on_a_payday_and_at_most_four_times(company, mandate, failing):
    document, first = failing("later")
    assert first.next_attempt_date == date(2026, 4, 7)  # the 5th is Easter Sunday
    days = [DUE + timedelta(days=number) for number in range(1, 40)]
    tried = [on for on in days if day(company, on).charging.charge_ids]
    made = Charge.objects.filter(origin="autopay").order_by("pk")
    assert len(made) == 1 + len(tried) <= 4
    assert tried[0] == date(2026, 4, 7)
    assert tried[-1] <= DUE + timedelta(days=14)
    assert made[1].previous == first
    assert [each.idempotency_key for each in made] == [
        f"auto:{document.pk}:{number}" for number in range(1, len(made) + 1)
    ]


def test_a_retry_that_passes_is_the_last(company, mandate, failing):
    document, first = failing("later")
    outcomes(mandate, "succeeded")
    assert day(company, first.next_attempt_date).charging.states == ("succeeded",)
    assert open_of(document) == [0]
    assert day(company, first.next_attempt_date + timedelta(days=1)).charging.charge_ids == ()


def test_our_own_fault_is_for_a_person_and_not_tried_again(company, mandate, failing):
    _, charge = failing("ours")
    charge.refresh_from_db()
    assert charge.problem["code"] == "automatic_charge.our_fault"
    assert mandate.state == "active"
    assert decide_failures(company=company, on=DUE, now=at(DUE), actor="t") == 0
    assert day(company, DUE + timedelta(days=5)).charging.charge_ids == ()


def test_a_card_that_ends_soon_is_asked_for_once(company, mandate):
    PaymentMandate.objects.update(expires_date=DUE)
    for on in (DUE - timedelta(days=46), DUE - timedelta(days=45), DUE - timedelta(days=44)):
        decide_failures(company=company, on=on, now=at(on), actor="t")
    assert "31/03/2026" in Task.objects.get().note
    mandate.refresh_from_db()
    assert mandate.expiry_told_date == DUE - timedelta(days=45)
