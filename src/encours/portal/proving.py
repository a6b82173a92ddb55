"""What needs more than a link: a code by e-mail, once for half an hour."""

from functools import wraps
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.http.response import HttpResponseBase

from encours.actions.check_portal_code import UnableToCheckPortalCode, check_portal_code
from encours.actions.send_portal_code import UnableToSendPortalCode, send_portal_code
from encours.core.portal_codes import SESSION
from encours.core.wording import Sentence
from encours.portal.pay import GoOn
from encours.portal.visit import View, Visit, portal_page, render
from encours.queries.portal_codes import code_addresses, code_sent_to, confirmed_email

COOKIE_NAME = "encours_code"
NEXT = "vers"
# pages that ask for a code: nothing else is gone on to
_PROVEN: set[str] = set()


def needs_code(view: View) -> View:
    """Of a page named as its function: a visitor who has shown no code is asked for one first, and comes back."""
    name = view.__name__
    _PROVEN.add(name)

    @wraps(view)
    def proven(request: Any, visit: Visit, **parameters: Any) -> HttpResponseBase:
        if not email_shown(request, visit):
            return GoOn(f"{visit.url('code')}?{urlencode({NEXT: name})}")
        return view(request, visit, **parameters)

    return proven


def email_shown(request: Any, visit: Visit) -> str:
    """The address whose code this browser has shown; "" when none."""
    session = request.COOKIES.get(COOKIE_NAME, "")[:100]
    return confirmed_email(company=visit.company, link_id=visit.link.link_id, session=session, now=visit.now)


@portal_page("GET", "POST", is_costly=True)
def code(request: Any, visit: Visit) -> HttpResponseBase:
    """Chooses an address, then takes the code that came there."""
    problem: Sentence | None = None
    go_on = _next(request, visit)
    if request.method == "POST" and "code" in request.POST:
        try:
            session = check_portal_code(
                company=visit.company, link_id=visit.link.link_id, typed=request.POST["code"][:30],
                now=visit.now, actor=visit.actor,
            )  # fmt: skip
        except UnableToCheckPortalCode as error:
            problem = error.sentence
        else:
            return _with_cookie(GoOn(go_on), visit, session)
    elif request.method == "POST":
        try:
            send_portal_code(
                company=visit.company, link_id=visit.link.link_id, contact_id=_contact_id(request),
                language=visit.language, now=visit.now, actor=visit.actor,
            )  # fmt: skip
        except UnableToSendPortalCode as error:
            problem = error.sentence
        else:
            return GoOn(request.get_full_path())
    shown = {
        "addresses": code_addresses(company=visit.company, customer_id=visit.customer.pk),
        "sent_to": code_sent_to(company=visit.company, link_id=visit.link.link_id, now=visit.now),
        "problem": problem,
        "next": request.GET.get(NEXT, "") if request.GET.get(NEXT, "") in _PROVEN else "",
        "room": "asks",
    }
    return render(visit, "portal/code.html", shown, status=422 if problem else 200)


def _next(request: Any, visit: Visit) -> str:
    name = request.GET.get(NEXT, "")
    return visit.url(name if name in _PROVEN else "asks")


def _contact_id(request: Any) -> int:
    text = request.POST.get("adresse", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 18 else 0


def _with_cookie(response: Any, visit: Visit, session: str) -> HttpResponseBase:
    """For the addresses of this link alone, and unreadable by any script."""
    response.set_cookie(
        COOKIE_NAME, session, max_age=SESSION, path=visit.url("owed"), httponly=True, samesite="Lax",
        secure=settings.HTTPS,
    )  # fmt: skip
    return response
