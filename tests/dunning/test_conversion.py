"""How much was paid after a step, how sure that is, and what of it is the step's doing."""

from datetime import date, timedelta

import polars as pl
import pytest

from encours.actions.allocate import Portion, allocate
from encours.core.dunning.conversion import LEAST, STEPS_DONE, conversions, effects, wilson
from encours.queries.conversion import steps_done
from encours.store.models import HeldOutReminder, Message, Policy, Reminder
from tests import cast

DAY = date(2026, 3, 2)
LATER = DAY + timedelta(days=60)


def step(
    document_id: int,
    *,
    paid_after: int | None = None,
    held_out: bool = False,
    percent: int = 90,
    sent: date | None = DAY,
):
    settled = DAY + timedelta(days=paid_after) if paid_after is not None else None
    return (
        document_id, 0, "R+1", "email", "reminder_1", "standard", 1, DAY, None if held_out else sent, percent, held_out, settled,
    )  # fmt: skip


def frame(rows) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=STEPS_DONE, orient="row")


# (paid, count, low, high): Wilson 1927 as tabulated, to four digits
@pytest.mark.parametrize(
    ("paid", "count", "low", "high"),
    [(0, 10, 0.0, 0.2775), (10, 10, 0.7225, 1.0), (5, 10, 0.2366, 0.7634), (81, 263, 0.2553, 0.3662)],
)
def test_wilsons_interval(paid, count, low, high):
    found = wilson(paid=paid, count=count)
    assert (round(found.low, 4), round(found.high, 4)) == (low, high)


def test_paid_within_so_many_days_of_those_whose_days_are_over():
    rows = [step(1, paid_after=3), step(2, paid_after=7), step(3, paid_after=12), step(4)]
    rows.append(step(5, sent=LATER - timedelta(days=10)))  # ten days ago: says nothing about fifteen
    found = {each.days: each.measured for each in conversions(steps=frame(rows), on=LATER)}
    assert {days: (rate.paid, rate.count) for days, rate in found.items()} == {
        7: (2, 5),
        15: (3, 4),
        30: (3, 4),
    }


def test_steps_channels_templates_and_versions_are_apart():
    other = list(step(2))
    other[6] = 2
    found = conversions(steps=frame([step(1), tuple(other)]), on=LATER)
    assert {(each.version, each.measured.count) for each in found} == {(1, 1), (2, 1)}


def test_too_little_is_said_to_be_too_little():
    rows = [step(number, paid_after=1) for number in range(LEAST)]
    rows += [step(100 + number, held_out=True) for number in range(LEAST - 1)]
    found = effects(steps=frame(rows), on=LATER)[0]
    assert found.effect is None
    assert str(LEAST) in found.sentence.say("fr")


def test_the_effect_is_the_difference_with_newcombes_interval():
    """56 of 70 against 48 of 80: 0.2, from 0.0524 to 0.3339 (Newcombe 1998, method 10)."""
    rows = [step(n, paid_after=5 if n < 56 else None) for n in range(70)]
    rows += [step(100 + n, paid_after=5 if n < 48 else None, held_out=True) for n in range(80)]
    found = effects(steps=frame(rows), on=LATER)[0]
    assert found.effect == pytest.approx(0.2)
    assert (round(found.low, 4), round(found.high, 4)) == (0.0524, 0.3339)
    assert found.sentence.code == "conversion.helps"


def test_a_difference_that_chance_explains_is_unclear():
    rows = [step(n, paid_after=5 if n < 20 else None) for n in range(40)]
    rows += [step(100 + n, paid_after=5 if n < 19 else None, held_out=True) for n in range(40)]
    assert effects(steps=frame(rows), on=LATER)[0].sentence.code == "conversion.unclear"


def test_shares_that_changed_are_compared_within_themselves():
    """Simpson: with one share nearly all pay, with the other nearly nobody, and reminders change nothing."""
    rows, number = [], 0
    for percent, sent, held, paid in ((90, 900, 100, 0.9), (50, 500, 500, 0.1)):
        for held_out, count in ((False, sent), (True, held)):
            for rank in range(count):
                rows.append(step(number, percent=percent, held_out=held_out, paid_after=1 if rank < paid * count else None))  # fmt: skip
                number += 1
    assert effects(steps=frame(rows), on=LATER)[0].effect == pytest.approx(0.0)


def test_what_was_sent_without_a_draw_is_no_comparison():
    assert effects(steps=frame([step(1, percent=100)]), on=LATER) == []


def test_a_reminder_called_off_since_the_money_came_counts_for_the_draw():
    """Leaving it out would compare those held back with those who had not paid yet."""
    rows = [step(n, sent=None, paid_after=0) for n in range(LEAST)]
    rows += [step(100 + n, held_out=True, paid_after=0) for n in range(LEAST)]
    assert effects(steps=frame(rows), on=LATER)[0].effect == pytest.approx(0.0)


def test_read_from_what_was_sent_held_back_and_paid(company, other_company):
    debtor, policy = cast.late_payer(company), Policy.objects.get(is_default=True)
    documents = [
        cast.invoice(company, debtor, f"F-{rank}", payable_cents=10_000, issue_date=DAY - timedelta(40))
        for rank in range(3)
    ]
    message = Message.objects.create(
        company=company, customer=debtor, policy=policy, channel="email", template="reminder_1", step_code="R+1",
        currency="EUR", amount_cents=20_000, planned_date=DAY, sent_date=DAY, state="sent", reason={},
    )  # fmt: skip
    for document in documents[:2]:
        Reminder.objects.create(
            company=company, customer=debtor, message=message, document=document, due_date=DAY, step_code="R+1",
            amount_cents=10_000, propensity_percent=90,
        )  # fmt: skip
    HeldOutReminder.objects.create(
        company=company, customer=debtor, document=documents[2], policy=policy, step_code="R+1", template="reminder_1",
        channel="email", amount_cents=10_000, planned_date=DAY, propensity_percent=90,
    )  # fmt: skip
    receipt = cast.receipt(company, debtor, amount_cents=10_000, received_date=DAY + timedelta(5))
    allocate(
        company=company, portions=[Portion(documents[0].pk, 10_000)], payment_id=receipt.pk, on=LATER, actor="t"
    )  # fmt: skip
    note = cast.credit_note(company, debtor, "AV", payable_cents=10_000, issue_date=DAY + timedelta(2))
    allocate(
        company=company, portions=[Portion(documents[1].pk, 10_000)], credit_note_id=note.pk, on=LATER, actor="t"
    )  # fmt: skip
    found = steps_done(company=company).sort("document_id")
    assert found["settled_date"].to_list() == [DAY + timedelta(5), None, None], "a credit note is no payment"
    assert found["is_held_out"].to_list() == [False, False, True]
    assert found["propensity_percent"].to_list() == [90, 90, 90]
