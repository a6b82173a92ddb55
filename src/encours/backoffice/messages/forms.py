"""What the list of messages may be asked for. Bad values are dropped, never an error page."""

from django import forms
from django.utils.translation import gettext_lazy as _

from encours.backoffice.dunning_names import MESSAGE_STATE_NAMES
from encours.queries.messages import LEFT, MessageFilter


class FilterForm(forms.Form):
    q = forms.CharField(
        label=_("Search"),
        required=False,
        max_length=100,
        widget=forms.TextInput({"type": "search", "placeholder": _("Customer, e-mail address")}),
    )
    state = forms.ChoiceField(
        label=_("State"), required=False, choices=[("", _("Left")), *MESSAGE_STATE_NAMES.items()]
    )
    since = forms.DateField(
        label=_("From"), required=False, widget=forms.DateInput({"type": "date"}, "%Y-%m-%d")
    )
    until = forms.DateField(
        label=_("Until"), required=False, widget=forms.DateInput({"type": "date"}, "%Y-%m-%d")
    )

    def wanted(self) -> MessageFilter:
        """The filter, without what could not be read."""
        self.is_valid()
        found = self.cleaned_data
        return MessageFilter(
            states=(found["state"],) if found.get("state") else LEFT,
            text=found.get("q", ""),
            since=found.get("since"),
            until=found.get("until"),
        )
