"""Payments of one company are no other's; what services say is worked by jobs that may run twice."""

from datetime import timedelta

import pytest
from django.core.exceptions import ObjectDoesNotExist
from django.db import connection as database

from encours.actions.apply_told_charge import apply_told_charges
from encours.actions.book_payouts import book_payouts
from encours.actions.cancel_charge import cancel_charge
from encours.actions.fetch_lost_events import fetch_lost_events
from encours.actions.follow_charge import follow_charge
from encours.actions.open_checkout import UnableToOpenCheckout
from encours.actions.refund_charge import refund_charge
from encours.actions.work_gateway_events import due_events, work_gateway_events
from encours.jobs import payments as jobs
from encours.queries.payment_options import offered_methods
from encours.store.models import GatewayConnection, Payment, PaymentOption
from encours.store.tenancy import company_scope
from tests.payments.conftest import NOW, begin, charge_of, invoices, open_of
from tests.payments.test_events import all_events, deliver

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(hours=1)


def asked_for(job: str) -> int:
    with database.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM procrastinate_jobs WHERE task_name = %s AND status = 'todo'", [job]
        )
        return cursor.fetchone()[0]


def test_another_company_reaches_no_payment(company, other_company, dubois, connection, service) -> None:
    [document] = invoices(company, dubois, 100_00)
    opened = begin(company, dubois, [document])
    service.pay(charge_of(opened).reference)
    deliver(company, connection, all_events(service))
    told = {opened.charge_id: service.told("reference", charge_of(opened).reference)}
    with company_scope(other_company.pk):
        for act in (follow_charge, cancel_charge):
            with pytest.raises(ObjectDoesNotExist):
                act(company=other_company, charge_id=opened.charge_id, now=NOW, actor="user:9")
        with pytest.raises(ObjectDoesNotExist):
            refund_charge(
                company=other_company, charge_id=opened.charge_id, amount_cents=1, reason="", now=NOW, actor="user:9"
            )  # fmt: skip
        with pytest.raises(UnableToOpenCheckout):
            begin(other_company, dubois, [document])
        assert apply_told_charges(company=other_company, told=told, now=NOW, actor="user:9") == {}
        assert not due_events(company=other_company, now=LATER)
        assert work_gateway_events(company=other_company, now=LATER).done == 0
        assert fetch_lost_events(company=other_company, now=LATER).followed == 0
        assert book_payouts(company=other_company, now=LATER, actor="user:9") == 0
    assert not Payment.objects.exists()
    assert open_of(document) == [100_00]


def test_an_event_asks_for_its_job_and_the_job_may_run_twice(company, dubois, connection, service) -> None:
    [document] = invoices(company, dubois, 100_00)
    service.pay(charge_of(begin(company, dubois, [document])).reference)
    deliver(company, connection, all_events(service))
    assert asked_for("work_gateway_events") == 1
    for _ in range(2):
        jobs.work_gateway_events(company_id=company.pk)
        jobs.fetch_lost_events(company_id=company.pk)
        jobs.book_payouts(company_id=company.pk)
    assert open_of(document) == [0]
    assert Payment.objects.count() == 1


def test_services_are_asked_regularly(company, other_company, connection) -> None:
    stamp = int(LATER.timestamp())
    jobs.fetch_lost(stamp)
    jobs.book_all_payouts(stamp)
    jobs.work_waiting(stamp)
    assert (asked_for("fetch_lost_events"), asked_for("book_payouts")) == (1, 1)
    assert asked_for("work_gateway_events") == 0


def methods(company, dubois, cents: int = 100_00, currency: str = "EUR") -> list[str]:
    offered = offered_methods(company=company, customer_id=dubois.pk, currency=currency, amount_cents=cents)
    return [each.method for each in offered]


def test_what_a_limit_forbids_is_not_offered(company, dubois, connection) -> None:
    assert methods(company, dubois) == ["card", "sepa_debit", "instant_transfer", "transfer"]
    assert methods(company, dubois, 10_000_01) == ["card", "instant_transfer", "transfer"]
    assert methods(company, dubois, currency="USD") == ["card", "transfer"]
    card = PaymentOption.objects.filter(method="card")
    card.update(max_cents=50_00)
    assert "card" not in methods(company, dubois)
    card.update(max_cents=None, countries=["BE"])
    assert "card" not in methods(company, dubois)
    card.update(countries=[], segments=["PME"], fixed_cost_cents=25, cost_basis_points=150)
    offered = offered_methods(company=company, customer_id=dubois.pk, currency="EUR", amount_cents=100_00)
    assert (offered[0].method, offered[0].cost_cents) == ("card", 1_75)
    GatewayConnection.objects.update(state="paused")
    assert methods(company, dubois) == ["transfer"]
