"""Conversion: what was paid after each step, what of it is the step's doing, and what may be held back to tell."""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from encours.actions.allow_hold_out import UnableToAllowHoldOut, allow_hold_out
from encours.backoffice.actor import actor_of
from encours.backoffice.clock import today
from encours.backoffice.dunning_names import LETTER_NAMES
from encours.backoffice.exports import cents_cell
from encours.backoffice.language import language_of_reader
from encours.backoffice.permissions import Role, needs
from encours.backoffice.simulations.forms import HoldOutForm
from encours.core.dunning.conversion import WITHIN_DAYS, Conversion, Rate, conversions, effects
from encours.core.dunning.policy import CHANNEL_NAMES
from encours.queries.conversion import steps_done
from encours.queries.hold_out import hold_out_rule

DEFAULT_CENTS = 50_000


@dataclass(frozen=True)
class Row:
    """A step by channel, letter and version; `rates` by WITHIN_DAYS."""

    of: Conversion
    channel: str
    letter: Any
    rates: tuple[Rate, ...]


@needs(Role.VIEWER)
def show(request: Any) -> HttpResponse:
    rule = hold_out_rule(company=request.company)
    cents = rule.max_amount_cents if rule else DEFAULT_CENTS
    form = HoldOutForm(
        initial={
            "percent": rule.percent if rule else 0,
            "max_amount_cents": cents_cell(cents, request.company.currency),
        }
    )
    return _page(request, form)


@needs(Role.ADMIN)
@require_POST
def hold_out(request: Any) -> HttpResponse:
    """What is held back from the next plan on."""
    form = HoldOutForm(request.POST)
    if form.is_valid():
        try:
            allow_hold_out(company=request.company, actor=actor_of(request), **form.cleaned_data)
            messages.success(request, _("Saved. It counts from the next plan on."))
            return HttpResponseRedirect(reverse("simulations:conversion"))
        except UnableToAllowHoldOut as error:
            form.add_error(None, error.sentence.say(language_of_reader()))
    return _page(request, form)


def _page(request: Any, form: HoldOutForm) -> HttpResponse:
    on = today(request.company)
    steps = steps_done(company=request.company)
    return render(
        request,
        "simulations/conversion.html",
        {
            "form": form,
            "days": WITHIN_DAYS,
            "rows": _rows(conversions(steps=steps, on=on)),
            "effects": effects(steps=steps, on=on),
            "rule": hold_out_rule(company=request.company),
        },
    )


def _rows(found: list[Conversion]) -> list[Row]:
    grouped = [found[start : start + len(WITHIN_DAYS)] for start in range(0, len(found), len(WITHIN_DAYS))]
    return [
        Row(
            each[0],
            CHANNEL_NAMES[each[0].channel]().say(language_of_reader()),
            LETTER_NAMES.get(each[0].template, each[0].template),
            tuple(one.measured for one in each),
        )
        for each in grouped
        if any(one.measured.count for one in each)
    ]
