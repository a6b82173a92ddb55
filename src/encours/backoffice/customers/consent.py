"""Whether somebody who is no professional accepts electronic registered mail."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from encours.actions.record_consent import record_registered_consent
from encours.backoffice.actor import actor_of
from encours.backoffice.clock import today
from encours.backoffice.permissions import Role, needs
from encours.queries.customers import customer_of


class ConsentForm(forms.Form):
    since = forms.DateField(
        label=gettext_lazy("Given on"), widget=forms.DateInput({"type": "date"}, "%Y-%m-%d")
    )
    note = forms.CharField(
        label=gettext_lazy("How it was given"),
        max_length=300,
        help_text=gettext_lazy("Contract, form, e-mail: you must be able to prove it."),
    )


@needs(Role.COLLECTOR)
def consent(request: Any, customer_id: int) -> HttpResponse:
    """Records a consent, or that it was withdrawn."""
    customer = customer_of(company=request.company, customer_id=customer_id)
    if customer is None:
        raise Http404
    form = ConsentForm(request.POST or None, initial={"since": today(request.company)})
    withdrawn = request.POST.get("do") == "withdraw"
    if request.method == "POST" and (withdrawn or form.is_valid()):
        record_registered_consent(
            company=request.company, customer_id=customer_id, actor=actor_of(request),
            since=None if withdrawn else form.cleaned_data["since"],
            note="" if withdrawn else form.cleaned_data["note"],
        )  # fmt: skip
        messages.success(
            request, _("The consent is withdrawn.") if withdrawn else _("The consent is recorded.")
        )
        return HttpResponseRedirect(reverse("customers:show", args=[customer_id]))
    return render(request, "customers/consent.html", {"customer": customer, "form": form})
