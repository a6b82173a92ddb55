"""Every page under axe (WCAG 2.2 A and AA, and its good practice): light and dark, desktop and phone."""

from collections.abc import Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.test import Client

from tests.backoffice.conftest import House, person
from tests.backoffice.routes import all_routes
from tests.browser.conftest import DESKTOP, PHONE, OpenPage

pytestmark = pytest.mark.browser

RULES = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "resultTypes": ["violations"],
    "iframes": False,  # the letter in one is looked at by itself
}
# a letter is no page: no landmarks, and its subject is its heading
LETTER_RULES = RULES | {"runOnly": [rule for rule in RULES["runOnly"] if rule != "best-practice"]}
# all that another colour scheme can change
COLOURS = RULES | {"runOnly": {"type": "rule", "values": ["color-contrast"]}}
OPEN_PAGES = ("/compte/login/", "/compte/password/reset/", "/compte/signup/")
OWN_PAGES = ("/compte/mfa/", "/compte/password/change/", "/compte/email/", "/nulle-part/")
# said by the browser about the answer 404, which is what is asked for
EXPECTED_COMPLAINTS = ("status of 404",)


def test_axe_finds_nothing_on_any_page_in_any_look(house: House, open_page: OpenPage):
    """No page scrolls sideways either, and the console is silent: the security policy refused nothing."""
    found: dict[str, Any] = {}
    for role, urls in (("admin", (*_urls(house), *OWN_PAGES)), ("", OPEN_PAGES)):
        opened = open_page(role=role)
        for url in urls:
            rules = _open(opened.page, url)
            opened.page.evaluate(Axe().axe_script)
            found |= {f"{url} {look}": trouble for look, trouble in _looks(opened.page, rules) if trouble}
        found |= {
            complaint: opened.page.url
            for complaint in opened.complaints
            if not any(expected in complaint for expected in EXPECTED_COMPLAINTS)
        }
    assert not found, "\n".join(f"{where}: {trouble}" for where, trouble in found.items())


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


def _open(page: Any, url: str) -> dict[str, Any]:
    """The rules for it. A letter is sandboxed and runs no script, not even axe, which would wait for ever:
    its words are looked at in a page without that."""
    answer = page.goto(url)
    if "sandbox" not in answer.headers.get("content-security-policy", ""):
        return RULES
    letter = answer.text()
    page.goto("about:blank")
    page.set_content(letter)
    return LETTER_RULES


def _looks(page: Any, rules: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """(look, what is wrong with it) of the page that is open, axe being in it."""
    for name, (width, height) in {"desktop": DESKTOP, "phone": PHONE}.items():
        page.set_viewport_size({"width": width, "height": height})
        page.emulate_media(color_scheme="light")
        yield f"{name} light", _violations(page, rules)
        page.emulate_media(color_scheme="dark")
        yield f"{name} dark", _violations(page, COLOURS)
        scrolled = page.evaluate("document.documentElement.scrollWidth")
        yield f"{name} width", scrolled if scrolled > width else None


def _violations(page: Any, rules: dict[str, Any]) -> dict[str, list[str]]:
    result = page.evaluate("rules => axe.run(rules)", rules)["violations"]
    return {
        violation["id"]: [f"{node['html'][:160]} {_measured(node)}" for node in violation["nodes"][:4]]
        for violation in result
    }


def _measured(node: dict[str, Any]) -> str:
    data = [check.get("data") for check in node["any"]]
    return " ".join(
        f"{d['fgColor']} on {d['bgColor']}: {d['contrastRatio']}"
        for d in data
        if isinstance(d, dict) and "fgColor" in d
    )
