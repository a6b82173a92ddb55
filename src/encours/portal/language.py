"""In which language a visitor reads: what it chose, else the customer's, else the browser's."""

from typing import Any

from django.conf import settings
from django.http.response import HttpResponseBase
from django.utils.translation import get_supported_language_variant
from django.utils.translation.trans_real import parse_accept_lang_header

LANGUAGES = ("fr", "en")
PARAMETER = "langue"
COOKIE_NAME = "encours_langue"


def chosen_language(request: Any) -> str:
    """What the visitor asked for, now or earlier; "" when nothing."""
    for said in (request.GET.get(PARAMETER), request.COOKIES.get(COOKIE_NAME)):
        if said in LANGUAGES:
            return said
    return ""


def browser_language(request: Any) -> str:
    """For pages that know nobody."""
    chosen = chosen_language(request)
    if chosen:
        return chosen
    for said, _ in parse_accept_lang_header(request.META.get("HTTP_ACCEPT_LANGUAGE", "")):
        try:
            return get_supported_language_variant(said)[:2]
        except LookupError:
            continue
    return "fr"


def keep_language(request: Any, response: HttpResponseBase) -> None:
    """A choice is kept by the browser, for the portal and for as long as it is open; it says nothing of who reads."""
    chosen = request.GET.get(PARAMETER)
    if chosen in LANGUAGES:
        response.set_cookie(  # type: ignore[attr-defined]
            COOKIE_NAME, chosen, path="/p/", httponly=True, samesite="Lax", secure=settings.HTTPS
        )
