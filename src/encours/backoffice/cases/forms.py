"""What people say when they open, record, agree or end something about a customer."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.functional import lazy
from django.utils.translation import gettext_lazy as _

from encours.backoffice.documents.forms import AmountField
from encours.backoffice.language import language_of_reader
from encours.core.cases.disputes import OUTCOMES, REASONS
from encours.core.cases.plans import CONSEQUENCES, GRACE_DAYS, Part
from encours.core.wording import Wording
from encours.queries.cases import CaseFilter

KINDS = {"disputes": _("Disputes"), "promises": _("Promises"), "plans": _("Payment plans")}
STATE_NAMES = {
    "disputes": {"open": _("In progress"), "late": _("Past their deadline"), "closed": _("Resolved")},
    "promises": {"open": _("In progress"), "late": _("Past their day"), "closed": _("Judged or withdrawn")},
    "plans": {"open": _("Running or broken"), "late": _("Broken"), "closed": _("Kept or ended")},
}
DAY = forms.DateInput({"type": "date"}, "%Y-%m-%d")
LINE = forms.TextInput({"autocomplete": "off"})
MOST_INSTALMENTS = 60


def _said(wordings: Mapping[str, Wording]) -> list[tuple[str, Any]]:
    """Choices in the reader's language."""

    def words(wording: Wording) -> str:
        said = wording().say(language_of_reader())
        return said[:1].upper() + said[1:]

    return [(code, lazy(words, str)(wording)) for code, wording in wordings.items()]


class FilterForm(forms.Form):
    kind = forms.ChoiceField(choices=list(KINDS.items()), required=False, widget=forms.HiddenInput)
    q = forms.CharField(
        label=_("Search"),
        required=False,
        max_length=100,
        widget=forms.TextInput({"type": "search", "placeholder": _("Customer, number, owner")}),
    )
    state = forms.ChoiceField(label=_("State"), required=False)

    def __init__(self, *args: Any, kind: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["state"].choices = [*STATE_NAMES[kind].items(), ("all", _("All"))]  # type: ignore[attr-defined]

    def wanted(self) -> CaseFilter:
        """The filter; what is open unless something else is asked for."""
        self.is_valid()
        state = self.cleaned_data.get("state") or "open"
        text = self.cleaned_data.get("q", "").strip()
        return CaseFilter(state="" if state == "all" else state, text=text)


class DocumentsField(forms.TypedMultipleChoiceField):
    """Documents of a customer, by id; the template shows what each is."""

    widget = forms.CheckboxSelectMultiple

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(coerce=int, **kwargs)


class DisputeForm(forms.Form):
    document = forms.TypedChoiceField(label=_("Invoice"), coerce=int)
    reason_code = forms.ChoiceField(label=_("Reason"), choices=[("", "—"), *_said(REASONS)])
    disputed_cents = AmountField(
        label=_("Contested amount"),
        required=False,
        help_text=_("Empty: all that is open. What is not contested is still reminded."),
        widget=LINE,
    )
    owner = forms.CharField(label=_("Who looks into it"), required=False, max_length=120, widget=LINE)
    deadline = forms.DateField(label=_("To be resolved by"), required=False, widget=DAY)
    note = forms.CharField(
        label=_("What the customer says"), required=False, max_length=2000, widget=forms.Textarea({"rows": 3})
    )

    def __init__(self, *args: Any, documents: Sequence[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["document"].choices = documents  # type: ignore[attr-defined]


class ChangeDisputeForm(forms.Form):
    owner = forms.CharField(label=_("Who looks into it"), required=False, max_length=120, widget=LINE)
    deadline = forms.DateField(label=_("To be resolved by"), required=False, widget=DAY)
    disputed_cents = AmountField(
        label=_("Contested amount"), required=False, help_text=_("Empty: all that is open."), widget=LINE
    )
    note = forms.CharField(
        label=_("What the customer says"), required=False, max_length=2000, widget=forms.Textarea({"rows": 3})
    )


class ResolveForm(forms.Form):
    outcome = forms.ChoiceField(label=_("Outcome"), choices=_said(OUTCOMES), widget=forms.RadioSelect)
    note = forms.CharField(label=_("In words"), required=False, max_length=1000, widget=LINE)


class PromiseForm(forms.Form):
    promised_date = forms.DateField(label=_("Promised for"), widget=DAY)
    amount_cents = AmountField(
        label=_("Promised amount"),
        required=False,
        help_text=_("Empty: all that these documents owe."),
        widget=LINE,
    )
    documents = DocumentsField(label=_("Documents"), required=False)
    source = forms.CharField(
        label=_("Who said it, and how"),
        required=False,
        max_length=120,
        widget=forms.TextInput({"autocomplete": "off", "placeholder": _("Ms Martin, on the phone")}),
    )
    note = forms.CharField(label=_("Note"), required=False, max_length=1000, widget=LINE)

    def __init__(self, *args: Any, documents: Sequence[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["documents"].choices = documents  # type: ignore[attr-defined]


class EndForm(forms.Form):
    """Why a promise is withdrawn or a plan ended."""

    note = forms.CharField(label=_("Why"), required=False, max_length=500, widget=LINE)


class PlanForm(forms.Form):
    """What is agreed; equal instalments are worked out from `count` and `first_date`, then each may be changed."""

    documents = DocumentsField(label=_("Documents"))
    count = forms.IntegerField(
        label=_("Number of instalments"), min_value=1, max_value=MOST_INSTALMENTS, initial=3
    )
    first_date = forms.DateField(label=_("The first on"), widget=DAY)
    every = forms.ChoiceField(label=_("Then every"), choices=[("month", _("month")), ("week", _("week"))])
    interest_cents = AmountField(
        label=_("Interest on top"), required=False, help_text=_("Empty: none."), widget=LINE
    )
    grace_days = forms.IntegerField(
        label=_("Days of grace"),
        min_value=0,
        max_value=60,
        initial=GRACE_DAYS,
        help_text=_("An instalment that comes this much later came in time."),
    )
    when_broken = forms.ChoiceField(label=_("If an instalment is missed"), choices=_said(CONSEQUENCES))
    agreed_with = forms.CharField(label=_("Agreed with"), required=False, max_length=120, widget=LINE)
    note = forms.CharField(label=_("Note"), required=False, max_length=1000, widget=LINE)

    def __init__(self, *args: Any, documents: Sequence[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["documents"].choices = documents  # type: ignore[attr-defined]

    def terms(self) -> dict[str, Any]:
        """For `actions.agree_plan`, without the instalments."""
        names = ("grace_days", "when_broken", "agreed_with", "note")
        return {name: self.cleaned_data[name] for name in names} | {
            "document_ids": self.cleaned_data["documents"],
            "interest_cents": self.cleaned_data["interest_cents"] or 0,
        }


class InstalmentForm(forms.Form):
    due_date = forms.DateField(label=_("Due"), widget=DAY)
    amount_cents = AmountField(label=_("Amount"), widget=LINE)


class BareInstalments(forms.BaseFormSet):
    def parts(self) -> list[Part]:
        """The instalments as they were given; rows left empty are none."""
        return [
            Part(form.cleaned_data["due_date"], form.cleaned_data["amount_cents"])
            for form in self.forms
            if form.has_changed() and form.cleaned_data.get("amount_cents") is not None
        ]


Instalments = forms.formset_factory(
    InstalmentForm, formset=BareInstalments, extra=0, max_num=MOST_INSTALMENTS, absolute_max=MOST_INSTALMENTS
)


class PauseForm(forms.Form):
    until_date = forms.DateField(label=_("Until (last day held)"), widget=DAY)
    reason = forms.CharField(label=_("Why"), max_length=500, widget=LINE)
