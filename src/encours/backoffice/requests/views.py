"""Demandes du portail: what customers ask for by themselves, and that waits for a person's answer."""

from typing import Any

from django.http import HttpResponse

from encours.backoffice.listing import PAGE_SIZE, page_number, render_list
from encours.backoffice.permissions import Role, needs
from encours.backoffice.requests.forms import KINDS, FilterForm
from encours.backoffice.requests.names import ABOUTS, CONTACT_STATES, FIELDS, PLAN_STATES
from encours.queries.contact_requests import contact_requests_page
from encours.queries.plan_requests import plan_requests_page

_PAGES = {"plans": plan_requests_page, "contacts": contact_requests_page}
_STATES = {"plans": PLAN_STATES, "contacts": CONTACT_STATES}


@needs(Role.VIEWER)
def list_(request: Any) -> HttpResponse:
    kind = request.GET.get("kind", "")
    if kind not in KINDS:
        kind = "plans"
    form = FilterForm(request.GET, kind=kind)
    wanted = form.wanted()
    page = _PAGES[kind](company=request.company, number=page_number(request), size=PAGE_SIZE, **wanted)
    return render_list(
        request,
        "requests/list.html",
        "requests/results.html",
        {
            "form": form,
            "kind": kind,
            "kinds": KINDS,
            "page": page,
            "states": _STATES[kind],
            "abouts": ABOUTS,
            "fields": FIELDS,
            "is_filtered": bool(wanted["text"]) or wanted["state"] != "waiting",
        },
    )
