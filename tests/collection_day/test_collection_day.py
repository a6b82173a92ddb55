"""Who is called first, why, and what a call leaves behind.

Monday 4 May 2026. Boulangerie Dubois owes 200,00 € for ten days; Menuiserie Lefèvre owes 12 000,00 € for four months.
"""

from datetime import date, timedelta
from time import process_time

import numpy as np
import polars as pl
import pytest

from encours.actions.hold_receivable import hold_receivable
from encours.actions.open_dispute import open_dispute
from encours.actions.open_task import open_task
from encours.actions.record_call import UnableToRecordCall, record_call
from encours.actions.record_promise import record_promise
from encours.actions.weigh_signals import weigh_signals
from encours.core.cases.disputes import REASONS as DISPUTES
from encours.core.collection_day import FACTS, WEIGHTS, ranked, reasons
from encours.queries.collection_day import caller, collection_day
from encours.store.models import Call, Contact, Customer, Dispute, Document, Message, Promise, Task
from encours.store.tenancy import company_scope
from tests import cast
from tests.dunning.conftest import at

MAY = date(2026, 5, 4)


@pytest.fixture
def dubois(company) -> Customer:
    customer = cast.good_payer(company)
    cast.invoice(company, customer, "FA-1", payable_cents=20_000, issue_date=date(2026, 3, 25))
    return customer


@pytest.fixture
def lefevre(company) -> Customer:
    customer = cast.late_payer(company)
    cast.invoice(company, customer, "FA-2", payable_cents=1_200_000, issue_date=date(2025, 12, 5))
    return customer


def order(company, on=MAY, **options) -> list[str]:
    return [row.customer_name for row in collection_day(company=company, on=on, size=9, **options).rows]


def codes(company, on=MAY) -> set[str]:
    return {said.code for said, _ in collection_day(company=company, on=on, size=9).rows[0].reasons}


def called(company, customer, outcome, **details) -> Call:
    return record_call(
        company=company,
        customer_id=customer.pk,
        outcome=outcome,
        on=MAY,
        now=at(MAY),
        actor="user:1",
        **details,
    )


def test_large_and_old_comes_first_and_every_point_has_its_reason(company, dubois, lefevre):
    assert order(company) == [lefevre.name, dubois.name]
    first = collection_day(company=company, on=MAY, size=1).rows[0]
    assert first.score == sum(points for _, points in first.reasons)
    assert {said.code for said, _ in first.reasons} == {"day.amount", "day.age", "day.never"}
    assert "12\u202f000,00" in first.reasons[0][0].say("fr")


def test_a_task_that_is_due_brings_a_small_one_to_the_front(company, dubois, lefevre):
    weigh_signals(company=company, weights={"task_due": 100}, actor="user:1")
    open_task(company=company, customer_id=dubois.pk, title="Rappeler Mme Petit", due_date=MAY, actor="t")
    assert order(company) == [dubois.name, lefevre.name]
    assert "day.task_due" in codes(company)


def test_what_is_promised_is_asked_for_by_nobody_until_its_day(company, lefevre):
    record_promise(
        company=company, customer_id=lefevre.pk, promised_date=MAY + timedelta(4), on=MAY, actor="t"
    )
    assert order(company) == []
    assert codes(company, on=MAY + timedelta(4)) >= {"day.promise_due"}
    Promise.objects.update(state="broken")
    assert "day.promise_broken" in codes(company, on=MAY + timedelta(9))


def test_what_is_in_dispute_is_called_about_only_past_its_deadline(company, lefevre):
    document = Document.objects.get(customer=lefevre)
    open_dispute(
        company=company, customer_id=lefevre.pk, document_id=document.pk, reason_code=next(iter(DISPUTES)),
        deadline=MAY + timedelta(2), on=MAY, actor="t",
    )  # fmt: skip
    assert order(company) == []
    assert codes(company, on=MAY + timedelta(3)) == {"day.dispute_late"}


def test_a_paused_customer_is_left_alone(company, lefevre):
    hold_receivable(
        company=company, customer_id=lefevre.pk, kind="pause", reason="congés", from_date=MAY,
        until_date=MAY + timedelta(3), actor="t",
    )  # fmt: skip
    assert order(company) == []
    assert order(company, on=MAY + timedelta(4)) == [lefevre.name]


def test_no_address_that_works_is_a_reason_to_call(company, lefevre):
    Contact.objects.update(bounced_at=at(MAY))
    assert "day.unreachable" in codes(company)


def test_a_promise_on_the_phone_is_a_promise_and_a_contact(company, lefevre):
    called(company, lefevre, "promised", day=MAY + timedelta(5), amount_cents=500_000, note="Mme Petit")
    assert Promise.objects.get().amount_cents == 500_000
    contact = Message.objects.get(channel="manual")
    assert (contact.sent_date, "Mme Petit" in contact.text) == (MAY, True)
    assert order(company) == []  # called today


def test_nobody_answered_bothers_nobody_and_comes_back_tomorrow(company, lefevre):
    called(company, lefevre, "no_answer")
    assert not Message.objects.exists()
    assert order(company) == []
    assert order(company, on=MAY + timedelta(1)) == [lefevre.name]


def test_who_is_to_be_called_back_comes_back_on_that_day(company, lefevre):
    called(company, lefevre, "callback", day=MAY + timedelta(3), note="après la paie")
    assert Task.objects.get().due_date == MAY + timedelta(3)
    assert order(company, on=MAY + timedelta(2)) == []
    assert "day.task_due" in codes(company, on=MAY + timedelta(3))


def test_disputed_on_the_phone_is_a_dispute_of_the_invoices_named(company, lefevre):
    (document,) = caller(company=company, customer_id=lefevre.pk, on=MAY).documents
    called(company, lefevre, "disputed", document_ids=[document.pk], reason_code=next(iter(DISPUTES)))
    assert Dispute.objects.get().document_id == document.pk


@pytest.mark.parametrize(
    ("outcome", "details"),
    [("promised", {}), ("callback", {"day": MAY}), ("disputed", {}), ("sold", {})],
)
def test_half_an_outcome_writes_nothing(company, lefevre, outcome, details):
    with pytest.raises(UnableToRecordCall):
        called(company, lefevre, outcome, **details)
    assert not Call.objects.exists()
    assert not Message.objects.exists()


def test_another_company_s_customers_are_not_on_the_list(company, other_company, lefevre):
    with company_scope(other_company.pk):
        assert order(other_company) == []


def facts(**given) -> pl.DataFrame:
    row = {
        "customer_id": 1, "currency": "EUR", "overdue_cents": 0, "oldest_due_date": None, "last_contact_date": MAY,
        "broken_promises": 0, "promise_due_date": None, "dispute_deadline": None, "task_title": None,
        "reply_waits": False, "is_reachable": True, "unanswered_reminders": 0, "is_left_alone": False,
    }  # fmt: skip
    return pl.DataFrame([row | given], schema=FACTS)


@pytest.mark.parametrize(
    ("cents", "points"), [(5_000, 0), (10_000, 0), (100_000, 13), (10_000_000, 40), (1_000_000_000, 40)]
)
def test_the_amount_counts_by_its_order_of_magnitude(cents, points):
    (row,) = ranked(facts=facts(overdue_cents=cents), weights={}, on=MAY).iter_rows(named=True)
    assert row["points_amount"] == points


def test_a_large_debt_two_reminders_left_without_an_answer():
    given = facts(overdue_cents=600_000, unanswered_reminders=2)
    (row,) = ranked(facts=given, weights={"unanswered": 7}, on=MAY).iter_rows(named=True)
    assert ("day.unanswered", 7) in [(said.code, points) for said, points in reasons(row=row, on=MAY)]


def test_a_weight_of_nothing_leaves_the_signal_out():
    given = facts(overdue_cents=600_000)
    rows = ranked(facts=given, weights=dict.fromkeys(WEIGHTS, 0), on=MAY)
    assert rows["score"].to_list() == [0]


def test_fifty_thousand_customers_are_ranked_in_a_moment():
    count, random = 50_000, np.random.default_rng(7)
    given = pl.concat([facts(overdue_cents=1)] * 1).select(pl.all().repeat_by(count).explode()).with_columns(
        customer_id=pl.Series(range(count)), overdue_cents=pl.Series(random.integers(1, 10**8, count))
    )  # fmt: skip
    before = process_time()
    rows = ranked(facts=given, weights={}, on=MAY)
    assert len(rows) == count
    assert process_time() - before < 1
    assert rows["score"].is_sorted(descending=True)


def test_the_day_is_gone_through_line_by_line(house, sign_in):
    client = sign_in(house.company, "collector")
    page = client.get("/ma-journee/").content.decode()
    assert f'id="customer-{house.customer.pk}"' in page
    looked = client.get(f"/ma-journee/{house.customer.pk}/", headers={"HX-Request": "true"}).content.decode()
    assert 'data-fill="l"' in looked
    answered = client.post(
        f"/ma-journee/{house.customer.pk}/appel/", {"outcome": "no_answer"}, headers={"HX-Request": "true"}
    )
    assert "data-answered" in answered.content.decode()
    assert Call.objects.get().outcome == "no_answer"
