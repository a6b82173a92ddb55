"""A deposit is not asked for twice: neither by reminders nor in what a customer is said to owe; flags become tasks."""

from datetime import UTC, date, datetime

import pytest

from encours.actions.flag_orders import flag_orders
from encours.actions.link_document import UnableToLink, link_document, state_deduction, unlink_document
from encours.queries.case_holds import case_holds
from encours.queries.order_holds import deposits_asked_twice
from encours.queries.orders import order_rows
from encours.queries.unbilled import exposures
from encours.store.models import OrderFlag, Task
from tests import cast

JAN, FEB, APRIL = date(2026, 1, 5), date(2026, 2, 10), date(2026, 4, 1)
NOON = datetime(2026, 4, 1, 12, tzinfo=UTC)


@pytest.fixture
def dubois(company):
    return cast.good_payer(company)


@pytest.fixture
def order(company, dubois):
    found = cast.order(
        company, dubois, "CMD-1", payable_cents=1_200_000, ordered_date=JAN, deposit_basis_points=3_000
    )
    cast.delivery(company, found, "BL-1", amount_cents=1_200_000, delivered_date=FEB)
    return found


def linked(company, order, number: str, cents: int, *, type: str = "invoice"):
    document = cast.invoice(company, order.customer, number, payable_cents=cents, issue_date=FEB, type=type)
    link_document(company=company, order_id=order.pk, document_id=document.pk, actor="test")
    return document


def test_a_final_invoice_is_not_reminded_for_the_deposit_it_should_deduct(company, order):
    linked(company, order, "AC-1", 360_000, type="deposit")
    final = linked(company, order, "FA-1", 1_200_000)
    (row,) = deposits_asked_twice(company=company, customer_id=None, on=APRIL).iter_rows(named=True)
    assert (row["document_id"], row["case_kind"], row["case_cents"]) == (final.pk, "deposit", 360_000)
    found = case_holds(company=company, on=APRIL, bank_known_until=APRIL, customer_id=order.customer.pk)
    assert found["case_kind"].to_list() == ["deposit"]


def test_one_that_deducts_it_is_reminded_whole(company, order):
    linked(company, order, "AC-1", 360_000, type="deposit")
    linked(company, order, "FA-1", 840_000)
    assert deposits_asked_twice(company=company, customer_id=None, on=APRIL).is_empty()


def test_what_a_person_reads_on_the_invoice_ends_it(company, order):
    linked(company, order, "AC-1", 360_000, type="deposit")
    final = linked(company, order, "FA-1", 1_200_000)
    given = {"company": company, "order_id": order.pk, "document_id": final.pk, "actor": "test"}
    state_deduction(deducted_cents=360_000, **given)
    assert deposits_asked_twice(company=company, customer_id=None, on=APRIL).is_empty()
    with pytest.raises(UnableToLink):
        state_deduction(deducted_cents=360_001, **given)


def test_a_document_belongs_to_one_order_and_to_its_customer(company, order, dubois):
    document = linked(company, order, "FA-1", 100_000)
    other = cast.order(company, dubois, "CMD-2", payable_cents=100_000, ordered_date=JAN)
    foreign = cast.order(company, cast.late_payer(company), "CMD-3", payable_cents=100_000, ordered_date=JAN)
    for each in (other, foreign):
        with pytest.raises(UnableToLink):
            link_document(company=company, order_id=each.pk, document_id=document.pk, actor="test")
    unlink_document(company=company, order_id=order.pk, document_id=document.pk, actor="test")
    link_document(company=company, order_id=other.pk, document_id=document.pk, actor="test")
    (row,) = order_rows(company=company, order_ids=[other.pk], on=APRIL)
    assert row.invoiced_cents == 100_000


def test_exposure_tells_invoiced_and_unbilled_apart_and_the_deposit_once(company, order, dubois):
    asked = {"company": company, "customer_id": dubois.pk, "on": APRIL}
    linked(company, order, "AC-1", 360_000, type="deposit")
    (before,) = exposures(balances={"EUR": 360_000}, **asked)
    assert (before.balance_cents, before.unbilled_cents, before.total_cents) == (360_000, 840_000, 1_200_000)
    linked(company, order, "FA-1", 1_200_000)
    (after,) = exposures(balances={"EUR": 1_560_000}, **asked)
    assert (after.unbilled_cents, after.twice_cents, after.total_cents) == (0, 360_000, 1_200_000)


def test_a_forgotten_invoice_becomes_a_task_and_ends_with_the_invoice(company, order, dubois):
    dubois.salesperson = "Hélène Crozat"
    dubois.save()
    run = {"company": company, "on": APRIL, "now": NOON, "actor": "worker"}
    first, again = flag_orders(**run), flag_orders(**run)
    assert (first.tasks_opened, again.raised, again.tasks_opened) == (1, 0, 0)
    task = Task.objects.get()
    assert (task.assignee, task.state) == ("Hélène Crozat", "open")
    assert "CMD-1" in task.title
    linked(company, order, "FA-1", 1_200_000)
    assert flag_orders(**run).tasks_cancelled == 1
    assert not OrderFlag.objects.filter(cleared_date=None, code="forgotten_invoice").exists()
