"""Rules of matching tried in the settings: filled in, watched while they are compared, looked at, saved."""

from datetime import date

import pytest

from encours.actions.preview_matching_rules import make_preview
from encours.store.models import Company, RulesPreview
from tests import cast
from tests.browser.conftest import OpenPage

pytestmark = pytest.mark.browser


@pytest.fixture
def discounts(lumen: Company) -> Company:
    """Two lines that pay an invoice less 2 % each, one that names nothing."""
    customer = cast.good_payer(lumen)
    for number in ("FA-2026-0102", "FA-2026-0103"):
        cast.invoice(lumen, customer, number, payable_cents=1_234_500, issue_date=date(2026, 1, 5))
        cast.bank_line(lumen, 1_209_810, f"VIR {number}", counterparty_name="BOULANGERIE DUBOIS")
    cast.bank_line(lumen, 700, "RIEN")
    return lumen


def test_rules_are_compared_under_ones_eyes_and_saved(discounts: Company, open_page: OpenPage):
    opened = open_page(role="admin")
    page = opened.page
    page.goto("/reglages/rapprochement/")
    page.get_by_label("les escomptes").check()
    page.get_by_role("button", name="Voir ce que cela change").click()
    page.get_by_text("Attend son tour").wait_for()
    make_preview(company=discounts, preview_id=RulesPreview.objects.get().pk, on=date(2026, 3, 10))
    # the page asks by itself and tells who cannot see it
    page.locator("#preview-status", has_text="La comparaison est prête").wait_for(state="attached")
    page.get_by_role("link", name="Nouvellement rapprochées d'elles-mêmes 2").click()
    page.wait_for_url("**?change=matched_more")
    assert page.get_by_role("link", name="BOULANGERIE DUBOIS").count() == 2
    page.get_by_role("button", name="Enregistrer ces règles").click()
    page.get_by_text("Les règles sont enregistrées.").wait_for()
    assert page.get_by_label("les escomptes").is_checked()
    discounts.refresh_from_db()
    assert discounts.matching_rules == {"automatic": ["rounding_difference", "discount"]}
    assert opened.complaints == []


def test_rules_are_compared_without_javascript_too(discounts: Company, open_page: OpenPage):
    page = open_page(role="admin", javascript=False).page
    page.goto("/reglages/rapprochement/")
    page.get_by_label("Probabilité exigée").fill("99,99")
    page.get_by_role("button", name="Voir ce que cela change").click()
    assert page.get_by_text("Attend son tour").is_visible()
    make_preview(company=discounts, preview_id=RulesPreview.objects.get().pk, on=date(2026, 3, 10))
    page.reload()
    page.get_by_role("button", name="Laisser les règles telles quelles").click()
    assert page.get_by_text("Les règles restent telles quelles.").is_visible()
    assert page.get_by_label("Probabilité exigée").input_value().replace("\xa0", " ") == "99,5 %"
