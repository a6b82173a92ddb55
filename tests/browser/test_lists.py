"""Lists with and without JavaScript: filter, sort, page, go back; menus by keyboard; the phone's navigation."""

import pytest

from tests.backoffice.conftest import House
from tests.browser.conftest import PHONE, OpenPage

pytestmark = pytest.mark.browser


def test_a_filter_changes_the_results_and_the_address_in_place(house: House, open_page: OpenPage):
    opened = open_page()
    page = opened.page
    page.goto("/factures/")
    page.evaluate("window.sameDocument = true")
    page.get_by_label("État").select_option("overdue")
    page.wait_for_url("**/factures/?*state=overdue*")
    page.get_by_text("FA-2026-0002").wait_for(state="detached")
    assert page.get_by_role("link", name="FA-2026-0003").is_visible()
    assert page.evaluate("window.sameDocument") is True
    page.get_by_role("link", name="Total").click()
    page.wait_for_url("**sort=-amount**")
    assert "state=overdue" in page.url
    page.go_back()
    page.wait_for_url(lambda url: "sort=-amount" not in url)
    assert page.get_by_role("heading", level=1).inner_text() == "Factures"
    assert opened.complaints == []


def test_lists_work_without_javascript(house: House, open_page: OpenPage):
    page = open_page(javascript=False).page
    page.goto("/factures/")
    page.get_by_label("Recherche").fill("dubois")
    page.get_by_role("button", name="Filtrer").click()
    assert "q=dubois" in page.url
    assert page.get_by_role("link", name="FA-2026-0002").is_visible()
    assert page.get_by_role("link", name="FA-2026-0001").count() == 0
    page.get_by_role("link", name="Total").click()
    assert "sort=-amount" in page.url
    assert "q=dubois" in page.url


def test_the_ageing_bars_open_the_list_behind_them(house: House, open_page: OpenPage):
    page = open_page().page
    page.goto("/")
    page.get_by_role("link", name="31 à 60 jours de retard").click()
    page.wait_for_url("**bucket=31_60**")
    assert page.get_by_role("link", name="FA-2026-0001").is_visible()
    assert page.get_by_role("link", name="FA-2026-0002").count() == 0


def test_the_chart_is_drawn(house: House, open_page: OpenPage):
    opened = open_page()
    opened.page.goto("/", wait_until="networkidle")
    assert opened.page.locator("#cash-chart svg path").count() > 10
    assert opened.complaints == []


def test_menus_open_by_keyboard_and_close_by_escape(house: House, open_page: OpenPage):
    page = open_page().page
    page.goto("/clients/")
    summary = page.locator(".rail-foot summary")
    summary.focus()
    page.keyboard.press("Enter")
    assert page.get_by_role("button", name="Se déconnecter").is_visible()
    page.keyboard.press("Escape")
    assert not page.get_by_role("button", name="Se déconnecter").is_visible()
    assert summary.evaluate("element => element === document.activeElement")


def test_the_rail_of_a_phone_opens_and_leads_on(house: House, open_page: OpenPage):
    page = open_page(size=PHONE).page
    page.goto("/")
    assert not page.get_by_role("link", name="Clients", exact=True).is_visible()
    page.get_by_role("button", name="Menu").click()
    page.get_by_role("link", name="Clients", exact=True).click()
    page.wait_for_url("**/clients/")
    assert page.get_by_role("heading", level=1).inner_text() == "Clients"


def test_language_and_theme_are_chosen_in_the_menu(house: House, open_page: OpenPage):
    page = open_page().page
    page.goto("/clients/")
    page.locator(".rail-foot summary").click()
    page.get_by_role("button", name="Sombre").click()
    assert page.locator("html").get_attribute("data-theme-choice") == "dark"
    page.locator(".rail-foot summary").click()
    page.get_by_role("button", name="English").click()
    assert page.url.endswith("/clients/")
    assert page.get_by_role("heading", level=1).inner_text() == "Customers"
