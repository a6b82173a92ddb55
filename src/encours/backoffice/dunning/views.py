"""Agenda de relance: what goes out today, what waits for somebody, what is on hold."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from encours.actions.approve_messages import approve_messages
from encours.actions.cancel_message import UnableToCancelMessage, cancel_message
from encours.actions.defer_job import defer
from encours.actions.hold_receivable import UnableToHold, hold_receivable
from encours.actions.release_hold import UnableToRelease, release_hold
from encours.actions.send_test_copy import UnableToSendCopy, send_test_copy
from encours.backoffice.actor import actor_of
from encours.backoffice.clock import now, today
from encours.backoffice.dunning.forms import CancelForm, HoldForm
from encours.backoffice.dunning_names import HOLD_NAMES
from encours.backoffice.listing import page_number, render_list, row_ids
from encours.backoffice.permissions import Role, needs
from encours.backoffice.templatetags.encours import sentence
from encours.core.dunning.reasons import bank_warning
from encours.queries.dunning import bank_known_until
from encours.queries.messages import (
    MessageRow,
    agenda_page,
    asked_document_id,
    asked_for,
    holds_page,
    message_row,
    outbox_totals,
)

TABS = ("waiting", "approved", "held")
# each line is read before it is approved: fewer at once than in other lists
PAGE_SIZE = 25


@needs(Role.VIEWER)
def agenda(request: Any) -> HttpResponse:
    company, on = request.company, today(request.company)
    tab = request.GET.get("tab", "waiting")
    if tab not in TABS:
        tab = "waiting"
    step = request.GET.get("step", "")[:20]
    totals = outbox_totals(company=company)
    number = page_number(request)
    if tab == "held":
        page = holds_page(company=company, on=on, number=number, size=PAGE_SIZE)
    else:
        page = agenda_page(company=company, state=tab, step=step, number=number, size=PAGE_SIZE)
    return render_list(
        request,
        "dunning/agenda.html",
        "dunning/results.html",
        {
            "tab": tab,
            "step": step,
            "page": page,
            "on": on,
            "steps": [total for total in totals if total.state == tab],
            "waiting_count": sum(total.count for total in totals if total.state == "waiting"),
            "approved_count": sum(total.count for total in totals if total.state == "approved"),
            "bank_warning": bank_warning(
                known_until=bank_known_until(company=company),
                max_age_days=company.bank_data_max_age_days,
                on=on,
            ),
            "hold_names": HOLD_NAMES,
        },
    )


@needs(Role.COLLECTOR)
@require_POST
def approve(request: Any) -> HttpResponse:
    """The chosen messages, or with `all` every one that does not ask for a person's eyes."""
    everything = "all" in request.POST
    ids = row_ids(request.POST.getlist("message"))
    if not everything and not ids:
        messages.warning(request, _("Choose the reminders to approve first."))
        return _back(request, "waiting")
    with transaction.atomic():
        approved = approve_messages(
            company=request.company, message_ids=None if everything else ids, actor=actor_of(request)
        )
        if approved:
            defer("send_messages", company_id=request.company.pk)
    if approved:
        told = ngettext(
            "%(count)s reminder is approved and leaves within minutes.",
            "%(count)s reminders are approved and leave within minutes.",
            len(approved),
        )
        messages.success(request, told % {"count": len(approved)})
    else:
        messages.warning(
            request, _("Nothing was approved: formal notices are read and approved one by one, or chosen.")
        )
    return _back(request, "waiting")


@needs(Role.COLLECTOR)
@require_POST
def send(request: Any) -> HttpResponse:
    defer("send_messages", company_id=request.company.pk)
    messages.success(request, _("The approved reminders are being sent."))
    return HttpResponseRedirect(reverse("messages:list"))


@needs(Role.COLLECTOR)
@require_POST
def plan(request: Any) -> HttpResponse:
    """Planning twice is planning once, so the button may be pressed at any time."""
    defer("plan_day", company_id=request.company.pk, on=today(request.company).isoformat())
    messages.success(request, _("Today's reminders are being planned. They appear here in a moment."))
    return _back(request, "waiting")


@needs(Role.COLLECTOR)
def cancel(request: Any, message_id: int) -> HttpResponse:
    """Takes one message out of the outbox."""
    row = _row(request, message_id)
    form = CancelForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            cancel_message(
                company=request.company, message_id=message_id, actor=actor_of(request), **form.cleaned_data
            )
        except UnableToCancelMessage:
            messages.error(request, _("Too late: this reminder has left or was cancelled already."))
        else:
            messages.success(request, _("The reminder is cancelled."))
        return _back(request, "waiting")
    return render(request, "dunning/cancel.html", {"form": form, "row": row})


@needs(Role.COLLECTOR)
@require_POST
def test_copy(request: Any, message_id: int) -> HttpResponse:
    """The message to oneself, marked as a test. It counts as nothing."""
    _row(request, message_id)
    try:
        address = send_test_copy(
            company=request.company,
            message_id=message_id,
            user_id=request.user.pk,
            on=today(request.company),
            actor=actor_of(request),
        )
    except UnableToSendCopy as error:
        messages.error(request, sentence(error.sentence))
    else:
        messages.success(request, _("A test copy is on its way to %(address)s.") % {"address": address})
    return HttpResponseRedirect(reverse("messages:show", args=[message_id]))


@needs(Role.COLLECTOR)
def hold(request: Any, message_id: int) -> HttpResponse:
    """Holds back all reminders of the message's customer, or of one of its documents."""
    row = _row(request, message_id)
    form = HoldForm(request.POST or None)
    document_id = _chosen_document(request, form, message_id) if form.is_valid() else None
    if form.is_valid():
        try:
            hold_receivable(
                company=request.company,
                customer_id=row.customer_id,
                document_id=document_id,
                from_date=today(request.company),
                actor=actor_of(request),
                **form.details(),
            )
        except UnableToHold:
            form.add_error("until_date", _("The last day lies before today."))
        else:
            messages.success(
                request, _("Held. What is held drops out of the reminder when it is about to leave.")
            )
            return HttpResponseRedirect(f"{reverse('dunning:agenda')}?tab=held")
    return render(
        request,
        "dunning/hold.html",
        {"form": form, "row": row, "asked": asked_for(company=request.company, message_id=message_id)},
    )


@needs(Role.COLLECTOR)
@require_POST
def release(request: Any, hold_id: int) -> HttpResponse:
    try:
        release_hold(company=request.company, hold_id=hold_id, now=now(), actor=actor_of(request))
    except UnableToRelease as error:
        raise Http404 from error
    messages.success(request, _("The hold is released: reminders go on with the next plan."))
    return _back(request, "held")


def _chosen_document(request: Any, form: HoldForm, message_id: int) -> int | None:
    """None for all of the customer's, and with an error on the form for a number the message does not ask for."""
    chosen = form.cleaned_data["document"]
    if chosen != HoldForm.BY_NUMBER:
        return int(chosen) if chosen else None
    number = form.cleaned_data["number"]
    found = asked_document_id(company=request.company, message_id=message_id, number=number)
    if found is None:
        form.add_error("number", _("This reminder asks for no document of this number."))
    return found


def _row(request: Any, message_id: int) -> MessageRow:
    row = message_row(company=request.company, message_id=message_id)
    if row is None:
        raise Http404
    return row


def _back(request: Any, tab: str) -> HttpResponse:
    """To the agenda, where the person was: of one step, when the address says which."""
    where = {"tab": tab} | ({"step": request.GET["step"][:20]} if request.GET.get("step") else {})
    return HttpResponseRedirect(f"{reverse('dunning:agenda')}?{urlencode(where)}")
