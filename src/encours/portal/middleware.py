"""The short way of every request below /p/: straight from the address to its view.

Sessions, sign-in, messages and the rest of the back office are passed by: a payment link opens in one request that does
little, and a signed-in browser is nobody here.
"""

import logging
from collections.abc import Callable
from typing import Any

from django.core.exceptions import SuspiciousOperation
from django.core.signals import got_request_exception
from django.http import Http404, HttpRequest
from django.http.multipartparser import MultiPartParserError
from django.http.response import HttpResponseBase
from django.urls import Resolver404, get_resolver

from encours.portal.answers import sealed
from encours.portal.language import browser_language
from encours.portal.refusals import failed, unknown_page

PREFIX = "/p/"
_logger = logging.getLogger(__name__)


class PortalMiddleware:
    """Stands right behind the security headers."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: Any) -> HttpResponseBase:
        if not request.path_info.startswith(PREFIX):
            return self.get_response(request)
        return sealed(_answered(request), language=browser_language(request))


def _answered(request: Any) -> HttpResponseBase:
    try:
        match = _found(request.path_info)
        request.resolver_match = match
        return match.func(request, *match.args, **match.kwargs)
    except (Http404, SuspiciousOperation, MultiPartParserError):  # the last two: a form no browser sends
        return unknown_page(request)
    except Exception:  # the edge: whatever goes wrong is a page, and in the log
        got_request_exception.send(sender=PortalMiddleware, request=request)
        _logger.exception("portal: %s failed", request.resolver_match and request.resolver_match.view_name)
        return failed(request)


def _found(path: str) -> Any:
    """An address whose last stroke was lost on the way (mail programs, typing) is served all the same."""
    resolver = get_resolver()
    try:
        return resolver.resolve(path)
    except Resolver404:
        if path.endswith("/"):
            raise
        return resolver.resolve(f"{path}/")
