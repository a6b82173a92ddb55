"""Comptabilité: hand entries over to the books, what was handed over, and the accounts they are made on."""

from datetime import date, timedelta
from typing import Any

from django.contrib import messages
from django.http import FileResponse, Http404, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from encours.actions.export_entries import UnableToExport, export_entries
from encours.actions.update_accounting import UnableToUpdateAccounting, update_accounting
from encours.backoffice.actor import actor_of
from encours.backoffice.clock import today
from encours.backoffice.language import language_of_reader
from encours.backoffice.permissions import Role, may, needs
from encours.backoffice.settings.accounting_forms import FORMATS, AccountsForm, ExportForm
from encours.queries.accounting import accounts_of, export_on_disk, past_exports


@needs(Role.VIEWER)
def accounting(request: Any) -> HttpResponse:
    return _page(request)


@needs(Role.ACCOUNTANT)
@require_POST
def hand_over(request: Any) -> HttpResponse:
    """A draft is a download and nothing else; a definitive export is listed, and downloaded from there."""
    form = ExportForm(request.POST)
    if not form.is_valid():
        return _page(request, export_form=form)
    is_draft = "draft" in request.POST
    try:
        exported = export_entries(
            company=request.company, on=today(request.company), actor=actor_of(request), is_draft=is_draft,
            **form.cleaned_data,
        )  # fmt: skip
    except UnableToExport as error:
        form.add_error(None, error.problem.sentence.say(language_of_reader()))
        return _page(request, export_form=form)
    if is_draft:
        return HttpResponse(
            exported.content,
            content_type="application/octet-stream",
            headers={"Content-Disposition": f'attachment; filename="{exported.file_name}"'},
        )
    for problem in exported.problems:
        messages.warning(request, problem.sentence.say(language_of_reader()))
    messages.success(
        request,
        _("%(lines)d lines handed over in %(file)s.")
        % {"lines": exported.line_count, "file": exported.file_name},
    )
    return HttpResponseRedirect(reverse("settings:accounting"))


@needs(Role.ACCOUNTANT)
@require_POST
def change_accounts(request: Any) -> HttpResponse:
    form = AccountsForm(request.POST)
    if form.is_valid():
        try:
            update_accounting(company=request.company, actor=actor_of(request), values=form.cleaned_data)
        except UnableToUpdateAccounting as error:
            for problem in error.problems:
                form.add_error(
                    problem.field if problem.field in form.fields else None,
                    problem.sentence.say(language_of_reader()),
                )
        else:
            messages.success(request, _("The accounts are saved. What was handed over stays as it is."))
            return HttpResponseRedirect(reverse("settings:accounting"))
    return _page(request, accounts_form=form)


@needs(Role.VIEWER)
def exported_file(request: Any, export_id: int) -> HttpResponseBase:
    """The file as it was handed over."""
    stored = export_on_disk(company=request.company, export_id=export_id)
    if stored is None or not stored.path.is_file():
        raise Http404
    return FileResponse(
        stored.path.open("rb"),
        as_attachment=True,
        filename=stored.name,
        content_type="application/octet-stream",
    )


def _page(
    request: Any, *, export_form: ExportForm | None = None, accounts_form: AccountsForm | None = None
) -> HttpResponse:
    if accounts_form is None:
        accounts = accounts_of(company=request.company)
        accounts_form = AccountsForm(
            initial={name: getattr(accounts, name) for name in AccountsForm.base_fields}
        )
    if not may(request.role)["accountant"]:
        for field in accounts_form.fields.values():
            field.disabled = True
    return render(
        request,
        "settings/accounting.html",
        {
            "export_form": export_form or ExportForm(initial=_last_month(today(request.company))),
            "accounts_form": accounts_form,
            "rows": past_exports(company=request.company),
            "format_names": dict(FORMATS),
        },
    )


def _last_month(on: date) -> dict[str, object]:
    last = on.replace(day=1) - timedelta(days=1)
    return {"from_date": last.replace(day=1), "to_date": last, "format": "fec"}
