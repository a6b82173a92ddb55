"""What versions of a policy say otherwise, and a change of policies that is looked at before it takes effect."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import polars as pl
import pytest

from encours.actions.assign_policy import assign_policy
from encours.actions.preview_policy_change import (
    PolicyChange,
    UnableToPreviewPolicy,
    apply_policy_preview,
    ask_for_policy_preview,
    discard_policy_preview,
    make_policy_preview,
)
from encours.actions.save_policy import UnableToSavePolicy, save_policy
from encours.actions.switch_off_policy import UnableToSwitchOffPolicy, switch_off_policy
from encours.core.dunning import DEFAULT_POLICY, Step
from encours.core.dunning.changes import differences
from encours.core.dunning.comparison import compare_ahead
from encours.core.dunning.conditions import Comparison
from encours.core.dunning.simulation import MESSAGES
from encours.queries.policies import active_policy, policy_rows, switched_off_rows
from encours.queries.policy_choices import applied_to_customer, applied_to_document, reach, segment_rows
from encours.queries.policy_previews import changed_messages_page, policy_preview
from encours.store.models import Customer, JournalEntry, Message, Policy, PolicyAssignment, PolicyPreview
from tests import cast

ON = date(2026, 3, 10)
COURTESY, FIRST, SECOND, FORMAL = DEFAULT_POLICY.steps
LATER = replace(DEFAULT_POLICY, steps=(COURTESY, replace(FIRST, days=3), SECOND, FORMAL))


# -- differences


def said(before: Any, after: Any) -> list[tuple[str, str]]:
    return [(each.step, each.key) for each in differences(before=before, after=after)]


def test_the_same_policy_says_nothing_otherwise():
    assert said(DEFAULT_POLICY, replace(DEFAULT_POLICY)) == []


def test_what_concerns_the_policy_comes_first_then_each_step_in_its_order():
    condition = Comparison("amount", "at_least", 50_000)
    after = replace(
        DEFAULT_POLICY,
        min_gap_days=9,
        steps=(COURTESY, FIRST, replace(SECOND, channels=("email", "letter"), condition=condition), FORMAL),
    )
    assert said(DEFAULT_POLICY, after) == [
        ("", "min_gap_days"), ("R+8", "channels"), ("R+8", "condition"),
    ]  # fmt: skip


def test_a_step_that_only_moved_is_told_as_moved_and_others_as_added_or_taken_out():
    after = replace(DEFAULT_POLICY, steps=(replace(FIRST, days=3), SECOND, Step(30, "reminder_3")))
    found = differences(before=DEFAULT_POLICY, after=after)
    assert [(each.step, each.key) for each in found] == [
        ("J-7", "step"), ("R+3", "code"), ("R+15", "step"), ("R+30", "step"),
    ]  # fmt: skip
    assert [each.before is None for each in found] == [False, False, False, True]
    assert (found[1].before, found[1].after) == ("R+1", "R+3")


# -- comparison


def messages(*rows: tuple[int, date, str, int]) -> pl.DataFrame:
    return pl.DataFrame(
        [
            {
                "message": number, "planned_on": day, "sent_date": day, "customer_id": customer, "currency": "EUR",
                "channel": "email", "policy_id": 1, "step_code": step, "template": "reminder_1", "approval": "batch",
                "amount_cents": cents, "document_count": 1,
            }
            for number, (customer, day, step, cents) in enumerate(rows)
        ],
        schema=MESSAGES,
    )  # fmt: skip


def test_of_each_customer_the_first_message_that_differs_is_told():
    later = ON + timedelta(days=7)
    before = messages((1, ON, "R+1", 100), (1, later, "R+8", 100), (2, ON, "R+1", 100), (3, ON, "R+1", 5))
    after = messages((1, ON, "R+1", 100), (1, later, "R+15", 100), (4, ON, "R+1", 100), (3, later, "R+1", 5))
    found = compare_ahead(before=before, after=after)
    assert found.select("customer_id", "change", "step_code", "new_step_code").rows() == [
        (4, "new", None, "R+1"),
        (2, "gone", "R+1", None),
        (1, "step", "R+8", "R+15"),
        (3, "day", "R+1", "R+1"),
    ]


def test_one_message_more_at_the_end_is_more():
    one = messages((1, ON, "R+1", 100))
    two = messages((1, ON, "R+1", 100), (1, ON + timedelta(days=9), "R+8", 100))
    assert compare_ahead(before=one, after=two)["change"].to_list() == ["new"]
    assert compare_ahead(before=two, after=one)["change"].to_list() == ["gone"]
    assert compare_ahead(before=one, after=one).is_empty()


# -- asked for, looked at, carried out


@pytest.fixture
def late(company: Any) -> Customer:
    customer = cast.late_payer(company)
    cast.invoice(
        company, customer, "FA-1", payable_cents=100_000, issue_date=ON - timedelta(days=31), due_date=ON
    )
    return customer


def asked(company: Any, change: PolicyChange, actor: str = "user:1") -> PolicyPreview:
    return ask_for_policy_preview(company=company, change=change, on=ON, actor=actor)


def test_a_small_company_sees_at_once_who_is_reminded_otherwise(company: Any, late: Customer):
    preview = asked(company, PolicyChange("version", policy=LATER))
    assert preview.state == "done"
    page = changed_messages_page(company=company, preview_id=preview.pk, number=1, size=50)
    [row] = page.rows
    assert (row.customer_id, row.change) == (late.pk, "step")
    assert row.before is not None
    assert row.after is not None
    assert (row.before["step_code"], row.after["step_code"]) == ("R+1", "R+3")
    # a business day later each, for who approves; 13 March is a Friday
    days = [each["planned_date"] for each in (row.before, row.after)]
    assert days == [date(2026, 3, 12), date(2026, 3, 16)]
    # nothing but the preview is written
    assert not Message.objects.exists()
    assert [each.version for each in policy_rows(company=company)] == [1]


def test_it_is_carried_out_as_it_was_looked_at_and_journaled(company: Any, late: Customer):
    preview = asked(company, PolicyChange("version", policy=LATER))
    apply_policy_preview(company=company, preview_id=preview.pk, actor="user:1")
    [row] = policy_rows(company=company)
    assert (row.version, row.policy, row.is_default) == (2, LATER, True)
    assert JournalEntry.objects.get(action="policy.changed").actor == "user:1"
    assert not PolicyPreview.objects.exists()
    with pytest.raises(UnableToPreviewPolicy):
        apply_policy_preview(company=company, preview_id=preview.pk, actor="user:1")


def test_another_version_saved_meanwhile_is_said_and_nothing_is_lost(company: Any, late: Customer):
    mine = asked(company, PolicyChange("version", policy=LATER))
    theirs = replace(DEFAULT_POLICY, min_gap_days=9)
    save_policy(company=company, policy=theirs, actor="user:2")
    with pytest.raises(UnableToSavePolicy) as refused:
        apply_policy_preview(company=company, preview_id=mine.pk, actor="user:1")
    assert refused.value.sentence.params["version"] == 2
    found = policy_preview(company=company, preview_id=mine.pk)
    assert found is not None
    assert (found.base_version, found.newer_version, found.is_outdated) == (1, 2, True)
    # compared again, against theirs, it can be carried out
    again = asked(company, PolicyChange("version", policy=LATER))
    apply_policy_preview(company=company, preview_id=again.pk, actor="user:1")
    assert policy_rows(company=company)[0].version == 3


def test_what_two_people_want_waits_side_by_side(company: Any, late: Customer):
    first = asked(company, PolicyChange("version", policy=LATER))
    second = asked(company, PolicyChange("version", policy=replace(LATER, min_gap_days=9)), actor="user:2")
    assert PolicyPreview.objects.count() == 2
    asked(company, PolicyChange("version", policy=replace(LATER, min_gap_days=8)), actor="user:2")
    assert set(PolicyPreview.objects.values_list("pk", flat=True)) > {first.pk}
    assert second.pk not in set(PolicyPreview.objects.values_list("pk", flat=True))
    assert discard_policy_preview(company=company, preview_id=first.pk)
    assert not discard_policy_preview(company=company, preview_id=first.pk)


def test_what_changes_nothing_is_not_compared(company: Any):
    with pytest.raises(UnableToPreviewPolicy):
        asked(company, PolicyChange("version", policy=DEFAULT_POLICY))


def test_a_new_policy_changes_nothing_until_it_is_chosen(company: Any, late: Customer):
    new = replace(LATER, slug="rare", steps=(replace(FORMAL, days=60),))
    preview = asked(company, PolicyChange("version", policy=new))
    assert sum(preview.change_counts.values()) == 0
    apply_policy_preview(company=company, preview_id=preview.pk, actor="user:1")
    for kind, change in (
        ("segment", PolicyChange("segment", slug="rare", segment=late.segment)),
        ("default", PolicyChange("default", slug="rare")),
    ):
        found = asked(company, change)
        assert sum(found.change_counts.values()) == 1, kind
        # as if: rolled back
        assert active_policy(company=company, slug="standard").is_default  # type: ignore[union-attr]
        assert not PolicyAssignment.objects.exists()


def test_a_policy_switched_off_leaves_those_who_have_it_to_the_next_in_line(company: Any, late: Customer):
    rare = replace(LATER, slug="rare", steps=(replace(FIRST, days=25),))
    save_policy(company=company, policy=rare, actor="test")
    assign_policy(company=company, slug="rare", customer=late.code, actor="test")
    applied = applied_to_customer(company=company, customer_id=late.pk)
    assert applied is not None
    assert (applied.slug, applied.why) == ("rare", "customer")
    preview = asked(company, PolicyChange("off", slug="rare"))
    assert sum(preview.change_counts.values()) == 1
    assert (preview.current_counts["customers"], preview.wanted_counts["customers"]) == (1, 0)
    apply_policy_preview(company=company, preview_id=preview.pk, actor="user:1")
    applied = applied_to_customer(company=company, customer_id=late.pk)
    assert applied is not None
    assert (applied.slug, applied.why, applied.own_slug, applied.own_is_off) == (
        "standard", "company", "rare", True,
    )  # fmt: skip
    [off] = switched_off_rows(company=company)
    assert (off.policy.slug, off.customers) == ("rare", 1)
    assert JournalEntry.objects.filter(action="policy.switched_off").count() == 1
    # any version of it made current again applies to them again
    back = asked(company, PolicyChange("version", policy=rare))
    assert sum(back.change_counts.values()) == 1
    apply_policy_preview(company=company, preview_id=back.pk, actor="user:1")
    assert switched_off_rows(company=company) == []
    assert applied_to_customer(company=company, customer_id=late.pk).slug == "rare"  # type: ignore[union-attr]


def test_the_companys_policy_is_never_switched_off(company: Any):
    with pytest.raises(UnableToSwitchOffPolicy):
        switch_off_policy(company=company, slug="standard", actor="test")
    with pytest.raises(UnableToPreviewPolicy):
        asked(company, PolicyChange("off", slug="standard"))
    with pytest.raises(UnableToSwitchOffPolicy):
        switch_off_policy(company=company, slug="nowhere", actor="test")


def test_a_large_company_is_compared_by_a_job_that_may_run_again(
    company: Any, late: Customer, monkeypatch: Any
):
    monkeypatch.setattr("encours.actions.preview_policy_change.AT_ONCE", 0)
    preview = asked(company, PolicyChange("version", policy=LATER))
    assert preview.state == "waiting"
    assert make_policy_preview(company=company, preview_id=preview.pk)
    PolicyPreview.objects.filter(pk=preview.pk).update(state="running")
    assert make_policy_preview(company=company, preview_id=preview.pk)
    assert preview.lines.count() == 1  # type: ignore[attr-defined]
    assert not make_policy_preview(company=company, preview_id=preview.pk)
    preview.refresh_from_db()
    assert preview.done_units == preview.total_units
    preview.delete()
    assert not make_policy_preview(company=company, preview_id=preview.pk or 0)


def test_what_happens_after_a_comparison_makes_it_old(company: Any, late: Customer):
    preview = asked(company, PolicyChange("version", policy=LATER))
    assert not policy_preview(company=company, preview_id=preview.pk).is_of_older_data  # type: ignore[union-attr]
    assign_policy(company=company, slug="standard", customer=late.code, actor="test")
    assert policy_preview(company=company, preview_id=preview.pk).is_of_older_data  # type: ignore[union-attr]


def test_which_policy_applies_and_why(company: Any, late: Customer):
    for slug in ("own", "segment"):
        save_policy(company=company, policy=replace(LATER, slug=slug, name=slug), actor="test")
    document = late.documents.get()  # type: ignore[attr-defined]

    def applied() -> tuple[str, str]:
        found = applied_to_document(company=company, document_id=document.pk)
        assert found is not None
        return found.slug, found.why

    assert applied() == ("standard", "company")
    assign_policy(company=company, slug="segment", segment=late.segment, actor="test")
    assert applied() == ("segment", "segment")
    assign_policy(company=company, slug="own", customer=late.code, actor="test")
    assert applied() == ("own", "customer")
    assign_policy(company=company, slug="segment", document_id=document.pk, actor="test")
    assert applied() == ("segment", "document")
    reached = {Policy.objects.get(pk=key).slug: each for key, each in reach(company=company).items()}
    assert (reached["own"].customers, reached["own"].debtors) == (1, 1)
    [row] = segment_rows(company=company)
    assert (row.segment, row.customers, row.slug, row.is_off) == (late.segment, 1, "segment", False)
