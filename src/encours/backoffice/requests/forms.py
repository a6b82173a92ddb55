"""How what customers ask for is looked for, and answered."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from encours.backoffice.cases.forms import DAY, LINE, MOST_INSTALMENTS
from encours.backoffice.documents.forms import AmountField

KINDS = {"plans": _("Payment plans"), "contacts": _("Contacts and addresses")}
STATES = {
    "waiting": _("Waiting for an answer"),
    "offered": _("Waiting for the customer"),
    "decided": _("Answered"),
}


class FilterForm(forms.Form):
    kind = forms.ChoiceField(choices=list(KINDS.items()), required=False, widget=forms.HiddenInput)
    q = forms.CharField(
        label=_("Search"),
        required=False,
        max_length=100,
        widget=forms.TextInput({"type": "search", "placeholder": _("Customer")}),
    )
    state = forms.ChoiceField(label=_("State"), required=False)

    def __init__(self, *args: Any, kind: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        states = [(code, name) for code, name in STATES.items() if kind == "plans" or code != "offered"]
        self.fields["state"].choices = [*states, ("all", _("All"))]  # type: ignore[attr-defined]

    def wanted(self) -> dict[str, Any]:
        """What waits, unless something else is asked for."""
        self.is_valid()
        state = self.cleaned_data.get("state") or "waiting"
        return {
            "state": "" if state == "all" else state,
            "text": self.cleaned_data.get("q", "").strip(),
        }


def _answer(*, required: bool = False, help_text: Any = "") -> forms.CharField:
    return forms.CharField(
        label=_("A word to the customer"), required=required, max_length=1000, help_text=help_text,
        widget=forms.Textarea({"rows": 3}),
    )  # fmt: skip


class AcceptForm(forms.Form):
    answer = _answer()


class RefuseForm(forms.Form):
    answer = _answer(required=True, help_text=_("Why: the customer reads it."))


class OfferForm(forms.Form):
    interest_cents = AmountField(
        label=_("Interest on top"), required=False, help_text=_("Empty: none."), widget=LINE
    )
    answer = _answer()


class SpreadForm(forms.Form):
    """Into how many equal instalments an offer is worked out anew."""

    count = forms.IntegerField(label=_("Number of instalments"), min_value=1, max_value=MOST_INSTALMENTS)
    first_date = forms.DateField(label=_("The first on"), widget=DAY)
