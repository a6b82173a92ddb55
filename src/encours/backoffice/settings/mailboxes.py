"""Boîtes de réception: where replies come from by themselves, and what they may do. An administrator connects and revokes."""

from functools import partial
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from encours.actions.change_connection import pause_connection, resume_connection, revoke_connection
from encours.actions.connect_mailbox import check_mailbox, connect_mailbox
from encours.actions.defer_job import defer
from encours.actions.receive_mail import notice_address
from encours.actions.update_reply_settings import UnableToUpdateReplySettings, update_reply_settings
from encours.backoffice.actor import actor_of
from encours.backoffice.clock import now
from encours.backoffice.language import language_of_reader
from encours.backoffice.permissions import Role, may, needs
from encours.backoffice.settings.connections import (
    connected,
    connector_or_404,
    replace_credentials,
    secrets_form,
)
from encours.backoffice.settings.forms import CONNECTION_STATES, ConnectionForm
from encours.backoffice.settings.reply_forms import ReplyRulesForm
from encours.backoffice.templatetags.encours import sentence
from encours.ports.connections import ConnectionKind, UnableToAsk
from encours.ports.mailboxes import is_posted, needs_consent
from encours.ports.registry import connectors
from encours.queries.mail_notices import refused_notices
from encours.queries.mailboxes import MailboxRow, mailbox_row, mailbox_rows
from encours.queries.reply_settings import reply_settings

MAILBOX = ConnectionKind.MAILBOX
NAMES = {"states": CONNECTION_STATES}


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
    made = connector_or_404(MAILBOX, request.GET.get("kind", "imap"))
    form = ConnectionForm(request.POST or None, config=made.Config, language=language_of_reader())
    connect = partial(
        connect_mailbox, company=request.company, provider=made.name, actor=actor_of(request)
    )  # fmt: skip
    if added := connected(form, connect):
        if not is_posted(made) and not needs_consent(made):
            check(request, added.pk)
        return HttpResponseRedirect(reverse("settings:mailbox", args=[added.pk]))
    context = {
        "form": form,
        "title": made.title(),
        "is_posted": is_posted(made),
        "asks_consent": needs_consent(made),
        "steps": [step() for step in getattr(made, "steps", ())],
        "return_address": request.build_absolute_uri(reverse("settings:mailbox_consent")),
    }
    return render(request, "settings/add_mailbox.html", context)


@needs(Role.VIEWER)
def mailbox(request: Any, mailbox_id: int) -> HttpResponse:
    """One mailbox: how it goes, and its credentials to replace."""
    return render_mailbox(request, mailbox_or_404(request, mailbox_id))


def render_mailbox(request: Any, row: MailboxRow, *, consent_url: str = "") -> HttpResponse:
    """`consent_url` is where a person who just asked for it lets us in."""
    is_admin = may(request.role)["admin"]
    context = {
        "row": row,
        "secrets": secrets_form(MAILBOX, row),
        "consent_url": consent_url,
        "return_address": request.build_absolute_uri(reverse("settings:mailbox_consent")),
        "notices": refused_notices(company=request.company, mailbox_id=row.id) if row.is_posted else [],
        **NAMES,
    }
    if row.is_posted and is_admin:
        context["address"] = notice_address(
            company=request.company, mailbox_id=row.id, base_url=request.build_absolute_uri("/")
        )
        context["is_reachable"] = request.is_secure()
    return render(request, "settings/mailbox.html", context)


@needs(Role.ADMIN)
@require_POST
def change(request: Any, mailbox_id: int) -> HttpResponse:
    """Test, read now, pause or resume."""
    mailbox_or_404(request, mailbox_id)
    wanted = request.POST.get("do", "")
    which = {"company": request.company, "connection_id": mailbox_id, "actor": actor_of(request)}
    if wanted == "test":
        check(request, mailbox_id)
    elif wanted == "read":
        _ask(request, mailbox_id)
        messages.success(request, _("The mailbox is being asked. What is new appears in a moment."))
    elif wanted == "pause" and pause_connection(kind=MAILBOX, **which):
        messages.success(request, _("The mailbox is paused: nothing is asked until it is resumed."))
    elif wanted == "resume" and resume_connection(kind=MAILBOX, **which):
        _ask(request, mailbox_id)
        messages.success(request, _("The mailbox is resumed."))
    return HttpResponseRedirect(reverse("settings:mailbox", args=[mailbox_id]))


@needs(Role.ADMIN)
@require_POST
def replace_secrets(request: Any, mailbox_id: int) -> HttpResponse:
    """New credentials for those that are filled in, tried at once."""
    row = mailbox_or_404(request, mailbox_id)
    if replace_credentials(request, MAILBOX, row) and row.state == "active":
        check(request, mailbox_id)
    return HttpResponseRedirect(reverse("settings:mailbox", args=[mailbox_id]))


@needs(Role.ADMIN)
def revoke(request: Any, mailbox_id: int) -> HttpResponse:
    """Asks first, then forgets the credentials."""
    row = mailbox_or_404(request, mailbox_id)
    if request.method != "POST":
        return render(request, "settings/revoke_mailbox.html", {"row": row})
    revoke_connection(
        kind=MAILBOX, company=request.company, connection_id=mailbox_id, actor=actor_of(request)
    )
    messages.success(request, _("The mailbox is revoked. The replies it brought stay."))
    return HttpResponseRedirect(reverse("settings:mailboxes"))


def check(request: Any, mailbox_id: int) -> None:
    """Signs in once and says what came of it; what works is asked for mail at once. What is posted is asked for what waits."""
    if mailbox_or_404(request, mailbox_id).is_posted:
        _ask(request, mailbox_id)
        return
    try:
        count = check_mailbox(company=request.company, mailbox_id=mailbox_id, now=now())
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
    # the kind anybody may have comes first
    kinds = sorted(connectors(MAILBOX).items(), key=lambda each: (each[0] != "imap", each[0]))
    context = {
        "rules": reply_settings(company=request.company),
        "rows": mailbox_rows(company=request.company),
        "asked_kinds": [(name, made.title()) for name, made in kinds if not is_posted(made)],
        "posted_kinds": [(name, made.title()) for name, made in kinds if is_posted(made)],
        "form": form,
        **NAMES,
    }
    return render(request, "settings/mailboxes.html", context)


def _rules_form(request: Any, data: Any = None) -> ReplyRulesForm:
    return ReplyRulesForm(data, rules=reply_settings(company=request.company), language=language_of_reader())


def mailbox_or_404(request: Any, mailbox_id: int) -> MailboxRow:
    """One of the company's that is not revoked."""
    row = mailbox_row(company=request.company, mailbox_id=mailbox_id)
    if row is None:
        raise Http404
    return row
