"""A person lets us read a mailbox at Microsoft or Google: sent there, and back with the answer."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from encours.actions.authorise_mailbox import UnableToTakeConsent, ask_for_consent, take_consent
from encours.backoffice.actor import actor_of
from encours.backoffice.clock import now
from encours.backoffice.permissions import Role, needs
from encours.backoffice.settings.mailboxes import check, mailbox_or_404, render_mailbox
from encours.backoffice.templatetags.encours import sentence
from encours.ports.connections import UnableToAsk


@needs(Role.ADMIN)
@require_POST
def authorise(request: Any, mailbox_id: int) -> HttpResponse:
    """The page of the mailbox, with the way to the service: a form may not lead away from here (CSP)."""
    row = mailbox_or_404(request, mailbox_id)
    try:
        url = ask_for_consent(
            company=request.company, mailbox_id=mailbox_id, redirect_url=return_address(request),
            person_id=request.user.pk, now=now(),
        )  # fmt: skip
    except (UnableToAsk, UnableToTakeConsent) as error:
        messages.error(request, sentence(error.sentence))
        return _to(mailbox_id)
    return render_mailbox(request, row, consent_url=url)


@needs(Role.ADMIN)
@never_cache
def consent(request: Any) -> HttpResponse:
    """Where the service sends people back to. What they bring is worth nothing to anybody else, and nothing twice."""
    told = request.GET
    try:
        mailbox = take_consent(
            company=request.company, state=told.get("state", ""), code=told.get("code", ""),
            refusal=told.get("error", ""), person_id=request.user.pk, now=now(), actor=actor_of(request),
        )  # fmt: skip
    except UnableToTakeConsent as error:
        messages.error(request, sentence(error.sentence))
        return _to(error.mailbox_id)
    except UnableToAsk as error:
        messages.error(request, sentence(error.sentence))
        return _to(None)
    messages.success(request, _("The mailbox may be read from now on."))
    check(request, mailbox.pk)
    return _to(mailbox.pk)


def return_address(request: Any) -> str:
    """The address an application must name at the service, the same for every mailbox."""
    return request.build_absolute_uri(reverse("settings:mailbox_consent"))


def _to(mailbox_id: int | None) -> HttpResponse:
    if mailbox_id is None:
        return HttpResponseRedirect(reverse("settings:mailboxes"))
    return HttpResponseRedirect(reverse("settings:mailbox", args=[mailbox_id]))
