"""Dossier pour le tribunal: what it will hold, what is missing, building it, handing it over."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from encours.actions.build_court_file import UnableToBuildCourtFile, ask_for_court_file, checked_debt
from encours.actions.hand_over_court_file import UnableToHandOver, hand_over_court_file, take_back_court_file
from encours.backoffice.actor import actor_of
from encours.backoffice.clock import now, today
from encours.backoffice.court.forms import FileForm, HandOverForm
from encours.backoffice.court.papers import papers_panel
from encours.backoffice.downloads import download
from encours.backoffice.language import language_of_reader
from encours.backoffice.listing import render_list, row_id, row_ids
from encours.backoffice.permissions import Role, needs
from encours.core.court_files.procedures import COURTS, PROCEDURES, court_of
from encours.queries.court_files import court_file_of, court_files_of
from encours.queries.customers import customer_of

ROOM = "customers"
INVOICES_SHOWN = 100
SEVERITY_NAMES = {
    "refusal": gettext_lazy("No file can be made"),
    "left_out": gettext_lazy("Left out"),
    "missing": gettext_lazy("Missing, to be supplied"),
    "warning": gettext_lazy("To know"),
}
ORIGINAL_NAMES = {
    "pdf": gettext_lazy("original"),
    "xml": gettext_lazy("electronic original"),
    "books": gettext_lazy("copy from the books"),
}
STATE_NAMES = {
    "waiting": gettext_lazy("Waiting for its turn"),
    "running": gettext_lazy("Being built"),
    "done": gettext_lazy("Built"),
    "refused": gettext_lazy("Refused"),
    "failed": gettext_lazy("Broke off"),
}


@needs(Role.VIEWER)
def prepare(request: Any, customer_id: int) -> HttpResponse:
    """What the file will claim and hold today, by the choices of the form, and the files built before."""
    request.room = ROOM
    company, language, on = request.company, language_of_reader(), today(request.company)
    customer = customer_of(company=company, customer_id=customer_id)
    if customer is None:
        raise Http404
    given = request.GET if "procedure" in request.GET else {"procedure": "injonction"}
    form = FileForm(given, language=language, document_ids=_ids(request.GET))
    wanted = form.wanted()
    found = checked_debt(
        company=company, customer_id=customer_id, on=on, procedure=wanted["procedure"],
        document_ids=wanted["document_ids"],
    )  # fmt: skip
    assert found is not None
    facts, checked = found
    overdue = [debt for debt in facts.debts if any(part.due_date < on for part in debt.parts)]
    shown = overdue[:INVOICES_SHOWN]
    claimed = set(checked.claim.document_ids)
    return render(
        request,
        "court/prepare.html",
        {
            "customer": customer,
            "form": form,
            "checked": checked,
            "claim": checked.claim,
            "overdue": [
                (debt, facts.originals.get(debt.document_id, "books"), debt.document_id in claimed)
                for debt in shown
            ],
            "more_count": len(overdue) - len(shown),
            "chosen_ids": set(wanted["document_ids"]),
            "found_court": COURTS[court_of(facts.debtor)]().say(language),
            **papers_panel(
                company, customer_id, documents=[(debt.document_id, debt.number) for debt in shown]
            ),
            "files": court_files_of(company=company, customer_id=customer_id, limit=10),
            "groups": _grouped(checked.findings, language),
            **_names(),
        },
    )


@needs(Role.COLLECTOR)
@require_POST
def build(request: Any, customer_id: int) -> HttpResponse:
    """Asks for the file that the choices make."""
    if customer_of(company=request.company, customer_id=customer_id) is None:
        raise Http404
    wanted = FileForm(request.POST, language=language_of_reader(), document_ids=_ids(request.POST)).wanted()
    try:
        asked = ask_for_court_file(
            company=request.company, customer_id=customer_id, on=today(request.company), actor=actor_of(request), **wanted
        )  # fmt: skip
    except UnableToBuildCourtFile as error:
        messages.error(request, error.sentence.say(language_of_reader()))
        return HttpResponseRedirect(reverse("court:prepare", args=[customer_id]))
    return HttpResponseRedirect(f"{reverse('court:show', args=[asked.pk])}?of={customer_id}")


@needs(Role.VIEWER)
def show(request: Any, court_file_id: int) -> HttpResponse:
    """A file: how far it is, what it holds, where it went."""
    request.room = ROOM
    row = court_file_of(company=request.company, court_file_id=court_file_id)
    if row is None:
        return _built_before(request)
    on = today(request.company)
    return render_list(
        request,
        "court/show.html",
        "court/outcome.html",
        {"row": row, "form": HandOverForm(initial={"handed_over_date": on}), **_names()},
    )


@needs(Role.VIEWER)
def pdf(request: Any, court_file_id: int) -> HttpResponseBase:
    row = court_file_of(company=request.company, court_file_id=court_file_id)
    return download(row.pdf if row else None, content_type="application/pdf")


@needs(Role.VIEWER)
def archive(request: Any, court_file_id: int) -> HttpResponseBase:
    row = court_file_of(company=request.company, court_file_id=court_file_id)
    return download(row.archive if row else None, content_type="application/zip")


@needs(Role.COLLECTOR)
@require_POST
def hand_over(request: Any, court_file_id: int) -> HttpResponse:
    """An explicit act: its invoices are held from dunning."""
    if court_file_of(company=request.company, court_file_id=court_file_id) is None:
        raise Http404
    form = HandOverForm(request.POST)
    if not form.is_valid():
        messages.error(request, " ".join(str(error) for errors in form.errors.values() for error in errors))
        return HttpResponseRedirect(reverse("court:show", args=[court_file_id]))
    try:
        hand_over_court_file(
            company=request.company, court_file_id=court_file_id, on=today(request.company), actor=actor_of(request),
            **form.cleaned_data,
        )  # fmt: skip
    except UnableToHandOver as error:
        messages.error(request, error.sentence.say(language_of_reader()))
    else:
        messages.success(request, _("Handed over: its invoices are no longer reminded."))
    return HttpResponseRedirect(reverse("court:show", args=[court_file_id]))


@needs(Role.COLLECTOR)
@require_POST
def take_back(request: Any, court_file_id: int) -> HttpResponse:
    if court_file_of(company=request.company, court_file_id=court_file_id) is None:
        raise Http404
    try:
        take_back_court_file(
            company=request.company, court_file_id=court_file_id, now=now(), actor=actor_of(request)
        )
    except UnableToHandOver as error:
        messages.error(request, error.sentence.say(language_of_reader()))
    else:
        messages.success(request, _("Taken back: its invoices are reminded again."))
    return HttpResponseRedirect(reverse("court:show", args=[court_file_id]))


def _built_before(request: Any) -> HttpResponse:
    """The same facts had made a file before: what was asked for again is that one, and it stands first on its page."""
    customer_id = row_id(request.GET.get("of", ""))
    if customer_id is None:
        raise Http404
    messages.info(request, _("Nothing has changed since the last file was built: it is the same one."))
    address = reverse("court:prepare", args=[customer_id])
    return HttpResponse(headers={"HX-Redirect": address}) if request.htmx else HttpResponseRedirect(address)


def _grouped(findings: Any, language: str) -> list[tuple[str, Any, list[str]]]:
    """Findings by severity, gravest first, in words."""
    groups = []
    for severity, name in SEVERITY_NAMES.items():
        told = [found.sentence.say(language) for found in findings if found.severity == severity]
        if told:
            groups.append((severity, name, told))
    return groups


def _names() -> dict[str, Any]:
    language = language_of_reader()
    return {
        "procedure_names": {code: name().say(language) for code, name in PROCEDURES.items()},
        "severity_names": SEVERITY_NAMES,
        "original_names": ORIGINAL_NAMES,
        "file_state_names": STATE_NAMES,
    }


def _ids(given: Any) -> list[int]:
    """The documents that are ticked; which of them are the customer's is for the action to say."""
    return row_ids(given.getlist("document")) if hasattr(given, "getlist") else []
