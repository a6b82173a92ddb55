"""Ma journée: who to call first and why, what helps on the phone, and what came of the call."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from encours.actions.open_dispute import UnableToOpenDispute
from encours.actions.record_call import UnableToRecordCall, record_call
from encours.actions.record_promise import UnableToRecordPromise
from encours.actions.weigh_signals import weigh_signals
from encours.backoffice.actor import actor_of
from encours.backoffice.clock import now, today
from encours.backoffice.day.forms import CallForm, WeightsForm
from encours.backoffice.day.notes import note_form
from encours.backoffice.dunning_names import MESSAGE_STATE_NAMES
from encours.backoffice.permissions import Role, may, needs
from encours.backoffice.templatetags.encours import sentence
from encours.core.calls import OUTCOMES
from encours.queries.collection_day import Caller, caller, collection_day
from encours.queries.notes import notes_of, unread_mentions
from encours.queries.portfolios import has_portfolios, users_looked_after

SHOWN = 40


@needs(Role.VIEWER)
def show(request: Any) -> HttpResponse:
    company, on = request.company, today(request.company)
    has_some = has_portfolios(company=company)
    whose = request.GET.get("whose", "mine" if has_some else "")
    user_ids = users_looked_after(company=company, user_id=request.user.pk, on=on) if whose == "mine" else []
    return render(
        request,
        "day/show.html",
        {
            "on": on,
            "day": collection_day(company=company, on=on, size=SHOWN, user_ids=user_ids),
            "whose": whose,
            "mentions": unread_mentions(company=company, user_id=request.user.pk),
            "has_portfolios": has_some,
        },
    )


@needs(Role.VIEWER)
def customer(request: Any, customer_id: int) -> HttpResponse:
    """What helps on the phone: beneath the customer's line, or as a page of its own."""
    found = _caller(request, customer_id)
    return _shown(request, found, _form(found))


@needs(Role.COLLECTOR)
@require_POST
def call(request: Any, customer_id: int) -> HttpResponse:
    found = _caller(request, customer_id)
    form = _form(found, request.POST)
    if not form.is_valid() or not _recorded(request, customer_id, form):
        return _shown(request, found, form)
    told = sentence(OUTCOMES[form.cleaned_data["outcome"]]())
    if request.htmx:
        response = render(request, "day/answered.html", {"customer": found.customer, "told": told})
        response["HX-Retarget"], response["HX-Reswap"] = f"#customer-{customer_id}", "outerHTML"
        return response
    messages.success(request, f"{found.customer.name} : {told}")
    return HttpResponseRedirect(reverse("day:show"))


@needs(Role.VIEWER)
def weights(request: Any) -> HttpResponse:
    """How much each signal weighs. Everybody may read it; an administrator may change it."""
    if request.method == "POST" and not may(request.role)["admin"]:
        raise PermissionDenied
    form = WeightsForm(request.POST or None, weights=request.company.collection_weights)
    if request.method == "POST" and form.is_valid():
        weigh_signals(company=request.company, weights=form.cleaned_data, actor=actor_of(request))
        messages.success(request, _("The order of calls follows the new weights."))
        return HttpResponseRedirect(reverse("day:show"))
    if not may(request.role)["admin"]:
        for field in form.fields.values():
            field.disabled = True
    return render(request, "day/weights.html", {"form": form})


def _caller(request: Any, customer_id: int) -> Caller:
    found = caller(company=request.company, customer_id=customer_id, on=today(request.company))
    if found is None:
        raise Http404
    return found


def _form(found: Caller, given: Any = None) -> CallForm:
    return CallForm(given, documents=[(document.pk, document.number) for document in found.documents])


def _shown(request: Any, found: Caller, form: CallForm) -> HttpResponse:
    return render(
        request,
        "day/call.html" if request.htmx else "day/customer.html",
        {
            "caller": found,
            "notes": notes_of(company=request.company, customer_id=found.customer.pk),
            "note_form": note_form(request),
            "customer": found.customer,
            "form": form,
            "chosen": form["documents"].value() or [],
            "message_state_names": MESSAGE_STATE_NAMES,
            "outcomes": {code: wording() for code, wording in OUTCOMES.items()},
        },
    )


def _recorded(request: Any, customer_id: int, form: CallForm) -> bool:
    try:
        record_call(
            company=request.company,
            customer_id=customer_id,
            assignee=request.user.name,
            on=today(request.company),
            now=now(),
            actor=actor_of(request),
            **form.details(),
        )
    except (UnableToRecordCall, UnableToRecordPromise, UnableToOpenDispute) as error:
        form.add_error(None, sentence(error.sentence))
        return False
    return True
