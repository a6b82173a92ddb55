"""A file through the page: dropped with JavaScript, chosen without."""

import re

import pytest

from tests.backoffice.conftest import House
from tests.browser.conftest import OpenPage

pytestmark = pytest.mark.browser

INVOICES = "N° facture;Date facture;Client;TTC\nFA-2026-0044;02/03/2026;Dubois SARL;10,00\n"


def test_a_dropped_file_is_sent_at_once_and_its_import_watched(house: House, open_page: OpenPage):
    opened = open_page(role="accountant")
    page = opened.page
    page.goto("/imports/")
    dropped = page.evaluate_handle(
        "text => { const held = new DataTransfer(); held.items.add(new File([text], 'mars.csv')); return held }",
        INVOICES,
    )
    page.dispatch_event("main", "dragover", {"dataTransfer": dropped})
    assert "over" in page.locator("[data-drop]").get_attribute("class")
    page.dispatch_event("main", "drop", {"dataTransfer": dropped})
    page.wait_for_url(re.compile(r"/imports/\d+/$"))
    assert page.get_by_role("heading", level=1).inner_text() == "mars.csv"
    page.get_by_text("Attend son tour").wait_for()
    # asked again while it waits, and told to who cannot see the bar
    page.locator("#import-status", has_text="En attente").wait_for(state="attached")
    assert opened.complaints == []


def test_a_file_is_sent_without_javascript(house: House, open_page: OpenPage):
    page = open_page(role="accountant", javascript=False).page
    page.goto("/imports/")
    chosen = {"name": "mars.csv", "mimeType": "text/csv", "buffer": INVOICES.encode()}
    page.set_input_files("input[type=file]", [chosen])
    page.get_by_role("button", name="Importer").click()
    assert page.get_by_role("heading", level=1).inner_text() == "mars.csv"
    assert page.get_by_text("1 fichier reçu.").is_visible()
