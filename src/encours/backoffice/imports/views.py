"""Imports: bringing files in, what came of each, and the lines that were refused."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpResponse, HttpResponseRedirect, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from encours.actions.defer_job import defer
from encours.actions.import_file import receive_file
from encours.actions.map_columns import UnableToMapColumns, map_columns
from encours.actions.retry_import import UnableToRetryImport, retry_import
from encours.backoffice.actor import actor_of
from encours.backoffice.downloads import download
from encours.backoffice.exports import stream_csv, text_cell
from encours.backoffice.imports.forms import ColumnsForm, FilterForm
from encours.backoffice.imports.names import FIELD_NAMES, KIND_NAMES, NEEDED, STATE_NAMES, TABLE_NAMES
from encours.backoffice.journal.wording import ACTOR_NAMES
from encours.backoffice.language import language_of_reader
from encours.backoffice.listing import PAGE_SIZE, page_number, render_list
from encours.backoffice.permissions import Role, needs
from encours.backoffice.templatetags.encours import sentence
from encours.ports.files import UnableToReadFile
from encours.ports.registry import vocabularies
from encours.ports.tables import Sample
from encours.queries.files import file_of_batch
from encours.queries.import_tables import rows_of, sample_of, table_of
from encours.queries.imports import (
    export_problems,
    import_batch,
    import_detail,
    imports_page,
    problems_page,
    refused_line_numbers,
)

NAMES = {
    "kind_names": KIND_NAMES,
    "state_names": STATE_NAMES,
    "field_names": FIELD_NAMES,
    "actor_names": ACTOR_NAMES,
}
TABS = {"refused": "error", "warnings": "warning"}


@needs(Role.VIEWER)
def list_(request: Any) -> HttpResponse:
    form = FilterForm(request.GET)
    form.is_valid()
    page = imports_page(
        company=request.company,
        state=form.cleaned_data.get("state", ""),
        text=form.cleaned_data.get("q", "").strip(),
        number=page_number(request),
        size=PAGE_SIZE,
    )
    active = sum(row.is_active for row in page.rows)
    return render_list(
        request,
        "imports/list.html",
        "imports/results.html",
        {
            "form": form,
            "page": page,
            "active_count": active,
            "is_filtered": any(request.GET.get(name) for name in form.fields),
            "max_megabytes": settings.IMPORT_MAX_BYTES >> 20,
            **NAMES,
        },
    )


@needs(Role.ACCOUNTANT)
@require_POST
def upload(request: Any) -> HttpResponse:
    """Keeps the files and asks for their import. A script that sends them is told where to go next."""
    received = []
    for file in request.FILES.getlist("files"):
        try:
            with transaction.atomic():
                batch = receive_file(
                    company=request.company,
                    source=Path(file.temporary_file_path()),
                    name=file.name,
                    actor=actor_of(request),
                )
                defer("import_file", company_id=request.company.pk, batch_id=batch.pk)
        except UnableToReadFile as error:
            messages.error(request, f"{file.name} : {error.problem.sentence.say(language_of_reader())}")
        else:
            received.append(batch)
    too_large = getattr(request, "refused_uploads", [])
    for name in too_large:
        told = _("%(name)s was not taken: %(limit)s MB at most may be sent at a time.")
        messages.error(request, told % {"name": name, "limit": settings.IMPORT_MAX_BYTES >> 20})
    if received:
        told = ngettext("%(count)s file received.", "%(count)s files received.", len(received))
        messages.success(request, told % {"count": len(received)})
    elif not request.FILES and not too_large:
        messages.warning(request, _("Choose a file first."))
    following = reverse("imports:list")
    if len(received) == 1 and not too_large:
        following = reverse("imports:show", args=[received[0].pk])
    if request.headers.get("X-Upload"):
        return JsonResponse({"next": following})
    return HttpResponseRedirect(following)


@needs(Role.VIEWER)
def show(request: Any, batch_id: int) -> HttpResponse:
    detail = import_detail(company=request.company, batch_id=batch_id)
    if detail is None:
        raise Http404
    tab = request.GET.get("tab", "")
    if tab not in TABS:
        tab = "warnings" if detail.warning_count and not detail.row.refused else "refused"
    page = problems_page(
        company=request.company, batch_id=batch_id, severity=TABS[tab], number=page_number(request), size=PAGE_SIZE
    )  # fmt: skip
    return render_list(
        request,
        "imports/show.html",
        "imports/outcome.html",
        {
            "detail": detail,
            "row": detail.row,
            "tab": tab,
            "page": page,
            "is_table": detail.row.kind in TABLE_NAMES,
            "is_customers": detail.row.kind == "customers_csv",
            **NAMES,
        },
    )


@needs(Role.VIEWER)
def source_file(request: Any, batch_id: int) -> HttpResponseBase:
    """The file as it arrived."""
    return download(file_of_batch(company=request.company, batch_id=batch_id))


@needs(Role.VIEWER)
def export_reasons(request: Any, batch_id: int) -> HttpResponseBase:
    """Every refused line with the reason."""
    company = request.company
    if import_batch(company=company, batch_id=batch_id) is None:
        raise Http404
    return stream_csv(
        name=_("refused-lines"),
        company_id=company.pk,
        header=[_("Line"), _("Field"), _("Reason"), _("As it came")],
        blocks=lambda last: export_problems(company=company, batch_id=batch_id, after=last),
        cells=lambda row: (
            str(row.line or ""),
            str(FIELD_NAMES.get(row.field, row.field)),
            text_cell(sentence(row.sentence)),
            text_cell(row.raw),
        ),
    )


@needs(Role.VIEWER)
def export_lines(request: Any, batch_id: int) -> HttpResponseBase:
    """The refused lines of a table under its own headers: corrected, they are imported like any other file."""
    company = request.company
    batch = import_batch(company=company, batch_id=batch_id)
    table = table_of(company=company, batch=batch) if batch else None
    if table is None:
        raise Http404
    lines = refused_line_numbers(company=company, batch_id=batch_id)
    blocks = rows_of(table=table, lines=lines)

    def following(_last: Any) -> Any:
        return next((block for block in blocks if block), [])

    return stream_csv(
        name=_("lines-to-correct"), company_id=company.pk, header=table.headers, blocks=following,
        cells=lambda row: map(_cell, row),
    )  # fmt: skip


def _cell(text: str) -> str:
    """As it stands in the file, unless a spreadsheet would run it; a signed amount is one."""
    return text if text[:1] in "+-" and text[1:2].isdigit() else text_cell(text)


@needs(Role.ACCOUNTANT)
@require_POST
def retry(request: Any, batch_id: int) -> HttpResponse:
    """Once more, after a failure that was not the file's."""
    if import_batch(company=request.company, batch_id=batch_id) is None:
        raise Http404
    try:
        with transaction.atomic():
            retry_import(company=request.company, batch_id=batch_id, actor=actor_of(request))
            defer("import_file", company_id=request.company.pk, batch_id=batch_id)
    except UnableToRetryImport:
        messages.warning(request, _("This import did not fail: there is nothing to try again."))
    else:
        messages.success(request, _("The import is tried again."))
    return HttpResponseRedirect(reverse("imports:show", args=[batch_id]))


@needs(Role.ACCOUNTANT)
def columns(request: Any, batch_id: int) -> HttpResponse:
    """What the columns of a table hold, said once by a person."""
    batch = import_batch(company=request.company, batch_id=batch_id)
    found = sample_of(batch) if batch and batch.state == "refused" else None
    if found is None:
        raise Http404
    kind = request.GET.get("kind", "")
    if kind not in TABLE_NAMES:
        kind = _likely_kind(found)
    form = ColumnsForm(request.POST if request.method == "POST" else None, sample=found, kind=kind)
    if form.is_bound and form.is_valid():
        try:
            with transaction.atomic():
                map_columns(
                    company=request.company, batch_id=batch_id, kind=kind, columns=form.columns(), actor=actor_of(request)
                )  # fmt: skip
                defer("import_file", company_id=request.company.pk, batch_id=batch_id, kind=kind)
        except UnableToMapColumns as error:
            form.add_error(None, error.sentence.say(language_of_reader()))
        else:
            messages.success(
                request, _("The file is read again. Files with these columns will be read the same way.")
            )
            return HttpResponseRedirect(reverse("imports:show", args=[batch_id]))
    return render(
        request,
        "imports/columns.html",
        {
            "form": form,
            "kind": kind,
            "tables": TABLE_NAMES,
            "needed": NEEDED[kind],
            "sample": found,
            "file_name": batch.file_name if batch else "",
            "batch_id": batch_id,
        },
    )


def _likely_kind(found: Sample) -> str:
    """The kind of table that knows the most of the headers."""
    known = {kind: len(vocabularies()[kind].guessed(found.headers)) for kind in TABLE_NAMES}
    return max(known, key=lambda kind: known[kind])
