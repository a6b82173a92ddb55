"""Échecs: why money did not come, over a period, and what was received of it since."""

from datetime import date, timedelta
from typing import Any

from django import forms
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from encours.backoffice.clock import today
from encours.backoffice.exports import cents_cell, stream_csv, text_cell
from encours.backoffice.language import language_of_reader
from encours.backoffice.payments.names import names, said
from encours.backoffice.permissions import Role, needs
from encours.backoffice.templatetags.encours import money_text, sentence
from encours.core.payments.failures import GROUPS
from encours.core.payments.methods import METHODS
from encours.queries.charge_failures import BANDS, FailureRow, Failures, charge_failures

PERIOD = timedelta(days=90)
BY_NAMES = {
    "cause": gettext_lazy("Cause"),
    "method": gettext_lazy("Means"),
    "bank": gettext_lazy("Service and bank"),
    "band": gettext_lazy("Amount"),
}


class PeriodForm(forms.Form):
    since = forms.DateField(
        label=gettext_lazy("From"), required=False, widget=forms.DateInput({"type": "date"}, "%Y-%m-%d")
    )
    until = forms.DateField(
        label=gettext_lazy("until"), required=False, widget=forms.DateInput({"type": "date"}, "%Y-%m-%d")
    )


@needs(Role.VIEWER)
def show(request: Any) -> HttpResponse:
    since, until = _period(request)
    found = charge_failures(company=request.company, since=since, until=until)
    groups = [(code, count, cents) for code, count, cents in found.groups if code or count]
    tables = [
        (by, title, [(_name(each, request.company.currency), each) for each in rows])
        for (by, title), rows in zip(BY_NAMES.items(), _tables(found), strict=True)
        if rows
    ]
    return render(
        request,
        "payments/failures.html",
        {
            "form": PeriodForm(initial={"since": since, "until": until}),
            "found": found,
            "tables": tables,
            "groups": groups,
            "most": max((count for _code, count, _cents in groups), default=0) or 1,
            "since": since,
            "until": until,
            **names(),
        },
    )


@needs(Role.VIEWER)
def export(request: Any) -> HttpResponseBase:
    company = request.company
    since, until = _period(request)
    header = [
        _("By"), _("Name"), _("Code"), _("Failures"), _("Of attempts"), _("Share (%)"), _("Not received"),
        _("Received since"), _("Currency"),
    ]  # fmt: skip
    return stream_csv(
        name="encours-echecs",
        company_id=company.pk,
        header=header,
        blocks=lambda last: [] if last else charge_failures(company=company, since=since, until=until).rows,
        cells=lambda row: (
            str(BY_NAMES[row.by]),
            text_cell(_name(row, company.currency)),
            row.failure_code,
            str(row.failures),
            str(row.of_attempts),
            f"{100 * row.share:.1f}".replace(".", "," if language_of_reader() == "fr" else "."),
            cents_cell(row.failed_cents, company.currency),
            cents_cell(row.recovered_cents, company.currency),
            company.currency,
        ),
    )


def _period(request: Any) -> tuple[date, date]:
    """As asked for, else the last three months; what cannot be read is not asked for."""
    form = PeriodForm(request.GET)
    form.is_valid()
    until = form.cleaned_data.get("until") or today(request.company)
    return form.cleaned_data.get("since") or until - PERIOD, until


def _tables(found: Failures) -> tuple[tuple[FailureRow, ...], ...]:
    return found.causes, found.methods, found.banks, found.bands


def _name(row: FailureRow, currency: str) -> str:
    """What a row is called where it stands."""
    match row.by:
        case "cause":
            # what follows from it stands beside, as its group
            words = row.said.params.get("why", row.said) if row.said else None
            return sentence(words) or said(GROUPS).get(
                row.failure_group, row.failure_code or _("no reason given")
            )
        case "method":
            return said(METHODS).get(row.method, _("not chosen yet"))
        case "bank":
            return " · ".join(
                (row.service, row.bank.title() if len(row.bank) > 2 else row.bank or _("bank unknown"))
            )
        case _:
            return _band(row.band, currency)


def _band(rank: int, currency: str) -> str:
    if rank == 0:
        return _("below %(amount)s") % {"amount": money_text(BANDS[0], currency)}
    if rank == len(BANDS):
        return _("from %(amount)s") % {"amount": money_text(BANDS[-1], currency)}
    bounds = {"least": money_text(BANDS[rank - 1], currency), "most": money_text(BANDS[rank], currency)}
    return _("%(least)s to %(most)s") % bounds
