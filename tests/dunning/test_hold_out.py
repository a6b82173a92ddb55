"""Reminders held back at random: which, how often, never twice in a row, never a formal notice; and what it costs nobody."""

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest

from encours.actions.allow_hold_out import UnableToAllowHoldOut, allow_hold_out
from encours.actions.run_dunning import plan_dunning, run_dunning
from encours.core.dunning import DEFAULT_POLICY, FORMAL_NOTICE, Step, held_sentence
from encours.core.dunning.hold_out import draws
from encours.core.dunning.planning import plan
from encours.core.dunning.situation import HoldOut
from encours.queries.dunning import situation
from encours.store.models import HeldOutReminder, JournalEntry, Message, Reminder
from tests import cast

DUE = date(2026, 3, 3)
DAY_AFTER = DUE + timedelta(days=1)
COUNT = 60


@pytest.fixture
def debtors(company):
    """Sixty customers, each with an invoice of 100 € due the day before."""
    for rank in range(COUNT):
        debtor = cast.customer(company, f"D{rank}", f"Débiteur {rank}", email=f"d{rank}@debiteur.example")
        cast.invoice(
            company, debtor, f"D-{rank}", payable_cents=10_000, issue_date=date(2026, 2, 1), due_date=DUE
        )
    return company


def allowed(company, percent: int = 50, max_amount_cents: int = 50_000) -> None:
    allow_hold_out(company=company, percent=percent, max_amount_cents=max_amount_cents, seed=1, actor="t")


def test_nothing_is_held_back_unless_a_company_allows_it(debtors):
    done = run_dunning(company=debtors, on=DAY_AFTER, actor="t")
    assert done.messages == COUNT
    assert set(Reminder.objects.values_list("propensity_percent", flat=True)) == {100}


def test_what_is_sent_and_what_is_held_back_keep_their_chance(debtors):
    allowed(debtors)
    done = run_dunning(company=debtors, on=DAY_AFTER, actor="t")
    held = HeldOutReminder.objects.all()
    assert done.messages + held.count() == COUNT
    assert 15 <= held.count() <= 45
    assert set(Reminder.objects.values_list("propensity_percent", flat=True)) == {50}
    assert {(each.step_code, each.propensity_percent, each.channel) for each in held} == {
        ("R+1", 50, "email")
    }


def test_planning_again_draws_the_same_and_holds_nothing_back_twice(debtors):
    allowed(debtors)
    drawn = plan_dunning(company=debtors, on=DAY_AFTER).held_out["document_id"].to_list()
    run_dunning(company=debtors, on=DAY_AFTER, actor="t")
    assert run_dunning(company=debtors, on=DAY_AFTER, actor="t").messages == 0
    assert sorted(HeldOutReminder.objects.values_list("document_id", flat=True)) == sorted(drawn)


def test_it_is_told_in_words_and_the_next_step_comes_in_its_time(debtors):
    allowed(debtors)
    held = plan_dunning(company=debtors, on=DAY_AFTER).held.filter(pl.col("reason") == "dunning.held_out")
    assert "sort" in held_sentence(held.row(0, named=True)).say("fr")
    run_dunning(company=debtors, on=DAY_AFTER, actor="t")
    Message.objects.all().update(state="sent", sent_date=DAY_AFTER)
    later = plan_dunning(company=debtors, on=DUE + timedelta(days=8))
    drawn = set(HeldOutReminder.objects.values_list("document_id", flat=True))
    asked = later.lines.filter(pl.col("document_id").is_in(list(drawn)))
    # those held back once are not drawn again
    assert set(asked["document_id"]) == drawn
    assert set(asked["propensity_percent"]) == {100}
    assert set(asked["step_code"]) == {"R+8"}


def test_a_formal_notice_and_the_reminder_it_needs_are_never_held_back(debtors):
    found = situation(company=debtors, on=DAY_AFTER)
    straight = replace(
        DEFAULT_POLICY, steps=(Step(1, "reminder_1"), Step(15, FORMAL_NOTICE, approval="person"))
    )
    found = replace(
        found,
        policies=dict.fromkeys(found.policies, straight),
        hold_out=HoldOut(percent=50, max_amount_cents=10**9, seed=1),
    )
    first = plan(situation=found, on=DAY_AFTER)
    assert len(first.lines) == COUNT
    assert first.held_out.is_empty()
    done = first.lines.select(
        "document_id", "position", pl.lit(1, pl.Int64).alias("done_offset_days"), done_date=pl.lit(DAY_AFTER), reminded_date=pl.lit(DAY_AFTER)
    )  # fmt: skip
    notice = plan(situation=replace(found, done=done), on=DUE + timedelta(days=20))
    assert set(notice.actions["template"]) == {FORMAL_NOTICE}
    assert notice.held_out.is_empty()


def test_large_amounts_are_always_reminded(debtors):
    allowed(debtors, max_amount_cents=9_999)
    assert run_dunning(company=debtors, on=DAY_AFTER, actor="t").messages == COUNT
    assert set(Reminder.objects.values_list("propensity_percent", flat=True)) == {100}


@pytest.mark.parametrize(("percent", "cents"), [(-1, 0), (51, 0), (10, -1)])
def test_at_most_half_can_be_held_back(company, percent, cents):
    with pytest.raises(UnableToAllowHoldOut):
        allow_hold_out(company=company, percent=percent, max_amount_cents=cents, actor="t")


def test_the_seed_stays_and_changes_are_told(company):
    seed = allow_hold_out(company=company, percent=10, max_amount_cents=1, actor="user:1").seed
    assert allow_hold_out(company=company, percent=20, max_amount_cents=1, actor="user:1").seed == seed
    told = JournalEntry.objects.filter(action="hold_out.changed").values_list("data__percent", flat=True)
    assert list(told) == [10, 20]


def test_draws_are_even_and_do_not_hang_together():
    count = 100_000
    documents = pl.Series(np.arange(count))
    zero = pl.Series(np.zeros(count, dtype=np.int64))
    first = draws(seed=7, document_ids=documents, positions=zero, offset_days=zero + 1)
    second = draws(seed=7, document_ids=documents, positions=zero, offset_days=zero + 8)
    for drawn in (first, second):
        assert abs((drawn < 10).mean() - 0.1) < 0.005
    assert abs(((first < 10) & (second < 10)).mean() - 0.01) < 0.002
    assert first.to_list()[:5] == draws(
        seed=7, document_ids=documents.head(5), positions=zero.head(5), offset_days=zero.head(5) + 1
    ).to_list(), "whatever else is drawn"  # fmt: skip
