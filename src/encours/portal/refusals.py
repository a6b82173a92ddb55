"""Pages for who cannot come in. They say what to do and tell nothing about anybody, not even whose link it was."""

from typing import Any

from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import translation

from encours.actions.open_portal_link import WhyNot
from encours.portal.answers import page
from encours.portal.language import browser_language

# gone for good, or nothing was ever there
_STATUS: dict[str, int] = {"unknown": 404, "expired": 410, "revoked": 410, "closed": 410}


def refused_page(request: Any, why: WhyNot) -> HttpResponseBase:
    return _said(request, f"portal/refused_{why}.html", _STATUS[why], renew_url=_renew_url(request, why))


def _renew_url(request: Any, why: WhyNot) -> str:
    """Where who holds an expired link asks for a new one."""
    known = request.resolver_match.kwargs if request.resolver_match else {}
    if why != "expired" or "reference" in known:
        return ""
    return reverse("portal:renewing", kwargs={name: known[name] for name in ("company_id", "token")})


def unknown_page(request: Any) -> HttpResponseBase:
    """For an address of the portal that leads nowhere."""
    return refused_page(request, "unknown")


def too_many(request: Any, seconds: int) -> HttpResponseBase:
    response = _said(request, "portal/too_many.html", 429, minutes=-(-seconds // 60))
    response["Retry-After"] = str(seconds)
    return response


def failed(request: Any) -> HttpResponseBase:
    return _said(request, "portal/failed.html", 500)


def _said(request: Any, template: str, status: int, **context: Any) -> HttpResponseBase:
    language = browser_language(request)
    with translation.override(language):
        return page(template, {"language": language, **context}, status=status)
