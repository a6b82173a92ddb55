"""Looking at a message without leaving the list, letting it wait, and deciding what follows the last step."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from encours.actions.assign_policy import UnableToAssignPolicy
from encours.actions.decide_ended import Decision, UnableToDecide, decide_ended
from encours.actions.postpone_message import UnableToPostpone, postpone_message
from encours.actions.preview_message import preview_message
from encours.backoffice.actor import actor_of
from encours.backoffice.clock import today
from encours.backoffice.dunning.views import answered, row_or_404
from encours.backoffice.permissions import Role, may, needs
from encours.backoffice.templatetags.encours import day_text, sentence
from encours.queries.approvals import ended_documents, since_planned
from encours.queries.customers import customer_of
from encours.queries.messages import asked_for
from encours.queries.policies import policy_rows

DECISION_NAMES = {
    Decision.COURT: gettext_lazy("Hand over to court or to a collection agency"),
    Decision.PAUSE: gettext_lazy("Pause until a day"),
    Decision.POLICY: gettext_lazy("Go on under another policy"),
    Decision.WRITE_OFF: gettext_lazy("Write off what is open"),
}


class PostponeForm(forms.Form):
    until = forms.DateField(
        label=gettext_lazy("Leaves on"), widget=forms.DateInput({"type": "date"}, "%Y-%m-%d")
    )


class DecideForm(forms.Form):
    decision = forms.ChoiceField(
        label=gettext_lazy("What follows"), choices=list(DECISION_NAMES.items()), widget=forms.RadioSelect
    )
    reason = forms.CharField(
        label=gettext_lazy("Why"), max_length=300, widget=forms.TextInput({"autocomplete": "off"})
    )
    until_date = forms.DateField(
        label=gettext_lazy("Last day of the pause"),
        required=False,
        widget=forms.DateInput({"type": "date"}, "%Y-%m-%d"),
    )
    policy_slug = forms.ChoiceField(label=gettext_lazy("Policy that goes on"), required=False)

    def __init__(self, *args: Any, policies: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["policy_slug"].choices = [("", "…"), *policies]  # type: ignore[attr-defined]


@needs(Role.VIEWER)
def look(request: Any, message_id: int) -> HttpResponse:
    """The message as it would leave today, beneath its line; without htmx its own page."""
    row = row_or_404(request, message_id)
    if not request.htmx:
        return HttpResponseRedirect(reverse("messages:show", args=[message_id]))
    company, on = request.company, today(request.company)
    return render(
        request,
        "dunning/look.html",
        {
            "row": row,
            "preview": preview_message(company=company, message_id=message_id, on=on)
            if row.is_planned
            else None,
            "asked": asked_for(company=company, message_id=message_id),
            "changes": since_planned(company=company, message_ids=[message_id], on=on).get(message_id, ()),
        },
    )


@needs(Role.COLLECTOR)
@require_POST
def postpone(request: Any, message_id: int) -> HttpResponse:
    row_or_404(request, message_id)
    form = PostponeForm(request.POST)
    if form.is_valid():
        until = form.cleaned_data["until"]
        try:
            postpone_message(
                company=request.company,
                message_id=message_id,
                until=until,
                on=today(request.company),
                actor=actor_of(request),
            )
        except UnableToPostpone as error:
            told = sentence(error.sentence)
        else:
            told = _("Postponed to %(day)s") % {"day": day_text(until)}
    else:
        told = _("Choose a day.")
    if request.htmx:
        return answered(request, message_id, told)
    messages.info(request, told)
    return HttpResponseRedirect(reverse("dunning:agenda"))


@needs(Role.COLLECTOR)
def decide(request: Any, customer_id: int) -> HttpResponse:
    """What follows for what had the last step of its policy. Writing off is an accountant's."""
    customer = customer_of(company=request.company, customer_id=customer_id)
    if customer is None:
        raise Http404
    found = ended_documents(company=request.company, customer_id=customer_id)
    policies = [(row.policy.slug, row.policy.name) for row in policy_rows(company=request.company)]
    form = DecideForm(request.POST or None, policies=policies)
    if form.is_valid() and _decided(request, customer_id, form):
        return HttpResponseRedirect(f"{reverse('dunning:agenda')}?tab=ended")
    return render(request, "dunning/decide.html", {"form": form, "documents": found, "customer": customer})


def _decided(request: Any, customer_id: int, form: DecideForm) -> bool:
    given = form.cleaned_data
    decision = Decision(given["decision"])
    if decision is Decision.WRITE_OFF and not may(request.role)["accountant"]:
        raise PermissionDenied
    if decision is Decision.POLICY and not given["policy_slug"]:
        form.add_error("policy_slug", _("Choose the policy that goes on."))
        return False
    try:
        count = decide_ended(
            company=request.company,
            customer_id=customer_id,
            decision=decision,
            reason=given["reason"],
            until_date=given["until_date"],
            policy_slug=given["policy_slug"],
            on=today(request.company),
            actor=actor_of(request),
        )
    except (UnableToDecide, UnableToAssignPolicy) as error:
        form.add_error(None, sentence(error.sentence))
        return False
    messages.success(request, _("Decided for %(count)s invoices.") % {"count": count})
    return True
