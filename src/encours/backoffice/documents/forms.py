"""What a list of documents may be asked for. Bad values are dropped, never an error page."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from encours.core.money import UnableToReadAmount, parse_amount
from encours.queries.documents import BUCKETS, STATES, DocumentFilter

TYPE_NAMES = {"invoice": _("Invoice"), "credit_note": _("Credit note"), "deposit": _("Deposit invoice")}
STATE_NAMES = {
    "open": _("Still open"),
    "overdue": _("Overdue"),
    "paid": _("Settled"),
    "credit": _("To use"),
}
BUCKET_NAMES = {
    "not_due": _("Not due yet"),
    "1_30": _("1 to 30 days late"),
    "31_60": _("31 to 60 days late"),
    "61_90": _("61 to 90 days late"),
    "91_plus": _("More than 90 days late"),
}


class AmountField(forms.CharField):
    """An amount as people write it, in cents."""

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value)
        if not text:
            return None
        try:
            return parse_amount(text)
        except UnableToReadAmount as error:
            raise forms.ValidationError(_("This is no amount.")) from error


def _choices(names: dict[str, Any], codes: Any, empty: Any) -> list[tuple[str, Any]]:
    return [("", empty), *((code, names[code]) for code in codes)]


class FilterForm(forms.Form):
    q = forms.CharField(
        label=_("Search"),
        required=False,
        max_length=100,
        widget=forms.TextInput({"type": "search", "placeholder": _("Number, customer")}),
    )
    state = forms.ChoiceField(
        label=_("State"), required=False, choices=_choices(STATE_NAMES, STATES, _("All"))
    )
    type = forms.ChoiceField(
        label=_("Type"), required=False, choices=_choices(TYPE_NAMES, TYPE_NAMES, _("All"))
    )
    bucket = forms.ChoiceField(
        label=_("Age"), required=False, choices=_choices(BUCKET_NAMES, BUCKETS, _("All"))
    )
    since = forms.DateField(
        label=_("Issued from"), required=False, widget=forms.DateInput({"type": "date"}, "%Y-%m-%d")
    )
    until = forms.DateField(
        label=_("Issued until"), required=False, widget=forms.DateInput({"type": "date"}, "%Y-%m-%d")
    )
    min = AmountField(
        label=_("Amount from"),
        required=False,
        widget=forms.TextInput({"inputmode": "decimal", "class": "amount"}),
    )
    max = AmountField(
        label=_("Amount to"),
        required=False,
        widget=forms.TextInput({"inputmode": "decimal", "class": "amount"}),
    )
    customer = forms.IntegerField(required=False, widget=forms.HiddenInput)
    message = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def wanted(self, sort: str) -> DocumentFilter:
        """The filter, without what could not be read."""
        self.is_valid()
        given = self.cleaned_data
        return DocumentFilter(
            text=given.get("q", "").strip(),
            state=given.get("state", ""),
            type=given.get("type", ""),
            bucket=given.get("bucket", ""),
            customer_id=given.get("customer"),
            message_id=given.get("message"),
            from_date=given.get("since"),
            until_date=given.get("until"),
            min_cents=given.get("min"),
            max_cents=given.get("max"),
            sort=sort,
        )
