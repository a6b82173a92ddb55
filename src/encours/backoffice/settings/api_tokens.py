"""API: the tokens by which other programs speak for the company. Only an administrator sees or makes them."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from encours.actions.create_token import UnableToCreateToken, create_token, revoke_token
from encours.backoffice.actor import actor_of
from encours.backoffice.clock import now
from encours.backoffice.journal.wording import ACTOR_NAMES
from encours.backoffice.permissions import Role, needs
from encours.backoffice.settings.api_forms import TOKEN_STATES, TokenForm
from encours.backoffice.templatetags.encours import sentence
from encours.queries.api_tokens import api_tokens


@needs(Role.ADMIN)
@never_cache
def tokens(request: Any) -> HttpResponse:
    """The tokens, and on POST a new one, whose text this one answer shows."""
    form, made = TokenForm(request.POST or None), None
    if request.method == "POST" and form.is_valid():
        try:
            made = create_token(
                company=request.company, now=now(), actor=actor_of(request), **form.cleaned_data
            )
        except UnableToCreateToken as error:
            form.add_error(None, sentence(error.sentence))
        else:
            form = TokenForm()
    rows = [(row, row.state(now())) for row in api_tokens(company=request.company)]
    context = {
        "rows": rows,
        "form": form,
        "made": made,
        "token_states": TOKEN_STATES,
        "actor_names": ACTOR_NAMES,
        "address": request.build_absolute_uri("/api/v1/"),
    }
    return render(request, "settings/api.html", context)


@needs(Role.ADMIN)
@require_POST
def revoke(request: Any, token_id: int) -> HttpResponse:
    if all(row.id != token_id for row in api_tokens(company=request.company)):
        raise Http404
    if revoke_token(company=request.company, token_id=token_id, now=now(), actor=actor_of(request)):
        messages.success(request, _("The token is revoked: it opens nothing any more."))
    return HttpResponseRedirect(reverse("settings:api"))
