"""Simulation and replay: asked for here, made by a job, looked at by week, by step and message by message."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from encours.actions.run_simulation import UnableToSimulate, ask_for_simulation, choices
from encours.backoffice.actor import actor_of
from encours.backoffice.clock import today
from encours.backoffice.dunning_names import LETTER_NAMES
from encours.backoffice.exports import cents_cell, date_cell, stream_csv, text_cell
from encours.backoffice.language import language_of_reader
from encours.backoffice.listing import PAGE_SIZE, page_number, render_list
from encours.backoffice.permissions import Role, needs
from encours.backoffice.simulations.chart import chart, tallest
from encours.backoffice.simulations.forms import NOTHING, ReplayForm, SimulationForm
from encours.core.dunning.costs import message_costs
from encours.core.dunning.policy import CHANNEL_NAMES
from encours.queries.replay import first_invoice_date
from encours.queries.simulations import (
    SimulationDetail,
    simulated_messages_after,
    simulated_messages_page,
    simulation_of,
)

SIMULATION, REPLAY = "simulation", "replay"
REPLAYED_DAYS = 180
_EXPORT_ROWS = 2000
_PAGES = {SIMULATION: "simulations:simulation", REPLAY: "simulations:replay"}


@needs(Role.VIEWER)
def simulation(request: Any) -> HttpResponse:
    """The next days, as they were foretold last, and what to ask for."""
    found = simulation_of(company=request.company, kind=SIMULATION)
    initial = _asked(found, ("days", "pays", "approval_days"))
    return _page(request, SIMULATION, found, SimulationForm(choices=_choices(request), initial=initial))


@needs(Role.COLLECTOR)
@require_POST
def simulate(request: Any) -> HttpResponse:
    return _ask(request, SIMULATION, SimulationForm(request.POST, choices=_choices(request)))


@needs(Role.VIEWER)
def simulated(request: Any) -> HttpResponse:
    return _messages(request, SIMULATION)


@needs(Role.VIEWER)
def export_simulated(request: Any) -> HttpResponseBase:
    return _export(request, SIMULATION)


@needs(Role.VIEWER)
def replay(request: Any) -> HttpResponse:
    """The past under a policy, as it was lived through again last, and what to ask for."""
    found = simulation_of(company=request.company, kind=REPLAY)
    yesterday = today(request.company) - timedelta(days=1)
    first = first_invoice_date(company=request.company)
    since = yesterday - timedelta(days=REPLAYED_DAYS - 1)
    initial = {"from_date": max(first, since) if first else since, "until_date": yesterday} | _asked(
        found, ()
    )
    if found:
        initial |= {"from_date": found.from_date, "until_date": found.until_date}
    return _page(request, REPLAY, found, ReplayForm(choices=_choices(request), initial=initial))


@needs(Role.COLLECTOR)
@require_POST
def live_again(request: Any) -> HttpResponse:
    return _ask(request, REPLAY, ReplayForm(request.POST, choices=_choices(request)))


@needs(Role.VIEWER)
def replayed(request: Any) -> HttpResponse:
    return _messages(request, REPLAY)


@needs(Role.VIEWER)
def export_replayed(request: Any) -> HttpResponseBase:
    return _export(request, REPLAY)


def _choices(request: Any) -> Sequence[Any]:
    return choices(company=request.company)


def _asked(found: SimulationDetail | None, names: Sequence[str]) -> dict[str, Any]:
    """What was asked for last, for the form."""
    if found is None:
        return {"against": NOTHING}
    options = found.options
    against = options.get("against", "") if options.get("compares") else NOTHING
    return {"policy": options.get("policy", ""), "against": against} | {
        name: options[name] for name in names if name in options
    }


def _ask(request: Any, kind: str, form: Any) -> HttpResponse:
    if form.is_valid():
        try:
            ask_for_simulation(
                company=request.company,
                kind=kind,
                actor=actor_of(request),
                **form.wanted(today(request.company)),
            )
            return HttpResponseRedirect(reverse(_PAGES[kind]))
        except UnableToSimulate as error:
            form.add_error(None, error.sentence.say(language_of_reader()))
    return _page(request, kind, simulation_of(company=request.company, kind=kind), form)


def _page(request: Any, kind: str, found: SimulationDetail | None, form: Any) -> HttpResponse:
    return render_list(
        request,
        f"simulations/{kind}.html",
        "simulations/outcome.html",
        {
            "form": form,
            "found": found,
            "sides": _sides(found),
            "costs": message_costs(request.company.channel_costs),
            "differences": found.differences if found else None,
            "messages_url": f"simulations:{'simulated' if kind == SIMULATION else 'replayed'}",
            "channel_names": {code: name().say(language_of_reader()) for code, name in CHANNEL_NAMES.items()},
            "letter_names": LETTER_NAMES,
        },
    )  # fmt: skip


def _sides(found: SimulationDetail | None) -> list[dict[str, Any]]:
    """What each side shows; both charts are of one height."""
    if found is None or not found.sides:
        return []
    highest = tallest([side["by_week"] for side in found.sides])
    return [
        {
            **side,
            "side": rank,
            "chart": chart(side["by_week"], since=found.from_date, until=found.until_date, highest=highest),
            "days": [day | {"sent_date": date.fromisoformat(day["sent_date"])} for day in side["by_day"]],
        }
        for rank, side in enumerate(found.sides)
    ]


def _chosen(request: Any, kind: str) -> tuple[SimulationDetail, int, date | None]:
    """The run, the side and the day a list is about."""
    found = simulation_of(company=request.company, kind=kind)
    if found is None:
        raise Http404
    side = 1 if request.GET.get("side") == "1" and len(found.sides) > 1 else 0
    try:
        day = date.fromisoformat(request.GET.get("day", ""))
    except ValueError:
        day = None
    return found, side, day


def _messages(request: Any, kind: str) -> HttpResponse:
    found = simulation_of(company=request.company, kind=kind)
    if found is None:
        return HttpResponseRedirect(reverse(_PAGES[kind]))
    found, side, day = _chosen(request, kind)
    page = simulated_messages_page(
        company=request.company,
        simulation_id=found.id,
        side=side,
        day=day,
        number=page_number(request),
        size=PAGE_SIZE,
    )
    return render_list(
        request,
        "simulations/messages.html",
        "simulations/messages_results.html",
        {
            "found": found,
            "side": side,
            "policy": found.sides[side]["policy"] if found.sides else "",
            "day": day,
            "page": page,
            "back": reverse(_PAGES[kind]),
            "export": reverse(f"simulations:export_{'simulated' if kind == SIMULATION else 'replayed'}"),
            "channel_names": {code: name().say(language_of_reader()) for code, name in CHANNEL_NAMES.items()},
            "letter_names": LETTER_NAMES,
        },
    )  # fmt: skip


def _export(request: Any, kind: str) -> HttpResponseBase:
    if simulation_of(company=request.company, kind=kind) is None:
        messages.info(request, _("There is nothing to export yet."))
        return HttpResponseRedirect(reverse(_PAGES[kind]))
    found, side, day = _chosen(request, kind)
    company = request.company
    header = [
        _("Date"), _("Customer"), _("Name"), _("Step"), _("Channel"), _("Letter"), _("Currency"), _("Amount"),
        _("Cost"), _("Documents"), *([_("Paid by themselves"), _("Within days")] if kind == REPLAY else []),
    ]  # fmt: skip

    def cells(row: Any) -> list[str]:
        listed = [
            date_cell(row.sent_date),
            text_cell(row.customer_code),
            text_cell(row.customer_name),
            text_cell(row.step_code),
            CHANNEL_NAMES[row.channel]().say(language_of_reader()),
            str(LETTER_NAMES.get(row.template, row.template)),
            row.currency,
            cents_cell(row.amount_cents, row.currency),
            cents_cell(row.cost_cents, company.currency),
            str(row.document_count),
        ]
        if kind == REPLAY:
            listed += [
                str(row.by_itself_count),
                "" if row.by_itself_days is None else str(row.by_itself_days),
            ]
        return listed

    return stream_csv(
        name=f"{kind}-{found.from_date}-{found.until_date}",
        company_id=company.pk,
        header=header,
        blocks=lambda last: simulated_messages_after(
            company=company,
            simulation_id=found.id,
            side=side,
            day=day,
            after=last.id if last else 0,
            limit=_EXPORT_ROWS,
        ),
        cells=cells,
    )
