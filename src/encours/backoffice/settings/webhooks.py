"""Webhooks: addresses of other programs that are told what happens. Only an administrator sees or changes them."""

import json
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from encours.actions.change_webhook import (
    UnableToAddWebhook,
    add_webhook,
    disable_webhook,
    enable_webhook,
    remove_webhook,
    resend_webhook,
    try_webhook,
)
from encours.backoffice.actor import actor_of
from encours.backoffice.clock import now
from encours.backoffice.listing import page_number
from encours.backoffice.permissions import Role, needs
from encours.backoffice.settings.api_forms import DELIVERY_STATES, ENDPOINT_STATES, WebhookForm
from encours.backoffice.templatetags.encours import sentence
from encours.queries.webhooks import EndpointRow, webhook_deliveries, webhook_endpoints

PAGE_SIZE = 25
NAMES = {"delivery_states": DELIVERY_STATES, "endpoint_states": ENDPOINT_STATES}


@needs(Role.ADMIN)
@never_cache
def webhooks(request: Any) -> HttpResponse:
    """The addresses, and on POST a new one, whose secret this one answer shows."""
    form, added = WebhookForm(request.POST or None), None
    if request.method == "POST" and form.is_valid():
        try:
            added = add_webhook(
                company=request.company, may_be_inside=settings.WEBHOOKS_INSIDE, actor=actor_of(request),
                **form.cleaned_data,
            )  # fmt: skip
        except UnableToAddWebhook as error:
            form.add_error(None, sentence(error.sentence))
        else:
            form = WebhookForm()
    rows = webhook_endpoints(company=request.company)
    return render(request, "settings/webhooks.html", {"rows": rows, "form": form, "added": added, **NAMES})


@needs(Role.ADMIN)
def webhook(request: Any, endpoint_id: int) -> HttpResponse:
    """One address: how it does, what it was sent and what it answered."""
    row = _row(request, endpoint_id)
    page = webhook_deliveries(
        company=request.company, endpoint_id=endpoint_id, number=page_number(request), size=PAGE_SIZE
    )
    shown = [(each, json.dumps(each.data, ensure_ascii=False, indent=2)) for each in page.rows]
    context = {"row": row, "page": page, "shown": shown, **NAMES}
    return render(request, "settings/webhook.html", context)


@needs(Role.ADMIN)
@require_POST
def change(request: Any, endpoint_id: int) -> HttpResponse:
    """Try, switch on or off."""
    row, who = _row(request, endpoint_id), actor_of(request)
    named = {"company": request.company, "endpoint_id": endpoint_id}
    wanted = request.POST.get("do", "")
    if wanted == "try" and try_webhook(**named, now=now()):
        messages.success(request, _("A trial message is on its way. What it meets appears in a moment."))
    elif wanted == "disable" and disable_webhook(**named, actor=who):
        messages.success(request, _("The address is switched off: it is told nothing more."))
    elif wanted == "enable" and enable_webhook(**named, actor=who):
        messages.success(request, _("The address is switched on: what waits is sent now."))
    return HttpResponseRedirect(reverse("settings:webhook", args=[row.id]))


@needs(Role.ADMIN)
@require_POST
def resend(request: Any, endpoint_id: int, delivery_id: int) -> HttpResponse:
    row = _row(request, endpoint_id)
    if resend_webhook(company=request.company, endpoint_id=endpoint_id, delivery_id=delivery_id):
        messages.success(request, _("The message is sent again, under the same number."))
    else:
        messages.error(request, _("It cannot be sent: the address is switched off, or the message is gone."))
    return HttpResponseRedirect(reverse("settings:webhook", args=[row.id]))


@needs(Role.ADMIN)
def remove(request: Any, endpoint_id: int) -> HttpResponse:
    """GET asks, POST does."""
    row = _row(request, endpoint_id)
    if request.method != "POST":
        return render(request, "settings/remove_webhook.html", {"row": row})
    remove_webhook(company=request.company, endpoint_id=endpoint_id, actor=actor_of(request))
    messages.success(request, _("The address is removed."))
    return HttpResponseRedirect(reverse("settings:webhooks"))


def _row(request: Any, endpoint_id: int) -> EndpointRow:
    found = webhook_endpoints(company=request.company, endpoint_id=endpoint_id)
    if not found:
        raise Http404
    return found[0]
