"""Forms of the settings pages. What is right is decided by the actions; a form only reads."""

from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from encours.backoffice.permissions import ROLE_NAMES, Role


class CompanyForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=200)
    legal_form = forms.CharField(label=_("Legal form"), max_length=40, required=False)
    siren = forms.CharField(label=_("SIREN"), max_length=14, required=False)
    vat_number = forms.CharField(label=_("VAT number"), max_length=24, required=False)
    street = forms.CharField(label=_("Street"), max_length=200, required=False)
    postcode = forms.CharField(label=_("Postcode"), max_length=12, required=False)
    city = forms.CharField(label=_("City"), max_length=100, required=False)
    country = forms.RegexField(
        label=_("Country"), regex=r"^[A-Z]{2}$", help_text=_("Two letters, FR for France.")
    )
    email = forms.EmailField(
        label=_("E-mail address"), required=False, help_text=_("Reminders come from this address.")
    )
    phone = forms.CharField(label=_("Phone"), max_length=40, required=False)
    iban = forms.CharField(
        label=_("IBAN"),
        max_length=42,
        required=False,
        help_text=_("Where customers pay. Printed on reminders."),
    )
    account_holder = forms.CharField(
        label=_("Account holder"),
        max_length=140,
        required=False,
        help_text=_("Exactly as the bank knows it: the payer's bank compares the two."),
    )
    payment_terms = forms.CharField(
        label=_("Default payment terms"),
        max_length=20,
        help_text=_("For customers without terms of their own: 30 days, 45 days end of month, on receipt."),
    )
    bank_data_max_age_days = forms.IntegerField(
        label=_("Bank data no older than (days)"),
        min_value=0,
        max_value=90,
        help_text=_("No reminder leaves when the last bank statement is older: the customer may have paid."),
    )
    language = forms.ChoiceField(label=_("Language of letters"), choices=settings.LANGUAGES)
    time_zone = forms.ChoiceField(
        label=_("Time zone"), choices=[(z, z) for z in sorted(available_timezones())]
    )

    identity = ("name", "legal_form", "siren", "vat_number", "street", "postcode", "city", "country", "phone")
    money = ("iban", "account_holder")
    dunning = ("email", "payment_terms", "bank_data_max_age_days", "language", "time_zone")

    def part(self, names: tuple[str, ...]) -> list[Any]:
        return [self[name] for name in names]

    def parts(self) -> list[tuple[Any, list[Any]]]:
        return [
            (_("Identity"), self.part(self.identity)),
            (_("Bank details"), self.part(self.money)),
            (_("Reminders and terms"), self.part(self.dunning)),
        ]


class RoleForm(forms.Form):
    role = forms.ChoiceField(label=_("Role"), choices=list(ROLE_NAMES.items()))


class InviteForm(RoleForm):
    email = forms.EmailField(label=_("E-mail address"))
    name = forms.CharField(label=_("Name"), max_length=120, required=False)
    field_order = ["email", "name", "role"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"initial": {"role": Role.COLLECTOR}, **kwargs})


class ProfileForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=120, widget=forms.TextInput({"autocomplete": "name"}))
    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)
