"""Mandats: what customers agreed to be charged by, which of it ends, and ending one."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from encours.actions.revoke_mandate import BY_COMPANY, revoke_mandate
from encours.backoffice.actor import actor_of
from encours.backoffice.clock import now, today
from encours.backoffice.language import language_of_reader
from encours.backoffice.listing import PAGE_SIZE, page_number, render_list
from encours.backoffice.payments.forms import MandateFilterForm
from encours.backoffice.payments.names import names
from encours.backoffice.permissions import Role, needs
from encours.ports.connections import UnableToAsk
from encours.queries.charge_notices import notices_of_mandate
from encours.queries.charges import ChargeFilter, charges_page
from encours.queries.mandates import MandateDetail, ending_count, mandate_detail, mandates_page

CHARGES_SHOWN = 10


@needs(Role.VIEWER)
def list_(request: Any) -> HttpResponse:
    company, on = request.company, today(request.company)
    form = MandateFilterForm(request.GET)
    wanted = form.wanted()
    page = mandates_page(company=company, wanted=wanted, on=on, number=page_number(request), size=PAGE_SIZE)
    return render_list(
        request,
        "payments/mandates.html",
        "payments/mandate_results.html",
        {
            "form": form,
            "page": page,
            "on": on,
            "ending": ending_count(company=company, on=on),
            "is_filtered": any(request.GET.get(name) for name in form.fields),
            **names(),
        },
    )


@needs(Role.VIEWER)
def show(request: Any, mandate_id: int) -> HttpResponse:
    company = request.company
    detail = _detail(request, mandate_id)
    wanted = ChargeFilter(mandate_id=mandate_id)
    return render(
        request,
        "payments/mandate.html",
        {
            "detail": detail,
            "row": detail.row,
            "on": today(company),
            "charges": charges_page(company=company, wanted=wanted, number=1, size=CHARGES_SHOWN).rows,
            "notices": notices_of_mandate(company=company, mandate_id=mandate_id),
            **names(),
        },
    )


@needs(Role.ACCOUNTANT)
@require_POST
def revoke(request: Any, mandate_id: int) -> HttpResponse:
    """Nothing is charged by it any more, here nor at its service."""
    _detail(request, mandate_id)
    try:
        revoke_mandate(
            company=request.company, mandate_id=mandate_id, reason=BY_COMPANY(), now=now(), actor=actor_of(request)
        )  # fmt: skip
    except UnableToAsk as error:
        said = error.sentence.say(language_of_reader())
        messages.warning(
            request,
            _("Ended here: nothing is charged by it any more. The service could not be told: %(reason)s")
            % {"reason": said},
        )
    else:
        messages.success(request, _("Revoked: nothing is charged by this mandate any more."))
    return HttpResponseRedirect(reverse("payments:mandate", args=[mandate_id]))


def _detail(request: Any, mandate_id: int) -> MandateDetail:
    detail = mandate_detail(company=request.company, mandate_id=mandate_id)
    if detail is None:
        raise Http404
    return detail
