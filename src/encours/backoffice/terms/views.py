"""Payment terms: what is agreed with a customer, who is beyond the caps, and what other terms would change."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from encours.actions.revise_terms import UnableToReviseTerms, change_caps, revise_terms
from encours.backoffice.actor import actor_of
from encours.backoffice.clock import today
from encours.backoffice.language import language_of_reader
from encours.backoffice.permissions import Role, needs
from encours.backoffice.terms.forms import CapsForm, ReviseForm, WhatIfForm
from encours.core.reference_rates import half_name
from encours.core.terms import UnableToReadTerms, read_terms
from encours.core.terms_caps import Caps
from encours.queries.customers import segments
from encours.queries.terms import customers_beyond_caps, revisions_of, terms_row, what_if


@needs(Role.VIEWER)
def overview(request: Any) -> HttpResponse:
    """Who is beyond the caps; what other terms would change for all, or for a segment."""
    company = request.company
    form = WhatIfForm(request.GET or None, segments=segments(company=company))
    return render(
        request,
        "terms/overview.html",
        {
            "beyond": customers_beyond_caps(company=company),
            "company_terms": _words(company.payment_terms),
            "form": form,
            **_tried(request, form, segment=request.GET.get("segment", "")),
        },
    )


@needs(Role.COLLECTOR)
def customer(request: Any, customer_id: int) -> HttpResponse:
    """A customer's terms, revised from a day on with the reason; what others would change is tried first."""
    company, on = request.company, today(request.company)
    row = terms_row(company=company, customer_id=customer_id)
    if row is None:
        raise Http404
    trying = WhatIfForm(request.GET or None)
    form = ReviseForm(
        request.POST or None,
        initial={"from_date": on, "terms": request.GET.get("to", ""), "is_periodic": row.is_periodic},
    )
    if request.method == "POST" and form.is_valid():
        try:
            beyond = revise_terms(
                company=company, customer_id=customer_id, on=on, actor=actor_of(request), **form.cleaned_data
            )
        except UnableToReviseTerms as error:
            for problem in error.problems:
                form.add_error(problem.field, problem.sentence.say(language_of_reader()))
        else:
            messages.success(
                request, _("The terms are revised. Invoices that are issued keep their due dates.")
            )
            if beyond:
                messages.warning(request, beyond.say(language_of_reader()))
            return HttpResponseRedirect(reverse("terms:customer", args=[customer_id]))
    return render(
        request,
        "terms/customer.html",
        {
            "row": row,
            "form": form,
            "trying": trying,
            "revisions": [(each, _words(each.terms), _words(each.previous_terms)) for each in revisions_of(company=company, customer_id=customer_id)],
            **_tried(request, trying, customer_id=customer_id),
        },
    )  # fmt: skip


@needs(Role.ACCOUNTANT)
def caps(request: Any) -> HttpResponse:
    """The caps terms are checked against."""
    company = request.company
    known = CapsForm.told(Caps.from_json(company.terms_caps), company.forgotten_after_days)
    form = CapsForm(request.POST or None, initial=known)
    if request.method == "POST" and form.is_valid():
        try:
            change_caps(
                company=company, caps=form.caps(), forgotten_after_days=form.cleaned_data["forgotten_after_days"],
                actor=actor_of(request),
            )  # fmt: skip
        except UnableToReviseTerms as error:
            form.add_error("sectors", error.problems[0].sentence.say(language_of_reader()))
        else:
            messages.success(request, _("The caps are saved."))
            return HttpResponseRedirect(reverse("terms:overview"))
    return render(request, "terms/caps.html", {"form": form})


def _tried(request: Any, form: WhatIfForm, **whose: Any) -> dict[str, Any]:
    """What the terms asked for would change; nothing where none are."""
    to = request.GET.get("to", "").strip()
    if not to or not form.is_valid():
        return {"impacts": None}
    try:
        found = what_if(company=request.company, to=to, on=today(request.company), **whose)
    except UnableToReadTerms:
        form.add_error(
            "to", _("These terms are not understood. Examples: 30 days, 45 days end of month, on receipt.")
        )
        return {"impacts": None}
    halves = sorted({half for each in found.impacts for half in each.unknown_halves})
    return {
        "impacts": found.impacts,
        "tried": _words(to),
        "customer_count": found.customer_count,
        "unknown_halves": [half_name(half) for half in halves],
    }


def _words(text: str) -> Any:
    try:
        return read_terms(text).in_words()
    except UnableToReadTerms:
        return None
