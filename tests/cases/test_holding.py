"""Each case holds exactly what it concerns: at planning, and again when a message is about to leave."""

from datetime import UTC, date, datetime

import pytest

from encours.actions.agree_plan import agree_plan
from encours.actions.end_plan import end_plan
from encours.actions.open_dispute import open_dispute
from encours.actions.record_promise import record_promise
from encours.actions.resolve_dispute import resolve_dispute
from encours.actions.run_dunning import plan_dunning, run_dunning
from encours.actions.withdraw_promise import withdraw_promise
from encours.core.cases.plans import Part
from encours.core.dunning import held_sentence
from encours.store.models import Message, Promise
from tests import cast
from tests.cases.stories import bank_known, day, pays
from tests.dunning.conftest import approve_all, send

NOON = datetime(2026, 3, 20, 12, tzinfo=UTC)


@pytest.fixture
def lefevre(company):
    return cast.late_payer(company)


@pytest.fixture
def invoices(company, lefevre):
    """Three that fell due on 4 February."""
    return [
        cast.invoice(company, lefevre, f"FA-{n}", payable_cents=100_00, issue_date=date(2026, 1, 5))
        for n in (1, 2, 3)
    ]


def asked(company, on) -> dict[str, int]:
    """What the plan of a day asks for, by the invoice's number."""
    lines = plan_dunning(company=company, on=on).lines
    numbers = dict(cast.Document.objects.values_list("pk", "number"))
    return {numbers[row["document_id"]]: row["amount_cents"] for row in lines.iter_rows(named=True)}


def held(company, on, language="en") -> dict[str, str]:
    """Why the plan of a day asks for nothing, by number."""
    numbers = dict(cast.Document.objects.values_list("pk", "number"))
    found = plan_dunning(company=company, on=on).held
    return {
        numbers[row["document_id"]]: held_sentence(row).say(language) for row in found.iter_rows(named=True)
    }


def dispute(company, document, **details):
    return open_dispute(
        company=company, customer_id=document.customer_id, document_id=document.pk, actor="test",
        **({"reason_code": "QTE_ERR", "on": day(10)} | details),
    )  # fmt: skip


def promise(company, documents, promised_date, **details):
    return record_promise(
        company=company, customer_id=documents[0].customer_id, document_ids=[each.pk for each in documents],
        promised_date=promised_date, actor="test", **({"on": day(10)} | details),
    )  # fmt: skip


def agreed(company, documents, instalments, **details):
    return agree_plan(
        company=company, customer_id=documents[0].customer_id, document_ids=[each.pk for each in documents],
        instalments=[Part(*each) for each in instalments], actor="test", **({"on": day(10)} | details),
    )  # fmt: skip


# -- disputes


def test_a_disputed_invoice_is_not_reminded_and_the_others_are(company, invoices):
    dispute(company, invoices[0])
    assert asked(company, day(11)) == {"FA-2": 100_00, "FA-3": 100_00}
    assert held(company, day(11)) == {"FA-1": "In dispute since 10 Mar 2026: wrong quantity"}
    assert held(company, day(11), "fr") == {
        "FA-1": "En litige depuis le 10/03/2026 : quantité facturée erronée"
    }


def test_what_is_not_disputed_of_an_invoice_is_reminded(company, invoices):
    dispute(company, invoices[0], disputed_cents=40_00)
    assert asked(company, day(11)) == {"FA-1": 60_00, "FA-2": 100_00, "FA-3": 100_00}


def test_once_the_rest_is_paid_only_the_disputed_part_is_left_and_held(company, lefevre, invoices):
    dispute(company, invoices[0], disputed_cents=40_00)
    pays(company, lefevre, 60_00, day(11), invoices[0])
    assert "FA-1" not in asked(company, day(12))
    assert held(company, day(12))["FA-1"].startswith("In dispute")
    pays(company, lefevre, 10_00, day(12), invoices[0])
    assert "FA-1" not in asked(company, day(13))


def test_the_disputed_part_of_an_invoice_in_instalments_is_that_of_the_earliest(company, lefevre):
    split = cast.invoice(
        company, lefevre, "FA-9", payable_cents=90_00, issue_date=date(2026, 1, 5),
        instalments=[(date(2026, 2, 4), 30_00), (date(2026, 2, 20), 60_00)],
    )  # fmt: skip
    dispute(company, split, disputed_cents=50_00)
    lines = plan_dunning(company=company, on=day(11)).lines
    assert lines.select("position", "amount_cents").rows() == [(2, 40_00)]


def test_a_resolved_dispute_is_reminded_again(company, invoices):
    opened = dispute(company, invoices[0])
    resolve_dispute(
        company=company, dispute_id=opened.pk, outcome="rejected", note="", on=day(20), now=NOON, actor="test"
    )
    assert asked(company, day(20)) == {"FA-1": 100_00, "FA-2": 100_00, "FA-3": 100_00}


def test_a_credit_covers_what_nobody_disputes_first(company, lefevre, invoices):
    dispute(company, invoices[0])
    cast.receipt(company, lefevre, amount_cents=100_00, received_date=day(10))
    assert asked(company, day(11)) == {"FA-3": 100_00}


# -- promises


def test_what_is_promised_is_not_reminded_until_its_day_and_grace_are_over(company, invoices):
    promise(company, invoices[:1], day(13))
    assert held(company, day(16)) == {"FA-1": "Payment promised for 13 Mar 2026, awaited until 16 Mar 2026"}
    assert asked(company, day(16)) == {"FA-2": 100_00, "FA-3": 100_00}
    assert asked(company, day(17)) == {"FA-1": 100_00, "FA-2": 100_00, "FA-3": 100_00}


def test_a_promise_of_a_part_holds_the_whole_of_what_it_names(company, invoices):
    promise(company, invoices[:2], day(13), amount_cents=50_00)
    assert asked(company, day(12)) == {"FA-3": 100_00}


def test_a_promise_holds_as_long_as_the_bank_is_not_known_up_to_its_last_day(company, invoices):
    promise(company, invoices[:1], day(13))
    bank_known(company, day(15))
    assert "FA-1" not in asked(company, day(18))
    assert held(company, day(18))["FA-1"] == (
        "Payment promised for 13 Mar 2026: the bank is not known up to 16 Mar 2026 yet"
    )
    bank_known(company, day(16))
    assert asked(company, day(18))["FA-1"] == 100_00


def test_a_kept_promise_of_a_part_leaves_the_rest_to_be_reminded(company, lefevre, invoices):
    made = promise(company, invoices[:1], day(20), amount_cents=50_00)
    pays(company, lefevre, 50_00, day(12), invoices[0])
    run = run_dunning(company=company, on=day(13), actor="test")
    made.refresh_from_db()
    assert made.state == Promise.State.KEPT
    assert dict(run.plan.lines.select("document_id", "amount_cents").iter_rows())[invoices[0].pk] == 50_00


def test_a_withdrawn_promise_holds_nothing(company, invoices):
    made = promise(company, invoices[:1], day(13))
    withdraw_promise(company=company, promise_id=made.pk, on=day(11), actor="test")
    assert asked(company, day(11))["FA-1"] == 100_00


# -- plans


def test_planned_invoices_are_not_reminded_while_the_plan_is_kept(company, lefevre, invoices):
    agreed(company, invoices[:2], [(day(15), 100_00), (day(25), 100_00)])
    assert asked(company, day(11)) == {"FA-3": 100_00}
    assert (
        held(company, day(11))["FA-1"] == "Payment plan agreed on 10 Mar 2026: next instalment on 15 Mar 2026"
    )
    run_dunning(company=company, on=day(18), actor="test")
    assert held(company, day(18))["FA-2"] == (
        "Payment plan agreed on 10 Mar 2026: the instalment of 15 Mar 2026 has not come yet, awaited until 20 Mar 2026"
    )
    pays(company, lefevre, 100_00, day(18), invoices[0])
    run_dunning(company=company, on=day(22), actor="test")
    assert held(company, day(22))["FA-2"].endswith("next instalment on 25 Mar 2026")


def test_a_missed_instalment_makes_everything_due_at_once(company, invoices):
    plan = agreed(company, invoices[:2], [(day(15), 100_00), (day(25), 100_00)])
    run = run_dunning(company=company, on=day(21), actor="test")
    plan.refresh_from_db()
    assert (plan.state, plan.missed_date) == ("broken", day(15))
    assert run.plan.lines["amount_cents"].sum() == 300_00


def test_or_only_what_was_missed_until_it_is_paid(company, lefevre, invoices):
    plan = agreed(
        company, invoices[:2], [(day(15), 50_00), (day(25), 150_00)], when_broken="missed_due"
    )  # fmt: skip
    run_dunning(company=company, on=day(21), actor="test")
    assert asked(company, day(21)) == {}  # a message waits for approval: it asks for what was missed
    message = Message.objects.get()
    assert message.amount_cents == 150_00  # 50.00 missed, 100.00 of the invoice outside the plan
    pays(company, lefevre, 50_00, day(21), invoices[0])
    run_dunning(company=company, on=day(22), actor="test")
    plan.refresh_from_db()
    assert (plan.state, plan.settled_cents) == ("agreed", 50_00)


def test_an_ended_plan_holds_nothing(company, invoices):
    plan = agreed(company, invoices, [(day(15), 300_00)])
    end_plan(company=company, plan_id=plan.pk, note="vente du fonds", on=day(12), actor="test")
    assert len(asked(company, day(12))) == 3


# -- at sending


@pytest.mark.parametrize("case", ["dispute", "promise", "plan"])
def test_what_came_between_the_plan_and_the_sending_is_left_out(
    company, lefevre, invoices, post_office, case
):
    run_dunning(company=company, on=day(11), actor="test")
    approve_all(company)
    if case == "dispute":
        dispute(company, invoices[0], on=day(11))
    elif case == "promise":
        promise(company, invoices[:1], day(20), on=day(11))
    else:
        agreed(company, invoices[:1], [(day(20), 100_00)], on=day(11))
    send(company, day(11))
    assert Message.objects.get().amount_cents == 200_00
    (mail,) = post_office.taken
    text = mail.get_body(("plain",)).get_content()
    assert "FA-2" in text
    assert "FA-1" not in text


def test_a_message_all_of_which_was_promised_does_not_leave(company, invoices, post_office):
    run_dunning(company=company, on=day(11), actor="test")
    approve_all(company)
    promise(company, invoices, day(20), on=day(11))
    assert send(company, day(11)).cancelled == 1
    assert Message.objects.get().reason["code"] == "dunning.promised"


def test_what_is_left_beside_a_dispute_is_asked_for_at_sending(company, invoices, post_office):
    run_dunning(company=company, on=day(11), actor="test")
    approve_all(company)
    dispute(company, invoices[0], disputed_cents=40_00, on=day(11))
    send(company, day(11))
    assert Message.objects.get().amount_cents == 260_00
