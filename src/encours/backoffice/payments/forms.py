"""What the lists of payments may be asked for, and what a person says of one."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from encours.backoffice.payments.names import charged_methods, said
from encours.core.money import UnableToReadAmount, parse_amount
from encours.core.payments.charges import STATES
from encours.core.payments.failures import GROUPS
from encours.core.payments.mandates import KINDS
from encours.core.payments.mandates import STATES as MANDATE_STATES
from encours.queries.charges import ChargeFilter
from encours.queries.mandates import MandateFilter

LOOK = "look"  # payments a person must look at
ENDING = "ending"  # mandates whose method ends


def _day(label: Any) -> forms.DateField:
    return forms.DateField(label=label, required=False, widget=forms.DateInput({"type": "date"}, "%Y-%m-%d"))


def _search(placeholder: Any) -> forms.CharField:
    widget = forms.TextInput({"type": "search", "placeholder": placeholder})
    return forms.CharField(label=_("Search"), required=False, max_length=100, widget=widget)


class FilterForm(forms.Form):
    """Charges. `services` are (id, name) of the connections there are."""

    q = _search(_("Reference, customer"))
    state = forms.ChoiceField(label=_("State"), required=False)
    method = forms.ChoiceField(label=_("Means"), required=False)
    service = forms.TypedChoiceField(label=_("Service"), required=False, coerce=int, empty_value=None)
    group = forms.ChoiceField(label=_("After a failure"), required=False)
    since = _day(_("Asked from"))
    until = _day(_("Asked until"))
    customer = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, data: Any, *, services: Sequence[tuple[int, str]]) -> None:
        super().__init__(data)
        self._offer("state", {LOOK: _("To look at"), **said(STATES)})
        self._offer("method", charged_methods())
        self._offer("group", said(GROUPS))
        self._offer("service", dict(services))

    def _offer(self, name: str, choices: dict[Any, Any]) -> None:
        field: Any = self.fields[name]
        field.choices = [("", _("All")), *choices.items()]

    def wanted(self) -> ChargeFilter:
        """The filter, without what could not be read."""
        self.is_valid()
        given: dict[str, Any] = self.cleaned_data
        state = given.get("state", "")
        return ChargeFilter(
            states=(state,) if state and state != LOOK else (),
            needs_person=state == LOOK,
            method=given.get("method", ""),
            connection_id=given.get("service"),
            failure_group=given.get("group", ""),
            since=given.get("since"),
            until=given.get("until"),
            customer_id=given.get("customer"),
            text=given.get("q", ""),
        )


class MandateFilterForm(forms.Form):
    q = _search(_("Reference, customer"))
    state = forms.ChoiceField(label=_("State"), required=False)
    kind = forms.ChoiceField(label=_("Kind"), required=False)

    def __init__(self, data: Any) -> None:
        super().__init__(data)
        state, kind = self.fields["state"], self.fields["kind"]
        state.choices = [("", _("All")), (ENDING, _("About to end")), *said(MANDATE_STATES).items()]  # type: ignore[attr-defined]
        kind.choices = [("", _("All")), *said(KINDS).items()]  # type: ignore[attr-defined]

    def wanted(self) -> MandateFilter:
        """The filter, without what could not be read."""
        self.is_valid()
        given: dict[str, Any] = self.cleaned_data
        state = given.get("state", "")
        return MandateFilter(
            state="" if state == ENDING else state,
            is_ending=state == ENDING,
            kind=given.get("kind", ""),
            text=given.get("q", ""),
        )


class RefundForm(forms.Form):
    """How much is given back of a payment, and why."""

    amount = forms.CharField(
        label=_("Amount to give back"), max_length=30, widget=forms.TextInput({"inputmode": "decimal", "autocomplete": "off"})
    )  # fmt: skip
    reason = forms.CharField(
        label=_("Why"),
        max_length=200,
        help_text=_("Kept in the journal. The customer does not read it."),
    )

    def __init__(self, data: Any = None, *, currency: str, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.currency = currency

    def clean_amount(self) -> int:
        try:
            return parse_amount(self.cleaned_data["amount"], self.currency)
        except UnableToReadAmount as error:
            raise forms.ValidationError(_("This is no amount.")) from error


class ReasonForm(forms.Form):
    reason = forms.CharField(label=_("Why"), max_length=200)
