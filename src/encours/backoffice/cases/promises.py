"""A promise to pay: recorded, followed, withdrawn."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from encours.actions.record_promise import UnableToRecordPromise, record_promise
from encours.actions.withdraw_promise import UnableToWithdrawPromise, withdraw_promise
from encours.backoffice.actor import actor_of
from encours.backoffice.cases.documents import choices, first_chosen, open_documents, ticked
from encours.backoffice.cases.forms import EndForm, PromiseForm
from encours.backoffice.cases.names import NAMES
from encours.backoffice.cases.views import chosen_customer, refusal
from encours.backoffice.clock import today
from encours.backoffice.permissions import Role, needs
from encours.queries.cases import promise_row


@needs(Role.COLLECTOR)
def record(request: Any, customer_id: int) -> HttpResponse:
    customer = chosen_customer(request, customer_id)
    on = today(request.company)
    able = [each for each in open_documents(request, customer_id).shown if each.uncontested_cents > 0]
    named = first_chosen(request, able)
    form = PromiseForm(
        request.POST or None, documents=choices(able), initial={"documents": [named] if named else []}
    )
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        document_ids = given.pop("documents") or None
        try:
            promise = record_promise(
                company=request.company, customer_id=customer.pk, document_ids=document_ids, on=on,
                actor=actor_of(request), **given,
            )  # fmt: skip
        except UnableToRecordPromise as error:
            form.add_error(None, refusal(error))
        else:
            messages.success(request, _("The promise is recorded: its documents wait for its day."))
            return HttpResponseRedirect(reverse("cases:promise", args=[promise.pk]))
    context = {
        "customer": customer, "form": form, "documents": able, "on": on, "chosen": ticked(form["documents"])
    }  # fmt: skip
    return render(request, "cases/record_promise.html", context)


@needs(Role.VIEWER)
def show(request: Any, promise_id: int) -> HttpResponse:
    return _page(request, promise_id, EndForm())


@needs(Role.COLLECTOR)
@require_POST
def withdraw(request: Any, promise_id: int) -> HttpResponse:
    row = promise_row(company=request.company, promise_id=promise_id, on=today(request.company))
    if row is None:
        raise Http404
    form = EndForm(request.POST)
    if form.is_valid():
        try:
            withdraw_promise(
                company=request.company, promise_id=promise_id, on=today(request.company), actor=actor_of(request),
                **form.cleaned_data,
            )  # fmt: skip
        except UnableToWithdrawPromise as error:
            messages.error(request, refusal(error))
        else:
            messages.success(request, _("The promise is withdrawn: its documents are reminded again."))
        return HttpResponseRedirect(reverse("cases:promise", args=[promise_id]))
    return _page(request, promise_id, form)


def _page(request: Any, promise_id: int, form: EndForm) -> HttpResponse:
    row = promise_row(company=request.company, promise_id=promise_id, on=today(request.company))
    if row is None:
        raise Http404
    return render(request, "cases/promise.html", {"row": row, "form": form, **NAMES})
