"""Lettres → réglages: in whose name, how long, which interest; and the table of rates."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.forms.models import model_to_dict
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from encours.actions.add_reference_rate import UnableToAddRate, add_reference_rate
from encours.actions.update_letter_settings import UnableToUpdateLetterSettings, update_letter_settings
from encours.backoffice.actor import actor_of
from encours.backoffice.clock import today
from encours.backoffice.language import language_of_reader
from encours.backoffice.letters.forms import RateForm, SettingsForm
from encours.backoffice.permissions import Role, may, needs
from encours.core.money import Rate
from encours.core.reference_rates import ECB, half_name, half_of
from encours.queries.letter_settings import letter_settings
from encours.queries.reference_rates import rate_rows


@needs(Role.VIEWER)
def settings(request: Any) -> HttpResponse:
    """Everybody may read it; an administrator may change it."""
    if request.method == "POST" and not may(request.role)["admin"]:
        raise PermissionDenied
    form = SettingsForm(request.POST) if request.method == "POST" else SettingsForm(initial=_initial(request))
    if request.method == "POST" and form.is_valid():
        try:
            update_letter_settings(
                company=request.company,
                on=today(request.company),
                actor=actor_of(request),
                **form.cleaned_data,
            )
        except UnableToUpdateLetterSettings as error:
            for problem in error.problems:
                form.add_error(problem.field, problem.sentence.say(language_of_reader()))
        else:
            messages.success(request, _("Saved. What was claimed before stays as it was claimed."))
            return HttpResponseRedirect(reverse("letters:settings"))
    if not may(request.role)["admin"]:
        for field in form.fields.values():
            field.disabled = True
    return render(request, "letters/settings.html", {"form": form})


@needs(Role.VIEWER)
def rates(request: Any) -> HttpResponse:
    """The table of rates with its source; an administrator adds the half-year that is missing."""
    if request.method == "POST" and not may(request.role)["admin"]:
        raise PermissionDenied
    form = RateForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        year, _dash, half = form.cleaned_data["half"].partition("-")
        given = {key: form.cleaned_data[key] for key in ("ecb_basis_points", "legal_basis_points", "source")}
        try:
            add_reference_rate(
                company=request.company, half=(int(year), int(half)), actor=actor_of(request), **given
            )
        except UnableToAddRate as error:
            for problem in error.problems:
                form.add_error(problem.field, problem.sentence.say(language_of_reader()))
        else:
            messages.success(request, _("The rate is in the table. Letters use it from now on."))
            return HttpResponseRedirect(reverse("letters:rates"))
    rows = rate_rows(company=request.company)
    this_half = half_of(today(request.company))
    return render(
        request,
        "letters/rates.html",
        {
            "form": form,
            "rows": [(half_name(row.half).say(language_of_reader()), row) for row in rows],
            "table_source": ECB().say(language_of_reader()),
            "missing": None
            if this_half in {row.half for row in rows}
            else half_name(this_half).say(language_of_reader()),
        },
    )


def _initial(request: Any) -> dict[str, Any]:
    known = model_to_dict(letter_settings(company=request.company), fields=list(SettingsForm.base_fields))
    rate = known["agreed_basis_points"]
    known["agreed_basis_points"] = (
        "" if rate is None else Rate(rate).format(language_of_reader()).rstrip("%\u00a0 ")
    )
    known["thanks_min_cents"] = _amount(known["thanks_min_cents"])
    return known


def _amount(cents: int) -> str:
    text = f"{cents // 100}.{cents % 100:02d}"
    return text.replace(".", ",") if language_of_reader() == "fr" else text
