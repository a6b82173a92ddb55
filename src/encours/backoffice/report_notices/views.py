"""Where services that carry messages report: an address that takes what nobody signed in for.

The signature is all that counts: there is no session, no cookie and no form.
"""

import logging
from typing import Any

from django.http import HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from encours.actions.receive_report import MAX_NOTICE_BYTES, UnableToTakeReport, receive_report
from encours.backoffice.clock import now
from encours.backoffice.permissions import anybody
from encours.ports.channels import Notice
from encours.queries.companies import company_of_id
from encours.store.tenancy import company_scope

_logger = logging.getLogger(__name__)


@csrf_exempt
@anybody
@require_POST
@never_cache
def receive(request: Any, company_id: int, hook_key: str) -> HttpResponse:
    """204 for a notice that is genuine, be it new or repeated; 401 for all others, whatever is wrong with them."""
    if int(request.META.get("CONTENT_LENGTH") or 0) > MAX_NOTICE_BYTES:
        return HttpResponse(status=413)
    company = company_of_id(company_id=company_id)
    if company is None:
        return HttpResponse(status=401)
    headers = {name.lower(): value for name, value in request.headers.items()}
    notice = Notice(request.build_absolute_uri(), headers, request.body)
    query = request.META.get("QUERY_STRING", "")
    try:
        with company_scope(company.pk):
            receive_report(company=company, hook_key=hook_key, query=query, notice=notice, now=now())
    except UnableToTakeReport as error:
        _logger.warning("report refused: %s", error)
        return HttpResponse(status=401)
    return HttpResponse(status=204)
