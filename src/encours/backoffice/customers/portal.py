"""A customer's portal as the company sees it: who has a link, what was looked at, inviting and revoking."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST

from encours.actions.make_portal_link import MadeLink, invite_to_portal
from encours.actions.revoke_portal_link import revoke_portal_link
from encours.actions.send_invitation import UnableToInvite, send_invitation
from encours.backoffice.actor import actor_of
from encours.backoffice.clock import now, today
from encours.backoffice.language import language_of_reader
from encours.backoffice.listing import row_id
from encours.backoffice.permissions import Role, needs
from encours.backoffice.requests.names import ABOUTS, PLAN_STATES
from encours.queries.contact_requests import contacts_waiting_of
from encours.queries.customers import customer_of
from encours.queries.plan_requests import requests_of_customer
from encours.queries.portal_links import portal_links, portal_views
from encours.queries.portal_settings import portal_settings

LINK_STATES = {
    "open": gettext_lazy("opens"),
    "expired": gettext_lazy("expired"),
    "revoked": gettext_lazy("revoked"),
}
# routes of the portal in words; one that is not here is shown by its name
VIEW_NAMES = {
    "owed": gettext_lazy("what it owes"),
    "paid": gettext_lazy("what it paid"),
    "original": gettext_lazy("an invoice downloaded"),
    "statement": gettext_lazy("the statement of account"),
    "pay": gettext_lazy("paying"),
    "begin": gettext_lazy("a payment begun"),
    "go": gettext_lazy("on to the payment service"),
    "charge": gettext_lazy("a payment"),
    "returning": gettext_lazy("back from the payment service"),
    "transfer": gettext_lazy("the details for a transfer"),
    "asks": gettext_lazy("what it can ask for"),
    "question": gettext_lazy("a question"),
    "already_paid": gettext_lazy("that it has paid already"),
    "message": gettext_lazy("what it wrote"),
    "code": gettext_lazy("a code by e-mail"),
    "promise": gettext_lazy("promising a date"),
    "dispute": gettext_lazy("contesting an invoice"),
    "contacts": gettext_lazy("its contacts"),
    "plans": gettext_lazy("its payment plans"),
    "plan": gettext_lazy("asking for a payment plan"),
    "agreement": gettext_lazy("the agreement of a payment plan"),
}
OUTCOMES = {
    "shown": gettext_lazy("seen"),
    "done": gettext_lazy("done"),
    "refused": gettext_lazy("refused"),
}


@needs(Role.VIEWER)
def portal(request: Any, customer_id: int) -> HttpResponse:
    return _page(request, customer_id)


@needs(Role.COLLECTOR)
@require_POST
def invite(request: Any, customer_id: int) -> HttpResponse:
    """Makes a link and shows it, this once: it is kept nowhere."""
    if customer_of(company=request.company, customer_id=customer_id) is None:
        raise Http404
    made = invite_to_portal(
        company=request.company, customer_id=customer_id, base_url=request.build_absolute_uri("/")[:-1], now=now(),
        actor=actor_of(request),
    )  # fmt: skip
    return _page(request, customer_id, made=made)


@needs(Role.COLLECTOR)
@require_POST
def send(request: Any, customer_id: int) -> HttpResponse:
    """Sends the link by e-mail: nobody here sees it."""
    if customer_of(company=request.company, customer_id=customer_id) is None:
        raise Http404
    try:
        send_invitation(
            company=request.company,
            customer_id=customer_id,
            on=today(request.company),
            actor=actor_of(request),
        )
    except UnableToInvite as error:
        messages.warning(request, error.sentence.say(language_of_reader()))
    else:
        messages.success(request, _("The link leaves by e-mail within a minute."))
    return HttpResponseRedirect(reverse("customers:portal", args=[customer_id]))


@needs(Role.COLLECTOR)
@require_POST
def revoke(request: Any, customer_id: int) -> HttpResponse:
    """One link, or all that open."""
    if customer_of(company=request.company, customer_id=customer_id) is None:
        raise Http404
    count = revoke_portal_link(
        company=request.company, customer_id=customer_id, link_id=row_id(request.POST.get("link", "")), now=now(),
        actor=actor_of(request),
    )  # fmt: skip
    if count:
        said = ngettext(
            "%(count)s link opens nothing any more.", "%(count)s links open nothing any more.", count
        )
        messages.success(request, said % {"count": count})
    else:
        messages.warning(request, _("There was no link left to revoke."))
    return HttpResponseRedirect(reverse("customers:portal", args=[customer_id]))


def _page(request: Any, customer_id: int, *, made: MadeLink | None = None) -> HttpResponse:
    customer = customer_of(company=request.company, customer_id=customer_id)
    if customer is None:
        raise Http404
    response = render(
        request,
        "customers/portal.html",
        {
            "customer": customer,
            "made": made,
            "settings": portal_settings(company=request.company),
            "requests": requests_of_customer(company=request.company, customer_id=customer_id),
            "states": PLAN_STATES,
            "contact_requests": contacts_waiting_of(company=request.company, customer_id=customer_id),
            "abouts": ABOUTS,
            "links": portal_links(company=request.company, customer_id=customer_id, now=now()),
            "views": portal_views(company=request.company, customer_id=customer_id),
            "link_states": LINK_STATES,
            "view_names": VIEW_NAMES,
            "outcomes": OUTCOMES,
        },
    )
    if made is not None:
        response["Cache-Control"] = "no-store"
    return response
