"""A payment plan a customer asks for: accepted as it is, offered otherwise, refused."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from encours.actions.decide_plan_request import (
    Decided,
    UnableToDecidePlanRequest,
    accept_plan_request,
    obstacle_to,
    offer_plan,
    refuse_plan_request,
)
from encours.backoffice.actor import actor_of
from encours.backoffice.cases.forms import Instalments
from encours.backoffice.cases.views import refusal
from encours.backoffice.clock import now, today
from encours.backoffice.exports import cents_cell
from encours.backoffice.permissions import Role, needs
from encours.backoffice.requests.forms import AcceptForm, OfferForm, RefuseForm, SpreadForm
from encours.backoffice.requests.names import PLAN_STATES, TONES
from encours.core.cases.plans import Part, even_instalments
from encours.queries.free_amounts import free_documents
from encours.queries.plan_requests import PlanRequestRow, plan_request_row

PREFIX = "part"


@needs(Role.VIEWER)
def show(request: Any, request_id: int) -> HttpResponse:
    return _page(request, _row(request, request_id))


@needs(Role.COLLECTOR)
@require_POST
def accept(request: Any, request_id: int) -> HttpResponse:
    """As it was asked for: that and nothing else is what the customer agreed to."""
    row, form = _row(request, request_id), AcceptForm(request.POST)
    if not form.is_valid():
        return _page(request, row, accepting=form)
    return _decided(
        request, row, form, _("The payment plan is agreed: its documents are not reminded while it is kept."),
        lambda: accept_plan_request(
            company=request.company, request_id=row.id, answer=form.cleaned_data["answer"],
            on=today(request.company), now=now(), actor=actor_of(request),
        ),
        accepting=form,
    )  # fmt: skip


@needs(Role.COLLECTOR)
@require_POST
def offer(request: Any, request_id: int) -> HttpResponse:
    """Other dates or amounts: the customer is asked whether they suit."""
    row, form = _row(request, request_id), OfferForm(request.POST)
    parts = Instalments(request.POST, prefix=PREFIX)
    if not (form.is_valid() and parts.is_valid()):
        return _page(request, row, offering=form, parts=parts)
    return _decided(
        request, row, form, _("The offer is made: it becomes a plan when the customer accepts it."),
        lambda: offer_plan(
            company=request.company, request_id=row.id, instalments=parts.parts(),
            interest_cents=form.cleaned_data["interest_cents"] or 0, answer=form.cleaned_data["answer"],
            on=today(request.company), now=now(), actor=actor_of(request),
        ),
        offering=form, parts=parts,
    )  # fmt: skip


@needs(Role.COLLECTOR)
@require_POST
def refuse(request: Any, request_id: int) -> HttpResponse:
    row, form = _row(request, request_id), RefuseForm(request.POST)
    if not form.is_valid():
        return _page(request, row, refusing=form)
    return _decided(
        request, row, form, _("The request is refused."),
        lambda: refuse_plan_request(
            company=request.company, request_id=row.id, answer=form.cleaned_data["answer"], now=now(),
            actor=actor_of(request),
        ),
        refusing=form,
    )  # fmt: skip


def _decided(
    request: Any, row: PlanRequestRow, form: Any, said: str, decide: Callable[[], Decided], **shown: Any
) -> HttpResponse:
    try:
        decided = decide()
    except UnableToDecidePlanRequest as error:
        form.add_error(None, refusal(error))
        return _page(request, row, **shown)
    if decided.is_told:
        messages.success(request, " ".join((said, _("The customer was told by mail."))))
    else:
        messages.warning(request, " ".join((said, _("No mail left: tell the customer yourself."))))
    if decided.request.plan is not None:
        return HttpResponseRedirect(reverse("cases:plan", args=[decided.request.plan.pk]))
    return HttpResponseRedirect(reverse("requests:plan", args=[row.id]))


def _row(request: Any, request_id: int) -> PlanRequestRow:
    row = plan_request_row(company=request.company, request_id=request_id)
    if row is None:
        raise Http404
    return row


def _page(
    request: Any, row: PlanRequestRow, *, accepting: Any = None, offering: Any = None, refusing: Any = None,
    parts: Any = None,
) -> HttpResponse:  # fmt: skip
    on = today(request.company)
    is_waiting = row.state == "waiting"
    known = {each.id: each for each in free_documents(company=request.company, customer_id=row.customer_id)}
    documents = [(key, number, known.get(key)) for key, number in row.documents]
    planned_cents = sum(each.uncontested_cents for _key, _number, each in documents if each is not None)
    spread = SpreadForm(request.GET) if "count" in request.GET else None
    if is_waiting and parts is None:
        offered = _first_offer(row, planned_cents, spread, on)
        parts = Instalments(initial=_cells(offered, row.currency), prefix=PREFIX)
    return render(
        request,
        "requests/plan.html",
        {
            "row": row,
            "on": on,
            "documents": documents,
            "planned_cents": planned_cents,
            "obstacle": obstacle_to(company=request.company, asked=row, on=on) if is_waiting else None,
            "accepting": accepting or AcceptForm(auto_id="accept_%s"),
            "offering": offering or OfferForm(auto_id="offer_%s"),
            "refusing": refusing or RefuseForm(auto_id="refuse_%s"),
            "parts": parts,
            "spread": spread or SpreadForm(initial=_spread(row, on)),
            "states": PLAN_STATES,
            "tones": TONES,
        },
    )


def _first_offer(row: PlanRequestRow, planned_cents: int, spread: Any, on: Any) -> list[Part]:
    """What the customer asked for, where it could be agreed to; else equal instalments of what is open now."""
    if spread is not None and spread.is_valid():
        count, first_date = spread.cleaned_data["count"], spread.cleaned_data["first_date"]
    elif row.parts and row.total_cents == planned_cents and row.parts[0].due_date >= on:
        return list(row.parts)
    else:
        first = _spread(row, on)
        count, first_date = first["count"], first["first_date"]
    if planned_cents < count:
        return []
    return even_instalments(total_cents=planned_cents, count=count, first_date=first_date)


def _spread(row: PlanRequestRow, on: Any) -> dict[str, Any]:
    first = row.parts[0].due_date if row.parts else on
    return {"count": len(row.parts) or 2, "first_date": max(first, on + timedelta(days=1))}


def _cells(parts: list[Part], currency: str) -> list[dict[str, Any]]:
    return [
        {"due_date": part.due_date, "amount_cents": cents_cell(part.amount_cents, currency)} for part in parts
    ]
