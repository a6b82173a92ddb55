"""Which policy a segment, a customer or an invoice has in place of the company's."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from encours.actions.assign_policy import UnableToAssignPolicy, assign_policy
from encours.actions.preview_policy_change import PolicyChange
from encours.backoffice.actor import actor_of
from encours.backoffice.language import language_of_reader
from encours.backoffice.permissions import Role, may, needs
from encours.backoffice.policies.previews import asked
from encours.queries.customers import customer_of
from encours.queries.policy_choices import (
    applied_to_document,
    policy_choices,
    segment_rows,
)


@needs(Role.VIEWER)
def segments(request: Any) -> HttpResponse:
    """Everybody may look; an administrator may try another one."""
    rows = segment_rows(company=request.company)
    choices = policy_choices(company=request.company)
    if request.method == "POST":
        if not may(request.role)["admin"]:
            raise PermissionDenied
        segment, slug = request.POST.get("segment", ""), request.POST.get("slug", "")
        row = next((row for row in rows if row.segment == segment), None)
        if row is None or (slug and slug not in {each.slug for each in choices}):
            raise Http404
        here = reverse("policies:segments")
        if row.slug == slug:
            messages.warning(request, _("The segment has this policy already."))
            return HttpResponseRedirect(here)
        return asked(request, PolicyChange("segment", slug=slug, segment=segment), back=here)
    return render(request, "policies/segments.html", {"rows": rows, "choices": choices})


@needs(Role.COLLECTOR)
@require_POST
def customer(request: Any, customer_id: int) -> HttpResponse:
    found = customer_of(company=request.company, customer_id=customer_id)
    if found is None:
        raise Http404
    return _chosen(request, reverse("customers:show", args=[customer_id]), customer=found.code)


@needs(Role.COLLECTOR)
@require_POST
def document(request: Any, document_id: int) -> HttpResponse:
    if applied_to_document(company=request.company, document_id=document_id) is None:
        raise Http404
    return _chosen(request, reverse("documents:show", args=[document_id]), document_id=document_id)


def _chosen(request: Any, back: str, **of: Any) -> HttpResponse:
    slug = request.POST.get("slug", "")
    try:
        assign_policy(company=request.company, slug=slug, actor=actor_of(request), **of)
    except UnableToAssignPolicy as error:
        messages.warning(request, error.sentence.say(language_of_reader()))
    else:
        messages.success(request, _("The policy is chosen. It applies from the next plan on."))
    return HttpResponseRedirect(back)
