"""A real server on committed data, and a real browser (the system's Chromium) signed in to it.

`server` is the address; `open_page(role="admin", scheme="dark", size=PHONE, language="en")` a page whose person is signed in.
What is opened is closed in this order: the browser's pages, the server with its threads and their database
connections, and only then the tables are wiped.
"""

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.conf import settings
from django.db import connections
from django.test import Client

from encours.actions.create_company import create_company
from encours.store.models import Company
from encours.store.tenancy import company_scope
from tests.backoffice.conftest import House, furnish, person
from tests.browser.live_server import LiveServer

DESKTOP, PHONE = (1440, 900), (390, 844)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    """One browser for a module; skips when the machine has none.

    Playwright keeps an event loop in this thread as long as it runs: Django takes its callers for
    asynchronous ones, and `asyncio.run` refuses. Therefore it ends with the module and troubles nobody else.
    """
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        pytest.skip("no Chromium on this machine: apt-get install chromium")
    from playwright.sync_api import sync_playwright

    with pytest.MonkeyPatch.context() as environment, sync_playwright() as playwright:
        environment.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        browser = playwright.chromium.launch(
            executable_path=path,
            # of no use without a screen, and root may not have the sandbox
            args=[
                "--disable-gpu",
                "--disable-background-networking",
                *(["--no-sandbox"] * (os.getuid() == 0)),
            ],
        )
        yield browser
        browser.close()


@pytest.fixture
def lumen(committed_db: None) -> Iterator[Company]:
    """Atelier Lumen with nothing in it, committed, so that the server's own connections see it."""
    company = create_company(name="Atelier Lumen SAS", siren="732829320", slug="lumen", actor="test")
    with company_scope(company.pk):
        yield company
    connections.close_all()


@pytest.fixture
def house(lumen: Company) -> House:
    """Atelier Lumen with something on every page."""
    return furnish(lumen)


@pytest.fixture
def server(lumen: Company) -> Iterator[str]:
    """Address of the product."""
    live = LiveServer()
    yield live.url
    live.end()


@dataclass
class Opened:
    """A browser page, and what its console complained about."""

    page: Any
    complaints: list[str]


OpenPage = Callable[..., Opened]


@pytest.fixture
def open_page(chromium: Any, server: str, lumen: Company) -> Iterator[OpenPage]:
    """Opens a page of somebody of this role; of nobody, with `role=""`."""
    contexts = []

    def opened(
        *, role: str = "admin", scheme: str = "light", size: tuple[int, int] = DESKTOP, language: str = "fr",
        javascript: bool = True,
    ) -> Opened:  # fmt: skip
        context = chromium.new_context(
            viewport={"width": size[0], "height": size[1]}, color_scheme=scheme, locale=language,
            base_url=server, java_script_enabled=javascript, reduced_motion="reduce",
        )  # fmt: skip
        contexts.append(context)
        if role:
            client = Client()
            client.force_login(person(lumen, role, language=language))
            cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
            context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": server}])
        page = context.new_page()
        complaints: list[str] = []
        page.on(
            "console",
            lambda said: complaints.append(said.text) if said.type in ("error", "warning") else None,
        )
        page.on("pageerror", lambda error: complaints.append(str(error)))
        return Opened(page, complaints)

    yield opened
    for context in contexts:
        context.close()
