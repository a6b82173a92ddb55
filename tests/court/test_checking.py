"""What stands in the way of a file, what is left out of it, what a person should supply first."""

from dataclasses import replace
from datetime import date

import pytest

from encours.core.court_files.checking import check
from encours.core.court_files.claim import Credit
from encours.core.court_files.facts import Notice, OpenDispute, OpenPromise
from encours.core.court_files.limitation import PAID_PART, PLAN_AGREED, Acknowledgment, limited_after
from encours.core.court_files.procedures import court_of
from tests.court.cases import LEFEVRE, LUMEN, ON, debt, facts

OLD = debt(9, "FA-OLD", due=date(2019, 3, 31))


def codes(checked, severity=""):
    return [found.code for found in checked.findings if not severity or found.severity == severity]


def told(checked, code):
    return next(found.sentence.say("fr") for found in checked.findings if found.code == code)


def test_a_clean_debt_is_claimed():
    notice = Notice(1, date(2026, 3, 2), "registered", has_proof=True)
    ready = facts(
        debt(),
        notices={1: notice},
        originals={1: "pdf"},
        paper_kinds=frozenset({"contract", "delivery_note"}),
    )
    checked = check(facts=ready, procedure="injonction")
    assert not checked.is_refused
    assert codes(checked) == ["court.insolvency"]


@pytest.mark.parametrize(
    ("given", "code"),
    [
        (facts(debtor=replace(LEFEVRE, kind="public_buyer")), "court.public_buyer"),
        (facts(debtor=replace(LEFEVRE, country="BE")), "court.abroad"),
        (facts(debtor=replace(LEFEVRE, street="")), "court.no_address"),
        (facts(debt(due=date(2026, 6, 30))), "court.nothing_due"),
        (facts(credits=(Credit("Avoir", 100_000),)), "court.credit_covers"),
        (facts(plans={1: date(2026, 3, 1)}), "court.all_left_out"),
    ],
)
def test_some_debts_are_not_for_this_court(given, code):
    checked = check(facts=given, procedure="injonction")
    assert checked.is_refused
    assert code in codes(checked, "refusal")


def test_small_claims_end_at_5_000_euros_of_principal_and_interest():
    fits, too_much = facts(debt(cents=480_000)), facts(debt(cents=495_000))
    assert not check(facts=fits, procedure="petites_creances").is_refused
    refused = check(facts=too_much, procedure="petites_creances")
    assert "court.too_large" in codes(refused, "refusal")
    assert not check(facts=too_much, procedure="injonction").is_refused


def test_what_is_disputed_waits_unless_it_is_chosen_by_name():
    given = facts(debt(), debt(2, "FA-2"), disputes={2: OpenDispute(date(2026, 2, 1), "QTE_ERR", 100_000)})
    left = check(facts=given, procedure="injonction")
    assert left.claim.document_ids == (1,)
    assert "quantité facturée erronée" in told(left, "court.disputed")
    chosen = check(facts=given, procedure="injonction", wanted=[2])
    assert chosen.claim.document_ids == (2,)
    assert "court.chosen_disputed" in codes(chosen, "warning")


def test_what_a_kept_plan_covers_is_not_due_even_when_chosen():
    given = facts(debt(), debt(2, "FA-2"), plans={2: date(2026, 3, 1)})
    assert check(facts=given, procedure="injonction").claim.document_ids == (1,)
    assert check(facts=given, procedure="injonction", wanted=[2]).is_refused


def test_an_open_promise_is_told_and_stops_nothing():
    given = facts(promises={1: OpenPromise(date(2026, 5, 2), date(2026, 5, 30), 50_000)})
    checked = check(facts=given, procedure="injonction")
    assert checked.claim.document_ids == (1,)
    assert "30/05/2026" in told(checked, "court.promised")


def test_what_is_time_barred_is_left_out():
    checked = check(facts=facts(debt(), OLD), procedure="injonction")
    assert checked.claim.document_ids == (1,)
    assert "FA-OLD" in told(checked, "court.time_barred")


def test_an_acknowledgment_in_time_begins_limitation_anew():
    acts = {9: (Acknowledgment(date(2023, 2, 1), PAID_PART),)}
    checked = check(facts=facts(OLD, acknowledgments=acts), procedure="injonction")
    assert checked.claim.document_ids == (9,)
    assert "01/02/2028" in told(checked, "court.limited_since")


def test_an_acknowledgment_too_late_brings_nothing_back():
    late = [Acknowledgment(date(2024, 6, 1), PLAN_AGREED)]
    assert limited_after(due_date=date(2019, 3, 31), debtor="company", acknowledgments=late)[0] == date(
        2024, 3, 31
    )
    assert limited_after(due_date=date(2024, 2, 29), debtor="person", acknowledgments=[])[0] == date(
        2026, 2, 28
    )


def test_limitation_that_comes_near_is_told():
    near = debt(3, "FA-NEAR", due=date(2021, 6, 30))
    assert "FA-NEAR" in told(check(facts=facts(near), procedure="injonction"), "court.limited_soon")


def test_what_is_missing_says_how_to_supply_it():
    bare = facts(creditor=replace(LUMEN, legal_form="", siren=""), debtor=replace(LEFEVRE, siren=""))
    missing = codes(check(facts=bare, procedure="injonction"), "missing")
    assert missing == [
        "court.no_siren", "court.creditor_incomplete", "court.no_notice", "court.no_original", "court.no_agreement",
        "court.no_delivery",
    ]  # fmt: skip


def test_a_notice_without_proof_is_told_with_its_day():
    given = facts(notices={1: Notice(4, date(2026, 3, 2), "email", has_proof=False)})
    assert "02/03/2026" in told(check(facts=given, procedure="injonction"), "court.notice_unproven")


def test_a_missing_rate_is_told_with_the_last_day_counted():
    checked = check(facts=facts(on=date(2026, 11, 20)), procedure="injonction")
    assert told(checked, "court.rate_unknown").startswith("Le taux du 2e semestre 2026 n’est pas connu")
    assert "30/06/2026" in told(checked, "court.rate_unknown")


@pytest.mark.parametrize(
    ("debtor", "court"),
    [
        (LEFEVRE, "commerce"),
        (replace(LEFEVRE, kind="person", name="Jeanne Morel"), "judiciaire"),
        (replace(LEFEVRE, name="SCI du Port"), "judiciaire"),
        (replace(LEFEVRE, postcode="67000"), "commerciale_judiciaire"),
        (replace(LEFEVRE, postcode="97400"), "mixte_commerce"),
    ],
)
def test_the_court_is_that_of_the_debtors_seat(debtor, court):
    assert court_of(debtor) == court


def test_nobody_reads_a_finding_that_is_not_about_this_file():
    checked = check(facts=facts(on=ON), procedure="injonction")
    assert all(set(found.document_ids) <= {1} for found in checked.findings)
