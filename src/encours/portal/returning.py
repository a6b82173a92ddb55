"""Coming back from a payment service. What its address says counts for nothing: the service is asked.

The address is narrow: it shows what became of one payment, for a day. The browser that left by its own link goes on to it.
"""

from datetime import datetime
from typing import Any

from django.http import HttpResponseNotAllowed
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import translation

from encours.actions.note_portal_view import note_portal_view
from encours.actions.open_portal_link import UnableToOpenPortalLink, open_portal_link
from encours.actions.open_portal_return import OpenedReturn, open_portal_return
from encours.portal import clock, limits
from encours.portal.answers import page
from encours.portal.known_link import known_link
from encours.portal.language import browser_language
from encours.portal.methods import NAMES
from encours.portal.network import network_of
from encours.portal.pay import GoOn, followed
from encours.portal.refusals import refused_page, too_many
from encours.portal.visit import MAX_ID
from encours.queries.portal_settings import portal_settings
from encours.store.tenancy import company_scope


def returning(request: Any, company_id: int, reference: str, token: str) -> HttpResponseBase:
    """What became of the payment, for whoever comes back with its address."""
    if request.method not in ("GET", "HEAD"):
        return HttpResponseNotAllowed(("GET", "HEAD"))
    network = network_of(request)
    at = clock.ticking_seconds()
    seconds = max(
        limits.WRONG.wait_seconds(network, at=at, is_taken=False),
        limits.NETWORK.wait_seconds(network, at=at),
        limits.LINK.wait_seconds(f"{company_id} {reference[:40]}", at=at),
    )
    if seconds:
        return too_many(request, seconds)
    now = clock.now()
    if company_id > MAX_ID:
        return _wrong(request, network, at)
    with company_scope(company_id):
        try:
            back = open_portal_return(company_id=company_id, reference=reference, token=token, now=now)
        except UnableToOpenPortalLink as error:
            return (
                _wrong(request, network, at) if error.why == "unknown" else refused_page(request, error.why)
            )
        own = _own_page(request, back, now)
        response = GoOn(own) if own else _shown(request, back, now)
        _note(request, back, network, now)
    return response


def _own_page(request: Any, back: OpenedReturn, now: datetime) -> str:
    """The payment's page of the visitor's own portal; "" where its link is not known, or does not open any more."""
    try:
        link = open_portal_link(company_id=back.company.pk, token=known_link(request), now=now)
    except UnableToOpenPortalLink:
        return ""
    if link.customer.pk != back.customer_id:
        return ""
    return reverse(
        "portal:charge",
        kwargs={"company_id": back.company.pk, "token": known_link(request), "charge_id": back.charge_id},
    )


def _shown(request: Any, back: OpenedReturn, now: datetime) -> HttpResponseBase:
    """Nothing of the customer, not even what was paid: whoever reads a service's logs has this address."""
    charge, is_silent = followed(
        company=back.company, customer_id=back.customer_id, charge_id=back.charge_id, now=now,
        actor=f"portal:{back.link_id}" if back.link_id else "portal",
    )  # fmt: skip
    language = browser_language(request)
    shown = {
        "charge": charge, "is_silent": is_silent, "company": back.company, "language": language,
        "settings": portal_settings(company=back.company), "method_name": NAMES.get(charge.method, ""),
    }  # fmt: skip
    with translation.override(language):
        return page("portal/returned.html", shown)


def _wrong(request: Any, network: str, at: float) -> HttpResponseBase:
    limits.WRONG.wait_seconds(network, at=at)
    return refused_page(request, "unknown")


def _note(request: Any, back: OpenedReturn, network: str, now: datetime) -> None:
    if back.link_id is None:
        return
    note_portal_view(
        company_id=back.company.pk, link_id=back.link_id, what="returning", object_id=back.charge_id, outcome="shown",
        network=network, browser=request.META.get("HTTP_USER_AGENT", ""), is_person=False, now=now,
    )  # fmt: skip
