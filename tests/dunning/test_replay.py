"""What was open on each day of the past, what a policy would have sent then, and to whom who paid anyway.

The ledger of these stories: an invoice of 1 000 € issued on 5 January, due on 4 February 2026.
"""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import polars as pl
import pytest

from encours.actions.allocate import Portion, allocate
from encours.actions.open_dispute import open_dispute
from encours.actions.record_promise import record_promise
from encours.actions.replay_dunning import replay_dunning
from encours.actions.resolve_dispute import resolve_dispute
from encours.actions.save_policy import save_policy
from encours.actions.undo_allocation import undo_allocation
from encours.actions.write_off import write_off
from encours.core.dunning import DEFAULT_POLICY, FORMAL_NOTICE, Step
from encours.core.dunning.replay import as_of, credits, open_amounts, settled_dates
from encours.queries.replay import past
from encours.store.models import Allocation, Receivable
from tests import cast

JAN, FEB, MARCH, APRIL = (date(2026, month, 5) for month in (1, 2, 3, 4))
STEPS = replace(
    DEFAULT_POLICY,
    slug="steps",
    steps=(Step(1, "reminder_1"), Step(8, "reminder_2"), Step(15, FORMAL_NOTICE, approval="person")),
)


def paid(company, invoice, *, cents: int, received: date, matched: date) -> Allocation:
    receipt = cast.receipt(company, invoice.customer, amount_cents=cents, received_date=received)
    portion = Portion(document_id=invoice.pk, amount_cents=cents)
    allocate(company=company, portions=[portion], payment_id=receipt.pk, on=matched, actor="t")
    return Allocation.objects.latest("pk")


def open_on(company, invoice, day: date) -> list[int]:
    """What was open of each of its parts."""
    known = past(company=company, since=JAN, until=date(2026, 12, 31))
    opened = open_amounts(ledger=known.ledger, parts=known.parts).filter(pl.col("document_id") == invoice.pk)
    before, _ = as_of(opened, on=day, until=day, key=["document_id", "position"])
    return before.sort("position")["open_cents"].to_list()


@pytest.fixture
def invoice(company):
    return cast.invoice(company, cast.late_payer(company), "F-1", payable_cents=100_000, issue_date=JAN)


def test_an_invoice_is_open_from_its_issue_until_its_money_was_known(company, invoice):
    paid(company, invoice, cents=100_000, received=date(2026, 2, 20), matched=date(2026, 3, 12))
    assert open_on(company, invoice, date(2026, 1, 4)) == []
    assert open_on(company, invoice, JAN) == [100_000]
    assert open_on(company, invoice, date(2026, 2, 20)) == [100_000], "banks tell in the night"
    assert open_on(company, invoice, date(2026, 2, 21)) == [0], "though a person matched it weeks later"


def test_parts_write_offs_and_credit_notes_count_from_their_days(company, invoice):
    paid(company, invoice, cents=30_000, received=date(2026, 2, 9), matched=date(2026, 2, 10))
    note = cast.credit_note(
        company, invoice.customer, "AV-1", payable_cents=20_000, issue_date=date(2026, 2, 25)
    )
    allocate(
        company=company, portions=[Portion(document_id=invoice.pk, amount_cents=20_000)], credit_note_id=note.pk,
        on=date(2026, 3, 10), actor="t",
    )  # fmt: skip
    write_off(company=company, document_id=invoice.pk, amount_cents=50_000, reason="x", on=APRIL, actor="t")
    days = (date(2026, 2, 9), date(2026, 2, 10), date(2026, 2, 25), date(2026, 4, 4), APRIL)
    assert [open_on(company, invoice, day) for day in days] == [[100_000], [70_000], [50_000], [50_000], [0]]


def test_money_settles_instalments_in_their_order(company):
    split = cast.invoice(
        company, cast.late_payer(company), "F-2", payable_cents=90_000, issue_date=JAN,
        instalments=[(FEB, 30_000), (MARCH, 60_000)],
    )  # fmt: skip
    paid(company, split, cents=40_000, received=date(2026, 2, 20), matched=APRIL)
    assert open_on(company, split, FEB) == [30_000, 60_000]
    assert open_on(company, split, MARCH) == [0, 50_000]


def test_a_match_that_was_wrong_never_was(company, invoice):
    wrong = paid(company, invoice, cents=100_000, received=FEB, matched=FEB)
    undo_allocation(company=company, allocation_id=wrong.pk, on=APRIL, actor="t")
    assert open_on(company, invoice, MARCH) == [100_000]
    known = past(company=company, since=JAN, until=APRIL)
    found = credits(credited=known.credited).sort("day")["credit_cents"].to_list()
    assert found[-1] == 100_000, "the money stays the customer's"


def test_the_past_ends_in_what_is_open_now(company, invoice):
    cast.invoice(company, invoice.customer, "F-2", payable_cents=70_000, issue_date=FEB)
    paid(company, invoice, cents=60_000, received=date(2026, 2, 20), matched=MARCH)
    known = past(company=company, since=JAN, until=APRIL)
    before, _ = as_of(
        open_amounts(ledger=known.ledger, parts=known.parts), on=APRIL, until=APRIL, key=["document_id", "position"]
    )  # fmt: skip
    now = Receivable.objects.filter(company_id=company.pk).values_list(
        "document_id", "position", "open_cents"
    )
    assert sorted(before.select("document_id", "position", "open_cents").iter_rows()) == sorted(now)


def test_what_a_policy_would_have_sent_and_to_an_invoice_that_was_paid_by_itself(company, invoice):
    save_policy(company=company, policy=STEPS, is_default=True, actor="t")
    paid(company, invoice, cents=100_000, received=date(2026, 2, 15), matched=date(2026, 2, 16))
    found = replay_dunning(company=company, since=JAN, until=APRIL)
    sent = found.messages.select("sent_date", "step_code", "by_itself_count", "by_itself_days").rows()
    # due on 4 February; the money came on the 15th and was known on the 16th
    assert sent == [(FEB, "R+1", 1, 11), (date(2026, 2, 12), "R+8", 1, 4)]
    assert found.within == {
        "within_7_days": 1, "within_15_days": 2, "within_30_days": 2, "by_themselves": 2, "after_a_real_reminder": 0,
        "still_open": 0, "lines": 2,
    }  # fmt: skip


def test_nothing_would_have_gone_to_what_was_covered_or_on_hold_then(company, invoice):
    save_policy(company=company, policy=STEPS, is_default=True, actor="t")
    # the money was there in time and matched in March: no reminder would have been right
    paid(company, invoice, cents=100_000, received=date(2026, 2, 2), matched=MARCH)
    assert replay_dunning(company=company, since=JAN, until=APRIL).messages.is_empty()


def test_a_dispute_and_a_promise_held_it_back_while_they_lasted(company, invoice):
    save_policy(company=company, policy=STEPS, is_default=True, actor="t")
    disputed = open_dispute(
        company=company, customer_id=invoice.customer.pk, document_id=invoice.pk, reason_code="AUTRE", on=FEB, actor="t"
    )  # fmt: skip
    resolve_dispute(
        company=company, dispute_id=disputed.pk, outcome="rejected", note="", on=date(2026, 2, 10),
        now=datetime(2026, 2, 10, 9, tzinfo=UTC), actor="t",
    )  # fmt: skip
    found = replay_dunning(company=company, since=JAN, until=date(2026, 2, 28))
    assert found.messages["sent_date"].min() == date(2026, 2, 10), "what was due meanwhile comes when it ends"
    record_promise(
        company=company, customer_id=invoice.customer.pk, promised_date=date(2026, 3, 2), on=date(2026, 2, 10), actor="t"
    )  # fmt: skip
    found = replay_dunning(company=company, since=JAN, until=APRIL)
    assert found.messages["sent_date"].min() > date(2026, 3, 2)


def test_an_invoice_still_open_goes_through_all_steps(company, invoice, other_company):
    save_policy(company=company, policy=STEPS, is_default=True, actor="t")
    found = replay_dunning(company=company, since=JAN, until=APRIL)
    assert found.messages["step_code"].to_list() == ["R+1", "R+8", "R+15"]
    assert found.within["still_open"] == 3


def test_another_policy_over_the_same_past(company, invoice):
    save_policy(company=company, policy=STEPS, is_default=True, actor="t")
    patient = replace(STEPS, slug="patient", steps=(Step(30, "reminder_1"),))
    paid(company, invoice, cents=100_000, received=date(2026, 2, 15), matched=date(2026, 2, 16))
    assert replay_dunning(company=company, since=JAN, until=APRIL, policy=patient).messages.is_empty()


def test_settled_is_settled_for_good():
    opened = pl.DataFrame(
        [(date(2026, 1, day), 1, 0, cents) for day, cents in ((1, 50), (5, 0), (9, 50), (12, 0), (14, 0))],
        schema=["day", "document_id", "position", "open_cents"], orient="row",
    )  # fmt: skip
    assert settled_dates(opened=opened)["settled_date"].to_list() == [date(2026, 1, 12)]
    assert settled_dates(opened=opened.head(3)).is_empty()


def test_the_history_before_the_first_day_counts_as_the_situation_of_that_day(company, invoice):
    """Begun in the middle, an old invoice gets a reminder first, as after an import."""
    save_policy(company=company, policy=STEPS, is_default=True, actor="t")
    found = replay_dunning(company=company, since=FEB + timedelta(days=30), until=FEB + timedelta(days=50))
    assert found.messages["step_code"].to_list() == ["R+8", "R+15"]
