"""Addresses where services outside post what nobody signed in for: what every one of them checks before it listens.

The proof in the notice is all that counts: there is no session, no cookie and no form.
"""

import logging
from collections.abc import Callable
from typing import Any

from django.http import HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from encours.backoffice.permissions import View, anybody
from encours.queries.companies import company_of_id
from encours.store.tenancy import company_scope

_logger = logging.getLogger(__name__)


def address_of_notices(
    take: Callable[[Any, Any, str], object], *, max_bytes: int, refused: type[Exception]
) -> View:
    """The view of an address `<company_id>/<hook_key>/`. `take(request, company, hook_key)` takes a notice in, inside the
    company's scope, or raises `refused`.

    204 for a notice that is taken, be it new or repeated; 401 for all others, whatever is wrong with them; 413 unread
    for one that says it is larger than `max_bytes`.
    """

    @csrf_exempt
    @anybody
    @require_POST
    @never_cache
    def receive(request: Any, company_id: int, hook_key: str) -> HttpResponse:
        if announced_bytes(request) > max_bytes:
            return HttpResponse(status=413)
        company = company_of_id(company_id=company_id)
        if company is None:
            return HttpResponse(status=401)
        try:
            with company_scope(company.pk):
                take(request, company, hook_key)
        except refused as error:
            _logger.warning("notice refused: %s", error)
            return HttpResponse(status=401)
        return HttpResponse(status=204)

    return receive


def announced_bytes(request: Any) -> int:
    """How large a notice says it is; 0 for one that does not say, of which nothing is read."""
    text = request.META.get("CONTENT_LENGTH") or "0"
    return int(text) if text.isascii() and text.isdigit() else 0


def headers_of(request: Any) -> dict[str, str]:
    """The headers of a notice, names in lower case."""
    return {name.lower(): value for name, value in request.headers.items()}
