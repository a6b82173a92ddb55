"""What a list of customers may be asked for, a statement's period, a contact's details."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from encours.queries.customers import STATES, CustomerFilter

STATE_NAMES = {
    "owing": _("Owing money"),
    "overdue": _("Overdue"),
    "credit": _("With credit to use"),
    "held": _("Reminders on hold"),
    "unreachable": _("Without e-mail address"),
}


class FilterForm(forms.Form):
    q = forms.CharField(
        label=_("Search"),
        required=False,
        max_length=100,
        widget=forms.TextInput({"type": "search", "placeholder": _("Name, code, city, SIREN")}),
    )
    state = forms.ChoiceField(
        label=_("State"), required=False, choices=[("", _("All")), *((s, STATE_NAMES[s]) for s in STATES)]
    )
    segment = forms.ChoiceField(label=_("Segment"), required=False)

    def __init__(self, *args: Any, segments: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["segment"].choices = [("", _("All")), *((s, s) for s in segments)]  # type: ignore[attr-defined]

    def wanted(self, sort: str) -> CustomerFilter:
        """The filter, without what could not be read."""
        self.is_valid()
        given = self.cleaned_data
        return CustomerFilter(
            text=given.get("q", "").strip(),
            state=given.get("state", ""),
            segment=given.get("segment", ""),
            sort=sort,
        )


class ContactForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=120, required=False)
    email = forms.EmailField(label=_("E-mail address"), required=False)
    phone = forms.CharField(
        label=_("Phone"), max_length=40, required=False, widget=forms.TextInput({"type": "tel"})
    )
    role = forms.CharField(
        label=_("Role"), max_length=60, required=False, help_text=_("Accounts payable, management, buyer …")
    )
    is_primary = forms.BooleanField(label=_("Reminders go to this contact"), required=False)


class PeriodForm(forms.Form):
    since = forms.DateField(
        label=_("From"), required=False, widget=forms.DateInput({"type": "date"}, "%Y-%m-%d")
    )
    until = forms.DateField(
        label=_("Until"), required=False, widget=forms.DateInput({"type": "date"}, "%Y-%m-%d")
    )
