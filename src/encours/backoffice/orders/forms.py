"""What the list of orders may be asked for, and what a person says of one."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from encours.backoffice.documents.forms import AmountField
from encours.core.orders.flags import FLAGS
from encours.queries.orders import KINDS, STATES, OrderFilter

KIND_NAMES = {"quote": _("Quote"), "order": _("Sales order")}
STATE_NAMES = {"open": _("In progress"), "closed": _("Closed"), "cancelled": _("Cancelled")}
FLAG_NAMES = {
    "any": _("To look at"),
    "unbilled": _("Delivered, not invoiced"),
    "forgotten_invoice": _("Forgotten invoice"),
    "deposit_not_deducted": _("Deposit asked twice"),
    "deposit_never_deducted": _("Deposit never deducted"),
    "deposit_unpaid": _("Deposit unpaid"),
    "deposit_not_asked": _("Deposit never asked"),
    "beyond_order": _("Beyond the order"),
}
assert set(FLAGS) < set(FLAG_NAMES)


class FilterForm(forms.Form):
    q = forms.CharField(
        label=_("Search"),
        required=False,
        max_length=100,
        widget=forms.TextInput({"type": "search", "placeholder": _("Number, customer")}),
    )
    flag = forms.ChoiceField(
        label=_("To look at"), required=False, choices=[("", _("All")), *FLAG_NAMES.items()]
    )
    state = forms.ChoiceField(
        label=_("State"),
        required=False,
        choices=[("", _("All")), *((code, STATE_NAMES[code]) for code in STATES)],
    )
    kind = forms.ChoiceField(
        label=_("Kind"),
        required=False,
        choices=[("", _("All")), *((code, KIND_NAMES[code]) for code in KINDS)],
    )
    customer = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def wanted(self) -> OrderFilter:
        """The filter, without what could not be read."""
        self.is_valid()
        given: dict[str, Any] = self.cleaned_data
        return OrderFilter(
            text=given.get("q", "").strip(),
            state=given.get("state", ""),
            kind=given.get("kind", ""),
            flag=given.get("flag", ""),
            customer_id=given.get("customer"),
        )


class DocumentForm(forms.Form):
    """Which document is meant."""

    document = forms.IntegerField(min_value=1)


class DeductionForm(DocumentForm):
    deducted_cents = AmountField(
        label=_("Deposit deducted"),
        required=False,
        help_text=_("As the invoice says; empty: as the amounts tell."),
    )


class StateForm(forms.Form):
    state = forms.ChoiceField(label=_("State"), choices=list(STATE_NAMES.items()))
    reason = forms.CharField(label=_("Why"), max_length=300)
