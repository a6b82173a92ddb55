"""Tâches: what people are to do about customers, and what came of it."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from encours.actions.complete_task import UnableToCompleteTask, cancel_task, complete_task
from encours.backoffice.actor import actor_of
from encours.backoffice.clock import now, today
from encours.backoffice.language import language_of_reader
from encours.backoffice.listing import PAGE_SIZE, page_number
from encours.backoffice.permissions import Role, needs
from encours.backoffice.templatetags.encours import sentence
from encours.core.tasks import OUTCOMES
from encours.queries.tasks import SHOWN, TaskRow, late_tasks, task_row, tasks_page

SHOWN_NAMES = {
    "open": gettext_lazy("To do"),
    "mine": gettext_lazy("Mine"),
    "late": gettext_lazy("Late"),
    "ended": gettext_lazy("Done"),
}


class OutcomeForm(forms.Form):
    outcome = forms.ChoiceField(label=gettext_lazy("What came of it"), widget=forms.RadioSelect)
    note = forms.CharField(
        label=gettext_lazy("Note"), required=False, max_length=2000, widget=forms.Textarea({"rows": 3})
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        language = language_of_reader()
        said = [(code, wording().say(language)) for code, wording in OUTCOMES.items()]
        self.fields["outcome"].choices = said  # type: ignore[attr-defined]


@needs(Role.VIEWER)
def list_(request: Any) -> HttpResponse:
    company, on = request.company, today(request.company)
    shown = request.GET.get("shown", "open")
    shown = shown if shown in SHOWN else "open"
    page = tasks_page(
        company=company, shown=shown, assignee=request.user.name, on=on, number=page_number(request), size=PAGE_SIZE
    )  # fmt: skip
    late = late_tasks(company=company, on=on)
    return render(
        request,
        "tasks/list.html",
        {"page": page, "shown": shown, "names": SHOWN_NAMES, "late": late, "on": on, "outcomes": _outcomes()},
    )


@needs(Role.VIEWER)
def show(request: Any, task_id: int) -> HttpResponse:
    return _render(request, _task(request, task_id), OutcomeForm())


@needs(Role.COLLECTOR)
@require_POST
def complete(request: Any, task_id: int) -> HttpResponse:
    """A person says what came of it."""
    task, form = _task(request, task_id), OutcomeForm(request.POST)
    if form.is_valid():
        try:
            complete_task(
                company=request.company, task_id=task_id, outcome=form.cleaned_data["outcome"],
                note=form.cleaned_data["note"], on=today(request.company), now=now(), actor=actor_of(request),
            )  # fmt: skip
        except UnableToCompleteTask as error:
            form.add_error(None, sentence(error.sentence))
        else:
            messages.success(request, _("The task is done."))
            return HttpResponseRedirect(reverse("tasks:list"))
    return _render(request, task, form)


@needs(Role.COLLECTOR)
@require_POST
def cancel(request: Any, task_id: int) -> HttpResponse:
    """Taken back: the step that asked for it is free again."""
    _task(request, task_id)
    try:
        cancel_task(company=request.company, task_id=task_id, now=now(), actor=actor_of(request))
    except UnableToCompleteTask as error:
        messages.error(request, sentence(error.sentence))
    else:
        messages.success(request, _("The task is taken back."))
    return HttpResponseRedirect(reverse("tasks:list"))


def _render(request: Any, task: TaskRow, form: OutcomeForm) -> HttpResponse:
    return render(
        request,
        "tasks/show.html",
        {"task": task, "form": form, "on": today(request.company), "outcomes": _outcomes()},
    )


def _outcomes() -> dict[str, Any]:
    return {code: wording() for code, wording in OUTCOMES.items()}


def _task(request: Any, task_id: int) -> TaskRow:
    found = task_row(company=request.company, task_id=task_id)
    if found is None:
        raise Http404
    return found
