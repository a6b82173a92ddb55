"""Canaux: how messages leave. Everybody may look; an administrator connects services and sets what they cost."""

from functools import partial
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from encours.actions.change_connection import revoke_connection
from encours.actions.check_mail_domain import check_mail_domain
from encours.actions.confirm_channel_host import confirm_channel_host
from encours.actions.connect_channel import (
    connect_channel,
    rest_connection,
    try_connection,
    use_connection,
)
from encours.actions.new_connection import UnableToConnect
from encours.actions.update_channel_settings import update_channel_settings
from encours.backoffice.actor import actor_of
from encours.backoffice.clock import now
from encours.backoffice.language import language_of_reader
from encours.backoffice.permissions import Role, needs
from encours.backoffice.settings.channels_forms import CHANNEL_STATES, ChannelForm, SendingForm
from encours.backoffice.settings.connections import (
    connected,
    connector_or_404,
    replace_credentials,
    secrets_form,
)
from encours.backoffice.templatetags.encours import sentence
from encours.core.dunning.policy import CHANNEL_NAMES, CHANNELS
from encours.ports.connections import ConnectionKind
from encours.queries.channels import (
    ChannelRow,
    available_services,
    channel_connection,
    channel_connections,
    open_channels,
)

CHANNEL = ConnectionKind.CHANNEL
VERDICTS = {"good": "good", "weak": "warn", "missing": "bad", "unknown": ""}


@needs(Role.VIEWER)
def channels(request: Any) -> HttpResponse:
    """Each channel with what carries it, and what a message costs."""
    return _render(request, SendingForm(company=request.company, language=language_of_reader()))


@needs(Role.ADMIN)
@require_POST
def change_sending(request: Any) -> HttpResponse:
    """Costs, copies and opens."""
    form = SendingForm(request.POST, company=request.company, language=language_of_reader())
    if not form.is_valid():
        return _render(request, form)
    update_channel_settings(
        company=request.company, costs=form.costs(), account_manager_copy=form.cleaned_data["copies"],
        tracks_opens=form.cleaned_data["opens"], actor=actor_of(request),
    )  # fmt: skip
    messages.success(request, _("Saved."))
    return HttpResponseRedirect(reverse("settings:channels"))


@needs(Role.ADMIN)
def add_channel(request: Any) -> HttpResponse:
    """The settings of the service asked for."""
    provider = request.GET.get("kind", "twilio")
    made = connector_or_404(CHANNEL, provider)
    form = ChannelForm(request.POST or None, config=made.Config, language=language_of_reader())
    connect = partial(
        connect_channel, company=request.company, provider=provider,
        notices_base=request.build_absolute_uri("/"), actor=actor_of(request),
    )  # fmt: skip
    if connection := connected(form, connect):
        messages.success(request, _("The service is connected. Try it before the first message leaves."))
        return HttpResponseRedirect(reverse("settings:channel", args=[connection.pk]))
    return render(request, "settings/add_channel.html", {"form": form, "title": made.title()})


@needs(Role.VIEWER)
def channel(request: Any, connection_id: int) -> HttpResponse:
    row = _row(request, connection_id)
    return render(
        request,
        "settings/channel.html",
        {
            "row": row,
            "names": _names(),
            "states": CHANNEL_STATES,
            "secrets": secrets_form(CHANNEL, row),
            "notices_address": request.build_absolute_uri(
                reverse("report_notices:receive", args=[request.company.pk, row.hook_key])
            ),
        },
    )


@needs(Role.ADMIN)
@require_POST
def change_channel(request: Any, connection_id: int) -> HttpResponse:
    """Try it, use it or let it rest."""
    _row(request, connection_id)
    wanted, company, who = request.POST.get("do", ""), request.company, actor_of(request)
    if wanted == "try":
        problem = try_connection(company=company, connection_id=connection_id, now=now())
        if problem is None:
            messages.success(request, _("The service answers and knows these credentials."))
        else:
            messages.error(request, sentence(problem))
    elif wanted == "use" and use_connection(company=company, connection_id=connection_id, actor=who):
        messages.success(request, _("Messages leave by this service from now on."))
    elif wanted == "rest" and rest_connection(company=company, connection_id=connection_id, actor=who):
        messages.success(request, _("Nothing leaves by this service until it is used again."))
    return HttpResponseRedirect(reverse("settings:channel", args=[connection_id]))


@needs(Role.ADMIN)
@require_POST
def replace_channel_credentials(request: Any, connection_id: int) -> HttpResponse:
    """New credentials for those that are filled in."""
    replace_credentials(request, CHANNEL, _row(request, connection_id))
    return HttpResponseRedirect(reverse("settings:channel", args=[connection_id]))


@needs(Role.ADMIN)
def revoke_channel(request: Any, connection_id: int) -> HttpResponse:
    """Asks first, then forgets the credentials."""
    row = _row(request, connection_id)
    if request.method != "POST":
        return render(request, "settings/revoke_channel.html", {"row": row})
    revoke_connection(
        kind=CHANNEL, company=request.company, connection_id=connection_id, actor=actor_of(request)
    )
    messages.success(request, _("The credentials are forgotten. What was sent stays."))
    return HttpResponseRedirect(reverse("settings:channels"))


@needs(Role.ADMIN)
@require_POST
def confirm_host(request: Any, connection_id: int) -> HttpResponse:
    """A person has compared the server's fingerprint."""
    _row(request, connection_id)
    try:
        confirm_channel_host(
            company=request.company, connection_id=connection_id, fingerprint=request.POST.get("fingerprint", ""),
            actor=actor_of(request),
        )  # fmt: skip
    except UnableToConnect as error:
        messages.error(request, sentence(error.sentence))
    else:
        messages.success(request, _("The server is confirmed. Try it before the first message leaves."))
    return HttpResponseRedirect(reverse("settings:channel", args=[connection_id]))


@needs(Role.VIEWER)
def sender_domain(request: Any) -> HttpResponse:
    """What the zone of the sender's domain says; looked up when somebody asks, at most a few seconds."""
    selector = request.GET.get("selector", "")[:63]
    checked = (
        check_mail_domain(company=request.company, selector=selector) if "check" in request.GET else None
    )
    return render(
        request,
        "settings/channel_domain.html",
        {
            "checked": checked,
            "selector": selector,
            "verdicts": VERDICTS,
            "domain": request.company.email.rpartition("@")[2],
        },
    )


def _render(request: Any, form: SendingForm) -> HttpResponse:
    company = request.company
    rows = channel_connections(company=company)
    opened = open_channels(company=company)
    offered = available_services()
    return render(
        request,
        "settings/channels.html",
        {
            "form": form,
            "states": CHANNEL_STATES,
            "channels": [
                {
                    "code": code,
                    "name": CHANNEL_NAMES[code](),
                    "is_open": code in opened,
                    "rows": [row for row in rows if row.channel == code],
                    "offered": [(name, title) for channel, name, title in offered if channel == code],
                }
                for code in CHANNELS
            ],
        },
    )


def _row(request: Any, connection_id: int) -> ChannelRow:
    row = channel_connection(company=request.company, connection_id=connection_id)
    if row is None:
        raise Http404
    return row


def _names() -> dict[str, Any]:
    return {code: wording() for code, wording in CHANNEL_NAMES.items()}
