"""Every page under axe (WCAG 2.2 A and AA, and its good practice): light and dark, desktop and phone."""

from typing import Any

import pytest
from django.test import Client

from tests.backoffice.conftest import House, person
from tests.backoffice.routes import all_routes
from tests.browser.conftest import DESKTOP, PHONE, OpenPage

pytestmark = pytest.mark.browser

RULES = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "resultTypes": ["violations"],
}
OPEN_PAGES = ("/compte/login/", "/compte/password/reset/", "/compte/signup/")
OWN_PAGES = ("/compte/mfa/", "/compte/password/change/", "/compte/email/", "/nulle-part/")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_axe_finds_nothing(scheme: str, size: tuple[int, int], house: House, open_page: OpenPage):
    opened = open_page(role="admin", scheme=scheme, size=size)
    found: dict[str, Any] = {}
    for url in (*_urls(house), *OWN_PAGES):
        found |= _violations(opened.page, url)
    stranger = open_page(role="", scheme=scheme, size=size)
    for url in OPEN_PAGES:
        found |= _violations(stranger.page, url)
    assert found == {}


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_no_page_complains_or_overflows(size: tuple[int, int], house: House, open_page: OpenPage):
    """The console is silent (so the security policy refuses nothing) and no page scrolls sideways."""
    opened = open_page(role="admin", size=size)
    wide = []
    for url in _urls(house):
        opened.page.goto(url, wait_until="networkidle")
        width = opened.page.evaluate("document.documentElement.scrollWidth")
        if width > size[0]:
            wide.append((url, width))
    assert wide == []
    assert opened.complaints == []


def _urls(house: House) -> list[str]:
    """Every page a GET shows to an administrator."""
    client = Client()
    client.force_login(person(house.company, "admin"))
    guarded = (route for route in all_routes() if route.needed_role != "anybody")
    answers = ((route.url(house), client.get(route.url(house))) for route in guarded)
    return [
        url
        for url, response in answers
        if response.status_code == 200 and response["Content-Type"].startswith("text/html")
    ]


def _violations(page: Any, url: str) -> dict[str, Any]:
    from axe_playwright_python.sync_playwright import Axe

    page.goto(url, wait_until="networkidle")
    result = Axe().run(page, options=RULES).response["violations"]
    return {
        f"{url} {violation['id']}": [node["html"][:200] for node in violation["nodes"][:4]]
        for violation in result
    }
