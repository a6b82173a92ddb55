"""Banques: where bank data comes from by itself. Everybody may look; an administrator connects and revokes."""

from functools import partial
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from encours.actions.change_connection import pause_connection, resume_connection
from encours.actions.connect_bank import ask_for_consent, confirm_host, connect_bank
from encours.actions.defer_job import defer
from encours.actions.keep_line import keep_line
from encours.actions.new_connection import UnableToConnect
from encours.actions.revoke_bank import revoke_bank as give_back
from encours.backoffice.actor import actor_of
from encours.backoffice.clock import today
from encours.backoffice.language import language_of_reader
from encours.backoffice.permissions import Role, needs
from encours.backoffice.settings.connections import (
    connected,
    connector_or_404,
    replace_credentials,
    secrets_form,
)
from encours.backoffice.settings.forms import CONNECTION_STATES, FILE_STATES, ConnectionForm
from encours.backoffice.templatetags.encours import sentence
from encours.ports.connections import ConnectionKind, UnableToAsk
from encours.queries.bank_connections import (
    ConnectionDetail,
    account_ages,
    connection_detail,
    connections,
)
from encours.queries.connections import available_connectors

BANK = ConnectionKind.BANK
NAMES = {"states": CONNECTION_STATES, "file_states": FILE_STATES}


@needs(Role.VIEWER)
def banks(request: Any) -> HttpResponse:
    """The connections, the age of each account's data, and what can be added."""
    return render(
        request,
        "settings/banks.html",
        {
            "rows": connections(company=request.company),
            "ages": account_ages(company=request.company, on=today(request.company)),
            "providers": available_connectors(kind=BANK),
            **NAMES,
        },
    )


@needs(Role.ADMIN)
def add_bank(request: Any) -> HttpResponse:
    """The settings of a new connection of the kind asked for. A live feed then waits for consent on its page."""
    provider = request.GET.get("kind", "folder")
    made = connector_or_404(BANK, provider)
    form = ConnectionForm(request.POST or None, config=made.Config, language=language_of_reader())
    connect = partial(
        connect_bank, company=request.company, provider=provider, is_operator=False, actor=actor_of(request)
    )
    if connection := connected(form, connect):
        if connection.state == "active":
            defer("sync_bank", company_id=request.company.pk, connection_id=connection.pk)
        messages.success(request, _("The connection is added."))
        return HttpResponseRedirect(reverse("settings:bank", args=[connection.pk]))
    return render(
        request, "settings/add_bank.html", {"form": form, "title": made.title(), "provider": provider}
    )


@needs(Role.VIEWER)
def bank(request: Any, connection_id: int) -> HttpResponse:
    """One connection: how it goes, what it brought, what waits for a person."""
    return _render_bank(request, _detail(request, connection_id))


@needs(Role.ADMIN)
@require_POST
def change_bank(request: Any, connection_id: int) -> HttpResponse:
    """Ask now, pause or resume."""
    detail = _detail(request, connection_id)
    wanted = request.POST.get("do", "")
    which = {"company": request.company, "connection_id": connection_id, "actor": actor_of(request)}
    if wanted == "sync":
        defer("sync_bank", company_id=request.company.pk, connection_id=connection_id)
        messages.success(request, _("The bank is being asked. What is new appears in a moment."))
    elif wanted == "pause" and pause_connection(kind=BANK, **which):
        messages.success(request, _("The connection is paused: nothing is asked until it is resumed."))
    elif wanted == "resume" and resume_connection(kind=BANK, **which):
        defer("sync_bank", company_id=request.company.pk, connection_id=connection_id)
        messages.success(request, _("The connection is resumed."))
    return HttpResponseRedirect(reverse("settings:bank", args=[detail.row.id]))


@needs(Role.ADMIN)
@require_POST
def authorise_bank(request: Any, connection_id: int) -> HttpResponse:
    """Asks for access; where a person must agree at the bank, the page then leads there."""
    detail = _detail(request, connection_id)
    if not detail.row.is_feed:
        raise Http404
    back = request.build_absolute_uri(reverse("settings:bank", args=[connection_id]))
    try:
        consent = ask_for_consent(
            company=request.company, connection_id=connection_id, return_url=back, email=request.user.email,
            actor=actor_of(request),
        )  # fmt: skip
    except UnableToAsk as error:
        messages.error(request, sentence(error.sentence))
        return HttpResponseRedirect(reverse("settings:bank", args=[connection_id]))
    if not consent.url:
        defer("sync_bank", company_id=request.company.pk, connection_id=connection_id)
        messages.success(request, _("Access is given. The first lines appear in a moment."))
        return HttpResponseRedirect(reverse("settings:bank", args=[connection_id]))
    return _render_bank(request, _detail(request, connection_id), consent_url=consent.url)


@needs(Role.ADMIN)
@require_POST
def confirm_bank_host(request: Any, connection_id: int) -> HttpResponse:
    """A person has compared the server's fingerprint."""
    _detail(request, connection_id)
    try:
        confirm_host(
            company=request.company, connection_id=connection_id, fingerprint=request.POST.get("fingerprint", ""),
            actor=actor_of(request),
        )  # fmt: skip
    except UnableToConnect as error:
        messages.error(request, sentence(error.sentence))
    else:
        defer("sync_bank", company_id=request.company.pk, connection_id=connection_id)
        messages.success(request, _("The server is confirmed and is being asked."))
    return HttpResponseRedirect(reverse("settings:bank", args=[connection_id]))


@needs(Role.ADMIN)
@require_POST
def replace_bank_secrets(request: Any, connection_id: int) -> HttpResponse:
    """New credentials for those that are filled in."""
    replace_credentials(request, BANK, _detail(request, connection_id).row)
    return HttpResponseRedirect(reverse("settings:bank", args=[connection_id]))


@needs(Role.ACCOUNTANT)
@require_POST
def keep_bank_line(request: Any, connection_id: int) -> HttpResponse:
    """A person has looked at a line of which the bank says otherwise."""
    _detail(request, connection_id)
    text = request.POST.get("line", "")
    if text.isascii() and text.isdigit() and len(text) < 19:
        keep_line(
            company=request.company, connection_id=connection_id, transaction_id=int(text), actor=actor_of(request)
        )  # fmt: skip
        messages.success(request, _("The line is kept as it is."))
    return HttpResponseRedirect(reverse("settings:bank", args=[connection_id]))


@needs(Role.ADMIN)
def revoke_bank(request: Any, connection_id: int) -> HttpResponse:
    """Asks first, then gives the access back."""
    detail = _detail(request, connection_id)
    if request.method != "POST":
        return render(request, "settings/revoke_bank.html", {"row": detail.row})
    try:
        give_back(company=request.company, connection_id=connection_id, actor=actor_of(request))
    except UnableToAsk as error:
        messages.error(request, sentence(error.sentence))
        return HttpResponseRedirect(reverse("settings:bank", args=[connection_id]))
    messages.success(request, _("The connection is revoked. What it brought stays."))
    return HttpResponseRedirect(reverse("settings:banks"))


def _render_bank(request: Any, detail: ConnectionDetail, *, consent_url: str = "") -> HttpResponse:
    path = reverse("bank_notices:receive", args=[request.company.pk, detail.hook_key])
    return render(
        request,
        "settings/bank.html",
        {
            "detail": detail,
            "row": detail.row,
            "consent_url": consent_url,
            "hook_address": request.build_absolute_uri(path) if detail.row.is_feed else "",
            "secrets": secrets_form(BANK, detail.row),
            **NAMES,
        },
    )


def _detail(request: Any, connection_id: int) -> ConnectionDetail:
    detail = connection_detail(company=request.company, connection_id=connection_id)
    if detail is None:
        raise Http404
    return detail
