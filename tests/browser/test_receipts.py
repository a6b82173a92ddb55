"""Encaissements by keyboard, in place, and without JavaScript."""

import pytest

from encours.store.models import Match
from tests.backoffice.conftest import House
from tests.browser.conftest import OpenPage

pytestmark = pytest.mark.browser


def test_a_line_is_accepted_and_undone_by_keyboard_and_keeps_the_focus(house: House, open_page: OpenPage):
    opened = open_page(role="accountant")
    page = opened.page
    page.goto("/encaissements/", wait_until="networkidle")
    page.evaluate("window.sameDocument = true")
    line = page.locator(f"#line-{house.line.pk}")
    focused = f"document.activeElement.id === 'line-{house.line.pk}'"
    page.keyboard.press("j")
    page.wait_for_function(focused)
    page.keyboard.press("Enter")
    line.get_by_role("button", name="Défaire").wait_for()
    page.wait_for_function(focused)
    assert Match.objects.get(pk=house.match.pk).state == "applied"
    assert page.locator("#count-proposed").inner_text() == "0"
    assert "Rapprochée" in page.locator("#told").text_content()
    page.keyboard.press("u")
    line.get_by_text("de nouveau ouvert").wait_for()
    page.wait_for_function(focused)
    assert Match.objects.get(pk=house.match.pk).state == "undone"
    assert page.evaluate("window.sameDocument") is True
    assert opened.complaints == []


def test_single_keys_can_be_switched_off_and_never_act_in_a_field(house: House, open_page: OpenPage):
    page = open_page(role="accountant").page
    page.goto("/encaissements/", wait_until="networkidle")
    page.keyboard.press("/")
    page.keyboard.type("ja")
    assert page.get_by_label("Recherche").input_value() == "ja"
    page.goto("/encaissements/", wait_until="networkidle")
    page.keyboard.press("?")
    dialog = page.get_by_role("dialog", name="Clavier")
    dialog.get_by_label("Les touches seules agissent").uncheck()
    dialog.get_by_role("button", name="Fermer").click()
    page.keyboard.press("j")
    page.keyboard.press("a")
    assert page.evaluate("document.activeElement.closest('.bank-line')") is None
    assert Match.objects.get(pk=house.match.pk).state == "proposed"


def test_the_rest_is_told_while_choosing(house: House, open_page: OpenPage):
    page = open_page(role="accountant").page
    page.goto(f"/encaissements/{house.line.pk}/?q=lef", wait_until="networkidle")
    rest = page.locator("[data-left]")
    assert rest.inner_text().startswith("500,00")
    page.get_by_label("Montant pour FA-2026-0001").fill("120,50")
    assert rest.inner_text().startswith("379,50")
    assert page.locator(f"#document-{house.invoice.pk}").is_checked()
    page.get_by_role("button", name="Rapprocher avec la sélection").click()
    page.get_by_text("La ligne est rapprochée.").wait_for()


def test_everything_works_without_javascript(house: House, open_page: OpenPage):
    page = open_page(role="accountant", javascript=False).page
    page.goto("/encaissements/")
    page.get_by_role("button", name="Refuser").click()
    assert page.get_by_text("Refusée : cette proposition ne sera plus faite.").is_visible()
    page.goto("/encaissements/?state=new")
    page.get_by_role("link", name="Choisir à la main").click()
    page.get_by_label("Numéro, client").fill("FA-2026-0003")
    page.get_by_role("button", name="Recherche").click()
    page.get_by_role("checkbox", name="FA-2026-0003").check()
    page.get_by_role("button", name="Rapprocher avec la sélection").click()
    assert page.get_by_text("La ligne est rapprochée.").is_visible()
    page.get_by_role("button", name="Défaire").click()
    assert page.get_by_text("de nouveau ouvert").first.is_visible()
