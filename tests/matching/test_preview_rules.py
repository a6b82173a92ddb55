"""Rules tried before they are saved: what would become of the lines that wait, and nothing else happens."""

from datetime import date
from typing import Any

import pytest

from encours.actions.confirm_match import confirm_match
from encours.actions.preview_matching_rules import ask_for_preview, discard_preview, make_preview
from encours.actions.reconcile import reconcile, rules_of
from encours.actions.update_company import update_company
from encours.actions.update_contact import update_contact
from encours.actions.update_matching_rules import UnableToUpdateMatchingRules, update_matching_rules
from encours.core.wording import Sentence
from encours.queries.rules_previews import PreviewDetail, answered_matches, changed_lines_page, rules_preview
from encours.store.models import (
    Company,
    Customer,
    Document,
    JournalEntry,
    Match,
    RulesPreview,
    RulesPreviewLine,
    Transaction,
)
from encours.store.tenancy import company_scope
from tests import cast

JAN, MARCH = date(2026, 1, 5), date(2026, 3, 10)


@pytest.fixture
def book(company: Company) -> dict[str, Transaction]:
    """Three invoices; one paid whole, one less 2 %, one less a bank fee of 15 €."""
    customer = cast.good_payer(company)
    for number in ("FA-2026-0101", "FA-2026-0102", "FA-2026-0103"):
        cast.invoice(company, customer, number, payable_cents=1_234_500, issue_date=JAN)
    told: Any = {"counterparty_name": "BOULANGERIE DUBOIS"}
    return {
        "whole": cast.bank_line(company, 1_234_500, "VIR FA-2026-0101", **told),
        "discount": cast.bank_line(company, 1_209_810, "VIR FA-2026-0102", **told),
        "fee": cast.bank_line(company, 1_233_000, "VIR FA-2026-0103", **told),
    }


def preview(company: Company, **values: Any) -> PreviewDetail:
    asked = ask_for_preview(company=company, values=values, actor="test")
    assert make_preview(company=company, preview_id=asked.pk, on=MARCH)
    return kept(company)


def kept(company: Company) -> PreviewDetail:
    found = rules_preview(company=company)
    assert found is not None
    return found


def changed(company: Company, found: PreviewDetail) -> dict[int, tuple[str, str, str]]:
    page = changed_lines_page(company=company, preview_id=found.id, number=1, size=50)
    return {row.line_id: (row.change, row.before.outcome, row.after.outcome) for row in page.rows}


def test_discounts_closed_without_a_person_change_the_line_of_the_discount_alone(company, book):
    found = preview(company, automatic=["rounding_difference", "discount"])
    assert changed(company, found) == {book["discount"].pk: ("matched_more", "proposed", "automatic")}
    assert {each.outcome: (each.current, each.wanted) for each in found.counts} == {
        "automatic": (1, 2), "proposed": (2, 1), "none": (0, 0), "set_aside": (0, 0),
    }  # fmt: skip
    assert found.change_counts["matched_more"] == found.changed_count == 1
    (rule,) = found.rules
    assert (rule.name, rule.current, rule.wanted) == (
        "automatic",
        ["rounding_difference"],
        ["rounding_difference", "discount"],
    )


def test_a_discount_that_is_no_longer_recognised_is_answered_otherwise(company, book):
    found = preview(company, discount_rates=[300])
    assert changed(company, found) == {book["discount"].pk: ("otherwise", "proposed", "proposed")}
    (row,) = changed_lines_page(company=company, preview_id=found.id, number=1, size=50).rows
    assert row.before.numbers == row.after.numbers == ["FA-2026-0102"]
    assert "escompte" in Sentence.from_json(row.before.reason).say("fr")
    assert "escompte" not in Sentence.from_json(row.after.reason).say("fr")
    assert (row.amount_cents, row.counterparty_name) == (1_209_810, "BOULANGERIE DUBOIS")


def test_saving_does_what_was_foretold_and_touches_nothing_before_the_next_run(company, book):
    preview(company, automatic=["discount"])
    assert Match.objects.count() == 0  # two runs, and nothing written
    update_matching_rules(company=company, actor="test", values=kept(company).wanted)
    assert rules_preview(company=company) is None
    assert Match.objects.count() == 0
    reconcile(company=company, on=MARCH, actor="test")
    states = {name: Transaction.objects.get(pk=line.pk).state for name, line in book.items()}
    assert states == {"whole": "matched", "discount": "matched", "fee": "proposed"}
    assert Document.objects.get(number="FA-2026-0102").open_cents == 0


def test_what_is_matched_already_stays_when_rules_become_stricter(company, book):
    update_matching_rules(company=company, actor="test", values={"automatic": ["discount"]})
    reconcile(company=company, on=MARCH, actor="test")
    before = list(Match.objects.filter(state="applied").values_list("pk", flat=True))
    update_matching_rules(company=company, actor="test", values={"automatic": [], "probability": 0.9999})
    reconcile(company=company, on=MARCH, actor="test")
    assert list(Match.objects.filter(state="applied").values_list("pk", flat=True)) == before


def test_rules_saved_are_told_once_with_what_changed(company):
    assert update_matching_rules(company=company, actor="test", values={"fee_cents": 1_500, "margin": 0.9})
    assert not update_matching_rules(company=company, actor="test", values={"fee_cents": 1_500})
    (entry,) = JournalEntry.objects.filter(action="matching.rules_changed")
    assert entry.data == {"changes": {"fee_cents": [3_000, 1_500]}}
    assert Company.objects.get(pk=company.pk).matching_rules == {"fee_cents": 1_500}
    assert rules_of(company)[0].fee_cents == 1_500


def test_wrong_rules_change_nothing(company):
    for act in (update_matching_rules, ask_for_preview):
        with pytest.raises(UnableToUpdateMatchingRules) as error:
            act(company=company, actor="test", values={"fee_cents": -1, "escompte": True})
        assert [problem.field for problem in error.value.problems] == ["fee_cents", "escompte"]
    assert Company.objects.get(pk=company.pk).matching_rules == {}
    assert not RulesPreview.objects.exists()


def test_the_rules_in_force_are_not_compared_with_themselves(company):
    with pytest.raises(UnableToUpdateMatchingRules) as error:
        ask_for_preview(company=company, actor="test", values={"fee_cents": 3_000})
    assert [problem.code for problem in error.value.problems] == ["rules.nothing_changed"]


def test_a_preview_says_when_the_books_or_the_rules_have_moved_since(company, book):
    found = preview(company, automatic=["discount"])
    assert not found.is_outdated
    update_contact(
        company=company, customer_id=Customer.objects.get().pk, contact_id=None, actor="test", name="Ana",
        email="a@b.example", phone="", role="", is_primary=False,
    )  # fmt: skip
    assert not kept(company).is_outdated  # who is written to changes no match
    reconcile(company=company, on=MARCH, actor="test")
    assert kept(company).is_of_older_data
    Company.objects.filter(pk=company.pk).update(matching_rules={"fee_cents": 100})
    assert kept(company).is_of_other_rules


def test_the_companys_own_name_is_part_of_what_is_read(company, book):
    preview(company, automatic=["discount"])
    update_company(company=company, actor="test", name="Atelier Lumière SAS")
    assert kept(company).is_of_older_data


def test_another_preview_takes_the_place_of_the_one_before(company, book):
    first = ask_for_preview(company=company, values={"fee_cents": 0}, actor="test")
    second = ask_for_preview(company=company, values={"fee_cents": 100}, actor="test")
    assert not make_preview(company=company, preview_id=first.pk, on=MARCH)
    assert make_preview(company=company, preview_id=second.pk, on=MARCH)
    assert not make_preview(company=company, preview_id=second.pk, on=MARCH)  # done already
    assert discard_preview(company=company)
    assert not RulesPreviewLine.objects.exists()
    assert not discard_preview(company=company)


def test_one_given_up_while_it_is_made_ends_quietly(company, book, monkeypatch):
    asked = ask_for_preview(company=company, values={"fee_cents": 0}, actor="test")

    def given_up(*, progress: Any, **asked_for: Any) -> Any:
        discard_preview(company=company)
        return reconcile(progress=progress, **asked_for)

    monkeypatch.setattr("encours.actions.preview_matching_rules.reconcile", given_up)
    assert not make_preview(company=company, preview_id=asked.pk, on=MARCH)
    assert not RulesPreview.objects.exists()


def test_one_that_fails_says_so_and_can_be_made_again(company, book, monkeypatch):
    asked = ask_for_preview(company=company, values={"automatic": ["discount"]}, actor="test")
    with monkeypatch.context() as broken:
        broken.setattr("encours.actions.preview_matching_rules.record_of", None)
        with pytest.raises(TypeError):
            make_preview(company=company, preview_id=asked.pk, on=MARCH)
    assert kept(company).state == "failed"
    assert make_preview(company=company, preview_id=asked.pk, on=MARCH)
    assert kept(company).changed_count == 1


def test_what_people_answered_to_such_proposals_is_told(company, book):
    reconcile(company=company, on=MARCH, actor="worker")
    confirm_match(
        company=company,
        match_id=Match.objects.filter(transaction=book["discount"]).earliest("pk").pk,
        actor="user:1",
    )
    found = preview(company, automatic=["rounding_difference", "discount"])
    assert [Sentence.from_json(each).say("fr") for each in found.record] == [
        "Lignes rapprochées d'elles-mêmes depuis le 08/09/2025 : 1 en vigueur, 0 défaite(s).",
        "Propositions qui soldent un escompte : 1 acceptée(s), 0 refusée(s) ou défaite(s).",
    ]


def test_another_company_has_its_own_rules_and_sees_no_preview(company, other_company, book):
    reconcile(company=company, on=MARCH, actor="worker")
    assert answered_matches(company=company, since=JAN)["count"].sum() == 1
    found = preview(company, automatic=["discount"])
    with company_scope(other_company.pk):
        for asked in (company, other_company):
            assert answered_matches(company=asked, since=JAN).is_empty()
        assert rules_preview(company=other_company) is None
        assert not changed_lines_page(company=other_company, preview_id=found.id, number=1, size=50).rows
        assert not make_preview(company=other_company, preview_id=found.id, on=MARCH)
        assert not discard_preview(company=other_company)
        theirs = ask_for_preview(company=other_company, values={"fee_cents": 0}, actor="test")
        assert make_preview(company=other_company, preview_id=theirs.pk, on=MARCH)
        assert kept(other_company).changed_count == 0
    assert kept(company).changed_count == 1
