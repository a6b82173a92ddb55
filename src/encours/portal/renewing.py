"""A new link for who comes with one that has expired: it goes to the addresses the company knows, never to who asks.

Whatever is known, and whether anything leaves, the answer is the same.
"""

from typing import Any

from django.http import HttpResponseNotAllowed
from django.http.response import HttpResponseBase
from django.utils import translation

from encours.actions.send_invitation import renew_portal_link
from encours.portal import clock, limits
from encours.portal.answers import page
from encours.portal.language import browser_language
from encours.portal.network import network_of
from encours.portal.refusals import refused_page, too_many
from encours.portal.visit import MAX_ID
from encours.queries.companies import company_of_id
from encours.store.tenancy import company_scope


def renewing(request: Any, company_id: int, token: str) -> HttpResponseBase:
    """Asks for a new link. Counted as costly, and as a wrong link: nobody needs it often."""
    if request.method != "POST":
        return HttpResponseNotAllowed(("POST",))
    if request.META.get("HTTP_SEC_FETCH_SITE") == "cross-site":
        return refused_page(request, "unknown")
    network, at = network_of(request), clock.ticking_seconds()
    seconds = max(
        limits.WRONG.wait_seconds(network, at=at),
        limits.COSTLY.wait_seconds(f"renew {network}", at=at),
        limits.LINK.wait_seconds(f"{company_id} {token[:40]}", at=at),
    )
    if seconds:
        return too_many(request, seconds)
    company = company_of_id(company_id=company_id) if company_id <= MAX_ID else None
    if company is not None:
        with company_scope(company.pk):
            renew_portal_link(company_id=company.pk, token=token, now=clock.now(), on=clock.today(company))
    language = browser_language(request)
    with translation.override(language):
        return page("portal/renewed.html", {"language": language})
