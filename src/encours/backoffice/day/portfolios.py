"""Portfolios: who looks after whom, by hand and by rules, and who stands in for whom."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from encours.actions.assign_portfolio import (
    UnableToAssign,
    WhichCustomers,
    add_rule,
    assign_by_hand,
    remove_rule,
    set_leave,
)
from encours.backoffice.actor import actor_of
from encours.backoffice.clock import today
from encours.backoffice.documents.forms import AmountField
from encours.backoffice.permissions import Role, needs
from encours.backoffice.templatetags.encours import sentence
from encours.queries.customers import segments
from encours.queries.portfolios import PortfolioRow, portfolio_rows, portfolio_rules

_DAY = {"type": "date"}


class _OfPerson(forms.Form):
    """A form that names a member first."""

    user_id = forms.TypedChoiceField(label=gettext_lazy("Person"), coerce=int)

    def __init__(self, *args: Any, people: list[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, auto_id=f"{type(self).__name__.lower()}_%s", **kwargs)
        self.fields["user_id"].choices = people  # type: ignore[attr-defined]


class RuleForm(_OfPerson):
    segment = forms.ChoiceField(label=gettext_lazy("Segment"), required=False)
    salesperson = forms.CharField(label=gettext_lazy("Salesperson"), max_length=120, required=False)
    from_letters = forms.CharField(label=gettext_lazy("Names from"), max_length=10, required=False)
    until_letters = forms.CharField(label=gettext_lazy("Names to"), max_length=10, required=False)
    min_owed_cents = AmountField(label=gettext_lazy("Owes at least"), required=False)

    def __init__(self, *args: Any, segments: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["segment"].choices = [("", "—"), *((each, each) for each in segments)]  # type: ignore[attr-defined]


class HandForm(_OfPerson):
    codes = forms.CharField(
        label=gettext_lazy("Codes of customers"),
        max_length=20_000,
        help_text=gettext_lazy("One per line. No rule changes what is assigned by hand."),
        widget=forms.Textarea({"rows": 3, "spellcheck": "false"}),
    )

    def __init__(self, *args: Any, people: list[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, people=[*people, (0, _("nobody: as the rules say"))], **kwargs)


class LeaveForm(_OfPerson):
    from_date = forms.DateField(
        label=gettext_lazy("Away from"), required=False, widget=forms.DateInput(_DAY, "%Y-%m-%d")
    )
    until_date = forms.DateField(
        label=gettext_lazy("Until (included)"), required=False, widget=forms.DateInput(_DAY, "%Y-%m-%d")
    )
    replaced_by_id = forms.TypedChoiceField(
        label=gettext_lazy("Who stands in"), required=False, coerce=int, empty_value=None
    )

    def __init__(self, *args: Any, people: list[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, people=people, **kwargs)
        self.fields["replaced_by_id"].choices = [("", "—"), *people]  # type: ignore[attr-defined]


@needs(Role.VIEWER)
def portfolios(request: Any) -> HttpResponse:
    return _page(request, portfolio_rows(company=request.company, on=today(request.company)))


@needs(Role.ACCOUNTANT)
@require_POST
def change(request: Any) -> HttpResponse:
    """A rule, customers by hand or a leave: `what` says which."""
    rows = portfolio_rows(company=request.company, on=today(request.company))
    form = _forms(request, rows, request.POST).get(request.POST.get("what", ""))
    if form is None:
        raise Http404
    if not form.is_valid() or not _done(request, form):
        return _page(request, rows, form)
    return HttpResponseRedirect(reverse("day:portfolios"))


@needs(Role.ACCOUNTANT)
@require_POST
def remove(request: Any, rule_id: int) -> HttpResponse:
    if all(rule.pk != rule_id for rule in portfolio_rules(company=request.company)):
        raise Http404
    remove_rule(company=request.company, rule_id=rule_id, actor=actor_of(request))
    messages.success(request, _("The rule is removed, its customers follow the others."))
    return HttpResponseRedirect(reverse("day:portfolios"))


def _forms(request: Any, rows: list[PortfolioRow], given: Any = None) -> dict[str, _OfPerson]:
    people = [(row.user_id, row.name) for row in rows]
    return {
        "rule": RuleForm(given, people=people, segments=segments(company=request.company)),
        "hand": HandForm(given, people=people),
        "leave": LeaveForm(given, people=people),
    }


def _page(request: Any, rows: list[PortfolioRow], refused: _OfPerson | None = None) -> HttpResponse:
    shown = _forms(request, rows)
    if refused is not None:
        shown = {name: refused if isinstance(refused, type(form)) else form for name, form in shown.items()}
    rules = portfolio_rules(company=request.company)
    return render(request, "day/portfolios.html", {"rows": rows, "rules": rules, "forms": shown})


def _done(request: Any, form: _OfPerson) -> bool:
    given, actor = dict(form.cleaned_data), actor_of(request)
    user_id = given.pop("user_id")
    try:
        if isinstance(form, RuleForm):
            add_rule(company=request.company, user_id=user_id, which=WhichCustomers(**given), actor=actor)
            messages.success(request, _("The rule is added and applied."))
        elif isinstance(form, HandForm):
            count = assign_by_hand(
                company=request.company, codes=given["codes"].split(), user_id=user_id or None, actor=actor
            )
            messages.success(request, _("%(count)s customers are assigned.") % {"count": count})
        else:
            set_leave(company=request.company, user_id=user_id, actor=actor, **given)
            messages.success(request, _("The leave is saved."))
    except UnableToAssign as error:
        form.add_error(None, sentence(error.sentence))
        return False
    return True
