"""Which company a request works in: one of the signed-in person's, in scope for the whole request."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_cache_control

from encours.backoffice.navigation import rooms
from encours.backoffice.permissions import ROLE_NAMES, may
from encours.backoffice.preferences import theme_of
from encours.queries.companies import memberships_of
from encours.queries.portal_requests import waiting_request_count
from encours.queries.replies import waiting_reply_count
from encours.store.tenancy import company_scope

SESSION_KEY = "company"


class CompanyMiddleware:
    """Sets `request.company` and `request.role`; both None for a person who belongs to no company."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: Any) -> HttpResponse:
        request.company = request.role = None
        request.memberships = []
        if not request.user.is_authenticated:
            return self.get_response(request)
        request.memberships = memberships_of(user_id=request.user.pk)
        chosen = request.session.get(SESSION_KEY)
        membership = next((m for m in request.memberships if m.company_id == chosen), None)
        if membership is None and request.memberships:
            membership = request.memberships[0]
        if membership is None:
            return _private(self.get_response(request))
        request.company, request.role = membership.company, membership.role
        with company_scope(membership.company_id):
            response = self.get_response(request)
            if hasattr(response, "render") and callable(response.render):
                response.render()  # lazily rendered templates read inside the scope
            return _private(response)


def _private(response: HttpResponse) -> HttpResponse:
    if not response.has_header("Cache-Control"):
        patch_cache_control(response, private=True, no_cache=True)
    return response


def company_context(request: Any) -> dict[str, Any]:
    """Template context of every page: the company, the role and what it may do, the rooms, the theme."""
    role = getattr(request, "role", None)
    user = getattr(request, "user", None)
    match = getattr(request, "resolver_match", None)
    return {
        "company": getattr(request, "company", None),
        "role": role,
        "role_names": ROLE_NAMES,
        "may": may(role),
        "memberships": getattr(request, "memberships", []),
        "rooms": rooms(current=_room(request, match), counts=_waiting(request)) if role else [],
        "theme": theme_of(request),
        "user_initials": _initials(user) if user is not None and user.is_authenticated else "",
    }


def _waiting(request: Any) -> dict[str, Callable[[], int]]:
    """What waits for a person in each room that counts it."""
    return {
        "replies": lambda: waiting_reply_count(company=request.company),
        "requests": lambda: waiting_request_count(company=request.company),
    }


def _room(request: Any, match: Any) -> str:
    """The room a page belongs to: what its view says (`request.room`), else its namespace; account pages are settings."""
    if match is None:
        return ""
    room = getattr(request, "room", match.namespace)
    return room or ("settings" if (match.url_name or "").startswith(("account_", "mfa_")) else "")


def _initials(user: Any) -> str:
    words = (user.name or user.email.partition("@")[0].replace(".", " ")).split()
    return "".join(word[0] for word in words[:2]).upper()
