"""Boîtes de réception: where replies come from by themselves, and what they may do. An administrator connects and revokes."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from encours.actions.change_mailbox import (
    pause_mailbox,
    replace_mailbox_secrets,
    resume_mailbox,
    revoke_mailbox,
)
from encours.actions.connect_mailbox import UnableToConnectMailbox, check_mailbox, connect_mailbox
from encours.actions.defer_job import defer
from encours.actions.update_reply_settings import UnableToUpdateReplySettings, update_reply_settings
from encours.backoffice.actor import actor_of
from encours.backoffice.permissions import Role, may, needs
from encours.backoffice.settings.forms import CONNECTION_STATES, ConnectionForm, SecretsForm
from encours.backoffice.settings.reply_forms import ReplyRulesForm
from encours.backoffice.templatetags.encours import sentence
from encours.ports.connections import UnableToAsk
from encours.ports.registry import mailboxes as kinds
from encours.queries.mailboxes import MailboxRow, available_mailboxes, mailbox_row, mailbox_rows
from encours.queries.reply_settings import reply_settings

NAMES = {"connection_states": CONNECTION_STATES}


@needs(Role.VIEWER)
def mailboxes(request: Any) -> HttpResponse:
    """The mailboxes, what can be added, and what replies may do by themselves."""
    return _render_mailboxes(request, _rules_form(request))


@needs(Role.ADMIN)
@require_POST
def change_replies(request: Any) -> HttpResponse:
    form = _rules_form(request, request.POST)
    if form.is_valid():
        try:
            update_reply_settings(
                company=request.company,
                thresholds=form.thresholds(),
                holds_while_waiting=form.cleaned_data["holds_while_waiting"],
                payment_wait_days=form.cleaned_data["payment_wait_days"],
                actor=actor_of(request),
            )
        except UnableToUpdateReplySettings as error:
            form.add_error(None, sentence(error.sentence))
        else:
            messages.success(request, _("What replies may do is saved."))
            return HttpResponseRedirect(reverse("settings:mailboxes"))
    return _render_mailboxes(request, form)


@needs(Role.ADMIN)
def add_mailbox(request: Any) -> HttpResponse:
    """The settings of a new mailbox; it is asked once before anybody relies on it."""
    made = kinds().get(request.GET.get("kind", "imap"))
    if made is None:
        raise Http404
    form = ConnectionForm(request.POST or None, config=made.Config, language=_language())
    if request.method == "POST" and form.is_valid():
        try:
            added = connect_mailbox(
                company=request.company, provider=made.name, name=form.cleaned_data["name"], given=form.given(),
                actor=actor_of(request),
            )  # fmt: skip
        except UnableToConnectMailbox as error:
            form.add_error(None, sentence(error.sentence))
        else:
            _check(request, added.pk)
            return HttpResponseRedirect(reverse("settings:mailbox", args=[added.pk]))
    return render(request, "settings/add_mailbox.html", {"form": form, "title": made.title()})


@needs(Role.VIEWER)
def mailbox(request: Any, mailbox_id: int) -> HttpResponse:
    """One mailbox: how it goes, and its credentials to replace."""
    row = _row(request, mailbox_id)
    return render(
        request, "settings/mailbox.html", {"row": row, "secrets": _secrets_form(row, None), **NAMES}
    )


@needs(Role.ADMIN)
@require_POST
def change(request: Any, mailbox_id: int) -> HttpResponse:
    """Test, read now, pause or resume."""
    _row(request, mailbox_id)
    wanted, who = request.POST.get("do", ""), actor_of(request)
    if wanted == "test":
        _check(request, mailbox_id)
    elif wanted == "read":
        _ask(request, mailbox_id)
        messages.success(request, _("The mailbox is being asked. What is new appears in a moment."))
    elif wanted == "pause" and pause_mailbox(company=request.company, mailbox_id=mailbox_id, actor=who):
        messages.success(request, _("The mailbox is paused: nothing is asked until it is resumed."))
    elif wanted == "resume" and resume_mailbox(company=request.company, mailbox_id=mailbox_id, actor=who):
        _ask(request, mailbox_id)
        messages.success(request, _("The mailbox is resumed."))
    return HttpResponseRedirect(reverse("settings:mailbox", args=[mailbox_id]))


@needs(Role.ADMIN)
@require_POST
def replace_secrets(request: Any, mailbox_id: int) -> HttpResponse:
    """New credentials for those that are filled in, tried at once."""
    form = _secrets_form(_row(request, mailbox_id), request.POST)
    if form.is_valid():
        replace_mailbox_secrets(
            company=request.company, mailbox_id=mailbox_id, given=form.cleaned_data, actor=actor_of(request)
        )  # fmt: skip
        _check(request, mailbox_id)
    return HttpResponseRedirect(reverse("settings:mailbox", args=[mailbox_id]))


@needs(Role.ADMIN)
def revoke(request: Any, mailbox_id: int) -> HttpResponse:
    """Asks first, then forgets the credentials."""
    row = _row(request, mailbox_id)
    if request.method != "POST":
        return render(request, "settings/revoke_mailbox.html", {"row": row})
    revoke_mailbox(company=request.company, mailbox_id=mailbox_id, actor=actor_of(request))
    messages.success(request, _("The mailbox is revoked. The replies it brought stay."))
    return HttpResponseRedirect(reverse("settings:mailboxes"))


def _check(request: Any, mailbox_id: int) -> None:
    """Signs in once and says what came of it; what works is asked for mail at once."""
    try:
        count = check_mailbox(company=request.company, mailbox_id=mailbox_id)
    except UnableToAsk as error:
        messages.error(request, sentence(error.sentence))
        return
    _ask(request, mailbox_id)
    said = ngettext(
        "Signed in: the folder holds %(count)s mail.", "Signed in: the folder holds %(count)s mails.", count
    )
    messages.success(request, said % {"count": count})


def _ask(request: Any, mailbox_id: int) -> None:
    defer("read_mailbox", company_id=request.company.pk, mailbox_id=mailbox_id, beside="mail")


def _render_mailboxes(request: Any, form: ReplyRulesForm) -> HttpResponse:
    if not may(request.role)["admin"]:
        for field in form.fields.values():
            field.disabled = True
    context = {
        "rules": reply_settings(company=request.company),
        "rows": mailbox_rows(company=request.company),
        "kinds": available_mailboxes(),
        "form": form,
        **NAMES,
    }
    return render(request, "settings/mailboxes.html", context)


def _rules_form(request: Any, data: Any = None) -> ReplyRulesForm:
    return ReplyRulesForm(data, rules=reply_settings(company=request.company), language=_language())


def _secrets_form(row: MailboxRow, given: Any) -> SecretsForm:
    return SecretsForm(given, config=kinds()[row.provider].Config, language=_language())


def _row(request: Any, mailbox_id: int) -> MailboxRow:
    row = mailbox_row(company=request.company, mailbox_id=mailbox_id)
    if row is None:
        raise Http404
    return row


def _language() -> str:
    return (translation.get_language() or "fr")[:2]
