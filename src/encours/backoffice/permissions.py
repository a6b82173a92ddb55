"""Who may see and do what, in one place.

A view says the role it needs: `@needs(Role.COLLECTOR)`. Each role may do what the lower ones may
(viewer < collector < accountant < admin). A view without `needs` fails the tests.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from encours.queries.people import Role, is_at_least

__all__ = ["ROLE_NAMES", "Role", "anybody", "may", "needs", "signed_in"]

ROLE_NAMES = {
    Role.ADMIN.value: _("Administrator"),
    Role.ACCOUNTANT.value: _("Accountant"),
    Role.COLLECTOR.value: _("Collector"),
    Role.VIEWER.value: _("Reader"),
}

View = Callable[..., HttpResponseBase]


def needs(role: Role) -> Callable[[View], View]:
    """Anonymous people go to the sign-in page, people without a company learn so, too low a role is a 403."""

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: Any, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not request.user.is_authenticated:
                return _to_sign_in(request)
            if request.company is None:
                return render(request, "errors/no_company.html", status=403)
            if not is_at_least(held=request.role, needed=role):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        guarded.needed_role = role  # type: ignore[attr-defined]  # read by the tests that walk every route
        return guarded

    return decorate


def signed_in(view: View) -> View:
    """For pages about oneself, which need no company."""

    @wraps(view)
    def guarded(request: Any, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return _to_sign_in(request)
        return view(request, *args, **kwargs)

    guarded.needed_role = "signed_in"  # type: ignore[attr-defined]
    return guarded


def anybody(view: View) -> View:
    """Says on purpose that a view is open to the world."""
    view.needed_role = "anybody"  # type: ignore[attr-defined]
    return view


def may(role: str | None) -> dict[str, bool]:
    """What templates ask: `{% if may.collector %}`."""
    return {str(needed): is_at_least(held=role, needed=needed) for needed in Role}


def _to_sign_in(request: HttpRequest) -> HttpResponse:
    if getattr(request, "htmx", False):
        # a fragment would show the sign-in form inside the page
        return HttpResponse(status=401, headers={"HX-Redirect": reverse("account_login")})
    if request.method not in ("GET", "HEAD"):
        return HttpResponseRedirect(reverse("account_login"))
    return redirect_to_login(request.get_full_path())
