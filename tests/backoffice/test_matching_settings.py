"""Réglages → Rapprochement: rules in the reader's words, tried before they are saved."""

from datetime import date
from typing import Any

import pytest
from django.test import Client

from encours.actions.preview_matching_rules import make_preview
from encours.actions.update_matching_rules import update_matching_rules
from encours.store.models import Company, RulesPreview, Transaction
from encours.store.tenancy import company_scope
from tests import cast
from tests.backoffice.conftest import SignIn
from tests.backoffice.page import assert_fragment_sound, assert_sound

JAN, MARCH = date(2026, 1, 5), date(2026, 3, 10)
RULES, COMPARISON = "/reglages/rapprochement/", "/reglages/rapprochement/comparaison/"
TRY, SAVE, AGAIN, GIVE_UP = (
    f"{RULES}comparer/",
    f"{COMPARISON}enregistrer/",
    f"{COMPARISON}refaire/",
    f"{COMPARISON}abandonner/",
)
AS_THEY_ARE = {
    "discount_rates": "1 % ; 1,5 % ; 2 % ; 2,5 % ; 3 % ; 5 %", "fee_cents": "30,00 €", "difference_cents": "1,00 €",
    "rounding_difference": "on", "probability": "99,5 %", "margin": "90 %",
}  # fmt: skip


@pytest.fixture
def admin(company: Company, sign_in: SignIn) -> Client:
    return sign_in(company, "admin")


@pytest.fixture
def discount(company: Company) -> Transaction:
    """A line that pays an invoice less 2 %."""
    customer = cast.good_payer(company)
    cast.invoice(company, customer, "FA-2026-0102", payable_cents=1_234_500, issue_date=JAN)
    return cast.bank_line(company, 1_209_810, "VIR FA-2026-0102", counterparty_name="BOULANGERIE DUBOIS")


def made(company: Company) -> RulesPreview:
    preview = RulesPreview.objects.get(company=company)
    with company_scope(company.pk):
        make_preview(company=company, preview_id=preview.pk, on=MARCH)
    return preview


def text(response: Any) -> str:
    return " ".join(response.content.decode().replace("\xa0", " ").replace("\u202f", " ").split())


def test_rules_are_told_in_the_readers_words_with_their_defaults(company, admin, sign_in):
    update_matching_rules(
        company=company,
        actor="test",
        values={"fee_cents": 1_550, "discount_rates": [225], "probability": 0.9999},
    )
    french = text(admin.get(RULES))
    for said in (
        'value="15,50 €"',
        "Par défaut : 30,00 €.",
        'value="2,25 %"',
        'value="99,99 %"',
        "les escomptes",
    ):
        assert said in french
    english = text(sign_in(company, "admin", "en").get(RULES))
    for said in ('value="€15.50"', "Default: €30.00.", 'value="2.25%"', "discounts"):
        assert said in english


def test_a_reader_sees_the_rules_and_cannot_touch_them(company, sign_in):
    client = sign_in(company, "accountant")
    page = text(client.get(RULES))
    assert "Seul un administrateur" in page
    assert 'action="/reglages/rapprochement/comparer/"' in page
    assert page.count("disabled") == 8
    assert "Voir ce que cela change" not in page


def test_rules_are_compared_by_a_job_and_saved_by_a_person(company, admin, discount):
    answer = admin.post(TRY, AS_THEY_ARE | {"discount": "on", "fee_cents": "12,50", "probability": "99,4"})
    assert (answer.status_code, answer["Location"]) == (302, COMPARISON)
    preview = RulesPreview.objects.get()
    assert preview.wanted == {
        "fee_cents": 1_250,
        "automatic": ["rounding_difference", "discount"],
        "probability": 0.994,
    }
    waiting = text(admin.get(COMPARISON))
    assert "Attend son tour" in waiting
    assert 'hx-trigger="every 2s"' in waiting
    assert "Enregistrer ces règles" not in waiting
    made(company)
    fragment = admin.get(COMPARISON, headers={"HX-Request": "true"}).content.decode()
    assert_fragment_sound(fragment)
    page = text(admin.get(COMPARISON))
    assert_sound(admin.get(COMPARISON).content.decode(), language="fr")
    for said in ("BOULANGERIE DUBOIS", "12 098,10 €", "FA-2026-0102", "12,50 €", "99,4 %", "+1", "−1"):
        assert said in page
    assert admin.post(SAVE, {"preview": preview.pk})["Location"] == RULES
    company.refresh_from_db()
    assert company.matching_rules == preview.wanted
    assert not RulesPreview.objects.exists()


def test_changes_are_shown_by_kind(company, admin, discount):
    admin.post(TRY, AS_THEY_ARE | {"discount": "on"})
    made(company)
    assert "BOULANGERIE DUBOIS" in text(admin.get(COMPARISON + "?change=matched_more"))
    assert "BOULANGERIE DUBOIS" not in text(admin.get(COMPARISON + "?change=matched_less"))
    assert "BOULANGERIE DUBOIS" in text(admin.get(COMPARISON + "?change=nonsense&page=0"))


def test_what_cannot_be_is_said_beside_its_field(company, admin):
    answer = admin.post(
        TRY,
        AS_THEY_ARE
        | {"discount_rates": "2 % ; 30 %", "fee_cents": "trente", "probability": "50", "margin": "1,234"},
    )
    page = text(answer)
    assert answer.status_code == 200
    for said in ("Ce n’est pas un montant.", "Ce n&#x27;est pas un pourcentage"):
        assert said in page
    answer = admin.post(TRY, AS_THEY_ARE | {"discount_rates": "2 % ; 30 %", "probability": "50"})
    page = text(answer)
    assert_sound(answer.content.decode(), language="fr")
    for said in (
        "30 % n&#x27;est pas possible, de 0,01 % à 25 %.",
        "50 % n&#x27;est pas possible, de 90 % à",
    ):
        assert said in page
    assert 'value="2 % ; 30 %"' in page  # what was written stays
    assert not RulesPreview.objects.exists()


def test_rules_left_as_they_are_have_nothing_to_compare(company, admin):
    assert "il n&#x27;y a rien à comparer" in text(admin.post(TRY, AS_THEY_ARE))
    assert admin.post(TRY, {"defaults": "1"})["Location"] == RULES


def test_back_to_the_defaults_is_compared_too(company, admin, discount):
    update_matching_rules(company=company, actor="test", values={"automatic": ["discount"], "fee_cents": 0})
    assert admin.post(TRY, {"defaults": "1"})["Location"] == COMPARISON
    made(company)
    assert "Plus rapprochées d&#x27;elles-mêmes" in text(admin.get(COMPARISON))
    admin.post(SAVE, {"preview": RulesPreview.objects.get().pk})
    company.refresh_from_db()
    assert company.matching_rules == {}


def test_no_discount_at_all_can_be_asked_for(company, admin):
    admin.post(TRY, AS_THEY_ARE | {"discount_rates": ""})
    assert RulesPreview.objects.get().wanted == {"discount_rates": []}
    assert "aucun" in text(admin.get(COMPARISON))


def test_only_the_comparison_that_was_looked_at_is_saved(company, admin, discount):
    admin.post(TRY, AS_THEY_ARE | {"discount": "on"})
    seen = made(company)
    admin.post(TRY, AS_THEY_ARE | {"bank_fee": "on"})
    assert admin.post(SAVE, {"preview": seen.pk})["Location"] == COMPARISON
    company.refresh_from_db()
    assert company.matching_rules == {}
    assert admin.post(GIVE_UP)["Location"] == RULES
    assert admin.post(SAVE, {"preview": seen.pk})["Location"] == RULES
    company.refresh_from_db()
    assert company.matching_rules == {}


def test_what_has_moved_since_is_said_and_compared_again(company, admin, discount):
    admin.post(TRY, AS_THEY_ARE | {"discount": "on"})
    made(company)
    page = text(admin.get(COMPARISON))
    assert "ont bougé" not in page
    assert "ont changé" not in page
    Company.objects.filter(pk=company.pk).update(matching_rules={"fee_cents": 0})
    page = text(admin.get(COMPARISON))
    assert "Les règles en vigueur ont changé depuis cette comparaison" in page
    assert "Enregistrer quand même" in page
    assert admin.post(AGAIN)["Location"] == COMPARISON
    assert RulesPreview.objects.get().current == {"fee_cents": 0}


def test_another_companys_comparison_is_not_there(company, other_company, admin, discount, sign_in):
    admin.post(TRY, AS_THEY_ARE | {"discount": "on"})
    preview = made(company)
    client = sign_in(other_company, "admin")
    assert "Aucune comparaison en cours" in text(client.get(COMPARISON))
    client.post(SAVE, {"preview": preview.pk})
    client.post(GIVE_UP)
    company.refresh_from_db()
    assert company.matching_rules == {}
    assert RulesPreview.objects.filter(pk=preview.pk).exists()
