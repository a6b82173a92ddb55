"""People and roles: an administrator invites, changes, removes."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from encours.actions.change_membership import UnableToChangeMembership, change_role, remove_member
from encours.actions.invite_user import UnableToInvite, invite_user
from encours.backoffice.accounts.invitation import send_invitation
from encours.backoffice.actor import actor_of
from encours.backoffice.language import language_of_reader
from encours.backoffice.permissions import Role, needs
from encours.backoffice.settings.forms import InviteForm, RoleForm
from encours.queries.people import people_of, person_of


@needs(Role.ADMIN)
def people(request: Any) -> HttpResponse:
    """The members, and on POST an invitation."""
    form = InviteForm(request.POST) if request.method == "POST" else InviteForm()
    if request.method == "POST" and form.is_valid():
        try:
            invited = invite_user(
                company=request.company, actor=actor_of(request), language=request.company.language,
                **form.cleaned_data,
            )  # fmt: skip
        except UnableToInvite as error:
            form.add_error("email", error.sentence.say(language_of_reader()))
        else:
            email = form.cleaned_data["email"]
            if invited.needs_password:
                link = send_invitation(request=request, user_id=invited.user_id)
                messages.success(
                    request,
                    _(
                        "%(email)s is invited. The link to choose a password was sent; you may also pass it on: %(link)s"
                    )
                    % {"email": email, "link": link},
                )
            else:
                messages.success(request, _("%(email)s now works in this company.") % {"email": email})
            return HttpResponseRedirect(reverse("settings:people"))
    rows = [
        (person, RoleForm(initial={"role": person.role}, auto_id=f"id_{person.membership_id}_%s"))
        for person in people_of(company=request.company)
    ]
    return render(request, "settings/people.html", {"rows": rows, "form": form})


@needs(Role.ADMIN)
@require_POST
def change(request: Any, membership_id: int) -> HttpResponse:
    person = _person(request, membership_id)
    form = RoleForm(request.POST)
    if form.is_valid():
        try:
            change_role(
                company=request.company, membership_id=person.membership_id, actor=actor_of(request),
                role=form.cleaned_data["role"],
            )  # fmt: skip
        except UnableToChangeMembership as error:
            messages.error(request, error.sentence.say(language_of_reader()))
        else:
            messages.success(request, _("The role of %(email)s is changed.") % {"email": person.email})
    return HttpResponseRedirect(reverse("settings:people"))


@needs(Role.ADMIN)
def remove(request: Any, membership_id: int) -> HttpResponse:
    """GET asks, POST does."""
    person = _person(request, membership_id)
    if request.method != "POST":
        return render(request, "settings/remove_member.html", {"person": person})
    try:
        remove_member(company=request.company, membership_id=person.membership_id, actor=actor_of(request))
    except UnableToChangeMembership as error:
        messages.error(request, error.sentence.say(language_of_reader()))
    else:
        messages.success(request, _("%(email)s no longer works in this company.") % {"email": person.email})
    return HttpResponseRedirect(reverse("settings:people"))


def _person(request: Any, membership_id: int) -> Any:
    person = person_of(company=request.company, membership_id=membership_id)
    if person is None:
        raise Http404
    return person
