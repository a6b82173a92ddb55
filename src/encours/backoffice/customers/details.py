"""A customer's identity, address, terms and preferred channel, changed by hand."""

import json
from datetime import date
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from encours.actions.update_customer import FIELDS, UnableToUpdateCustomer, update_customer
from encours.backoffice.actor import actor_of
from encours.backoffice.clock import today
from encours.backoffice.language import language_of_reader
from encours.backoffice.permissions import Role, needs
from encours.core.dunning.policy import CHANNEL_NAMES, CUSTOMER_CHANNELS
from encours.core.terms import UnableToReadTerms, read_terms
from encours.core.terms_caps import Caps, beyond_cap
from encours.queries.customers import customer_of

KIND_NAMES = {
    "company": gettext_lazy("Company"),
    "public_buyer": gettext_lazy("Public buyer"),
    "person": gettext_lazy("Private person"),
}


class CustomerForm(forms.Form):
    name = forms.CharField(label=gettext_lazy("Name"), max_length=200)
    kind = forms.ChoiceField(label=gettext_lazy("Kind of customer"), choices=list(KIND_NAMES.items()))
    siren = forms.CharField(label=gettext_lazy("SIREN"), max_length=14, required=False)
    siret = forms.CharField(label=gettext_lazy("SIRET"), max_length=20, required=False)
    vat_number = forms.CharField(label=gettext_lazy("VAT number"), max_length=20, required=False)
    street = forms.CharField(label=gettext_lazy("Street"), max_length=200, required=False)
    postcode = forms.CharField(label=gettext_lazy("Postcode"), max_length=12, required=False)
    city = forms.CharField(label=gettext_lazy("City"), max_length=100, required=False)
    country = forms.RegexField(
        label=gettext_lazy("Country"), regex=r"^[A-Z]{2}$", help_text=gettext_lazy("Two letters, FR for France.")
    )  # fmt: skip
    language = forms.ChoiceField(label=gettext_lazy("Language of letters"), choices=settings.LANGUAGES)
    segment = forms.CharField(label=gettext_lazy("Segment"), max_length=60, required=False)
    sector = forms.CharField(label=gettext_lazy("Sector"), max_length=60, required=False)
    salesperson = forms.CharField(label=gettext_lazy("Salesperson"), max_length=120, required=False)
    payment_terms = forms.CharField(
        label=gettext_lazy("Payment terms"),
        max_length=20,
        required=False,
        help_text=gettext_lazy(
            "30 days, 45 days end of month, on receipt; empty for the company's. For invoices to come that tell no due date: those already here keep theirs."
        ),
    )
    preferred_channel = forms.ChoiceField(
        label=gettext_lazy("Preferred channel"),
        required=False,
        help_text=gettext_lazy("Tried first by each step that has it among its channels."),
    )
    seen = forms.CharField(widget=forms.HiddenInput, required=False)

    identity = ("name", "kind", "siren", "siret", "vat_number")
    address = ("street", "postcode", "city", "country", "language")
    terms = ("payment_terms", "preferred_channel", "segment", "sector", "salesperson")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        named = [(code, CHANNEL_NAMES[code]().say(language_of_reader())) for code in CUSTOMER_CHANNELS]
        self.fields["preferred_channel"].choices = [("", "—"), *named]  # type: ignore[attr-defined]

    def parts(self) -> list[tuple[Any, list[Any]]]:
        return [
            (title, [self[name] for name in names])
            for title, names in (
                (_("Identity"), self.identity),
                (_("Address"), self.address),
                (_("Terms and reminders"), self.terms),
            )
        ]


@needs(Role.COLLECTOR)
def details(request: Any, customer_id: int) -> HttpResponse:
    customer = customer_of(company=request.company, customer_id=customer_id)
    if customer is None:
        raise Http404
    known = {name: getattr(customer, name) for name in FIELDS}
    shown = known | {"seen": json.dumps(known)}
    form = CustomerForm(request.POST) if request.method == "POST" else CustomerForm(initial=shown)
    if request.method == "POST" and form.is_valid():
        given, seen = {name: form.cleaned_data[name] for name in FIELDS}, _seen(form, known)
        try:
            changes = update_customer(
                company=request.company, customer_id=customer_id, seen=seen, details=given,
                actor=actor_of(request),
            )  # fmt: skip
        except UnableToUpdateCustomer as error:
            for problem in error.problems:
                form.add_error(problem.field, problem.sentence.say(language_of_reader()))
            # what was changed meanwhile has been told, so saving again is meant; what others changed elsewhere stays theirs
            theirs = {name: known[name] for name in FIELDS if given[name] == seen[name]}
            form.data = {**form.data.dict(), **theirs, "seen": shown["seen"]}
        else:
            messages.success(request, _("The customer's details are saved."))
            if "payment_terms" in changes or "kind" in changes:
                _tell_terms(request, given | {name: after for name, (_before, after) in changes.items()})
            return HttpResponseRedirect(reverse("customers:show", args=[customer_id]))
    return render(request, "customers/details.html", {"customer": customer, "form": form})


def _seen(form: CustomerForm, known: dict[str, str]) -> dict[str, str]:
    """The fields as they stood when the form was shown."""
    try:
        told = json.loads(form.cleaned_data["seen"])
    except ValueError:
        return known
    return known | {
        name: told[name] for name in FIELDS if isinstance(told, dict) and isinstance(told.get(name), str)
    }


def _tell_terms(request: Any, customer: dict[str, str]) -> None:
    """What the terms that were just saved mean, and whether the law allows them."""
    try:
        terms = read_terms(customer["payment_terms"] or request.company.payment_terms)
    except UnableToReadTerms:
        return
    on: date = today(request.company)
    said = {
        "terms": terms.in_words().say(language_of_reader()),
        "day": date_format(terms.due_date(on), "DATE_FORMAT"),
    }
    messages.info(
        request, _("Terms from now on: %(terms)s. An invoice of today falls due on %(day)s.") % said
    )
    caps = Caps.from_json(request.company.terms_caps)
    beyond = beyond_cap(
        terms=terms, kind=customer["kind"], sector=customer["sector"], is_periodic=False, caps=caps
    )
    if beyond and customer["country"] == "FR":
        messages.warning(request, beyond.say(language_of_reader()))
