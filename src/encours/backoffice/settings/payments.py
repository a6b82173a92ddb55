"""Paiement en ligne: the services that take payments, and which ways of paying customers are offered.

Everybody may look; an administrator connects, pauses and revokes, and says what is offered.
"""

from functools import partial
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from encours.actions.change_connection import pause_connection, resume_connection, revoke_connection
from encours.actions.connect_gateway import check_gateway, connect_gateway
from encours.actions.update_payment_options import UnableToUpdateOptions, update_payment_options
from encours.backoffice.actor import actor_of
from encours.backoffice.clock import now, today
from encours.backoffice.language import language_of_reader
from encours.backoffice.permissions import Role, needs
from encours.backoffice.settings.connections import (
    connected,
    connector_or_404,
    replace_credentials,
    secrets_form,
)
from encours.backoffice.settings.forms import CONNECTION_STATES, ConnectionForm
from encours.backoffice.settings.payments_forms import OptionForm
from encours.backoffice.templatetags.encours import sentence
from encours.core.payments.methods import METHODS
from encours.ports.connections import ConnectionKind
from encours.queries.connections import available_connectors
from encours.queries.customers import segments
from encours.queries.gateway_connections import GatewayRow, gateway_connection, gateway_connections
from encours.queries.payment_settings import payment_settings

GATEWAY = ConnectionKind.GATEWAY


@needs(Role.VIEWER)
def payments(request: Any) -> HttpResponse:
    """The services, and each way of paying with its limits and costs."""
    return _render(request, _forms(request, None))


@needs(Role.ADMIN)
@require_POST
def change_payment_options(request: Any) -> HttpResponse:
    """What is offered, to whom, and what it costs."""
    forms = _forms(request, request.POST)
    wrong = [form for form in forms if not form.is_valid()]
    if wrong:
        return _render(request, forms)
    choices = [form.choice() for form in forms if form.setting.services or form.setting.is_always_offered]
    try:
        update_payment_options(company=request.company, choices=choices, actor=actor_of(request))
    except UnableToUpdateOptions as error:
        form = next(form for form in forms if form.setting.method == error.method)
        form.add_error(None, sentence(error.sentence))
        return _render(request, forms)
    messages.success(request, _("Saved."))
    return HttpResponseRedirect(reverse("settings:payments"))


@needs(Role.ADMIN)
def add_gateway(request: Any) -> HttpResponse:
    """The settings of the service asked for; once given, the service is asked whose account they open."""
    provider = request.GET.get("kind", "stripe")
    made = connector_or_404(GATEWAY, provider)
    form = ConnectionForm(request.POST or None, config=made.Config, language=language_of_reader())
    connect = partial(connect_gateway, company=request.company, provider=provider, actor=actor_of(request))
    if connection := connected(form, connect):
        _check(request, connection.pk)
        return HttpResponseRedirect(reverse("settings:gateway", args=[connection.pk]))
    return render(request, "settings/add_gateway.html", {"form": form, "title": made.title()})


@needs(Role.VIEWER)
def gateway(request: Any, connection_id: int) -> HttpResponse:
    """One service: whose account, how it goes, what it still needs, where it reports."""
    row = _row(request, connection_id)
    address = request.build_absolute_uri(
        reverse("payment_notices:receive", args=[request.company.pk, row.hook_key])
    )
    return render(
        request,
        "settings/gateway.html",
        {
            "row": row,
            "states": CONNECTION_STATES,
            "methods": [(METHODS[each](), each in row.unready) for each in row.methods],
            "secrets": secrets_form(GATEWAY, row),
            "notices_address": address,
        },
    )


@needs(Role.ADMIN)
@require_POST
def change_gateway(request: Any, connection_id: int) -> HttpResponse:
    """Ask it again, pause or resume."""
    _row(request, connection_id)
    wanted = request.POST.get("do", "")
    which = {"kind": GATEWAY, "company": request.company, "connection_id": connection_id, "actor": actor_of(request)}  # fmt: skip
    if wanted == "check":
        _check(request, connection_id)
    elif wanted == "pause" and pause_connection(**which):
        messages.success(
            request, _("The service is paused: nothing new is paid through it until it is resumed.")
        )
    elif wanted == "resume" and resume_connection(**which):
        messages.success(request, _("The service is resumed."))
    return HttpResponseRedirect(reverse("settings:gateway", args=[connection_id]))


@needs(Role.ADMIN)
@require_POST
def replace_gateway_credentials(request: Any, connection_id: int) -> HttpResponse:
    """New credentials for those that are filled in; the service is asked whether they open the same account."""
    if replace_credentials(request, GATEWAY, _row(request, connection_id)):
        _check(request, connection_id)
    return HttpResponseRedirect(reverse("settings:gateway", args=[connection_id]))


@needs(Role.ADMIN)
def revoke_gateway(request: Any, connection_id: int) -> HttpResponse:
    """Asks first, then forgets the credentials."""
    row = _row(request, connection_id)
    if request.method != "POST":
        return render(request, "settings/revoke_gateway.html", {"row": row})
    revoke_connection(
        kind=GATEWAY, company=request.company, connection_id=connection_id, actor=actor_of(request)
    )
    messages.success(request, _("The credentials are forgotten. Payments and payouts stay."))
    return HttpResponseRedirect(reverse("settings:payments"))


def _check(request: Any, connection_id: int) -> None:
    problem = check_gateway(company=request.company, connection_id=connection_id, now=now())
    if problem is not None:
        messages.error(request, sentence(problem))
        return
    row = _row(request, connection_id)
    messages.success(
        request,
        _("The service answers: these credentials open the account %(name)s.") % {"name": row.merchant_name},
    )


def _forms(request: Any, given: Any) -> list[OptionForm]:
    company = request.company
    used = segments(company=company)
    settings = payment_settings(company=company, on=today(company))
    return [OptionForm(given, setting=each, segments=used) for each in settings]


def _render(request: Any, forms: list[OptionForm]) -> HttpResponse:
    rows = gateway_connections(company=request.company)
    taken = {row.provider for row in rows}
    return render(
        request,
        "settings/payments.html",
        {
            "rows": rows,
            "states": CONNECTION_STATES,
            "providers": [each for each in available_connectors(kind=GATEWAY) if each[0] not in taken],
            "forms": forms,
            "names": {code: wording() for code, wording in METHODS.items()},
        },
    )


def _row(request: Any, connection_id: int) -> GatewayRow:
    row = gateway_connection(company=request.company, connection_id=connection_id)
    if row is None:
        raise Http404
    return row
