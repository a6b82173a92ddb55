"""Envois: every message, what it said, what became of it."""

from typing import Any

from csp.constants import NONE, SELF, UNSAFE_INLINE
from csp.decorators import csp, csp_update
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_POST

from encours.actions.preview_message import Preview, preview_message, preview_statement
from encours.actions.resolve_unknown import UnableToResolve, resolve_unknown
from encours.backoffice.actor import actor_of
from encours.backoffice.clock import now, today
from encours.backoffice.downloads import download
from encours.backoffice.listing import PAGE_SIZE, page_number, render_list
from encours.backoffice.messages.forms import FilterForm
from encours.backoffice.permissions import Role, needs
from encours.backoffice.replies.names import reply_names
from encours.core.delivery_reports import KINDS, PROOFS
from encours.queries.messages import (
    MessageDetail,
    MessageRow,
    attachment_of,
    html_of,
    message_detail,
    message_row,
    messages_page,
)
from encours.queries.replies import replies_to_message

# The letter as the customer's mail program shows it: in a frame that can do nothing.
_LETTER_POLICY = {
    "default-src": [NONE],
    "style-src": [UNSAFE_INLINE],
    "img-src": ["data:"],
    "frame-ancestors": [SELF],
    "sandbox": ["allow-popups"],
}


@needs(Role.VIEWER)
def list_(request: Any) -> HttpResponse:
    form = FilterForm(request.GET)
    page = messages_page(
        company=request.company, wanted=form.wanted(), number=page_number(request), size=PAGE_SIZE
    )
    return render_list(
        request,
        "messages/list.html",
        "messages/results.html",
        {
            "form": form,
            "page": page,
            "is_filtered": any(request.GET.get(name) for name in form.fields),
            "mail_folder": "" if settings.SMTP_URL else settings.MAIL_FOLDER,
        },
    )


@needs(Role.VIEWER)
@csp_update({"frame-src": [SELF]})  # type: ignore[arg-type]
def show(request: Any, message_id: int) -> HttpResponse:
    detail = _detail(request, message_id)
    preview = _preview(request, detail.row)
    if preview:
        request.room = "dunning"  # it waits in the agenda
    return render(
        request,
        "messages/show.html",
        {
            "detail": detail,
            "row": detail.row,
            "preview": preview,
            "subject": preview.rendered.subject if preview and preview.rendered else detail.row.subject,
            "text": preview.rendered.text if preview and preview.rendered else detail.text,
            "replies": replies_to_message(company=request.company, message_id=message_id),
            **reply_names(),
            "report_names": {kind: wording() for kind, wording in KINDS.items()},
            "proof_names": {name: wording() for name, wording in PROOFS.items()},
            "has_letter": bool(detail.html or (preview and preview.rendered)),
        },
    )


@needs(Role.VIEWER)
@xframe_options_sameorigin
@csp(_LETTER_POLICY)  # type: ignore[arg-type]
def letter(request: Any, message_id: int) -> HttpResponse:
    """The HTML of the letter alone, as it left or would leave today."""
    preview = _preview(request, _row(request, message_id))
    if preview and preview.rendered:
        html = preview.rendered.html
    else:
        html = html_of(company=request.company, message_id=message_id)
    if not html:
        raise Http404
    return HttpResponse(html)


@needs(Role.VIEWER)
def statement(request: Any, message_id: int) -> HttpResponse:
    """The statement of account a message would carry if it left today."""
    row = _row(request, message_id)
    found = (
        preview_statement(company=request.company, message_id=message_id, on=today(request.company))
        if row.is_planned
        else None
    )
    if found is None:
        raise Http404
    name, content = found
    return HttpResponse(
        content,
        content_type="application/pdf",
        headers={"Content-Disposition": f'inline; filename="{name}"'},
    )


@needs(Role.VIEWER)
def attachment(request: Any, message_id: int, attachment_id: int) -> HttpResponseBase:
    """What left with the message, from the archive."""
    stored = attachment_of(company=request.company, message_id=message_id, attachment_id=attachment_id)
    return download(stored, content_type="application/pdf")


@needs(Role.COLLECTOR)
@require_POST
def resolve(request: Any, message_id: int) -> HttpResponse:
    """A person found out whether an interrupted message left."""
    _row(request, message_id)
    was_sent = request.POST.get("was_sent") == "yes"
    try:
        resolve_unknown(
            company=request.company,
            message_id=message_id,
            was_sent=was_sent,
            now=now(),
            actor=actor_of(request),
        )
    except UnableToResolve:
        messages.error(request, _("Somebody has already said what became of it."))
    else:
        messages.success(
            request,
            _("Noted as sent.")
            if was_sent
            else _("It will be sent again, after a new check of what is owed."),
        )
    return HttpResponseRedirect(reverse("messages:show", args=[message_id]))


def _detail(request: Any, message_id: int) -> MessageDetail:
    detail = message_detail(company=request.company, message_id=message_id)
    if detail is None:
        raise Http404
    return detail


def _row(request: Any, message_id: int) -> MessageRow:
    row = message_row(company=request.company, message_id=message_id)
    if row is None:
        raise Http404
    return row


def _preview(request: Any, row: MessageRow) -> Preview | None:
    if not row.is_planned:
        return None
    return preview_message(company=request.company, message_id=row.id, on=today(request.company))
