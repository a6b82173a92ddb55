"""Forms of the settings of letters and of the table of rates. What is right is decided by the actions."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from encours.backoffice.documents.forms import AmountField
from encours.backoffice.settings.matching_forms import RateField

_DECIMAL: Any = {"inputmode": "decimal", "autocomplete": "off"}


class SettingsForm(forms.Form):
    collector = forms.ChoiceField(
        label=_("Who collects"),
        choices=[
            ("creditor", _("My company itself")),
            ("third_party", _("A third party with a written mandate")),
        ],
        help_text=_("A third party says who it is and for whom it writes, in every first letter."),
    )
    third_party_name = forms.CharField(label=_("Name"), max_length=200, required=False)
    third_party_siren = forms.CharField(label=_("SIREN"), max_length=14, required=False)
    third_party_street = forms.CharField(label=_("Street"), max_length=200, required=False)
    third_party_postcode = forms.CharField(label=_("Postcode"), max_length=12, required=False)
    third_party_city = forms.CharField(label=_("City"), max_length=100, required=False)
    third_party_email = forms.EmailField(label=_("E-mail address"), required=False)
    third_party_phone = forms.CharField(label=_("Phone"), max_length=40, required=False)
    mandate_date = forms.DateField(
        label=_("Date of the mandate"),
        required=False,
        widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
    )
    days_to_pay = forms.IntegerField(
        label=_("Days a letter leaves to pay"),
        help_text=_("Eight is short, fifteen is generous."),
        min_value=1,
    )
    agreed_basis_points = RateField(
        label=_("Late-payment rate of your contracts"),
        required=False,
        widget=forms.TextInput(_DECIMAL),
        help_text=_("A yearly percentage. Empty: the rate of the law, ECB plus 10 points."),
    )
    day_count = forms.ChoiceField(
        label=_("Day count"),
        choices=[("actual/365", _("Always 365 days a year")), ("actual/actual", _("366 days in leap years"))],
    )
    imputation = forms.ChoiceField(
        label=_("What a part payment settles first"),
        choices=[
            ("interest", _("Interest, then the principal (Code civil, art. 1343-1)")),
            ("principal", _("The principal, where both sides agreed so")),
        ],
    )
    says_thanks = forms.BooleanField(
        label=_("Thank a customer who was reminded and has paid all that was late"), required=False
    )
    thanks_min_cents = AmountField(
        label=_("From this amount on"),
        widget=forms.TextInput(_DECIMAL),
        help_text=_("No letter for tiny sums."),
    )

    third_party = (
        "third_party_name", "third_party_siren", "third_party_street", "third_party_postcode", "third_party_city",
        "third_party_email", "third_party_phone", "mandate_date",
    )  # fmt: skip

    def parts(self) -> list[tuple[Any, list[Any]]]:
        return [
            (_("In whose name"), [self["collector"]]),
            (_("The mandated third party"), [self[name] for name in self.third_party]),
            (
                _("Time to pay and interest"),
                [self[name] for name in ("days_to_pay", "agreed_basis_points", "day_count", "imputation")],
            ),
            (_("Thanks"), [self[name] for name in ("says_thanks", "thanks_min_cents")]),
        ]


class RateForm(forms.Form):
    """The half-year of a new row, and its rates."""

    half = forms.RegexField(
        label=_("Half-year"),
        regex=r"^20\d\d-[12]$",
        widget=forms.TextInput({"placeholder": "2026-2", "autocomplete": "off"}),
    )
    ecb_basis_points = RateField(
        label=_("ECB main refinancing operations"),
        widget=forms.TextInput(_DECIMAL),
        help_text=_("In force on 1 January or 1 July, in percent."),
    )
    legal_basis_points = RateField(
        label=_("Legal interest between professionals"),
        required=False,
        widget=forms.TextInput(_DECIMAL),
        help_text=_("From the order of the half-year, if you have it."),
    )
    source = forms.CharField(
        label=_("Source"), max_length=300, help_text=_("Where it is published: page, order, date.")
    )
