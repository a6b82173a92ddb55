"""Annonces: what customers were told will be charged, on which day; one can be stopped until then."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from encours.actions.stop_charge_notice import UnableToStopNotice, stop_charge_notice
from encours.backoffice.actor import actor_of
from encours.backoffice.language import language_of_reader
from encours.backoffice.listing import PAGE_SIZE, page_number, render_list
from encours.backoffice.payments.forms import ReasonForm
from encours.backoffice.payments.names import NOTICE_STATES, names
from encours.backoffice.permissions import Role, needs
from encours.queries.charge_notices import charge_notice, notice_sums, notices_page

STATE = "etat"


@needs(Role.VIEWER)
def list_(request: Any) -> HttpResponse:
    company = request.company
    state = request.GET.get(STATE, "announced")
    state = state if state in NOTICE_STATES else "announced"
    page = notices_page(company=company, state=state, number=page_number(request), size=PAGE_SIZE)
    return render_list(
        request,
        "payments/notices.html",
        "payments/notice_results.html",
        {"page": page, "state": state, "sums": notice_sums(company=company), **names()},
    )


@needs(Role.COLLECTOR)
@require_POST
def stop(request: Any, notice_id: int) -> HttpResponse:
    """The invoice is reminded of like the others from then on."""
    if charge_notice(company=request.company, notice_id=notice_id) is None:
        raise Http404
    form = ReasonForm(request.POST)
    back = HttpResponseRedirect(reverse("payments:notices"))
    if not form.is_valid():
        messages.error(request, _("Say why it is stopped: the customer was told that it would be charged."))
        return back
    try:
        stop_charge_notice(
            company=request.company, notice_id=notice_id, reason=form.cleaned_data["reason"], actor=actor_of(request)
        )  # fmt: skip
    except UnableToStopNotice as error:
        messages.error(request, error.sentence.say(language_of_reader()))
    else:
        messages.success(
            request, _("Stopped: this invoice is not charged, and is not announced again by itself.")
        )
    return back
