"""Paiements: the list of charges, and one with all that was asked, told and booked."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from encours.actions.cancel_charge import UnableToCancel, cancel_charge
from encours.actions.follow_charge import follow_charge
from encours.actions.refund_charge import UnableToRefund, refund_charge
from encours.backoffice.actor import actor_of
from encours.backoffice.clock import now
from encours.backoffice.exports import cents_cell
from encours.backoffice.language import language_of_reader
from encours.backoffice.listing import PAGE_SIZE, page_number, render_list
from encours.backoffice.payments.forms import FilterForm, RefundForm
from encours.backoffice.payments.names import names, said
from encours.backoffice.permissions import Role, needs
from encours.core.payments.charges import STATES, UNFINISHED
from encours.ports.connections import UnableToAsk
from encours.queries.charge_events import charge_event, events_of_charge
from encours.queries.charge_notices import notices_of_charge
from encours.queries.charges import ChargeDetail, charge_detail, charges_page
from encours.queries.customers import customer_name
from encours.queries.gateway_connections import gateway_names


@needs(Role.VIEWER)
def list_(request: Any) -> HttpResponse:
    company = request.company
    form = FilterForm(request.GET, services=gateway_names(company=company))
    wanted = form.wanted()
    page = charges_page(company=company, wanted=wanted, number=page_number(request), size=PAGE_SIZE)
    named = customer_name(company=company, customer_id=wanted.customer_id) if wanted.customer_id else ""
    return render_list(
        request,
        "payments/list.html",
        "payments/results.html",
        {
            "form": form,
            "page": page,
            "customer_name": named,
            "is_filtered": any(request.GET.get(name) for name in form.fields),
            **names(),
        },
    )


@needs(Role.VIEWER)
def show(request: Any, charge_id: int) -> HttpResponse:
    return _page(request, _detail(request, charge_id))


@needs(Role.ACCOUNTANT)
def event(request: Any, charge_id: int, event_id: int) -> HttpResponse:
    """What the service said, as it came: its signature was verified before it was kept."""
    found = charge_event(company=request.company, charge_id=charge_id, event_id=event_id)
    if found is None:
        raise Http404
    return render(request, "payments/event.html", {"event": found, "charge_id": charge_id, **names()})


@needs(Role.ACCOUNTANT)
@require_POST
def refund(request: Any, charge_id: int) -> HttpResponse:
    """Gives money back, whole or in part."""
    detail = _detail(request, charge_id)
    form = RefundForm(request.POST, currency=detail.row.currency)
    if not form.is_valid():
        return _page(request, detail, refund_form=form, status=422)
    try:
        made = refund_charge(
            company=request.company, charge_id=charge_id, amount_cents=form.cleaned_data["amount"],
            reason=form.cleaned_data["reason"], now=now(), actor=actor_of(request),
        )  # fmt: skip
    except UnableToRefund as error:
        form.add_error("amount", error.sentence.say(language_of_reader()))
        return _page(request, _detail(request, charge_id), refund_form=form, status=409)
    if made.state == "succeeded":
        messages.success(request, _("Given back: the service confirms it."))
    else:
        messages.info(request, _("The refund is asked for. What the service says of it appears here."))
    return _back(charge_id)


@needs(Role.ACCOUNTANT)
@require_POST
def cancel(request: Any, charge_id: int) -> HttpResponse:
    """Makes sure that nothing more is taken for it."""
    _detail(request, charge_id)
    try:
        state = cancel_charge(
            company=request.company, charge_id=charge_id, now=now(), actor=actor_of(request)
        )
    except (UnableToCancel, UnableToAsk) as error:
        messages.error(request, error.sentence.say(language_of_reader()))
    else:
        messages.info(request, _("The service says: %(state)s.") % {"state": said(STATES)[state]})
    return _back(charge_id)


@needs(Role.COLLECTOR)
@require_POST
def follow(request: Any, charge_id: int) -> HttpResponse:
    """Asks the service now instead of waiting for it to tell."""
    _detail(request, charge_id)
    try:
        state = follow_charge(
            company=request.company, charge_id=charge_id, now=now(), actor=actor_of(request)
        )
    except UnableToAsk as error:
        messages.error(request, error.sentence.say(language_of_reader()))
    else:
        messages.success(request, _("The service says: %(state)s.") % {"state": said(STATES)[state]})
    return _back(charge_id)


def _page(
    request: Any, detail: ChargeDetail, *, refund_form: RefundForm | None = None, status: int = 200
) -> HttpResponse:
    row = detail.row
    if refund_form is None and detail.refundable_cents:
        initial = {"amount": cents_cell(detail.refundable_cents, row.currency)}
        refund_form = RefundForm(currency=row.currency, initial=initial)
    return render(
        request,
        "payments/show.html",
        {
            "detail": detail,
            "row": row,
            "events": events_of_charge(company=request.company, charge_id=row.id),
            "notices": notices_of_charge(company=request.company, charge_id=row.id),
            "refund_form": refund_form,
            "may_follow": row.state in (*UNFINISHED, "succeeded", "returned"),
            "may_cancel": row.state in ("created", "open"),
            **names(),
        },
        status=status,
    )


def _detail(request: Any, charge_id: int) -> ChargeDetail:
    detail = charge_detail(company=request.company, charge_id=charge_id)
    if detail is None:
        raise Http404
    return detail


def _back(charge_id: int) -> HttpResponse:
    return HttpResponseRedirect(reverse("payments:show", args=[charge_id]))
