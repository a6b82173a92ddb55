"""Prélèvements par fichier: the files the company's own bank collects announced debits by."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST

from encours.actions.hand_in_direct_debit_file import (
    UnableToChangeFile,
    cancel_direct_debit_file,
    hand_in_direct_debit_file,
)
from encours.actions.make_direct_debit_files import make_direct_debit_files
from encours.actions.write_direct_debit_file import UnableToMakeFiles
from encours.backoffice.actor import actor_of
from encours.backoffice.clock import now, today
from encours.backoffice.downloads import download as sent
from encours.backoffice.language import language_of_reader
from encours.backoffice.listing import PAGE_SIZE, page_number, render_list
from encours.backoffice.payments.names import names
from encours.backoffice.permissions import Role, needs
from encours.queries.direct_debits import (
    DirectDebitFileDetail,
    creditor,
    direct_debit_file,
    direct_debit_file_content,
    direct_debit_files,
)

FILE_STATES = {
    "made": gettext_lazy("to hand in"),
    "sent": gettext_lazy("handed in"),
    "accepted": gettext_lazy("accepted by the bank"),
    "rejected": gettext_lazy("rejected by the bank"),
    "canceled": gettext_lazy("canceled"),
}
FILE_LOOKS = {"made": "warn", "sent": "brand", "accepted": "good", "rejected": "bad"}
NAMES = {"file_states": FILE_STATES, "file_looks": FILE_LOOKS}


@needs(Role.VIEWER)
def list_(request: Any) -> HttpResponse:
    company = request.company
    page = direct_debit_files(company=company, number=page_number(request), size=PAGE_SIZE)
    shown = {"page": page, "creditor": creditor(company=company), **NAMES, **names()}
    return render_list(request, "payments/files.html", "payments/file_results.html", shown)


@needs(Role.VIEWER)
def show(request: Any, file_id: int) -> HttpResponse:
    detail = _detail(request, file_id)
    return render(request, "payments/file.html", {"detail": detail, "row": detail.row, **NAMES, **names()})


@needs(Role.ACCOUNTANT)
@require_POST
def make(request: Any) -> HttpResponse:
    """What must be handed in today: asking again makes nothing more."""
    company = request.company
    try:
        made = make_direct_debit_files(company=company, on=today(company), now=now(), actor=actor_of(request))
    except UnableToMakeFiles as error:
        messages.error(request, error.sentence.say(language_of_reader()))
        return _to_list()
    if made.warning is not None:
        messages.warning(request, made.warning.say(language_of_reader()))
    elif made.file_ids:
        count = len(made.file_ids)
        told = ngettext("%(count)s file is made: hand it in to the bank.", "%(count)s files are made: hand them in to the bank.", count)  # fmt: skip
        messages.success(request, told % {"count": count})
    else:
        messages.info(request, _("Nothing has to be handed in today."))
    return _to_list()


@needs(Role.ACCOUNTANT)
def download(request: Any, file_id: int) -> HttpResponseBase:
    """Always the same bytes."""
    found = direct_debit_file_content(company=request.company, file_id=file_id)
    if found is None:
        raise Http404
    name, content = found
    return sent(replace(content, name=name), content_type="application/xml")


@needs(Role.ACCOUNTANT)
@require_POST
def hand_in(request: Any, file_id: int) -> HttpResponse:
    return _change(request, file_id, hand_in_direct_debit_file, _("Noted: the bank has the file."))


@needs(Role.ACCOUNTANT)
@require_POST
def cancel(request: Any, file_id: int) -> HttpResponse:
    """Only before it was handed in: its debits go into the next file."""
    return _change(
        request, file_id, cancel_direct_debit_file, _("Canceled: its debits go into the next file.")
    )


def _change(request: Any, file_id: int, action: Callable[..., object], told: str) -> HttpResponse:
    _detail(request, file_id)
    try:
        action(company=request.company, file_id=file_id, now=now(), actor=actor_of(request))
    except UnableToChangeFile as error:
        messages.error(request, error.sentence.say(language_of_reader()))
    else:
        messages.success(request, told)
    return HttpResponseRedirect(reverse("payments:file", args=[file_id]))


def _detail(request: Any, file_id: int) -> DirectDebitFileDetail:
    detail = direct_debit_file(company=request.company, file_id=file_id)
    if detail is None:
        raise Http404
    return detail


def _to_list() -> HttpResponse:
    return HttpResponseRedirect(reverse("payments:files"))
