"""Notes about a customer, and reading those that call one."""

from typing import Any

from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from encours.actions.defer_job import defer
from encours.actions.write_note import UnableToWriteNote, read_mentions, write_note
from encours.backoffice.actor import actor_of
from encours.backoffice.clock import now
from encours.backoffice.permissions import Role, needs
from encours.backoffice.templatetags.encours import sentence
from encours.queries.customers import customer_of
from encours.queries.notes import callable_people


class NoteForm(forms.Form):
    text = forms.CharField(
        label=gettext_lazy("Note"),
        max_length=5000,
        help_text=gettext_lazy("Only colleagues see it. @ and a name calls somebody."),
        widget=forms.Textarea({"rows": 3}),
    )
    user_ids = forms.TypedMultipleChoiceField(label=gettext_lazy("Call somebody"), required=False, coerce=int)

    def __init__(self, *args: Any, people: list[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, auto_id="note_%s", **kwargs)
        self.fields["user_ids"].choices = people  # type: ignore[attr-defined]
        self.fields["user_ids"].widget.attrs["size"] = min(len(people), 4) or 1


def note_form(request: Any, given: Any = None) -> NoteForm:
    return NoteForm(given, people=callable_people(company=request.company))


@needs(Role.COLLECTOR)
@require_POST
def note(request: Any, customer_id: int) -> HttpResponse:
    if customer_of(company=request.company, customer_id=customer_id) is None:
        raise Http404
    form = note_form(request, request.POST)
    if not form.is_valid():
        messages.warning(request, _("Write something first."))
        return HttpResponseRedirect(reverse("day:customer", args=[customer_id]))
    try:
        with transaction.atomic():
            write_note(
                company=request.company,
                customer_id=customer_id,
                author_id=request.user.pk,
                actor=actor_of(request),
                **form.cleaned_data,
            )
            defer("mail_mentions", company_id=request.company.pk)
    except UnableToWriteNote as error:
        messages.error(request, sentence(error.sentence))
    else:
        messages.success(request, _("The note is kept."))
    return HttpResponseRedirect(reverse("day:customer", args=[customer_id]))


@needs(Role.VIEWER)
@require_POST
def read(request: Any, customer_id: int) -> HttpResponse:
    """One's own mentions about a customer are read."""
    if customer_of(company=request.company, customer_id=customer_id) is None:
        raise Http404
    read_mentions(company=request.company, user_id=request.user.pk, customer_id=customer_id, now=now())
    return HttpResponseRedirect(reverse("day:show"))
