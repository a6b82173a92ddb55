"""The portal as a debtor meets it: from the link in a mail to what is paid, on a telephone and at a desk, with axe watching."""

import os
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.utils import timezone

from encours.actions.make_portal_link import invite_to_portal
from encours.portal import limits
from encours.store.models import PortalLink
from tests import cast
from tests.browser.conftest import DESKTOP, PHONE, OpenPage
from tests.browser.test_accessibility import COLOURS, RULES, _violations

pytestmark = pytest.mark.browser
# a folder for pictures of every page, for who wants to look
SHOTS = os.environ.get("ENCOURS_SHOTS")


@pytest.fixture
def link(lumen, server) -> str:
    """Lefèvre owes three invoices and has a link, as a mail has it."""
    limits.clear()
    on = timezone.now().date()
    lumen.iban, lumen.account_holder = "FR7630004000031234567890143", "ATELIER LUMEN SAS"
    lumen.email, lumen.phone = "compta@lumen.example", "02 40 00 00 00"
    lumen.save()
    customer = cast.late_payer(lumen)
    for number, (days, cents) in enumerate([(110, 120_000), (62, 84_050), (12, 45_000)], start=1):
        cast.invoice(
            lumen, customer, f"FA-2026-000{number}", payable_cents=cents, issue_date=on - timedelta(days=days)
        )
    made = invite_to_portal(
        company=lumen, customer_id=customer.pk, base_url=server, now=timezone.now(), actor="test"
    )
    return made.url


def look_at(page: Any, name: str) -> dict[str, Any]:
    """What axe and a ruler find wrong with the page that is open, in both sizes and colour schemes."""
    page.evaluate(Axe().axe_script)
    found = {}
    for size, (width, height) in {"phone": PHONE, "desktop": DESKTOP}.items():
        page.set_viewport_size({"width": width, "height": height})
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            wrong = _violations(page, RULES if scheme == "light" else COLOURS)
            if wrong:
                found[f"{name} {size} {scheme}"] = wrong
            if SHOTS:
                page.screenshot(path=Path(SHOTS) / f"portal-{name}-{size}-{scheme}.png", full_page=True)
        scrolled = page.evaluate("document.documentElement.scrollWidth")
        if scrolled > width:
            found[f"{name} {size} width"] = scrolled
    page.emulate_media(color_scheme="light")
    return found


def test_from_the_link_to_a_part_paid_by_transfer_with_its_code(link: str, open_page: OpenPage):
    opened = open_page(role="", size=PHONE)
    page, found = opened.page, {}
    page.goto(link)
    found |= look_at(page, "owed")
    # what is late is chosen, the sum is told as it changes
    assert (
        page.locator("[data-sum-amount]").inner_text().replace("\u202f", " ").replace("\xa0", " ")
        == "2 040,50 €"
    )
    page.get_by_label("FA-2026-0002").uncheck()
    assert "1" in page.locator("[data-sum-amount]").inner_text()
    page.get_by_role("button", name="Régler la sélection").click()
    found |= look_at(page, "pay")
    page.get_by_text("Ne régler qu’une partie").click()
    page.get_by_label("Montant (EUR)").fill("500")
    page.get_by_role("button", name="Retenir ce montant").click()
    assert "Vous réglez une partie" in page.content()
    page.get_by_role("link", name="Voir les coordonnées").click()
    found |= look_at(page, "transfer")
    code = page.get_by_role("img", name="Code pour les applications bancaires")
    assert code.bounding_box()["width"] > 150
    assert "FA-2026-0001" in page.content()
    page.get_by_role("link", name="English").click()
    assert page.get_by_role("heading", level=1).inner_text() == "Pay by transfer"
    page.get_by_role("link", name="What I paid").click()
    found |= look_at(page, "paid")
    assert found == {}
    assert opened.complaints == []
    assert PortalLink.objects.get().first_seen_at is not None


def test_everything_works_without_javascript(link: str, open_page: OpenPage):
    page = open_page(role="", size=PHONE, javascript=False).page
    page.goto(link)
    page.get_by_role("button", name="Tout régler").click()
    page.get_by_role("link", name="Voir les coordonnées").click()
    assert "2 490,50" in page.inner_text("main").replace("\u202f", " ")
    # nothing that needs a script is shown without one
    assert page.get_by_role("button", name="Copier").count() == 0


def test_a_link_that_opens_nothing_says_what_to_do(link: str, open_page: OpenPage):
    PortalLink.objects.update(revoked_at=timezone.now())
    opened = open_page(role="")
    opened.page.goto(link)
    assert "a été retiré" in opened.page.content()
    found = look_at(opened.page, "revoked")
    opened.page.goto(link.replace("/p/", "/p/9"))
    assert look_at(opened.page, "unknown") | found == {}
