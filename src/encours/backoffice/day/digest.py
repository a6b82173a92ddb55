"""Of which customers one is told, the working day before, what will leave to them."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from encours.actions.choose_digest import choose_digest, set_digest_hour
from encours.backoffice.actor import actor_of
from encours.backoffice.permissions import Role, may, needs
from encours.queries.people import digest_choice

SCOPES = {
    "none": gettext_lazy("Nothing"),
    "portfolio": gettext_lazy("What leaves to my portfolio"),
    "sales": gettext_lazy("What leaves to the customers whose salesperson I am"),
    "company": gettext_lazy("Everything that leaves"),
}


class DigestForm(forms.Form):
    digest = forms.ChoiceField(label=gettext_lazy("I am told by e-mail"), choices=list(SCOPES.items()))
    salesperson_name = forms.CharField(
        label=gettext_lazy("My name as salesperson"),
        max_length=120,
        required=False,
        help_text=gettext_lazy("As customers have it, when it is not my own name."),
    )
    mails_mentions = forms.BooleanField(
        label=gettext_lazy("Notes that call me come by e-mail too"), required=False
    )
    hour = forms.IntegerField(
        label=gettext_lazy("Hour from which everybody is told"), min_value=0, max_value=23, required=False
    )


@needs(Role.VIEWER)
def digest(request: Any) -> HttpResponse:
    """One's own choice; the hour is an administrator's."""
    digest, name, mails_mentions = digest_choice(company=request.company, user_id=request.user.pk)
    known = {
        "digest": digest,
        "salesperson_name": name,
        "mails_mentions": mails_mentions,
        "hour": request.company.digest_hour,
    }
    form = DigestForm(request.POST or None, initial=known)
    if not may(request.role)["admin"]:
        form.fields["hour"].disabled = True
    if request.method == "POST" and form.is_valid():
        given, actor = form.cleaned_data, actor_of(request)
        choose_digest(
            company=request.company,
            user_id=request.user.pk,
            digest=given["digest"],
            salesperson_name=given["salesperson_name"],
            mails_mentions=given["mails_mentions"],
            actor=actor,
        )
        if given["hour"] is not None and given["hour"] != request.company.digest_hour:
            set_digest_hour(company=request.company, hour=given["hour"], actor=actor)
        messages.success(request, _("Your choice is saved."))
        return HttpResponseRedirect(reverse("day:digest"))
    return render(request, "day/digest.html", {"form": form})
