"""A payment plan: worked out, looked at, asked for, accepted; what became of it, what came of it, the agreement."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase

from encours.actions.ask_for_plan import UnableToAskForPlan, ask_for_plan, withdraw_plan_request
from encours.actions.decide_plan_request import UnableToDecidePlanRequest, take_plan_offer
from encours.actions.render_letter import render_letter
from encours.core.cases.plans import CONSEQUENCES, GRACE_DAYS
from encours.core.cases.proposals import UnableToPropose
from encours.core.money import to_decimal
from encours.core.payments.owed import OwedInCurrency
from encours.portal.asking import form_page
from encours.portal.forms import AskPlanForm, PlanForm
from encours.portal.pay import GoOn
from encours.portal.proving import email_shown, needs_code
from encours.portal.templatetags.portal import said
from encours.portal.visit import Visit, portal_page, render
from encours.queries.cases import InstalmentRow, PlanRow
from encours.queries.plan_letters import plan_letter
from encours.queries.plan_requests import (
    askable_documents,
    own_plan,
    own_plans,
    plan_limits,
    plan_proposal,
    requests_of_customer,
)
from encours.queries.portal import owed_by


@dataclass(frozen=True)
class ShownPlan:
    """A plan as its customer sees it; `next` is what is to be paid next, `pay_url` where, "" when nothing is."""

    row: PlanRow
    is_running: bool
    is_broken: bool
    falls_due: bool  # as a whole, by what was missed
    next: InstalmentRow | None
    pay_url: str


@portal_page()
def plans(request: Any, visit: Visit) -> HttpResponseBase:  # noqa: ARG001
    """What was asked for, what was answered, which instalments are paid. No code: it says nothing the debt does not."""
    own = {"company": visit.company, "customer_id": visit.customer.pk}
    accounts = owed_by(**own)
    return render(
        visit,
        "portal/plans.html",
        {
            "requests": [each for each in requests_of_customer(**own) if each.plan_id is None],
            "plans": [_shown(row, accounts, visit) for row in own_plans(**own, on=visit.on)],
            "consequences": CONSEQUENCES,
            "room": "asks",
        },
    )


@portal_page("GET", "POST", is_costly=True)
@needs_code
def plan(request: Any, visit: Visit) -> HttpResponseBase:
    """In two steps on one page: instalments are worked out (GET), then asked for as they stand (POST). What waits is answered
    or withdrawn here."""
    if not visit.settings.allows_plan:
        raise Http404
    is_sent = request.method == "POST"
    if is_sent and ("retirer" in request.POST or "accepter" in request.POST):
        return _answered(request, visit)
    own = {"company": visit.company, "customer_id": visit.customer.pk}
    documents = askable_documents(**own)
    limits = plan_limits(company=visit.company)
    given = request.POST if is_sent else request.GET if "count" in request.GET else None
    make = AskPlanForm if is_sent else PlanForm
    form = make(given, documents=documents, limits=limits, on=visit.on)
    proposed = None
    if form.is_bound and form.is_valid():
        wish = {name: form.cleaned_data[name] for name in ("document_ids", "count", "first_date")}
        try:
            proposed = plan_proposal(**own, **wish, on=visit.on)
            if is_sent:
                ask_for_plan(
                    company=visit.company, link_id=visit.link.link_id, asked_name=form.cleaned_data["asked_name"],
                    asked_email=email_shown(request, visit), note=form.cleaned_data["note"], on=visit.on,
                    now=visit.now, actor=visit.actor, **wish,
                )  # fmt: skip
                return GoOn(visit.url("plans"))
        except (UnableToPropose, UnableToAskForPlan) as error:
            form.add_error(None, said(error.sentence))
    elif is_sent and "document_ids" in form.cleaned_data:
        proposed = _proposed_again(form, visit)
    return form_page(visit, "portal/plan.html", form, **_around(visit, form, documents, limits, proposed))


@portal_page(is_costly=True)
def agreement(request: Any, visit: Visit, plan_id: int) -> HttpResponseBase:  # noqa: ARG001
    """The plan in writing."""
    own = own_plan(company=visit.company, customer_id=visit.customer.pk, plan_id=plan_id, on=visit.on)
    letter = plan_letter(company=visit.company, plan_id=plan_id) if own is not None else None
    if letter is None:
        raise Http404
    return HttpResponse(
        render_letter(letter=letter),
        content_type="application/pdf",
        headers={"Content-Disposition": f'attachment; filename="{letter.reference}.pdf"'},
    )


def _answered(request: Any, visit: Visit) -> HttpResponseBase:
    """Takes back what was asked for, or what was offered; or accepts that, which only a ticked box does."""
    known = {
        "company": visit.company,
        "customer_id": visit.customer.pk,
        "now": visit.now,
        "actor": visit.actor,
    }
    if "retirer" in request.POST:
        withdraw_plan_request(**known, request_id=_number(request.POST["retirer"]))
        return GoOn(visit.url("plans"))
    problem = ""
    if request.POST.get("agrees") == "1":
        try:
            take_plan_offer(**known, request_id=_number(request.POST["accepter"]), on=visit.on)
            return GoOn(visit.url("plans"))
        except UnableToDecidePlanRequest as error:
            problem = said(error.sentence)
    limits, documents = plan_limits(company=visit.company), ()
    form = PlanForm(None, documents=documents, limits=limits, on=visit.on)
    around = _around(visit, form, documents, limits, None)
    return render(
        visit,
        "portal/plan.html",
        {"form": form, "room": "asks", "problem": problem, "is_unticked": not problem, **around},
        status=422,
    )


def _proposed_again(form: Any, visit: Visit) -> Any:
    """The instalments stay in sight while a name is missing or the box is not ticked."""
    wish = {name: form.cleaned_data.get(name) for name in ("document_ids", "count", "first_date")}
    if None in wish.values():
        return None
    try:
        return plan_proposal(company=visit.company, customer_id=visit.customer.pk, on=visit.on, **wish)
    except UnableToPropose:
        return None


def _around(visit: Visit, form: Any, documents: Any, limits: Any, proposed: Any) -> dict[str, Any]:
    open_ones = [
        each
        for each in requests_of_customer(company=visit.company, customer_id=visit.customer.pk)
        if each.state in ("waiting", "offered")
    ]
    asking = form if isinstance(form, AskPlanForm) else None
    return {
        "asking": asking or AskPlanForm(None, documents=documents, limits=limits, on=visit.on),
        "proposed": proposed,
        "requests": open_ones,
        "has_documents": bool(documents),
        "limits": limits,
        "grace": GRACE_DAYS,
        "falls_due": CONSEQUENCES["all_due"](),
    }


def _shown(row: PlanRow, accounts: tuple[OwedInCurrency, ...], visit: Visit) -> ShownPlan:
    is_broken = row.state == "broken"
    falls_due = is_broken and row.when_broken == "all_due"
    is_running = row.state == "agreed" or is_broken
    following = row.next_instalment if is_running else None
    documents = {each.id for each in row.documents}
    account = next((each for each in accounts if each.currency == row.currency), None)
    lines = [line for line in account.payable_lines if line.document_id in documents] if account else []
    payable_cents = sum(line.payable_cents for line in lines)
    if following is None or not payable_cents:
        return ShownPlan(row, is_running, is_broken, falls_due, following, "")
    asked_cents = payable_cents if falls_due else min(following.left_cents, payable_cents)
    fields = [("devise", row.currency), *(("d", line.key) for line in lines)]
    if asked_cents < payable_cents:
        fields.append(("montant", str(to_decimal(asked_cents, row.currency))))
    url = f"{visit.url('pay')}?{urlencode(fields)}"
    return ShownPlan(row, is_running, is_broken, falls_due, following, url)


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 18 else 0
