"""One order with its deposit, deliveries and invoices; which documents are its own is for a person to say."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from encours.actions.link_document import (
    UnableToLink,
    change_order_state,
    link_document,
    state_deduction,
    unlink_document,
)
from encours.backoffice.actor import actor_of
from encours.backoffice.clock import today
from encours.backoffice.documents.forms import TYPE_NAMES
from encours.backoffice.exports import cents_cell
from encours.backoffice.journal.wording import ACTION_NAMES
from encours.backoffice.language import language_of_reader
from encours.backoffice.orders.forms import DeductionForm, DocumentForm, StateForm
from encours.backoffice.orders.views import NAMES
from encours.backoffice.permissions import Role, needs
from encours.queries.orders import OrderDetail, order_detail


@needs(Role.VIEWER)
def show(request: Any, order_id: int) -> HttpResponse:
    detail = _detail(request, order_id)
    row = detail.row
    shares = {
        "delivered": min(100, round(100 * row.delivered_cents / row.payable_cents)),
        "invoiced": min(100, round(100 * max(row.invoiced_cents, 0) / row.payable_cents)),
    }
    final = next((each for each in reversed(detail.documents) if each.type == "invoice"), None)
    initial = (
        {"document": final.document_id, "deducted_cents": _written(final.deducted_cents, row.currency)}
        if final
        else {}
    )
    return render(
        request,
        "orders/show.html",
        {
            "detail": detail,
            "row": row,
            "shares": shares,
            "final": final,
            "deduction": DeductionForm(initial=initial) if final and row.deposit_asked_cents > 0 else None,
            "state_form": StateForm(initial={"state": row.state}),
            "type_names": TYPE_NAMES,
            "action_names": ACTION_NAMES,
            **NAMES,
        },
    )


@needs(Role.COLLECTOR)
@require_POST
def link(request: Any, order_id: int) -> HttpResponse:
    return _decided(request, order_id, link_document, _("The document is linked to the order."))


@needs(Role.COLLECTOR)
@require_POST
def unlink(request: Any, order_id: int) -> HttpResponse:
    return _decided(
        request, order_id, unlink_document, _("The document does not belong to the order any more.")
    )


@needs(Role.COLLECTOR)
@require_POST
def deduct(request: Any, order_id: int) -> HttpResponse:
    """What the invoice says it takes off of the deposit."""
    _detail(request, order_id)
    form = DeductionForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("This is no amount."))
        return _back(order_id)
    given = {
        "document_id": form.cleaned_data["document"],
        "deducted_cents": form.cleaned_data["deducted_cents"],
    }
    return _acted(request, order_id, state_deduction, given, _("The deduction is noted."))


@needs(Role.COLLECTOR)
@require_POST
def change_state(request: Any, order_id: int) -> HttpResponse:
    _detail(request, order_id)
    form = StateForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Say which state, and why."))
        return _back(order_id)
    return _acted(
        request, order_id, change_order_state, form.cleaned_data, _("The order's state is changed.")
    )


def _decided(request: Any, order_id: int, action: Any, said: str) -> HttpResponse:
    _detail(request, order_id)
    form = DocumentForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Choose a document."))
        return _back(order_id)
    return _acted(request, order_id, action, {"document_id": form.cleaned_data["document"]}, said)


def _acted(request: Any, order_id: int, action: Any, given: dict[str, Any], said: str) -> HttpResponse:
    try:
        action(company=request.company, order_id=order_id, actor=actor_of(request), **given)
    except ObjectDoesNotExist as error:
        raise Http404 from error
    except UnableToLink as error:
        messages.error(request, error.sentence.say(language_of_reader()))
    else:
        messages.success(request, said)
    return _back(order_id)


def _detail(request: Any, order_id: int) -> OrderDetail:
    detail = order_detail(company=request.company, order_id=order_id, on=today(request.company))
    if detail is None:
        raise Http404
    return detail


def _written(cents: int | None, currency: str) -> str:
    return cents_cell(cents, currency)


def _back(order_id: int) -> HttpResponse:
    return HttpResponseRedirect(reverse("orders:show", args=[order_id]))
