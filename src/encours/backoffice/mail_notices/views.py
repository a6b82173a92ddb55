"""Where mail services post the mails that came in for a company: an address that takes what nobody signed in for.

The key in the address is looked up before the body is read, the proof in the notice before it is kept. A job reads the mails.
"""

import logging
from typing import Any

from django.http import HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from encours.actions.receive_mail import (
    MAX_NOTICE_BYTES,
    UnableToTakeMail,
    UnableToTakeMore,
    posted_mailbox,
    receive_mail,
    refuse_large_mail,
)
from encours.backoffice.clock import now
from encours.backoffice.notices import announced_bytes
from encours.backoffice.permissions import anybody
from encours.ports.notices import Notice
from encours.queries.companies import company_of_id
from encours.store.tenancy import company_scope

_logger = logging.getLogger(__name__)
_RETRY_SECONDS = "60"


@csrf_exempt
@anybody
@require_http_methods(["HEAD", "POST"])
@never_cache
def receive(request: Any, company_id: int, hook_key: str) -> HttpResponse:
    """200 for a notice that is genuine, be it new or repeated; 401 for all others, whatever is wrong with them.

    413 when it is too large and 429 when too many came within a minute: those come again. A HEAD asks whether somebody is here.
    """
    company = company_of_id(company_id=company_id)
    if company is None:
        return HttpResponse(status=401)
    try:
        with company_scope(company.pk):
            return _receive(request, company, hook_key)
    except UnableToTakeMail as error:
        _logger.warning("mail refused: %s", error)
        return HttpResponse(status=401)
    except UnableToTakeMore as error:
        _logger.warning("mail put off: %s", error)
        return HttpResponse(status=429, headers={"Retry-After": _RETRY_SECONDS})


def _receive(request: Any, company: Any, hook_key: str) -> HttpResponse:
    mailbox = posted_mailbox(company=company, hook_key=hook_key)
    if request.method == "HEAD":
        return HttpResponse()
    size = announced_bytes(request)
    if size > MAX_NOTICE_BYTES:
        refuse_large_mail(mailbox=mailbox, size=size, now=now())
        return HttpResponse(status=413)
    headers = {name.lower(): value for name, value in request.headers.items()}
    # read from the connection: Django's own limit is that of forms people fill in
    body = request.read(MAX_NOTICE_BYTES + 1)
    receive_mail(mailbox=mailbox, notice=Notice(request.build_absolute_uri(), headers, body), now=now())
    return HttpResponse()
