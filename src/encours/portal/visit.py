"""Opening the portal: what every page of it does before and after its own work."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from functools import wraps
from typing import Any

from django.http import HttpResponse, HttpResponseNotAllowed
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import translation

from encours.actions.note_portal_view import note_portal_view
from encours.actions.open_portal_link import OpenedLink, UnableToOpenPortalLink, open_portal_link
from encours.portal import limits
from encours.portal.answers import page
from encours.portal.clock import now, ticking_seconds, today
from encours.portal.language import LANGUAGES, chosen_language, keep_language
from encours.portal.network import network_of
from encours.portal.refusals import refused_page, too_many
from encours.store.tenancy import company_scope

View = Callable[..., HttpResponseBase]
MAX_ID = (1 << 63) - 1
# a browser or a mail program that looks ahead: nobody reads it yet
_LOOKING_AHEAD = ("HTTP_SEC_PURPOSE", "HTTP_PURPOSE", "HTTP_X_MOZ", "HTTP_X_PURPOSE")


@dataclass(frozen=True)
class Visit:
    """A request let in by a link: whose it is, when, in which language. All that a page may rest on."""

    link: OpenedLink
    token: str
    language: str
    now: datetime
    on: date

    @property
    def company(self) -> Any:
        return self.link.company

    @property
    def customer(self) -> Any:
        return self.link.customer

    @property
    def settings(self) -> Any:
        return self.link.settings

    @property
    def actor(self) -> str:
        return self.link.actor

    def url(self, name: str, **kwargs: Any) -> str:
        """The address of a page of this visitor's portal: `visit.url("pay")`."""
        return reverse(
            f"portal:{name}", kwargs={"company_id": self.company.pk, "token": self.token, **kwargs}
        )


def portal_page(*methods: str, is_costly: bool = False) -> Callable[[View], View]:
    """A view of the portal: `view(request, visit, **parameters)`, called in the company's scope and the visitor's language.

    Counts, opens the link, and writes down the view afterwards under the route's name: `shown` for a page, `done` for what
    a form did, `refused` for what was answered with 4xx. Methods are GET (with HEAD) unless said.
    """
    allowed = (*methods, "HEAD") if "GET" in methods else methods or ("GET", "HEAD")
    costly = ("POST",) if "POST" in allowed else allowed  # looking at a form costs little

    def decorate(view: View) -> View:
        @wraps(view)
        def opened(request: Any, company_id: int, token: str, **parameters: Any) -> HttpResponseBase:
            if request.method not in allowed:
                return HttpResponseNotAllowed(allowed)
            # a page of somebody else's cannot send our forms: it would have to know the address. Twice is safer
            if request.method == "POST" and request.META.get("HTTP_SEC_FETCH_SITE") == "cross-site":
                return refused_page(request, "unknown")
            network = network_of(request)
            seconds = _wait_seconds(network, f"{company_id} {token}", is_costly and request.method in costly)
            if seconds:
                return too_many(request, seconds)
            if company_id > MAX_ID:
                return _wrong(request, network)
            with company_scope(company_id):
                moment = now()
                try:
                    link = open_portal_link(company_id=company_id, token=token, now=moment)
                except UnableToOpenPortalLink as error:
                    if error.why == "unknown":
                        return _wrong(request, network)
                    return refused_page(request, error.why)
                language = chosen_language(request) or _language_of(link)
                visit = Visit(link, token, language, moment, today(link.company))
                with translation.override(language):
                    response = view(request, visit, **parameters)
                keep_language(request, response)
                response["Content-Language"] = language
                _note(request, visit, response, network, parameters)
                return response

        opened.is_portal_page = True  # type: ignore[attr-defined]  # read by the tests that walk every route
        return opened

    return decorate


def render(
    visit: Visit, template: str, context: dict[str, Any] | None = None, *, status: int = 200
) -> HttpResponse:
    """A page of the portal, under the company's head."""
    return page(
        template,
        {
            "visit": visit, "company": visit.company, "customer": visit.customer, "settings": visit.settings,
            "language": visit.language, "languages": LANGUAGES, **(context or {}),
        },
        status=status,
    )  # fmt: skip


def _wait_seconds(network: str, link: str, is_costly: bool) -> int:
    """0 when the request may go on. A network that tried many wrong links is not answered for a while."""
    at = ticking_seconds()
    return max(
        limits.WRONG.wait_seconds(network, at=at, is_taken=False),
        limits.NETWORK.wait_seconds(network, at=at),
        limits.LINK.wait_seconds(link, at=at),
        limits.COSTLY.wait_seconds(link, at=at) if is_costly else 0,
    )


def _wrong(request: Any, network: str) -> HttpResponseBase:
    limits.WRONG.wait_seconds(network, at=ticking_seconds())
    return refused_page(request, "unknown")


def _language_of(link: OpenedLink) -> str:
    for said in (link.customer.language, link.company.language):
        if said in LANGUAGES:
            return said
    return "fr"


def _note(
    request: Any, visit: Visit, response: HttpResponseBase, network: str, parameters: dict[str, Any]
) -> None:
    is_form = request.method == "POST"
    object_id = next((value for value in parameters.values() if isinstance(value, int)), None)
    note_portal_view(
        company_id=visit.company.pk,
        link_id=visit.link.link_id,
        what=request.resolver_match.url_name[:40],
        object_id=object_id,
        outcome="refused" if response.status_code >= 400 else "done" if is_form else "shown",
        network=network,
        browser=request.META.get("HTTP_USER_AGENT", ""),
        is_person=request.method != "HEAD" and not any(request.META.get(name) for name in _LOOKING_AHEAD),
        now=visit.now,
    )
