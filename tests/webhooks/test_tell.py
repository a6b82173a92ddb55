"""What is told of an allocation: in its transaction, whatever made it, to those who chose it and to nobody else."""

from datetime import date

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from encours.actions.allocate import allocate
from encours.actions.apply_credit_notes import apply_credit_notes
from encours.actions.apply_returns import return_by_hand
from encours.actions.change_webhook import add_webhook, disable_webhook
from encours.actions.match_by_hand import match_by_hand
from encours.actions.reconcile import reconcile
from encours.actions.undo_allocation import undo_allocation
from encours.actions.undo_match import undo_match
from encours.core.ledger import Portion
from encours.queries.jobs import jobs_waiting
from encours.store.models import Allocation, Match, Payment, WebhookDelivery, WebhookEvent
from encours.store.tenancy import company_scope
from tests import cast
from tests.webhooks.conftest import JAN, MARCH

APRIL = date(2026, 4, 7)


def told() -> list[tuple[str, dict]]:
    return list(WebhookEvent.objects.order_by("pk").values_list("event", "data"))


@pytest.fixture
def line(company, invoice):
    return cast.bank_line(company, 130_000, "FA-2026-0001", bank_reference="REF/1")


@pytest.fixture
def matched(company, invoice, line, endpoint) -> Match:
    match_id = match_by_hand(
        company=company, transaction_id=line.pk, customer_id=invoice.customer_id,
        portions=[Portion(invoice.pk, 100_000)], actor="user:1",
    )  # fmt: skip
    return Match.objects.get(pk=match_id)


def test_a_match_tells_ids_and_amounts_and_no_name(company, invoice, line, matched):
    ((event, data),) = told()
    assert event == "receipt.allocated"
    assert data == {
        "receipt_id": Payment.objects.get().pk,
        "bank_line_id": line.pk,
        "bank_reference": "REF/1",
        "match_id": matched.pk,
        "customer_id": invoice.customer_id,
        "currency": "EUR",
        "received_date": "2026-03-02",
        "amount_cents": 130_000,
        "allocated_cents": 100_000,
        "unallocated_cents": 30_000,
        "documents": [
            {
                "allocation_id": Allocation.objects.get().pk,
                "document_id": invoice.pk,
                "number": "FA-2026-0001",
                "allocated_cents": 100_000,
                "open_cents": 20_000,
            }
        ],
    }
    assert jobs_waiting(company_id=company.pk) == 1


def test_undoing_the_match_tells_that_all_is_open_again(company, invoice, matched):
    undo_match(company=company, match_id=matched.pk, on=APRIL, actor="user:1")
    event, data = told()[1]
    assert event == "receipt.unallocated"
    assert (data["allocated_cents"], data["unallocated_cents"]) == (100_000, 0)
    assert data["documents"][0]["open_cents"] == 120_000


def test_a_person_who_allocates_and_takes_back_tells_too(company, invoice, matched):
    payment = Payment.objects.get()
    (made,) = allocate(
        company=company,
        portions=[Portion(invoice.pk, 20_000)],
        on=APRIL,
        actor="user:1",
        payment_id=payment.pk,
    )
    undo_allocation(company=company, allocation_id=made, on=APRIL, actor="user:1")
    events = [
        (event, data["unallocated_cents"], data["documents"][0]["open_cents"]) for event, data in told()
    ]
    assert events[1:] == [("receipt.allocated", 10_000, 0), ("receipt.unallocated", 30_000, 20_000)]


def test_a_credit_note_tells_what_it_settles(company, invoice, endpoint):
    note = cast.credit_note(
        company,
        invoice.customer,
        "AV-2026-0001",
        payable_cents=20_000,
        issue_date=JAN,
        corrects=invoice.number,
    )
    apply_credit_notes(company=company, on=MARCH, actor="user:1")
    ((event, data),) = told()
    assert (event, data["credit_note_id"], data["number"]) == (
        "credit_note.allocated",
        note.pk,
        "AV-2026-0001",
    )
    assert (data["allocated_cents"], data["open_cents"], data["documents"][0]["open_cents"]) == (
        20_000,
        0,
        100_000,
    )


def test_money_given_back_and_that_taken_back_are_told(company, invoice, matched):
    back = cast.bank_line(company, -130_000, "REJET")
    return_by_hand(
        company=company, transaction_id=back.pk, payment_ids=[Payment.objects.get().pk], actor="user:1"
    )
    undo_match(company=company, match_id=Match.objects.get(transaction=back).pk, on=APRIL, actor="user:1")
    events = [(event, data["documents"][0]["open_cents"]) for event, data in told()]
    assert events == [
        ("receipt.allocated", 20_000), ("receipt.unallocated", 120_000), ("receipt.allocated", 20_000),
    ]  # fmt: skip


def test_a_run_tells_of_every_receipt_in_one_statement(company, invoice, endpoint):
    for number in range(2, 32):
        cast.invoice(
            company, invoice.customer, f"FA-2026-{number:04}", payable_cents=1_000 + number, issue_date=JAN
        )
        cast.bank_line(company, 1_000 + number, f"VIR FA-2026-{number:04}")
    with CaptureQueriesContext(connection) as seen:
        outcome = reconcile(company=company, on=MARCH, actor="cli")
    assert WebhookEvent.objects.filter(event="receipt.allocated").count() == len(outcome.matched) == 30
    assert sum("store_webhookevent" in query["sql"] for query in seen.captured_queries) == 1
    assert WebhookDelivery.objects.filter(state="waiting").count() == 30


def test_what_is_rolled_back_is_not_told(company, invoice, line, endpoint):
    with transaction.atomic():
        match_by_hand(
            company=company, transaction_id=line.pk, customer_id=invoice.customer_id,
            portions=[Portion(invoice.pk, 1)], actor="user:1",
        )  # fmt: skip
        transaction.set_rollback(True)
    assert told() == []


def test_nobody_listens_and_nothing_is_written(company, invoice, line):
    with CaptureQueriesContext(connection) as seen:
        match_by_hand(
            company=company, transaction_id=line.pk, customer_id=invoice.customer_id,
            portions=[Portion(invoice.pk, 1)], actor="user:1",
        )  # fmt: skip
    assert told() == []
    assert sum("webhook" in query["sql"] for query in seen.captured_queries) == 1
    assert jobs_waiting(company_id=company.pk) == 0


def test_only_what_was_chosen_is_told_and_only_to_who_is_active(company, receiver, invoice, endpoint, line):
    undone = add_webhook(
        company=company, url=receiver.url, events=["receipt.unallocated"], may_be_inside=True, actor="user:1"
    )
    disable_webhook(company=company, endpoint_id=endpoint.pk, actor="user:1")
    match_id = match_by_hand(
        company=company, transaction_id=line.pk, customer_id=invoice.customer_id,
        portions=[Portion(invoice.pk, 1)], actor="user:1",
    )  # fmt: skip
    assert told() == []
    undo_match(company=company, match_id=match_id, on=APRIL, actor="user:1")
    (delivery,) = WebhookDelivery.objects.select_related("event")
    assert (delivery.endpoint_id, delivery.event.event) == (undone.endpoint_id, "receipt.unallocated")


def test_another_company_is_told_nothing(company, other_company, receiver, invoice, line):
    with company_scope(other_company.pk):
        add_webhook(
            company=other_company,
            url=receiver.url,
            events=["receipt.allocated"],
            may_be_inside=True,
            actor="test",
        )
    match_by_hand(
        company=company, transaction_id=line.pk, customer_id=invoice.customer_id,
        portions=[Portion(invoice.pk, 1)], actor="user:1",
    )  # fmt: skip
    for each in (company, other_company):
        with company_scope(each.pk):
            assert not WebhookEvent.objects.exists()
            assert not WebhookDelivery.objects.exists()
