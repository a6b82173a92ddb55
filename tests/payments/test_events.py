"""Events of a payment service: late, early, twice, out of order or never, the ledger ends the same."""

import json
import random
from datetime import timedelta

import pytest

from benchmarks.payments.scripted import ScriptedGateway, signature
from encours.actions.fetch_lost_events import fetch_lost_events
from encours.actions.receive_gateway_event import UnableToTakeEvent, receive_gateway_event
from encours.actions.refund_charge import UnableToRefund, refund_charge
from encours.actions.work_gateway_events import work_gateway_events
from encours.ports.gateways import CheckoutRequest, Payer
from encours.queries.charges import charge_detail
from encours.store.models import Charge, GatewayConnection, GatewayEvent, JournalEntry, Payment, Refund
from encours.store.tenancy import company_scope
from tests.payments.conftest import NOW, begin, charge_of, invoices, open_of

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(hours=1)


def deliver(company, connection, events, now=NOW) -> int:
    body = json.dumps(events).encode()
    return receive_gateway_event(
        company=company, hook_key=connection.hook_key, body=body, headers={"x-signature": signature(body)}, now=now
    )  # fmt: skip


def all_events(service) -> list[dict]:
    return [event for _, event in service.events()]


def test_an_event_is_taken_once_and_worked(company, dubois, connection, service) -> None:
    [document] = invoices(company, dubois, 100_00)
    opened = begin(company, dubois, [document])
    service.pay(charge_of(opened).reference)
    events = all_events(service)
    assert deliver(company, connection, events) == len(events)
    assert deliver(company, connection, events) == 0
    worked = work_gateway_events(company=company, now=NOW)
    assert (worked.done, worked.ignored, worked.failed) == (len(events), 0, 0)
    assert open_of(document) == [0]
    assert GatewayEvent.objects.filter(state="done").count() == len(events)


def test_events_in_any_order_are_one_question(company, dubois, connection, service, monkeypatch) -> None:
    [document] = invoices(company, dubois, 100_00)
    opened = begin(company, dubois, [document])
    reference = charge_of(opened).reference
    service.debit(reference)
    service.pay(reference)
    service.contest(reference)
    service.decide_contest(reference, "won")
    events = all_events(service)
    random.Random(3).shuffle(events)
    asked = []
    original = ScriptedGateway.charge_told
    monkeypatch.setattr(
        ScriptedGateway, "charge_told", lambda self, key: asked.append(key) or original(self, key)
    )
    for event in events:
        deliver(company, connection, [event, event])
    work_gateway_events(company=company, now=NOW)
    assert len(asked) == 1
    assert open_of(document) == [0]
    assert Payment.objects.get().unallocated_cents == 0
    deliver(company, connection, [{**events[0], "id": "evt_late"}])
    work_gateway_events(company=company, now=NOW)
    assert len(asked) == 1


def test_a_forged_event_is_refused(company, connection) -> None:
    with pytest.raises(UnableToTakeEvent):
        receive_gateway_event(
            company=company, hook_key=connection.hook_key, body=b"[]", headers={"x-signature": "0"}, now=NOW
        )
    assert not GatewayEvent.objects.exists()


def test_nobody_takes_events_of_another_company(company, other_company, connection) -> None:
    body = b"[]"
    with company_scope(other_company.pk), pytest.raises(UnableToTakeEvent):
        receive_gateway_event(
            company=other_company, hook_key=connection.hook_key, body=body,
            headers={"x-signature": signature(body)}, now=NOW,
        )  # fmt: skip


def test_what_is_not_ours_is_ignored(company, dubois, connection, service) -> None:
    stranger = CheckoutRequest(
        "k", "SHOP-1", Payer("x", "", "fr", "FR"), ("card",), "EUR", 5_00, "shop", "https://shop.example"
    )
    service.take(stranger, outcome="open")
    service.pay("SHOP-1")
    deliver(company, connection, all_events(service))
    assert work_gateway_events(company=company, now=NOW).ignored == 2
    assert not Payment.objects.exists()


def test_a_silent_service_is_asked_again_later(company, dubois, connection, service) -> None:
    [document] = invoices(company, dubois, 100_00)
    opened = begin(company, dubois, [document])
    service.pay(charge_of(opened).reference)
    deliver(company, connection, all_events(service))
    service.break_next("ask", "before")
    assert work_gateway_events(company=company, now=NOW).failed == 2
    event = GatewayEvent.objects.first()
    assert event is not None
    assert (event.state, event.next_attempt_at) == ("failed", NOW + timedelta(minutes=1))
    assert work_gateway_events(company=company, now=NOW).done == 0
    assert work_gateway_events(company=company, now=LATER).done == 2
    assert open_of(document) == [0]


def test_events_that_never_came_are_fetched(company, dubois, connection, service) -> None:
    [document] = invoices(company, dubois, 100_00)
    opened = begin(company, dubois, [document])
    service.pay(charge_of(opened).reference)
    GatewayConnection.objects.filter(pk=connection.pk).update(events_until_at=NOW)
    assert fetch_lost_events(company=company, now=LATER).events == 2
    assert fetch_lost_events(company=company, now=LATER).events == 0
    work_gateway_events(company=company, now=LATER)
    assert open_of(document) == [0]
    connection.refresh_from_db()
    assert connection.events_until_at == LATER


def test_a_charge_not_heard_of_is_asked_for(company, dubois, connection, service) -> None:
    [document] = invoices(company, dubois, 100_00)
    opened = begin(company, dubois, [document])
    service.pay(charge_of(opened).reference)
    GatewayConnection.objects.filter(pk=connection.pk).update(events_until_at=LATER + timedelta(days=9))
    assert fetch_lost_events(company=company, now=NOW + timedelta(minutes=5)).followed == 0
    assert fetch_lost_events(company=company, now=LATER).followed == 1
    assert open_of(document) == [0]


def test_a_refund_is_asked_for_once(company, dubois, connection, service) -> None:
    first, second = invoices(company, dubois, 60_00, 40_00)
    opened = begin(company, dubois, [first, second])
    reference = charge_of(opened).reference
    service.pay(reference)
    deliver(company, connection, all_events(service))
    work_gateway_events(company=company, now=NOW)
    service.break_next("refund", "after")
    refund = refund_charge(
        company=company, charge_id=opened.charge_id, amount_cents=30_00, reason="Geste commercial", now=NOW,
        actor="user:1",
    )  # fmt: skip
    assert refund.state == "created"
    with pytest.raises(UnableToRefund) as refused:
        refund_charge(
            company=company,
            charge_id=opened.charge_id,
            amount_cents=70_01,
            reason="",
            now=NOW,
            actor="user:1",
        )
    assert refused.value.sentence.say("en") == "Only €70.00 of this payment can still be refunded."
    Refund.objects.update(created_at=NOW)
    fetch_lost_events(company=company, now=LATER)
    refund.refresh_from_db()
    assert (refund.state, refund.is_booked) == ("succeeded", True)
    assert open_of(first, second) == [0, 30_00]
    assert service.truth() == {reference: 70_00}
    fetch_lost_events(company=company, now=LATER + timedelta(hours=1))
    assert service.truth() == {reference: 70_00}
    detail = charge_detail(company=company, charge_id=opened.charge_id)
    assert detail is not None
    assert detail.refundable_cents == 70_00


def test_the_journal_tells_what_came_and_went(company, dubois, connection, service) -> None:
    [document] = invoices(company, dubois, 100_00)
    opened = begin(company, dubois, [document])
    service.pay(charge_of(opened).reference)
    service.give_back(charge_of(opened).reference, 25_00)
    deliver(company, connection, all_events(service))
    work_gateway_events(company=company, now=NOW)
    rows = JournalEntry.objects.filter(subject_type="charge").order_by("pk")
    assert [row.action for row in rows] == ["charge.begun", "charge.succeeded", "charge.refunded"]
    assert rows[2].data["refunded_cents"] == 25_00
    assert Charge.objects.get().refunded_cents == 25_00


def test_events_of_mandates_wait_for_those_who_keep_them(company, connection) -> None:
    event = {
        "id": "evt_m",
        "kind": "mandate.updated",
        "about": "mandate",
        "object": "pm_1",
        "at": NOW.isoformat(),
    }
    assert deliver(company, connection, [event]) == 1
    worked = work_gateway_events(company=company, now=NOW)
    assert (worked.done, worked.ignored, worked.failed) == (0, 0, 0)
    assert GatewayEvent.objects.get().state == "waiting"
