"""A payment plan: worked out, agreed, followed, ended."""

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from encours.actions.agree_plan import UnableToAgreePlan, agree_plan
from encours.actions.end_plan import UnableToEndPlan, end_plan
from encours.backoffice.actor import actor_of
from encours.backoffice.cases.documents import choices, first_chosen, open_documents, ticked
from encours.backoffice.cases.forms import EndForm, Instalments, PlanForm
from encours.backoffice.cases.names import NAMES
from encours.backoffice.cases.views import chosen_customer, refusal
from encours.backoffice.clock import today
from encours.backoffice.exports import cents_cell
from encours.backoffice.permissions import Role, needs
from encours.core.cases.plans import even_instalments
from encours.queries.cases import plan_row
from encours.queries.free_amounts import FreeDocument

# the first instalment comes as soon as a customer can arrange it
FIRST_AFTER = timedelta(days=14)


@needs(Role.COLLECTOR)
def agree(request: Any, customer_id: int) -> HttpResponse:
    """In two steps on one page: equal instalments are worked out, then each is agreed on as it stands."""
    customer = chosen_customer(request, customer_id)
    on = today(request.company)
    able = [each for each in open_documents(request, customer_id).shown if each.uncontested_cents > 0]
    named = first_chosen(request, able)
    initial = {
        "documents": [named] if named else [each.id for each in able if each.due_date < on],
        "first_date": on + FIRST_AFTER,
    }
    form = PlanForm(request.POST or None, documents=choices(able), initial=initial)
    instalments = None
    if request.method == "POST" and form.is_valid():
        total_cents = _total_cents(form, able)
        if "agree" in request.POST:
            instalments = Instalments(request.POST, prefix="part")
            done = instalments.is_valid() and _agree(request, customer, form, instalments)
            if done:
                return HttpResponseRedirect(reverse("cases:plan", args=[done]))
        elif form.cleaned_data["count"] > total_cents:
            form.add_error("count", _("Each instalment is of a cent at least."))
        else:
            instalments = Instalments(initial=_worked_out(form, total_cents, able[0].currency), prefix="part")
    return render(
        request,
        "cases/agree_plan.html",
        {
            "customer": customer,
            "form": form,
            "documents": able,
            "instalments": instalments,
            "on": on,
            "chosen": ticked(form["documents"]),
        },
    )


def _total_cents(form: PlanForm, documents: list[FreeDocument]) -> int:
    """What the documents chosen owe and nobody contests, and the interest."""
    chosen = set(form.cleaned_data["documents"])
    owed_cents = sum(each.uncontested_cents for each in documents if each.id in chosen)
    return owed_cents + (form.cleaned_data["interest_cents"] or 0)


def _worked_out(form: PlanForm, total_cents: int, currency: str) -> list[dict[str, Any]]:
    given = form.cleaned_data
    parts = even_instalments(
        total_cents=total_cents, count=given["count"], first_date=given["first_date"], every=given["every"]
    )
    return [
        {"due_date": part.due_date, "amount_cents": cents_cell(part.amount_cents, currency)} for part in parts
    ]


def _agree(request: Any, customer: Any, form: PlanForm, instalments: Any) -> int | None:
    """The plan's id; None when it is refused, which the form then says."""
    try:
        plan = agree_plan(
            company=request.company, customer_id=customer.pk, instalments=instalments.parts(),
            on=today(request.company), actor=actor_of(request), **form.terms(),
        )  # fmt: skip
    except UnableToAgreePlan as error:
        form.add_error(None, refusal(error))
        return None
    messages.success(
        request, _("The payment plan is agreed: its documents are not reminded while it is kept.")
    )
    return plan.pk


@needs(Role.VIEWER)
def show(request: Any, plan_id: int) -> HttpResponse:
    return _page(request, plan_id, EndForm())


@needs(Role.COLLECTOR)
@require_POST
def end(request: Any, plan_id: int) -> HttpResponse:
    form = EndForm(request.POST)
    if not form.is_valid():
        return _page(request, plan_id, form)
    try:
        end_plan(
            company=request.company, plan_id=plan_id, on=today(request.company), actor=actor_of(request),
            **form.cleaned_data,
        )  # fmt: skip
    except UnableToEndPlan as error:
        raise Http404 from error
    messages.success(request, _("The payment plan has ended: what is open is reminded again."))
    return HttpResponseRedirect(reverse("cases:plan", args=[plan_id]))


def _page(request: Any, plan_id: int, form: EndForm) -> HttpResponse:
    row = plan_row(company=request.company, plan_id=plan_id, on=today(request.company))
    if row is None:
        raise Http404
    return render(request, "cases/plan.html", {"row": row, "form": form, **NAMES})
