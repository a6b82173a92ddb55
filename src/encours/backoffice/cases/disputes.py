"""A dispute: opened, handed over, resolved."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from encours.actions.change_dispute import change_dispute
from encours.actions.open_dispute import UnableToOpenDispute, open_dispute
from encours.actions.resolve_dispute import UnableToResolveDispute, resolve_dispute
from encours.backoffice.actor import actor_of
from encours.backoffice.cases.documents import choices, first_chosen, open_documents
from encours.backoffice.cases.forms import ChangeDisputeForm, DisputeForm, ResolveForm
from encours.backoffice.cases.names import NAMES
from encours.backoffice.cases.views import chosen_customer, refusal
from encours.backoffice.clock import now, today
from encours.backoffice.exports import cents_cell
from encours.backoffice.permissions import Role, needs
from encours.queries.cases import DisputeRow, dispute_row


@needs(Role.COLLECTOR)
def open_(request: Any, customer_id: int) -> HttpResponse:
    customer = chosen_customer(request, customer_id)
    documents = open_documents(request, customer_id)
    able = [each for each in documents.shown if not each.disputed_cents]
    first = first_chosen(request, able)
    form = DisputeForm(request.POST or None, documents=choices(able), initial={"document": first})
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        document_id = given.pop("document")
        try:
            dispute = open_dispute(
                company=request.company, customer_id=customer.pk, document_id=document_id,
                on=today(request.company), actor=actor_of(request), **given,
            )  # fmt: skip
        except UnableToOpenDispute as error:
            form.add_error(None, refusal(error))
        else:
            messages.success(request, _("The dispute is open: what is contested is reminded no more."))
            return HttpResponseRedirect(reverse("cases:dispute", args=[dispute.pk]))
    context = {"customer": customer, "form": form, "documents": able}
    return render(request, "cases/open_dispute.html", context)


@needs(Role.VIEWER)
def show(request: Any, dispute_id: int) -> HttpResponse:
    row = _row(request, dispute_id)
    return _page(request, row, ChangeDisputeForm(initial=_as_it_is(row)))


@needs(Role.COLLECTOR)
@require_POST
def change(request: Any, dispute_id: int) -> HttpResponse:
    row = _row(request, dispute_id)
    form = ChangeDisputeForm(request.POST)
    if form.is_valid():
        try:
            change_dispute(
                company=request.company, dispute_id=row.id, actor=actor_of(request), **form.cleaned_data
            )
        except UnableToOpenDispute as error:
            form.add_error("disputed_cents", refusal(error))
        else:
            messages.success(request, _("The dispute is changed."))
            return HttpResponseRedirect(reverse("cases:dispute", args=[row.id]))
    return _page(request, row, form)


@needs(Role.COLLECTOR)
@require_POST
def resolve(request: Any, dispute_id: int) -> HttpResponse:
    row = _row(request, dispute_id)
    form = ResolveForm(request.POST)
    if not form.is_valid():
        return _page(request, row, ChangeDisputeForm(initial=_as_it_is(row)), form)
    try:
        resolve_dispute(
            company=request.company, dispute_id=dispute_id, on=today(request.company), now=now(),
            actor=actor_of(request), **form.cleaned_data,
        )  # fmt: skip
    except UnableToResolveDispute as error:
        messages.error(request, refusal(error))
    else:
        messages.success(request, _("The dispute is resolved: what is still open is reminded again."))
    return HttpResponseRedirect(reverse("cases:dispute", args=[dispute_id]))


def _row(request: Any, dispute_id: int) -> DisputeRow:
    row = dispute_row(company=request.company, dispute_id=dispute_id, on=today(request.company))
    if row is None:
        raise Http404
    return row


def _as_it_is(row: DisputeRow) -> dict[str, Any]:
    contested = "" if row.is_whole else cents_cell(row.disputed_cents, row.currency)
    return {"owner": row.owner, "deadline": row.deadline, "disputed_cents": contested, "note": row.note}


def _page(
    request: Any, row: DisputeRow, form: ChangeDisputeForm, resolving: ResolveForm | None = None
) -> HttpResponse:
    context = {"row": row, "form": form, "resolving": resolving or ResolveForm(), **NAMES}
    return render(request, "cases/dispute.html", context)
