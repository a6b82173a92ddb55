"""A real server on committed data, and a real browser (the system's Chromium) signed in to it.

`server` is the address; `open_page(role="admin", scheme="dark", width=390, language="en")` a page whose person is signed in.
"""

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from threading import Thread
from typing import Any

import pytest
from django.conf import settings
from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler
from django.core.wsgi import get_wsgi_application
from django.db import connections
from django.test import Client

from encours.actions.create_company import create_company
from encours.store.tenancy import company_scope
from tests.backoffice.conftest import House, furnish, person

DESKTOP, PHONE = (1440, 900), (390, 844)


class _Quiet(WSGIRequestHandler):
    def log_message(self, *args: Any) -> None:
        """Requests are not the test's output."""


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """One browser for the run; skips when the machine has none."""
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        pytest.skip("no Chromium on this machine: apt-get install chromium")
    from playwright.sync_api import sync_playwright

    # Playwright keeps an event loop in this thread, which Django takes for an asynchronous caller
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=path,
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        yield browser
        browser.close()
    os.environ.pop("DJANGO_ALLOW_ASYNC_UNSAFE", None)


@pytest.fixture
def house(committed_db: None) -> Iterator[House]:
    """Atelier Lumen, committed, so that the server's own connections see it."""
    company = create_company(name="Atelier Lumen SAS", siren="732829320", slug="lumen", actor="test")
    with company_scope(company.pk):
        yield furnish(company)
    connections.close_all()


@pytest.fixture
def server(house: House) -> Iterator[str]:
    """Address of the product, served by threads of this process."""
    httpd = ThreadedWSGIServer(("127.0.0.1", 0), _Quiet)
    httpd.daemon_threads = True
    httpd.set_app(get_wsgi_application())
    thread = Thread(target=httpd.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{httpd.server_port}"
    httpd.shutdown()
    httpd.server_close()
    thread.join()


@dataclass
class Opened:
    """A browser page, and what its console complained about."""

    page: Any
    complaints: list[str]


OpenPage = Callable[..., Opened]


@pytest.fixture
def open_page(chromium: Any, server: str, house: House) -> Iterator[OpenPage]:
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
            client.force_login(person(house.company, role, language=language))
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
