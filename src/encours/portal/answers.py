"""What every answer of the portal carries: headers that keep it out of caches, indexes, frames and other people's logs."""

from collections.abc import Mapping
from functools import cache
from typing import Any

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.template import loader

# Nothing of a third party, nothing inline. A form is sent to nobody but us: whoever goes on to a payment service does so
# by a page of ours that moves on (`Refresh`), so its host need not be named here.
SECURITY_POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; font-src 'self'; form-action 'self'; "
    "frame-ancestors 'none'; base-uri 'none'"
)
HEADERS = {
    "Content-Security-Policy": SECURITY_POLICY,
    "X-Robots-Tag": "noindex, nofollow, noarchive",
    # the address is the key: it is told to nobody
    "Referrer-Policy": "no-referrer",
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}


@cache
def _template(name: str) -> Any:
    return loader.get_template(name)


def page(template: str, context: Mapping[str, Any], *, status: int = 200) -> HttpResponse:
    """A template without a request: no context processor runs."""
    return HttpResponse(_template(template).render(dict(context)), status=status)


def sealed(response: HttpResponseBase, *, language: str) -> HttpResponseBase:
    """The answer with its headers; what is public for ever (a colour, a logo) has said so already."""
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    response.headers.setdefault("Cache-Control", "no-store")
    response.headers.setdefault("Content-Language", language)
    if not response.streaming:
        response.headers.setdefault("Content-Length", str(len(response.content)))
    return response
