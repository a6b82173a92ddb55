"""What a customer says of how it is reached: accepted, or left as it is."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from encours.actions.decide_contact_request import (
    UNKNOWN,
    UnableToDecideContactRequest,
    accept_contact_request,
    refuse_contact_request,
)
from encours.backoffice.actor import actor_of
from encours.backoffice.cases.views import refusal
from encours.backoffice.clock import now
from encours.backoffice.permissions import Role, needs


@needs(Role.COLLECTOR)
@require_POST
def accept(request: Any, request_id: int) -> HttpResponse:
    return _decided(request, request_id, accept_contact_request, _("The contact is corrected."))


@needs(Role.COLLECTOR)
@require_POST
def refuse(request: Any, request_id: int) -> HttpResponse:
    return _decided(request, request_id, refuse_contact_request, _("Everything stays as it was."))


def _decided(request: Any, request_id: int, decide: Callable[..., Any], said: str) -> HttpResponse:
    try:
        decide(company=request.company, request_id=request_id, now=now(), actor=actor_of(request))
    except UnableToDecideContactRequest as error:
        if error.sentence.code == UNKNOWN.code:
            raise Http404 from error
        messages.error(request, refusal(error))
    else:
        messages.success(request, said)
    return HttpResponseRedirect(f"{reverse('requests:list')}?kind=contacts")
