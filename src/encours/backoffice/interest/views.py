"""Pénalités d'un client: what has accrued, what was claimed, what was waived, line by line."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from encours.actions.waive_interest import UnableToWaive, waive_interest
from encours.backoffice.actor import actor_of
from encours.backoffice.clock import today
from encours.backoffice.language import language_of_reader
from encours.backoffice.listing import row_id
from encours.backoffice.permissions import Role, needs
from encours.backoffice.templatetags.encours import money_text
from encours.core.interest import UnableToComputeInterest
from encours.queries.customers import customer_of
from encours.queries.interest import SHOWN, claim_rows, customer_accruals, interest_sums


@needs(Role.VIEWER)
def customer(request: Any, customer_id: int) -> HttpResponse:
    """Everybody may read it; a collector may waive."""
    found = _customer(request, customer_id)
    on, problem, rows = today(request.company), None, []
    try:
        rows = [
            each for each in customer_accruals(company=request.company, customer=found, on=on) if each.is_new
        ]
    except UnableToComputeInterest as error:
        problem = error.sentence.say(language_of_reader())
    return render(
        request,
        "interest/customer.html",
        {
            "customer": found,
            "problem": problem,
            "on": on,
            "accruals": sorted(rows, key=lambda each: each.receivable.due_date, reverse=True)[:SHOWN],
            "more_count": max(0, len(rows) - SHOWN),
            "accrued_cents": sum(each.interest_cents + each.indemnity_cents for each in rows),
            "sums": interest_sums(company=request.company, customer_id=customer_id),
            "claims": claim_rows(company=request.company, customer_id=customer_id),
        },
    )


@needs(Role.COLLECTOR)
@require_POST
def waive(request: Any, customer_id: int) -> HttpResponse:
    """All of a customer's, or that of one document."""
    _customer(request, customer_id)
    document_id = row_id(request.POST.get("document", ""))
    try:
        cents = waive_interest(
            company=request.company,
            customer_id=customer_id,
            document_ids=None if document_id is None else [document_id],
            reason=request.POST.get("reason", ""),
            on=today(request.company),
            actor=actor_of(request),
        )
    except UnableToWaive as error:
        messages.error(request, error.sentence.say(language_of_reader()))
    else:
        messages.success(request, _("Waived: %(amount)s.") % {"amount": money_text(cents, "EUR")})
    return HttpResponseRedirect(reverse("interest:customer", args=[customer_id]))


def _customer(request: Any, customer_id: int) -> Any:
    found = customer_of(company=request.company, customer_id=customer_id)
    if found is None:
        raise Http404
    return found
