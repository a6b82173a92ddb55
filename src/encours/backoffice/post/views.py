"""Courriers: letters in print, from the day they are approved to the day they are posted."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST

from encours.actions.cancel_message import UnableToCancelMessage, cancel_message
from encours.actions.print_letters import UnableToPrint, post_letters, print_letters
from encours.backoffice.actor import actor_of
from encours.backoffice.clock import now, today
from encours.backoffice.downloads import download
from encours.backoffice.listing import PAGE_SIZE, page_number
from encours.backoffice.permissions import Role, needs
from encours.backoffice.templatetags.encours import sentence
from encours.queries.channels import mailing_service
from encours.queries.letter_batches import (
    BatchRow,
    batch_file,
    batch_letters,
    batches_page,
    letter_batch,
    letters_to_print,
)


class PostedForm(forms.Form):
    posted_date = forms.DateField(
        label=gettext_lazy("Handed to the post on"), widget=forms.DateInput({"type": "date"}, "%Y-%m-%d")
    )


@needs(Role.VIEWER)
def list_(request: Any) -> HttpResponse:
    company = request.company
    return render(
        request,
        "post/list.html",
        {
            "service": mailing_service(company=company),
            "waiting": letters_to_print(company=company, on=today(company)),
            "page": batches_page(company=company, number=page_number(request), size=PAGE_SIZE),
        },
    )


@needs(Role.COLLECTOR)
@require_POST
def print_(request: Any) -> HttpResponse:
    """The letters of the day, each checked once more, in one batch."""
    printed = print_letters(
        company=request.company, now=now(), on=today(request.company), actor=actor_of(request)
    )
    for problem in printed.sending.problems:
        messages.warning(request, sentence(problem.sentence))
    if printed.sending.cancelled:
        messages.info(
            request,
            ngettext(
                "%(count)d letter has no more reason to leave and was cancelled.",
                "%(count)d letters have no more reason to leave and were cancelled.",
                printed.sending.cancelled,
            )
            % {"count": printed.sending.cancelled},
        )
    if printed.batch is None:
        messages.info(request, _("There was no letter to print."))
        return HttpResponseRedirect(reverse("post:list"))
    messages.success(request, _("The batch is ready: print it, then say when it was posted."))
    return HttpResponseRedirect(reverse("post:show", args=[printed.batch.pk]))


@needs(Role.VIEWER)
def show(request: Any, batch_id: int) -> HttpResponse:
    return _render(
        request, _batch(request, batch_id), PostedForm(initial={"posted_date": today(request.company)})
    )


@needs(Role.COLLECTOR)
@require_POST
def posted(request: Any, batch_id: int) -> HttpResponse:
    """A person handed the batch to the post."""
    batch = _batch(request, batch_id)
    form = PostedForm(request.POST)
    if form.is_valid():
        try:
            count = post_letters(
                company=request.company, batch_id=batch_id, posted_date=form.cleaned_data["posted_date"],
                on=today(request.company), now=now(), actor=actor_of(request),
            )  # fmt: skip
        except UnableToPrint as error:
            form.add_error(None, sentence(error.sentence))
        else:
            messages.success(
                request,
                ngettext("%(count)d letter counts as sent.", "%(count)d letters count as sent.", count)
                % {"count": count},
            )
            return HttpResponseRedirect(reverse("post:list"))
    return _render(request, batch, form)


@needs(Role.COLLECTOR)
@require_POST
def take_out(request: Any, batch_id: int, message_id: int) -> HttpResponse:
    """One letter is not posted: its step is free, the next plan decides from what is then true."""
    _batch(request, batch_id)
    if message_id not in {
        each.message_id for each in batch_letters(company=request.company, batch_id=batch_id)
    }:
        raise Http404
    try:
        cancel_message(
            company=request.company, message_id=message_id, reason=_("taken out of the batch"), step_is_done=False,
            actor=actor_of(request),
        )  # fmt: skip
    except UnableToCancelMessage:
        messages.error(request, _("This letter is no longer in the batch, or was posted."))
    else:
        messages.success(request, _("The letter is taken out: remove its sheets from the pile."))
    return HttpResponseRedirect(reverse("post:show", args=[batch_id]))


@needs(Role.VIEWER)
def pdf(request: Any, batch_id: int) -> HttpResponseBase:
    found = batch_file(company=request.company, batch_id=batch_id, is_list=False)
    return download(found, content_type="application/pdf")


@needs(Role.VIEWER)
def recipients(request: Any, batch_id: int) -> HttpResponseBase:
    found = batch_file(company=request.company, batch_id=batch_id, is_list=True)
    return download(found, content_type="text/csv")


def _render(request: Any, batch: BatchRow, form: PostedForm) -> HttpResponse:
    letters = batch_letters(company=request.company, batch_id=batch.id)
    return render(
        request,
        "post/show.html",
        {
            "batch": batch,
            "letters": letters,
            "settled": [each for each in letters if each.is_settled],
            "form": form,
        },
    )


def _batch(request: Any, batch_id: int) -> BatchRow:
    found = letter_batch(company=request.company, batch_id=batch_id)
    if found is None:
        raise Http404
    return found
