"""Which company a request works in: one of the signed-in person's, in scope for the whole request."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse

from encours.queries.companies import memberships_of
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
            return self.get_response(request)
        request.company, request.role = membership.company, membership.role
        with company_scope(membership.company_id):
            response = self.get_response(request)
            if hasattr(response, "render") and callable(response.render):
                response.render()  # lazily rendered templates read inside the scope
            return response


def company_context(request: Any) -> dict[str, Any]:
    """Template context: the company, the role and the other companies to switch to."""
    return {
        "company": getattr(request, "company", None),
        "role": getattr(request, "role", None),
        "memberships": getattr(request, "memberships", []),
    }
