"""Agenda de relance: what goes out today, what waits for somebody, what is on hold."""

from typing import Any
from urllib.parse import urlencode

from csp.constants import SELF
from csp.decorators import csp_update
from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
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
from encours.queries.approvals import ended_page, ended_totals, since_planned
from encours.queries.dunning import bank_known_until
from encours.queries.messages import (
    AGENDA_ORDERS,
    MessageRow,
    agenda_page,
    asked_document_id,
    asked_for,
    holds_page,
    message_row,
    outbox_totals,
)
from encours.queries.paging import Page
from encours.queries.portfolios import has_portfolios, users_looked_after

TABS = ("waiting", "approved", "held", "ended")
ORDER_NAMES = {
    "amount": gettext_lazy("Largest first"),
    "customer": gettext_lazy("By customer"),
    "step": gettext_lazy("By step"),
}
# each line is read before it is approved: fewer at once than in other lists
PAGE_SIZE = 25


@needs(Role.VIEWER)
@csp_update({"frame-src": [SELF]})  # type: ignore[arg-type]  # letters are looked at in the list
def agenda(request: Any) -> HttpResponse:
    company, on = request.company, today(request.company)
    tab = request.GET.get("tab", "waiting")
    if tab not in TABS:
        tab = "waiting"
    step, by = request.GET.get("step", "")[:20], request.GET.get("by", "")
    by = by if by in AGENDA_ORDERS else "amount"
    user_ids = _whose(request)
    totals = outbox_totals(company=company, user_ids=user_ids)
    page = _page(request, tab, step, by, user_ids)
    shown = [row.id for row in page.rows] if tab in ("waiting", "approved") else []
    return render_list(
        request,
        "dunning/agenda.html",
        "dunning/results.html",
        {
            "tab": tab,
            "step": step,
            "by": by,
            "orders": ORDER_NAMES,
            "whose": "mine" if user_ids else "",
            "has_portfolios": has_portfolios(company=company),
            "page": page,
            "on": on,
            "changes": since_planned(company=company, message_ids=shown, on=on) if shown else {},
            "steps": [total for total in totals if total.state == tab],
            "waiting_count": sum(total.count for total in totals if total.state == "waiting"),
            "approved_count": sum(total.count for total in totals if total.state == "approved"),
            "ended": ended_totals(company=company, user_ids=user_ids),
            "bank_warning": bank_warning(
                known_until=bank_known_until(company=company),
                max_age_days=company.bank_data_max_age_days,
                on=on,
            ),
            "hold_names": HOLD_NAMES,
        },
    )


def _page(request: Any, tab: str, step: str, by: str, user_ids: list[int]) -> Page[Any]:
    company, where = request.company, {"number": page_number(request), "size": PAGE_SIZE}
    if tab == "held":
        return holds_page(company=company, on=today(company), **where)
    if tab == "ended":
        return ended_page(company=company, user_ids=user_ids, **where)
    return agenda_page(company=company, state=tab, step=step, by=by, user_ids=user_ids, **where)


def _whose(request: Any) -> list[int]:
    """The people whose portfolios are asked for; nobody for everything."""
    if request.GET.get("whose") != "mine":
        return []
    return users_looked_after(company=request.company, user_id=request.user.pk, on=today(request.company))


@needs(Role.COLLECTOR)
@require_POST
def approve(request: Any) -> HttpResponse:
    """One message, the chosen ones, or with `all` every one of the step shown that does not ask for a person's eyes."""
    everything = "all" in request.POST
    ids = row_ids([request.POST["only"]] if "only" in request.POST else request.POST.getlist("message"))
    if not everything and not ids:
        messages.warning(request, _("Choose the reminders to approve first."))
        return _back(request, "waiting")
    with transaction.atomic():
        approved = approve_messages(
            company=request.company,
            message_ids=None if everything else ids,
            step_code=request.GET.get("step", "")[:20] if everything else "",
            user_ids=_whose(request) if everything else (),
            actor=actor_of(request),
        )
        if approved:
            defer("send_messages", company_id=request.company.pk)
    if request.htmx and len(ids) == 1:
        told = _("Approved") if approved else _("Somebody has already decided")
        return answered(request, ids[0], told)
    if approved and request.company.is_test_mode:
        told = ngettext(
            "%(count)s reminder is approved. In test mode it does not leave.",
            "%(count)s reminders are approved. In test mode they do not leave.",
            len(approved),
        )
        messages.success(request, told % {"count": len(approved)})
    elif approved:
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


def answered(request: Any, message_id: int, told: str) -> HttpResponse:
    """For htmx: the line of the list, answered."""
    return render(request, "dunning/answered.html", {"row": row_or_404(request, message_id), "told": told})


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
    row = row_or_404(request, message_id)
    form = CancelForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            cancel_message(
                company=request.company, message_id=message_id, actor=actor_of(request), **form.cleaned_data
            )
        except UnableToCancelMessage:
            messages.error(request, _("Too late: this reminder has left or was cancelled already."))
        else:
            if request.htmx:
                return answered(request, message_id, _("Cancelled"))
            messages.success(request, _("The reminder is cancelled."))
        return _back(request, "waiting")
    return render(request, "dunning/cancel.html", {"form": form, "row": row})


@needs(Role.COLLECTOR)
@require_POST
def test_copy(request: Any, message_id: int) -> HttpResponse:
    """The message to oneself, marked as a test. It counts as nothing."""
    row_or_404(request, message_id)
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
    row = row_or_404(request, message_id)
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


def row_or_404(request: Any, message_id: int) -> MessageRow:
    row = message_row(company=request.company, message_id=message_id)
    if row is None:
        raise Http404
    return row


def _back(request: Any, tab: str) -> HttpResponse:
    """To the agenda, where the person was: of one step, when the address says which."""
    where = {"tab": tab} | {
        name: request.GET[name][:20] for name in ("step", "by", "whose") if request.GET.get(name)
    }
    return HttpResponseRedirect(f"{reverse('dunning:agenda')}?{urlencode(where)}")
