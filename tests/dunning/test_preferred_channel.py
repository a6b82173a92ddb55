"""The channel a customer prefers comes first where a step has it and it reaches; else the step's own order stands."""

from dataclasses import replace
from datetime import date, timedelta

import hypothesis.strategies as st
import polars as pl
from hypothesis import given

from encours.actions.import_file import receive_file, run_import
from encours.actions.reroute_message import other_channels
from encours.actions.run_dunning import plan_dunning, run_dunning
from encours.actions.save_policy import save_policy
from encours.core.dunning import DEFAULT_POLICY, action_sentence, plan
from encours.core.dunning.checking import reach_obstacle
from encours.core.dunning.conditions import Comparison, in_words
from encours.core.dunning.policy import CHANNELS, CUSTOMER_CHANNELS, FORMAL_NOTICE, Step, tried_channels
from encours.core.dunning.simulation import of_customers, simulate
from encours.core.dunning.situation import CUSTOMERS, RECEIVABLES, Situation
from encours.core.wording import Sentence
from encours.ports.policy_files import read_policy_file
from encours.store.models import Contact, Customer, Message
from tests import cast
from tests.dunning.conftest import bank_known

DUE = date(2026, 3, 2)
ON = DUE + timedelta(1)

DEBTORS = st.lists(
    st.fixed_dictionaries(
        {
            "email": st.sampled_from(["", "compta@client.example"]),
            "bounced": st.booleans(),
            "phone": st.sampled_from(["", "+33612345678", "+33240123456"]),
            "texts_stopped": st.booleans(),
            "has_address": st.booleans(),
            "letters_return": st.booleans(),
            "lacks_consent": st.booleans(),
            "preferred_channel": st.sampled_from([None, *CUSTOMER_CHANNELS]),
        }
    ),
    min_size=1,
    max_size=6,
)
ORDERS = st.lists(st.sampled_from(CHANNELS), min_size=1, max_size=len(CHANNELS), unique=True).map(tuple)


def situation_of(debtors, channels, *, opened) -> Situation:
    known = {"policy_id": 1, "contact_id": 1, "number_failed": False, "region": "FR"}
    customers = [{"customer_id": rank, **known, **each} for rank, each in enumerate(debtors)]
    receivables = [(rank, 0, rank, "EUR", DUE, 50_000) for rank in range(len(debtors))]
    steps = (Step(1, "reminder_1", channels=channels, approval="automatic"),)
    return Situation(
        receivables=pl.DataFrame(receivables, schema=RECEIVABLES, orient="row"),
        customers=pl.DataFrame(customers, schema=CUSTOMERS),
        policies={1: replace(DEFAULT_POLICY, steps=steps)},
        channels=opened,
        bank_known_until=ON,
    )


@given(debtors=DEBTORS, channels=ORDERS, opened=st.frozensets(st.sampled_from(CHANNELS)))
def test_the_channel_is_always_one_of_the_step_that_reaches_and_the_preferred_one_if_it_does(
    debtors, channels, opened
):
    found = situation_of(debtors, channels, opened=opened)
    planned = plan(situation=found, on=ON)
    chosen = {row["customer_id"]: row for row in planned.actions.iter_rows(named=True)}
    left = simulate(situation=found, on=ON, days=1).messages
    for rank, debtor in enumerate(debtors):
        alone = of_customers(found, pl.Series([rank]))
        reaching = [each for each in channels if reach_obstacle(situation=alone, channel=each) is None]
        if not reaching:
            assert rank not in chosen
            continue
        preferred = debtor["preferred_channel"]
        wanted = preferred if preferred in reaching else reaching[0]
        row = chosen[rank]
        assert row["channel"] == wanted
        assert row["is_preferred"] == (wanted == preferred and wanted != channels[0])
        assert row["is_fallback"] == (wanted not in (preferred, channels[0]))
    assert dict(left.select("customer_id", "channel").iter_rows()) == {
        rank: row["channel"] for rank, row in chosen.items()
    }


@given(channels=ORDERS, preferred=st.sampled_from(["", *CUSTOMER_CHANNELS]))
def test_no_channel_is_lost_or_added_and_the_others_keep_their_order(channels, preferred):
    tried = tried_channels(template="reminder_1", channels=channels, preferred=preferred)
    assert sorted(tried) == sorted(channels)
    assert [each for each in tried if each != preferred] == [each for each in channels if each != preferred]
    assert tried[0] == (preferred if preferred in channels else channels[0])


def by_letter(company):
    """A customer with an e-mail address and a street, who would rather have letters."""
    return cast.customer(
        company, "C0042", "Imprimerie Caradec", email="compta@caradec.example", street="3 quai des Indes",
        postcode="56100", city="Lorient", preferred_channel="letter",
    )  # fmt: skip


def in_force(company, *steps):
    save_policy(company=company, policy=replace(DEFAULT_POLICY, steps=steps), actor="t")


def test_who_prefers_letters_gets_one_and_the_reason_says_so(company):
    caradec = by_letter(company)
    cast.invoice(company, caradec, "FA-1", payable_cents=90_000, issue_date=DUE - timedelta(30), due_date=DUE)
    in_force(company, Step(1, "reminder_1", channels=("email", "letter")))
    row = plan_dunning(company=company, on=ON).actions.row(0, named=True)
    assert row["channel"] == "letter"
    told = (
        "R+1 : échéance la plus ancienne le 02/03/2026, 1 j de retard ; par courrier, que le client préfère"
    )
    assert action_sentence(row).say("fr") == told
    run_dunning(company=company, on=ON, actor="t")
    message = Message.objects.get()
    assert Sentence.from_json(message.reason).say("fr") == told
    # the letter that cannot leave goes by what the step would have tried first
    assert other_channels(company=company, message=message) == ("email",)
    Customer.objects.filter(pk=caradec.pk).update(preferred_channel="")
    assert other_channels(company=company, message=Message.objects.get()) == ()


def test_a_formal_notice_keeps_the_order_of_its_step(company, live):
    caradec = by_letter(company)
    cast.invoice(company, caradec, "FA-1", payable_cents=90_000, issue_date=DUE - timedelta(30), due_date=DUE)
    notice = Step(10, FORMAL_NOTICE, channels=("email", "letter"), approval="person")
    in_force(company, Step(1, "reminder_1"), notice)
    bank_known(company, DUE + timedelta(10))
    live(ON)
    planned = plan_dunning(company=company, on=DUE + timedelta(10)).actions
    assert planned.select("template", "channel").rows() == [(FORMAL_NOTICE, "email")]


def test_a_step_without_the_preferred_channel_goes_its_own_way(company):
    caradec = by_letter(company)
    cast.invoice(company, caradec, "FA-1", payable_cents=90_000, issue_date=DUE - timedelta(30), due_date=DUE)
    in_force(company, Step(1, "reminder_1"))
    assert plan_dunning(company=company, on=ON).actions["channel"].to_list() == ["email"]
    Contact.objects.filter(customer=caradec).update(email="")
    assert plan_dunning(company=company, on=ON).actions.is_empty()


def test_a_step_may_ask_for_the_preferred_channel(company):
    caradec, other = by_letter(company), cast.good_payer(company)
    for number, customer in (("FA-1", caradec), ("FA-2", other)):
        cast.invoice(
            company, customer, number, payable_cents=90_000, issue_date=DUE - timedelta(30), due_date=DUE
        )
    asked = Comparison("preferred_channel", "is", "letter")
    in_force(company, Step(1, "reminder_1", channels=("letter",), condition=asked))
    assert plan_dunning(company=company, on=ON).actions["customer_id"].to_list() == [caradec.pk]
    assert in_words(asked).say("fr") == "canal préféré = courrier"
    several = Comparison("preferred_channel", "in", ("email", "sms"))
    assert in_words(several).say("en") == "preferred channel among e-mail, text message"


def test_a_policy_cannot_ask_for_a_channel_nobody_can_prefer():
    asked = "policy: a\nname: A\nsteps:\n- days: 1\n  template: reminder_1\n  condition: {field: preferred_channel, is: %s}\n"
    policy, problems = read_policy_file((asked % "letter").encode(), name="a.yaml")
    assert policy is not None
    assert not problems
    policy, problems = read_policy_file((asked % "task").encode(), name="a.yaml")
    assert policy is None
    assert "email / sms / letter / registered" in problems[0].sentence.say("en")


def bring_in(company, tmp_path, text):
    path = tmp_path / "clients.csv"
    path.write_text(text, "utf-8")
    batch = receive_file(company=company, source=path, actor="t")
    return run_import(company=company, batch_id=batch.pk)


def test_a_list_of_customers_tells_it_and_one_that_does_not_leaves_it(company, tmp_path, settings):
    settings.FILES_FOLDER = tmp_path / "kept"
    bring_in(
        company,
        tmp_path,
        "Code;Nom;Email;Canal préféré\nC1;Dubois;a@b.example;Courrier\nC2;Morel;;Texto\nC3;Roux;;pigeon\n",
    )
    known = Customer.objects.filter(company=company).order_by("code")
    assert list(known.values_list("preferred_channel", flat=True)) == ["letter", "sms", ""]
    bring_in(company, tmp_path, "Code;Nom;Email;Ville\nC1;Dubois;a@b.example;Nantes\nC2;Morel;;Brest\n")
    bring_in(
        company,
        tmp_path,
        "Customer code;Customer name;Preferred channel;City\nC1;Dubois;;Lyon\nC2;Morel;e-mail;Lyon\n",
    )
    assert list(known.values_list("city", "preferred_channel")) == [
        ("Lyon", "letter"),
        ("Lyon", "email"),
        ("", ""),
    ]
