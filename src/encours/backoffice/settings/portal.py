"""Portail: what customers may do by themselves, within which limits, and how it looks to them."""

from typing import Any

from django.conf import settings as django_settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from encours.actions.update_portal_settings import (
    UnableToUpdatePortalSettings,
    change_portal_logo,
    update_portal_settings,
)
from encours.backoffice.actor import actor_of
from encours.backoffice.language import language_of_reader
from encours.backoffice.permissions import Role, may, needs
from encours.backoffice.settings.portal_forms import LogoForm, PortalForm
from encours.core.colours import ENOUGH, contrast, text_on
from encours.core.money import to_decimal
from encours.core.portal_limits import MAX_LOGO_BYTES
from encours.queries.portal_settings import portal_settings

_AMOUNTS = tuple(name for name in PortalForm.base_fields if name.endswith("_cents"))


@needs(Role.VIEWER)
def portal(request: Any) -> HttpResponse:
    """Everybody may read it; an administrator may change it."""
    if request.method == "POST" and not may(request.role)["admin"]:
        raise PermissionDenied
    form = PortalForm(request.POST) if request.method == "POST" else PortalForm(initial=_known(request))
    if request.method == "POST" and form.is_valid():
        try:
            update_portal_settings(company=request.company, actor=actor_of(request), **form.cleaned_data)
        except UnableToUpdatePortalSettings as error:
            for problem in error.problems:
                form.add_error(problem.field, problem.sentence.say(language_of_reader()))
        else:
            messages.success(request, _("The portal's settings are saved."))
            return HttpResponseRedirect(reverse("settings:portal"))
    if not may(request.role)["admin"]:
        for field in form.fields.values():
            field.disabled = True
    return _page(request, form)


@needs(Role.ADMIN)
@require_POST
def change_logo(request: Any) -> HttpResponse:
    """Takes a picture, or takes the one there is away."""
    form = LogoForm(request.POST, request.FILES)
    is_removed = "remove" in request.POST
    if not is_removed and not form.is_valid():
        messages.error(request, _("Choose a picture first."))
        return HttpResponseRedirect(reverse("settings:portal"))
    file = None if is_removed else form.cleaned_data["logo"]
    try:
        change_portal_logo(
            company=request.company,
            content=None if file is None else file.read(MAX_LOGO_BYTES + 1),
            name="" if file is None else file.name,
            actor=actor_of(request),
        )
    except UnableToUpdatePortalSettings as error:
        messages.error(request, error.problems[0].sentence.say(language_of_reader()))
    else:
        messages.success(
            request, _("The logo is taken away.") if is_removed else _("The logo is on every page.")
        )
    return HttpResponseRedirect(reverse("settings:portal"))


def _page(request: Any, form: PortalForm) -> HttpResponse:
    settings = portal_settings(company=request.company)
    return render(
        request,
        "settings/portal.html",
        {
            "form": form,
            "logo_form": LogoForm(),
            "settings": settings,
            "portal_url": django_settings.PORTAL_URL,
            "colour_name": settings.colour.lstrip("#"),
            "text_is_black": text_on(settings.colour) == "#000000",
            "is_pale": contrast(settings.colour, "#ffffff") < ENOUGH,
        },
    )


def _known(request: Any) -> dict[str, Any]:
    settings = portal_settings(company=request.company)
    known = {name: getattr(settings, name) for name in PortalForm.base_fields}
    for name in _AMOUNTS:
        if known[name] is not None:
            known[name] = str(to_decimal(known[name])).replace(
                ".", "," if language_of_reader() == "fr" else "."
            )
    return known
