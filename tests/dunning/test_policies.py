"""Policies in force: versions, whom they apply to, and what a day's plan makes of clocks, conditions and channels.

Ledger of the stories, unless said otherwise: Menuiserie Lefèvre owes FA-1, 1 200,00 €, due Monday 2 March 2026.
"""

from datetime import date, timedelta

import pytest

from encours.actions.allocate import Portion, allocate
from encours.actions.approve_messages import approve_messages
from encours.actions.assign_policy import UnableToAssignPolicy, assign_policy
from encours.actions.cancel_message import cancel_message
from encours.actions.run_dunning import plan_dunning, run_dunning
from encours.actions.save_policy import save_policy
from encours.core.dunning import DEFAULT_POLICY, action_sentence, held_sentence
from encours.core.dunning.conditions import All, Any, Comparison, Condition, Not
from encours.core.dunning.policy import Policy, Step, Window
from encours.core.wording import Sentence
from encours.ports.policy_files import ready_policies
from encours.queries.policies import active_policy, policy_rows, policy_value
from encours.store.models import ChannelConnection, Contact, Customer, Document, JournalEntry, Message
from encours.store.models import Policy as StoredPolicy
from tests import cast
from tests.dunning.conftest import approve_all, at, bank_known, send

DUE = date(2026, 3, 2)


@pytest.fixture
def lefevre(company) -> Customer:
    return cast.late_payer(company)


@pytest.fixture
def fa1(company, lefevre) -> Document:
    return cast.invoice(
        company, lefevre, "FA-1", payable_cents=120_000, issue_date=date(2026, 1, 31), due_date=DUE
    )


def made_of(*steps: Step, slug: str = "standard", min_gap_days: int = 5) -> Policy:
    return Policy(slug, "Essai", min_gap_days, 1_000, steps)


def in_force(company, *steps: Step, **details) -> None:
    save_policy(company=company, policy=made_of(*steps, **details), is_default=True, actor="t")


def steps_on(company, on: date) -> list[str]:
    return plan_dunning(company=company, on=on).actions["step_code"].to_list()


def held_on(company, on: date) -> list[str]:
    return [
        held_sentence(row).say("fr")
        for row in plan_dunning(company=company, on=on).held.iter_rows(named=True)
    ]


# -- versions


def test_the_same_document_twice_makes_no_new_version(company):
    assert save_policy(company=company, policy=DEFAULT_POLICY, actor="t")[1] is False
    assert StoredPolicy.objects.count() == 1


def test_a_change_is_a_new_version_and_reminders_keep_the_one_they_were_planned_under(company, fa1):
    run_dunning(company=company, on=DUE + timedelta(1), actor="t")
    changed = made_of(Step(1, "reminder_1"), Step(20, "reminder_2"))
    saved, is_new = save_policy(company=company, policy=changed, actor="t")
    assert (saved.version, is_new, saved.is_default) == (2, True, True)
    message = Message.objects.get()
    assert message.policy is not None
    assert (message.policy.version, message.policy.is_active) == (1, False)
    assert policy_value(company=company, policy=message.policy) == DEFAULT_POLICY
    assert policy_value(company=company, policy=saved) == changed
    entry = JournalEntry.objects.get(action="policy.changed")
    assert (entry.data["version"], entry.data["steps"]) == (2, ["R+1", "R+20"])


def test_going_back_to_what_an_old_version_said_is_a_new_version(company):
    in_force(company, Step(1, "reminder_1"))
    assert save_policy(company=company, policy=DEFAULT_POLICY, actor="t")[0].version == 3


def test_a_step_done_under_one_version_is_not_done_again_under_the_next(company, fa1, live):
    live(DUE + timedelta(1))
    in_force(company, Step(1, "reminder_1"), Step(9, "reminder_2"))
    assert steps_on(company, DUE + timedelta(7)) == []
    assert steps_on(company, DUE + timedelta(9)) == ["R+9"]


@pytest.mark.parametrize("slug", sorted(ready_policies()))
def test_each_ready_made_policy_is_kept_as_it_is(company, slug):
    saved, _ = save_policy(company=company, policy=ready_policies()[slug], actor="t")
    assert policy_value(company=company, policy=saved) == ready_policies()[slug]


# -- which policy applies


def test_document_before_customer_before_segment_before_company(company, lefevre, fa1):
    for rank, slug in enumerate(("du-segment", "du-client", "de-la-facture"), start=2):
        save_policy(company=company, policy=made_of(Step(rank, "reminder_1"), slug=slug), actor="t")
    on = DUE + timedelta(4)
    assert steps_on(company, on) == ["R+1"]
    assign_policy(company=company, slug="du-segment", segment="PME", actor="t")
    assert steps_on(company, on) == ["R+2"]
    assign_policy(company=company, slug="du-client", customer="C0002", actor="t")
    assert steps_on(company, on) == ["R+3"]
    assign_policy(company=company, slug="de-la-facture", document="FA-1", actor="t")
    assert steps_on(company, on) == ["R+4"]
    rows = {row.policy.slug: row for row in policy_rows(company=company)}
    assert (rows["du-segment"].segments, rows["du-client"].customers, rows["de-la-facture"].documents) == (
        ("PME",),
        1,
        1,
    )
    for target in ({"document": "FA-1"}, {"customer": "C0002"}, {"segment": "PME"}):
        assign_policy(company=company, slug="", **target, actor="t")
    assert steps_on(company, on) == ["R+1"]


def test_a_new_version_keeps_what_the_old_one_applied_to(company, lefevre, fa1):
    save_policy(company=company, policy=made_of(Step(2, "reminder_1"), slug="autre"), actor="t")
    assign_policy(company=company, slug="autre", customer="C0002", actor="t")
    save_policy(company=company, policy=made_of(Step(3, "reminder_1"), slug="autre"), actor="t")
    assert steps_on(company, DUE + timedelta(4)) == ["R+3"]


def test_a_policy_is_chosen_only_for_what_is_there(company, fa1):
    for target, code in (
        ({"slug": "autre", "segment": "PME"}, "policy.not_in_force"),
        ({"slug": "standard", "segment": "pme"}, "policy.no_segment"),
        ({"slug": "standard", "customer": "X"}, "policy.no_customer"),
        ({"slug": "standard", "document": "FA-2"}, "policy.no_document"),
    ):
        with pytest.raises(UnableToAssignPolicy) as refused:
            assign_policy(company=company, actor="t", **target)
        assert refused.value.sentence.code == code


def test_one_message_when_invoices_of_a_customer_have_policies_of_their_own(company, lefevre, fa1, live):
    """And each step is known as done, whichever policy the message is under."""
    cast.invoice(company, lefevre, "FA-2", payable_cents=30_000, issue_date=date(2026, 1, 31), due_date=DUE)
    save_policy(company=company, policy=made_of(Step(3, "reminder_1"), slug="autre"), actor="t")
    assign_policy(company=company, slug="autre", document="FA-2", actor="t")
    on = DUE + timedelta(3)
    found = plan_dunning(company=company, on=on)
    assert found.actions.select("step_code", "amount_cents").rows() == [("R+3", 150_000)]
    assert found.lines.sort("document_id")["step_code"].to_list() == ["R+1", "R+3"]
    assert live(on).sent == 1
    assert steps_on(company, on + timedelta(4)) == []


# -- clocks


def test_a_step_counts_from_the_day_the_one_before_was_sent(company, fa1, live):
    in_force(company, Step(1, "reminder_1"), Step(7, "reminder_2", clock="previous_step"))
    assert steps_on(company, DUE + timedelta(30)) == ["R+1"]  # nothing was sent: the first one goes
    live(DUE + timedelta(4))
    assert steps_on(company, DUE + timedelta(10)) == []
    assert steps_on(company, DUE + timedelta(11)) == ["E+8"]


def test_a_step_that_a_person_let_count_as_done_counts_from_its_day(company, fa1):
    in_force(company, Step(1, "reminder_1"), Step(7, "reminder_2", clock="previous_step"))
    run_dunning(company=company, on=DUE + timedelta(1), actor="t")
    cancel_message(company=company, message_id=Message.objects.get().pk, reason="Appelé", actor="t")
    assert steps_on(company, DUE + timedelta(7)) == []
    assert steps_on(company, DUE + timedelta(8)) == ["E+8"]


def test_a_step_that_does_not_apply_does_not_stop_those_counted_after_it(company, fa1, live):
    in_force(
        company,
        Step(1, "reminder_1"),
        Step(3, "reminder_1", clock="previous_step", condition=Comparison("amount", "below", 50_000)),
        Step(10, "reminder_2", clock="previous_step"),
    )
    live(DUE + timedelta(1))
    assert steps_on(company, DUE + timedelta(10)) == []
    assert steps_on(company, DUE + timedelta(11)) == ["E+14"]


def test_the_end_of_the_month_is_that_of_the_due_date(company, fa1):
    in_force(company, Step(10, "reminder_1", clock="end_of_month"))
    assert steps_on(company, date(2026, 4, 9)) == []
    found = plan_dunning(company=company, on=date(2026, 4, 10)).actions.row(0, named=True)
    assert found["step_code"] == "FM+10"
    assert (
        action_sentence(found).say("fr") == "FM+10 : échéance la plus ancienne le 02/03/2026, 39 j de retard"
    )


# -- conditions


def asks_for(company, condition: Condition) -> bool:
    """Whether FA-1 and its customer meet a condition, ten days after the due date."""
    in_force(company, Step(1, "reminder_1", condition=condition))
    return steps_on(company, DUE + timedelta(10)) == ["R+1"]


def test_what_conditions_know_of_an_invoice_and_its_customer(company, lefevre, fa1):
    Customer.objects.filter(pk=lefevre.pk).update(sector="Bois", salesperson="Zoé")
    Document.objects.filter(pk=fa1.pk).update(product_type="Escalier")
    cast.invoice(
        company,
        lefevre,
        "FA-2",
        payable_cents=30_000,
        issue_date=date(2024, 12, 3),
        due_date=date(2026, 3, 11),
    )
    cast.receipt(company, lefevre, amount_cents=20_000, received_date=DUE)
    yes = [
        Comparison("amount", "at_most", 100_000),
        Comparison("amount", "at_least", 100_000),
        Comparison("invoice_amount", "at_least", 120_000),
        Comparison("overdue_total", "at_most", 130_000),
        Comparison("overdue_total", "at_least", 130_000),
        Comparison("days_late", "is", 10),
        Comparison("currency", "in", ("USD", "EUR")),
        Comparison("product_type", "is", "Escalier"),
        Comparison("segment", "is", "PME"),
        Comparison("sector", "is", "Bois"),
        Comparison("country", "is", "FR"),
        Comparison("language", "is", "fr"),
        Comparison("salesperson", "is", "Zoé"),
        Comparison("public_buyer", "is", value=False),
        Comparison("consumer", "is", value=False),
        Comparison("relationship_months", "is", 15),
    ]
    on = DUE + timedelta(10)
    for condition in yes:
        in_force(company, Step(1, "reminder_1", condition=condition))
        asked = plan_dunning(company=company, on=on).lines["document_id"].to_list()
        assert fa1.pk in asked, condition


def test_how_a_customer_paid_is_known_from_three_invoices_on(company, lefevre, fa1):
    for rank, days_late in enumerate((0, 10, 20)):
        assert not asks_for(company, Comparison("average_days_late", "known", value=True))
        paid = cast.invoice(
            company,
            lefevre,
            f"P-{rank}",
            payable_cents=10_000,
            issue_date=date(2025, 6, 1),
            due_date=date(2025, 7, 1),
        )
        money = cast.receipt(
            company, lefevre, amount_cents=10_000, received_date=date(2025, 7, 1) + timedelta(days_late)
        )
        allocate(
            company=company, portions=[Portion(document_id=paid.pk, amount_cents=10_000)], payment_id=money.pk,
            on=date(2025, 8, 1), actor="t",
        )  # fmt: skip
    assert asks_for(company, Comparison("average_days_late", "is", 10))
    assert asks_for(company, Comparison("share_paid_late", "is", 67))


def test_what_is_not_known_makes_no_step_apply_in_either_direction(company, fa1):
    unknown = Comparison("sector", "is", "Bois")
    assert not asks_for(company, unknown)
    assert not asks_for(company, Not(unknown))
    assert asks_for(company, Any((unknown, Comparison("segment", "is", "PME"))))
    assert not asks_for(company, All((unknown, Comparison("segment", "is", "PME"))))
    assert asks_for(company, Comparison("sector", "known", value=False))


def test_what_a_step_asks_for_is_told_when_it_does_not_apply(company, fa1):
    in_force(company, Step(1, "reminder_1", condition=Comparison("amount", "at_least", 200_000)))
    assert held_on(company, DUE + timedelta(1)) == [
        "L’étape ne s’applique pas ici : elle demande « reste dû de la créance ≥ 2000,00 »"
    ]


# -- minimums


def test_a_step_may_ask_for_more_than_the_policy(company, lefevre, fa1):
    in_force(company, Step(1, "reminder_1"), Step(8, "reminder_2", min_amount_cents=150_000))
    later = DUE + timedelta(8)
    assert steps_on(company, later) == []
    amount = "1\u202f200,00\u00a0€"
    assert held_on(company, later) == [f"Reste dû de {amount}, sous le minimum du scénario ou de l’étape"]
    cast.invoice(company, lefevre, "FA-2", payable_cents=30_000, issue_date=date(2026, 1, 31), due_date=DUE)
    assert steps_on(company, later) == ["R+8"]


def test_what_is_below_its_own_minimum_does_not_carry_the_rest_over_theirs(company, lefevre, fa1):
    """1 200,00 € wait for 2 000,00 €; what is left, 8,00 €, is below the policy's minimum: nobody is bothered."""
    cast.invoice(
        company, lefevre, "FA-2", payable_cents=800, issue_date=date(2026, 1, 31), due_date=DUE + timedelta(7)
    )
    in_force(company, Step(1, "reminder_1"), Step(8, "reminder_2", min_amount_cents=200_000))
    assert steps_on(company, DUE + timedelta(8)) == []


# -- channels and windows


def test_the_next_channel_goes_where_the_first_does_not_reach(company):
    morel = cast.unreachable(company)
    cast.invoice(company, morel, "FA-5", payable_cents=90_000, issue_date=date(2026, 1, 31), due_date=DUE)
    on = DUE + timedelta(1)
    in_force(company, Step(1, "reminder_1", channels=("email", "letter")))
    assert held_on(company, on) == ["Aucune adresse e-mail utilisable pour ce client"]  # nor a street
    Customer.objects.filter(pk=morel.pk).update(street="3 quai des Indes")
    found = plan_dunning(company=company, on=on).actions.row(0, named=True)
    assert (found["channel"], found["contact_id"]) == ("letter", None)
    told = "R+1 : échéance la plus ancienne le 02/03/2026, 1 j de retard ; par courrier, les canaux prévus avant n’atteignant pas le client"
    assert action_sentence(found).say("fr") == told
    run_dunning(company=company, on=on, actor="t")
    assert Sentence.from_json(Message.objects.get().reason).say("fr") == told


def texts_by_twilio(company):
    ChannelConnection.objects.create(
        company=company, channel="sms", provider="twilio", name="Twilio", hook_key="k"
    )


def test_a_text_message_needs_a_mobile_number_and_a_service(company, lefevre, fa1):
    in_force(company, Step(1, "reminder_1", channels=("sms", "email")))
    on = DUE + timedelta(1)
    texts_by_twilio(company)
    assert plan_dunning(company=company, on=on).actions["channel"].to_list() == ["email"]
    Contact.objects.filter(customer=lefevre).update(phone="+33 2 40 12 34 56")  # no mobile
    assert plan_dunning(company=company, on=on).actions["channel"].to_list() == ["email"]
    Contact.objects.filter(customer=lefevre).update(phone="+33 6 12 34 56 78")
    assert plan_dunning(company=company, on=on).actions["channel"].to_list() == ["sms"]


def test_a_channel_that_nothing_sends_by_reaches_nobody(company, lefevre, fa1):
    Contact.objects.filter(customer=lefevre).update(phone="+33 6 12 34 56 78")
    in_force(company, Step(1, "reminder_1", channels=("sms",)))
    on = DUE + timedelta(1)
    assert held_on(company, on) == ["Aucun service n’envoie par ce canal : à brancher dans Réglages, Canaux"]
    in_force(company, Step(1, "reminder_1", channels=("sms", "email")))
    assert plan_dunning(company=company, on=on).actions["channel"].to_list() == ["email"]


def test_a_message_leaves_on_the_days_and_in_the_hours_of_its_step(company, fa1, post_office):
    window = Window(days=("thursday",), from_time="14:00", until_time="17:00")
    in_force(company, Step(1, "reminder_1", window=window))
    tuesday, thursday = DUE + timedelta(1), DUE + timedelta(3)
    run_dunning(company=company, on=tuesday, actor="t")
    assert Message.objects.get().planned_date == thursday
    approve_all(company)
    bank_known(company, thursday)
    for hour, sent in ((9, 0), (17, 0), (13, 1)):  # in winter Paris is one hour ahead of UTC
        sending = send(company, thursday, now=at(thursday, hour))
        assert sending.sent == sent
        assert ("message.window_closed" in [problem.code for problem in sending.problems]) is not bool(sent)


def test_policies_are_a_company_s_own(company, other_company):
    save_policy(company=company, policy=made_of(Step(1, "reminder_1"), slug="maison"), actor="t")
    assert active_policy(company=other_company, slug="maison") is None


def test_a_formal_notice_leads_the_message_and_its_approval_whatever_else_is_in_it(
    company, lefevre, fa1, live
):
    """FA-1 is at its formal notice on R+15; FA-2, under a policy that leaves by itself, at a reminder on R+20."""
    for day in (1, 8):
        live(DUE + timedelta(day))
    cast.invoice(
        company,
        lefevre,
        "FA-2",
        payable_cents=30_000,
        issue_date=date(2026, 1, 31),
        due_date=DUE - timedelta(5),
    )
    alone = made_of(Step(20, "reminder_1", approval="automatic"), slug="autre")
    save_policy(company=company, policy=alone, actor="t")
    assign_policy(company=company, slug="autre", document="FA-2", actor="t")
    found = plan_dunning(company=company, on=DUE + timedelta(15)).actions
    assert found.select("step_code", "template", "approval").rows() == [("R+15", "formal_notice", "person")]


def test_the_day_s_click_leaves_what_a_person_is_to_read_whichever_step_leads(company, lefevre, fa1):
    """FA-1 leads at R+3 with the day's batch; FA-2, at R+1 under a policy of its own, is for a person's eyes."""
    in_force(company, Step(3, "reminder_2"))
    cast.invoice(
        company,
        lefevre,
        "FA-2",
        payable_cents=30_000,
        issue_date=date(2026, 1, 31),
        due_date=DUE + timedelta(2),
    )
    save_policy(
        company=company, policy=made_of(Step(1, "reminder_1", approval="person"), slug="autre"), actor="t"
    )
    assign_policy(company=company, slug="autre", document="FA-2", actor="t")
    bank_known(company, DUE + timedelta(3))
    run_dunning(company=company, on=DUE + timedelta(3), actor="t")
    message = Message.objects.get(company=company)
    assert (message.step_code, message.approval, message.document_count) == ("R+3", "person", 2)
    assert approve_messages(company=company, actor="nora") == []
    assert approve_messages(company=company, message_ids=[message.pk], actor="nora") == [message.pk]
