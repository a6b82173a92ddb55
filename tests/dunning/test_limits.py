"""The plan at its limits: contacts in a week, the level of a message for several receivables, other people's public
holidays, and what follows the last step.

Monday 2 March 2026 is the day on which most is due.
"""

from datetime import UTC, date, datetime, timedelta

import pytest

from encours.actions.record_contact import record_contact
from encours.actions.run_dunning import plan_dunning, run_dunning
from encours.actions.save_policy import save_policy
from encours.core.business_days import REGIONS, holiday_region, public_holidays
from encours.core.dunning import held_sentence
from encours.core.dunning.policy import Policy, Step, Window
from encours.queries.business_days import days_off
from encours.store.models import Customer, Message
from tests import cast
from tests.dunning.conftest import approve_all, at, bank_known, send

DUE = date(2026, 3, 2)


@pytest.fixture
def lefevre(company) -> Customer:
    return cast.late_payer(company)


def invoice(company, customer, number, *, cents, due=DUE):
    return cast.invoice(
        company, customer, number, payable_cents=cents, issue_date=due - timedelta(30), due_date=due
    )


def in_force(company, *steps: Step, **details) -> None:
    policy = Policy("standard", "Essai", details.pop("min_gap_days", 1), 1_000, steps, **details)
    save_policy(company=company, policy=policy, is_default=True, actor="t")


def called(company, customer, day: date) -> None:
    now = datetime.combine(day, datetime.min.time(), UTC)
    record_contact(company=company, customer_id=customer.pk, on=day, now=now, note="appel", actor="t")


def held_on(company, on: date) -> list[str]:
    held = plan_dunning(company=company, on=on).held
    return [held_sentence(row).say("en") for row in held.iter_rows(named=True)]


# -- contacts in a week


def test_after_so_many_contacts_in_seven_days_a_customer_is_left_in_peace(company, lefevre):
    invoice(company, lefevre, "FA-1", cents=120_000)
    in_force(company, Step(1, "reminder_1"), max_contacts_per_week=2)
    called(company, lefevre, date(2026, 2, 26))
    called(company, lefevre, date(2026, 3, 2))
    assert held_on(company, date(2026, 3, 4)) == ["Enough contacts within seven days: not before 5 Mar 2026"]
    assert plan_dunning(company=company, on=date(2026, 3, 5)).actions["step_code"].to_list() == ["R+1"]


def test_two_contacts_on_a_day_are_one_day_of_contact(company, lefevre):
    invoice(company, lefevre, "FA-1", cents=120_000)
    in_force(company, Step(1, "reminder_1"), max_contacts_per_week=2)
    called(company, lefevre, date(2026, 3, 2))
    called(company, lefevre, date(2026, 3, 2))
    assert held_on(company, date(2026, 3, 4)) == []


def test_without_a_cap_only_the_gap_counts(company, lefevre):
    invoice(company, lefevre, "FA-1", cents=120_000)
    in_force(company, Step(1, "reminder_1"), max_contacts_per_week=0)
    for back in (2, 3, 4, 5, 6):
        called(company, lefevre, date(2026, 3, 4) - timedelta(back))
    assert held_on(company, date(2026, 3, 4)) == []


def test_a_call_made_after_the_plan_counts_when_the_message_is_about_to_leave(company, lefevre, post_office):
    invoice(company, lefevre, "FA-1", cents=120_000)
    in_force(company, Step(1, "reminder_1"), max_contacts_per_week=2)
    bank_known(company, date(2026, 3, 4))
    called(company, lefevre, date(2026, 2, 27))
    run_dunning(company=company, on=date(2026, 3, 3), actor="t")
    approve_all(company)
    called(company, lefevre, date(2026, 3, 2))
    assert send(company, date(2026, 3, 4)).cancelled == 1
    assert post_office.taken == []


# -- one level for several receivables


@pytest.fixture
def small_and_old(company, lefevre):
    """20 € late since three weeks, 5 000 € since yesterday."""
    invoice(company, lefevre, "FA-OLD", cents=2_000, due=date(2026, 2, 9))
    invoice(company, lefevre, "FA-NEW", cents=500_000, due=date(2026, 3, 2))


STEPS = (Step(1, "reminder_1"), Step(8, "reminder_2"))


@pytest.mark.usefixtures("small_and_old")
def test_the_oldest_brings_the_level_unless_the_policy_says_otherwise(company):
    in_force(company, *STEPS)
    planned = plan_dunning(company=company, on=date(2026, 3, 3))
    assert planned.actions["step_code"].to_list() == ["R+8"]
    assert sorted(planned.lines["step_code"]) == ["R+1", "R+8"]


@pytest.mark.usefixtures("small_and_old")
def test_the_level_of_the_amounts_is_the_step_for_which_most_money_is_due(company):
    in_force(company, *STEPS, level="amount")
    planned = plan_dunning(company=company, on=date(2026, 3, 3))
    action = planned.actions.row(0, named=True)
    assert (action["step_code"], action["amount_cents"], action["template"]) == (
        "R+1",
        502_000,
        "reminder_1",
    )
    assert planned.lines["step_code"].to_list() == ["R+1", "R+1"]


@pytest.mark.usefixtures("small_and_old")
def test_what_had_that_level_already_waits_for_a_message_at_its_own(company, lefevre, live):
    in_force(company, *STEPS, level="amount")
    bank_known(company, date(2026, 3, 31))
    live(date(2026, 2, 10))
    assert Message.objects.get(state="sent").step_code == "R+1"
    planned = plan_dunning(company=company, on=date(2026, 3, 3))
    assert planned.lines["amount_cents"].to_list() == [500_000]
    assert held_on(company, date(2026, 3, 3)) == [
        "The message is at step R+1, where most money is due, which this document had already"
    ]
    live(date(2026, 3, 3))
    assert plan_dunning(company=company, on=date(2026, 3, 10)).lines["step_code"].to_list() == ["R+8", "R+8"]


def test_what_is_not_yet_due_never_gives_the_level_to_what_is_late(company, lefevre):
    invoice(company, lefevre, "FA-LATE", cents=2_000, due=date(2026, 3, 1))
    invoice(company, lefevre, "FA-SOON", cents=500_000, due=date(2026, 3, 8))
    in_force(company, Step(-7, "courtesy"), *STEPS, level="amount")
    planned = plan_dunning(company=company, on=date(2026, 3, 3))
    assert planned.actions["step_code"].to_list() == ["R+1"]
    assert sorted(planned.lines["step_code"]) == ["J-7", "R+1"]


# -- public holidays


def test_alsace_and_the_overseas_parts_have_days_of_their_own():
    good_friday, boxing_day = date(2026, 4, 3), date(2026, 12, 26)
    assert {good_friday, boxing_day} <= days_off(country="FR", postcode="67000", on=DUE)
    assert {good_friday, boxing_day} <= days_off(country="FR", postcode="57000", on=DUE)
    assert good_friday not in days_off(country="FR", postcode="54000", on=DUE)
    abolition = {"97110": (5, 27), "97200": (5, 22), "97300": (6, 10), "97400": (12, 20), "97600": (4, 27)}
    for postcode, (month, day) in abolition.items():
        assert date(2026, month, day) in days_off(country="FR", postcode=postcode, on=DUE)
    assert date(2026, 5, 22) in days_off(country="MQ", on=DUE)


@pytest.mark.parametrize("region", sorted({*REGIONS.values(), "FR"}))
def test_every_part_keeps_the_eleven_of_the_whole_country(region):
    postcode = next((start for start, known in REGIONS.items() if known == region), "75").ljust(5, "0")
    assert holiday_region(country="FR", postcode=postcode) == region
    assert public_holidays(2026) <= days_off(country="FR", postcode=postcode, on=DUE)


def test_a_country_nobody_knows_has_no_holidays():
    assert days_off(country="XX", on=DUE) == frozenset()


def test_a_message_waits_for_the_end_of_a_holiday_at_the_customers(company):
    """Friday 3 April 2026 is a holiday in Strasbourg and none in Lyon; Monday 6 April, of Easter, is one everywhere."""
    for code, postcode in (("STR", "67000"), ("LYO", "69002")):
        customer = cast.customer(company, code, code, email=f"{code}@example.org")
        Customer.objects.filter(pk=customer.pk).update(postcode=postcode)
        invoice(company, customer, f"FA-{code}", cents=50_000, due=date(2026, 4, 2))
    in_force(company, Step(1, "reminder_1"))
    planned = plan_dunning(company=company, on=date(2026, 4, 3)).actions.sort("planned_date")
    assert planned["planned_date"].to_list() == [date(2026, 4, 3), date(2026, 4, 7)]


def test_the_holiday_of_the_customer_and_the_days_of_the_window_both_count(company, lefevre):
    Customer.objects.filter(pk=lefevre.pk).update(postcode="67000")
    invoice(company, lefevre, "FA-1", cents=50_000, due=date(2026, 4, 2))
    in_force(company, Step(1, "reminder_1", window=Window(days=("monday", "friday"))))
    planned = plan_dunning(company=company, on=date(2026, 4, 3)).actions
    assert planned["planned_date"].to_list() == [date(2026, 4, 10)]


def test_a_company_in_strasbourg_keeps_its_own_holidays(company, lefevre, post_office):
    company.postcode = "67000"
    company.save(update_fields=["postcode"])
    invoice(company, lefevre, "FA-1", cents=50_000, due=date(2026, 4, 2))
    run_dunning(company=company, on=date(2026, 4, 3), actor="t")
    assert Message.objects.get().planned_date == date(2026, 4, 7)
    approve_all(company)
    refused = send(company, date(2026, 4, 3), now=at(date(2026, 4, 3)))
    assert [problem.sentence.code for problem in refused.problems] == ["message.day_off"]


def test_a_message_that_was_left_over_does_not_leave_on_a_holiday_at_the_customers(
    company, lefevre, post_office
):
    """Planned for Thursday, sent on Friday 3 April 2026: in Strasbourg nobody works, in Lyon they do."""
    Customer.objects.filter(pk=lefevre.pk).update(postcode="67000")
    lyon = cast.customer(company, "LYO", "Lyon SA", email="lyo@example.org")
    Customer.objects.filter(pk=lyon.pk).update(postcode="69002")
    for customer in (lefevre, lyon):
        invoice(company, customer, f"FA-{customer.code}", cents=50_000, due=date(2026, 4, 1))
    in_force(company, Step(1, "reminder_1"))
    bank_known(company, date(2026, 4, 7))
    run_dunning(company=company, on=date(2026, 4, 2), actor="t")
    approve_all(company)
    friday = send(company, date(2026, 4, 3))
    assert friday.sent == 1
    assert ["lyo@example.org" in mail["To"] for mail in post_office.taken] == [True]
    assert "message.holiday_there" in [problem.sentence.code for problem in friday.problems]
    assert send(company, date(2026, 4, 7)).sent == 1


# -- the end of a cycle


def test_after_the_last_step_a_person_decides(company, lefevre, live):
    invoice(company, lefevre, "FA-1", cents=50_000)
    in_force(company, Step(1, "reminder_1"))
    bank_known(company, date(2026, 3, 31))
    assert plan_dunning(company=company, on=date(2026, 3, 3)).ended.is_empty()
    run_dunning(company=company, on=date(2026, 3, 3), actor="t")
    assert plan_dunning(company=company, on=date(2026, 3, 3)).ended.is_empty(), "it has not left yet"
    live(date(2026, 3, 3))
    ended = plan_dunning(company=company, on=date(2026, 3, 4)).ended
    assert ended.select("remaining_cents", "step_code", "done_date").rows() == [
        (50_000, "R+1", date(2026, 3, 3))
    ]
