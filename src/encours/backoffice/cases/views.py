"""Litiges et promesses: what customers contest, what they promised, what was agreed with them; and pauses."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from encours.actions.hold_receivable import UnableToHold, hold_receivable
from encours.backoffice.actor import actor_of
from encours.backoffice.cases.forms import KINDS, STATE_NAMES, FilterForm, PauseForm
from encours.backoffice.cases.names import NAMES
from encours.backoffice.clock import today
from encours.backoffice.language import language_of_reader
from encours.backoffice.listing import PAGE_SIZE, page_number, render_list
from encours.backoffice.permissions import Role, needs
from encours.queries.case_figures import case_figures
from encours.queries.cases import disputes_page, plans_page, promises_page
from encours.queries.customers import customer_of

_PAGES = {"disputes": disputes_page, "promises": promises_page, "plans": plans_page}
_FIGURES = {"disputes": "dispute", "promises": "promise", "plans": "plan"}


@needs(Role.VIEWER)
def list_(request: Any) -> HttpResponse:
    company, on = request.company, today(request.company)
    kind = request.GET.get("kind", "")
    if kind not in KINDS:
        kind = "disputes"
    form = FilterForm(request.GET, kind=kind)
    wanted = form.wanted()
    page = _PAGES[kind](company=company, wanted=wanted, on=on, number=page_number(request), size=PAGE_SIZE)
    figures = case_figures(company=company, on=on)
    tabs = [
        (code, name, sum(each.count for each in figures.of(_FIGURES[code]))) for code, name in KINDS.items()
    ]
    return render_list(
        request,
        "cases/list.html",
        "cases/results.html",
        {
            "form": form,
            "kind": kind,
            "tabs": tabs,
            "page": page,
            "figures": figures,
            "open_disputes": figures.of("dispute"),
            "open_promises": figures.of("promise"),
            "plans": figures.of("plan"),
            "is_filtered": bool(wanted.text) or request.GET.get("state", "open") not in ("", "open"),
            "state": wanted.state or "all",
            "states": STATE_NAMES[kind],
            **NAMES,
        },
    )


@needs(Role.COLLECTOR)
def pause(request: Any, customer_id: int) -> HttpResponse:
    """Holds all reminders of a customer until a day, for a reason."""
    customer = chosen_customer(request, customer_id)
    form = PauseForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            hold_receivable(
                company=request.company, customer_id=customer.pk, kind="pause", from_date=today(request.company),
                actor=actor_of(request), **form.cleaned_data,
            )  # fmt: skip
        except UnableToHold:
            form.add_error("until_date", _("A pause ends after it begins."))
        else:
            messages.success(request, _("Nothing is sent to this customer until then."))
            return HttpResponseRedirect(reverse("customers:show", args=[customer.pk]))
    return render(request, "cases/pause.html", {"customer": customer, "form": form})


def chosen_customer(request: Any, customer_id: int) -> Any:
    """The company's customer, or no page."""
    customer = customer_of(company=request.company, customer_id=customer_id)
    if customer is None:
        raise Http404
    return customer


def refusal(error: Any) -> str:
    """Why an action did nothing, in the reader's language."""
    return error.sentence.say(language_of_reader())
