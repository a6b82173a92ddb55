"""What a person says when holding a customer's reminders back, or taking one message out."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from encours.backoffice.dunning_names import HOLD_NAMES


class HoldForm(forms.Form):
    BY_NUMBER = "number"

    # all of the customer's when empty, else a document's id, or the one whose number is given
    document = forms.RegexField(rf"^(\d{{1,18}}|{BY_NUMBER})$", required=False)
    number = forms.CharField(
        label=_("Number"), required=False, max_length=60, widget=forms.TextInput({"autocomplete": "off"})
    )
    # disputes and promises are cases of their own, which hold what they concern (backoffice.cases)
    kind = forms.ChoiceField(
        label=_("Why"), choices=[(kind, HOLD_NAMES[kind]) for kind in ("manual", "pause")]
    )
    reason = forms.CharField(
        label=_("In words"), max_length=500, widget=forms.TextInput({"autocomplete": "off"})
    )
    until_date = forms.DateField(
        label=_("Until (last day held)"),
        required=False,
        help_text=_("Empty: until you release it."),
        widget=forms.DateInput({"type": "date"}, "%Y-%m-%d"),
    )

    def details(self) -> dict[str, Any]:
        """For `actions.hold_receivable`."""
        return {name: self.cleaned_data[name] for name in ("kind", "reason", "until_date")}


class CancelForm(forms.Form):
    reason = forms.CharField(
        label=_("Reason"), max_length=300, widget=forms.TextInput({"autocomplete": "off"})
    )
    step_is_done = forms.BooleanField(
        label=_("Count the step as done"),
        required=False,
        initial=True,
        help_text=_("Otherwise the next plan may bring it again."),
    )
