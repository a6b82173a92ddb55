"""Test mode: everything is prepared and nothing leaves, until an administrator says that the company is live."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from encours.actions.switch_test_mode import enter_test_mode, go_live
from encours.backoffice.actor import actor_of
from encours.backoffice.clock import today
from encours.backoffice.permissions import Role, may, needs
from encours.core.dunning.policy import CHANNEL_NAMES
from encours.queries.test_mode import would_leave


@needs(Role.VIEWER)
def test_mode(request: Any) -> HttpResponse:
    """What leaves first is shown to everybody; an administrator switches."""
    if request.method == "POST":
        return _switch(request)
    leaving = would_leave(company=request.company, on=today(request.company))
    names = {code: wording() for code, wording in CHANNEL_NAMES.items()}
    return render(request, "settings/test_mode.html", {"leaving": leaving, "channel_names": names})


def _switch(request: Any) -> HttpResponse:
    if not may(request.role)["admin"]:
        raise PermissionDenied
    wanted = request.POST.get("mode")
    if wanted == "test":
        enter_test_mode(company=request.company, actor=actor_of(request))
        messages.success(request, _("Test mode is on: nothing leaves to customers any more."))
    elif wanted == "live" and request.POST.get("understood"):
        go_live(
            company=request.company,
            on=today(request.company),
            actor=actor_of(request),
            starts_afresh=request.POST.get("start") == "afresh",
        )
        messages.success(request, _("The company is live: approved messages leave from the next sending on."))
    else:
        messages.warning(request, _("Tick that you have read what leaves first."))
    return HttpResponseRedirect(reverse("settings:test_mode"))
