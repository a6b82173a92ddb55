"""The company's details, one's own profile."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.forms.models import model_to_dict
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from encours.actions.update_company import UnableToUpdateCompany, update_company
from encours.actions.update_profile import update_profile
from encours.backoffice.actor import actor_of
from encours.backoffice.language import language_of_reader
from encours.backoffice.permissions import Role, may, needs, signed_in
from encours.backoffice.settings.forms import CompanyForm, ProfileForm


@needs(Role.VIEWER)
def company(request: Any) -> HttpResponse:
    """Everybody may read it; an administrator may change it."""
    if request.method == "POST" and not may(request.role)["admin"]:
        raise PermissionDenied
    known = model_to_dict(request.company, fields=list(CompanyForm.base_fields))
    form = CompanyForm(request.POST) if request.method == "POST" else CompanyForm(initial=known)
    if request.method == "POST" and form.is_valid():
        try:
            update_company(company=request.company, actor=actor_of(request), **form.cleaned_data)
        except UnableToUpdateCompany as error:
            for problem in error.problems:
                form.add_error(problem.field, problem.sentence.say(language_of_reader()))
        else:
            messages.success(request, _("The company's details are saved."))
            return HttpResponseRedirect(reverse("settings:company"))
    if not may(request.role)["admin"]:
        for field in form.fields.values():
            field.disabled = True
    return render(request, "settings/company.html", {"form": form})


@needs(Role.VIEWER)
def policy(_request: Any) -> HttpResponse:
    """Where the policies were shown once: bookmarks and old messages still name this address."""
    return HttpResponseRedirect(reverse("policies:list"))


@signed_in
def profile(request: Any) -> HttpResponse:
    known = {"name": request.user.name, "language": request.user.language}
    form = ProfileForm(request.POST) if request.method == "POST" else ProfileForm(initial=known)
    if request.method == "POST" and form.is_valid():
        update_profile(user_id=request.user.pk, **form.cleaned_data)
        translation.activate(form.cleaned_data["language"])
        messages.success(request, _("Your profile is saved."))
        return HttpResponseRedirect(reverse("settings:profile"))
    return render(request, "settings/profile.html", {"form": form})
