"""How a person wants the pages: which company, which language, light or dark."""

from typing import Any

from django.conf import settings
from django.http import HttpResponse, HttpResponseBadRequest, HttpResponseRedirect
from django.utils import translation
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from encours.actions.update_profile import update_profile
from encours.backoffice.permissions import anybody, signed_in

THEMES = ("auto", "light", "dark")
THEME_COOKIE = "theme"
_YEAR_SECONDS = 365 * 24 * 3600


def theme_of(request: Any) -> str:
    chosen = request.COOKIES.get(THEME_COOKIE, "auto")
    return chosen if chosen in THEMES else "auto"


@signed_in
@require_POST
def switch_company(request: Any) -> HttpResponse:
    """Goes to the dashboard of another of one's companies."""
    slug = request.POST.get("company", "")
    membership = next((m for m in request.memberships if m.company.slug == slug), None)
    if membership is None:
        return HttpResponseBadRequest()
    request.session["company"] = membership.company_id
    return HttpResponseRedirect("/")


@anybody
@require_POST
def set_language(request: Any) -> HttpResponse:
    """Kept with the person, and in a cookie for the sign-in page."""
    language = request.POST.get("language", "")
    if language not in dict(settings.LANGUAGES):
        return HttpResponseBadRequest()
    if request.user.is_authenticated:
        update_profile(user_id=request.user.pk, language=language)
    translation.activate(language)
    response = HttpResponseRedirect(_next(request))
    _remember(response, settings.LANGUAGE_COOKIE_NAME, language)
    return response


@anybody
@require_POST
def set_theme(request: Any) -> HttpResponse:
    theme = request.POST.get("theme", "")
    if theme not in THEMES:
        return HttpResponseBadRequest()
    response = HttpResponseRedirect(_next(request))
    _remember(response, THEME_COOKIE, theme)
    return response


def _next(request: Any) -> str:
    url = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(
        url, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return url if safe else "/"


def _remember(response: HttpResponse, name: str, value: str) -> None:
    response.set_cookie(
        name, value, max_age=_YEAR_SECONDS, samesite="Lax", httponly=True, secure=settings.HTTPS
    )
