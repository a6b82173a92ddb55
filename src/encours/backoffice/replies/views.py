"""Réponses: what customers answered, read, for a person to follow, correct or put aside.

A button of a card answers htmx with that card alone; without JavaScript it leads back to the list or on to the next reply.
"""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import content_disposition_header, url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from encours.actions.act_on_reply import UnableToActOnReply, act_on_reply
from encours.actions.correct_reply import correct_reading, dismiss_reply, match_reply
from encours.actions.undo_reply import UnableToUndoReply, undo_reply
from encours.backoffice.actor import actor_of
from encours.backoffice.clock import now, today
from encours.backoffice.downloads import download
from encours.backoffice.language import language_of_reader
from encours.backoffice.listing import page_number, render_list, row_id
from encours.backoffice.permissions import Role, needs
from encours.backoffice.replies.forms import TAB_NAMES, FilterForm, ReadingForm
from encours.backoffice.replies.names import reply_names
from encours.backoffice.templatetags.encours import sentence
from encours.queries.customers import customer_name
from encours.queries.mailboxes import mailbox_rows
from encours.queries.replies import (
    ReplyDetail,
    customers_for_reply,
    replies_page,
    reply_attachment,
    reply_detail,
    reply_file,
    reply_row,
    waiting_reply_count,
)

# a card says more than a row of other lists
PAGE_REPLIES = 20


@needs(Role.VIEWER)
def list_(request: Any) -> HttpResponse:
    tab = request.GET.get("state", "waiting")
    form = FilterForm(request.GET, language=language_of_reader())
    wanted = form.wanted(tab)
    return render_list(
        request,
        "replies/list.html",
        "replies/results.html",
        {
            "tab": wanted.tab,
            "tabs": TAB_NAMES,
            "waiting": waiting_reply_count(company=request.company),
            "form": form,
            "page": replies_page(
                company=request.company, wanted=wanted, number=page_number(request), size=PAGE_REPLIES
            ),
            "mailboxes": mailbox_rows(company=request.company),
            "is_filtered": bool(wanted.text or wanted.intent),
            "back": request.get_full_path(),
            **reply_names(),
        },
    )


@needs(Role.VIEWER)
def show(request: Any, reply_id: int) -> HttpResponse:
    """One reply: its words, the thread, how it is read; customers to choose from while nobody knows whose it is."""
    return _render_page(request, _detail(request, reply_id))


@needs(Role.COLLECTOR)
@require_POST
def accept(request: Any, reply_id: int) -> HttpResponse:
    """Follows the reading as it stands."""

    def act() -> str:
        reply = act_on_reply(
            company=request.company, reply_id=reply_id, on=today(request.company), now=now(), actor=actor_of(request)
        )  # fmt: skip
        return " ".join(sentence(each) for each in reply.outcome)

    return _act(request, reply_id, act)


@needs(Role.COLLECTOR)
@require_POST
def dismiss(request: Any, reply_id: int) -> HttpResponse:
    def act() -> str:
        dismiss_reply(company=request.company, reply_id=reply_id, now=now(), actor=actor_of(request))
        return _("Filed away.")

    return _act(request, reply_id, act)


@needs(Role.COLLECTOR)
@require_POST
def undo(request: Any, reply_id: int) -> HttpResponse:
    """What it led to is taken back; it waits again."""

    def act() -> str:
        undo_reply(
            company=request.company, reply_id=reply_id, on=today(request.company), now=now(), actor=actor_of(request)
        )  # fmt: skip
        return _("Taken back: the reply waits again.")

    return _act(request, reply_id, act, stays=True)


@needs(Role.COLLECTOR)
@require_POST
def correct(request: Any, reply_id: int) -> HttpResponse:
    """Saves the reading as a person gives it, and with `follow` does what it says."""
    detail = _detail(request, reply_id)
    form = ReadingForm(request.POST, detail=detail, language=language_of_reader())
    if not form.is_valid():
        return _render_page(request, detail, form=form, status=409)
    given = form.cleaned_data

    def act() -> str:
        correct_reading(
            company=request.company, reply_id=reply_id, intent=given["intent"], day=given["day"],
            amount_cents=given["amount"], reason=given["reason"],
            document_ids=[int(each) for each in given["documents"]], actor=actor_of(request),
        )  # fmt: skip
        if "follow" not in request.POST:
            return _("The reading is saved.")
        reply = act_on_reply(
            company=request.company, reply_id=reply_id, on=today(request.company), now=now(), actor=actor_of(request)
        )  # fmt: skip
        return " ".join(sentence(each) for each in reply.outcome)

    return _act(request, reply_id, act, stays="follow" not in request.POST)


@needs(Role.COLLECTOR)
@require_POST
def match(request: Any, reply_id: int) -> HttpResponse:
    """Says whose an unmatched reply is."""
    customer_id = row_id(request.POST.get("customer", ""))
    if customer_id is None or not customer_name(company=request.company, customer_id=customer_id):
        raise Http404

    def act() -> str:
        match_reply(
            company=request.company, reply_id=reply_id, customer_id=customer_id,
            keeps_address=request.POST.get("keeps_address") == "yes", actor=actor_of(request),
        )  # fmt: skip
        return _("The reply is in the customer's thread now.")

    return _act(request, reply_id, act, stays=True)


@needs(Role.VIEWER)
def raw(request: Any, reply_id: int) -> HttpResponseBase:
    """The mail as it came."""
    return download(reply_file(company=request.company, reply_id=reply_id), content_type="message/rfc822")


@needs(Role.VIEWER)
def attachment(request: Any, reply_id: int, number: int) -> HttpResponse:
    """Always a download: what somebody sent must not run in our pages, whatever it says it is."""
    found = reply_attachment(company=request.company, reply_id=reply_id, number=number)
    if found is None:
        raise Http404
    about, content = found
    headers = {
        "X-Content-Type-Options": "nosniff",
        "Content-Disposition": str(content_disposition_header(as_attachment=True, filename=about.name)),
    }
    return HttpResponse(content, content_type="application/octet-stream", headers=headers)


def _act(request: Any, reply_id: int, act: Callable[[], str], *, stays: bool = False) -> HttpResponse:
    """Does it and says what came of it: in the card for htmx, else on the page, which goes on to the next reply unless it `stays`."""
    detail = _detail(request, reply_id)
    is_refused = False
    try:
        told = act()
    except (UnableToActOnReply, UnableToUndoReply) as error:
        told, is_refused = sentence(error.sentence), True
    if request.htmx:
        row = reply_row(company=request.company, reply_id=reply_id)
        context = {
            "row": row,
            "told": told,
            "is_refused": is_refused,
            "is_last": not is_refused,
            **reply_names(),
        }
        return render(request, "replies/card.html", context)
    (messages.error if is_refused else messages.success)(request, told)
    return HttpResponseRedirect(_onward(request, detail, stays=stays or is_refused))


def _onward(request: Any, detail: ReplyDetail, *, stays: bool) -> str:
    back = request.POST.get("back", "")
    if back and url_has_allowed_host_and_scheme(back, allowed_hosts={request.get_host()}):
        return back
    if stays:
        return reverse("replies:show", args=[detail.row.id])
    return reverse("replies:show", args=[detail.next_id]) if detail.next_id else reverse("replies:list")


def _detail(request: Any, reply_id: int) -> ReplyDetail:
    detail = reply_detail(company=request.company, reply_id=reply_id, on=today(request.company))
    if detail is None:
        raise Http404
    return detail


def _render_page(
    request: Any, detail: ReplyDetail, *, form: ReadingForm | None = None, status: int = 200
) -> HttpResponse:
    text = request.GET.get("client", "")[:100]
    return render(
        request,
        "replies/show.html",
        {
            "detail": detail,
            "row": detail.row,
            "form": form or ReadingForm(detail=detail, language=language_of_reader()),
            "searched": text,
            "customers": customers_for_reply(company=request.company, text=text) if text else [],
            **reply_names(),
        },
        status=status,
    )
