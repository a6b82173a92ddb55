"""The company's own look: its colour as a style sheet, its logo. Both are named by what they are, and kept for ever."""

from typing import Any

from django.http import FileResponse, Http404, HttpResponse
from django.http.response import HttpResponseBase

from encours.core.colours import is_colour, legible, text_on
from encours.queries.companies import company_of_id
from encours.queries.portal_settings import logo_file
from encours.store.tenancy import company_scope

_FOR_EVER = "public, max-age=31536000, immutable"
# the page's own, in portal.css: text in the company's colour is legible on them
PAPER, DARK_PAPER = "#ffffff", "#12181a"


def colours(request: Any, colour: str) -> HttpResponseBase:  # noqa: ARG001
    """Style attributes and elements are refused by the security policy: a colour is a file of its own."""
    own = f"#{colour}"
    if not is_colour(own):
        raise Http404
    light, dark = legible(own, on=PAPER), legible(own, on=DARK_PAPER)
    sheet = (
        f":root {{ --own: {own}; --on-own: {text_on(own)}; --own-text: light-dark({light}, {dark});"
        f" --own-button: light-dark({light}, {dark}); --on-own-button: light-dark({text_on(light)}, {text_on(dark)}); }}\n"
    )
    return HttpResponse(sheet, content_type="text/css", headers={"Cache-Control": _FOR_EVER})


def robots(request: Any) -> HttpResponse:  # noqa: ARG001
    """Nothing here is for search engines."""
    return HttpResponse("User-agent: *\nDisallow: /\n", content_type="text/plain")


def logo(request: Any, company_id: int, digest: str) -> HttpResponseBase:  # noqa: ARG001
    """Who has not got the picture does not know its address."""
    company = company_of_id(company_id=company_id)
    if company is None:
        raise Http404
    with company_scope(company.pk):
        found = logo_file(company=company, digest=digest)
    if found is None or not found[0].path.is_file():
        raise Http404
    file, media_type = found
    return FileResponse(file.path.open("rb"), content_type=media_type, headers={"Cache-Control": _FOR_EVER})
