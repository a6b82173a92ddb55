"""Forms of the settings pages. What is right is decided by the actions; a form only reads."""

from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from encours.backoffice.permissions import ROLE_NAMES, Role
from encours.ports.connections import Setting, settings_of


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
    promise_grace_days = forms.IntegerField(
        label=_("Promises: days of grace"),
        min_value=0,
        max_value=30,
        help_text=_("A transfer that comes this many days after the promised one still keeps the promise."),
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
    dunning = (
        "email",
        "payment_terms",
        "bank_data_max_age_days",
        "promise_grace_days",
        "language",
        "time_zone",
    )

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


CONNECTION_STATES = {
    "pending": _("Waits for you"),
    "active": _("Active"),
    "paused": _("Paused"),
    "revoked": _("Revoked"),
}
FILE_STATES = {
    "seen": _("Still arriving"),
    "taken": _("Being imported"),
    "done": _("Imported"),
    "refused": _("Refused"),
}


class ConnectionForm(forms.Form):
    """The settings a provider asks for, and a name."""

    name = forms.CharField(label=_("Name of the connection"), max_length=80)

    def __init__(self, *args: Any, config: type, language: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._settings = [each for each in settings_of(config) if not each.hidden]
        for each in self._settings:
            self.fields[each.name] = _field_of(each, language)

    def given(self) -> dict[str, Any]:
        """What was filled in, by setting."""
        return {each.name: self.cleaned_data[each.name] for each in self._settings}


class SecretsForm(forms.Form):
    """The secrets of a connection that may be replaced; what is left empty stays as it is."""

    def __init__(self, *args: Any, config: type, language: str, **kwargs: Any) -> None:
        super().__init__(*args, auto_id="secret_%s", **kwargs)
        for each in settings_of(config):
            if each.secret and not each.hidden:
                field = _field_of(each, language)
                field.required = False
                self.fields[each.name] = field


def _field_of(each: Setting, language: str) -> forms.Field:
    """The form's field of a setting. A secret that was typed is never sent back."""
    about: dict[str, Any] = {
        "label": each.label.say(language),
        "help_text": each.help.say(language) if each.help else "",
        "required": each.default is None,
        "initial": None if each.secret else each.default,
    }
    if each.choices:
        return forms.ChoiceField(
            **about, choices=[(code, said.say(language)) for code, said in each.choices.items()]
        )
    if isinstance(each.default, int):
        return forms.IntegerField(**about, min_value=1, max_value=65535)
    quiet = {"autocomplete": "off", "spellcheck": "false"}
    if each.long:
        return forms.CharField(**about, max_length=20_000, widget=forms.Textarea({"rows": 6, **quiet}))
    if each.secret:
        widget = forms.PasswordInput({"autocomplete": "new-password"}, render_value=False)
        return forms.CharField(**about, max_length=500, widget=widget)
    return forms.CharField(**about, max_length=500, widget=forms.TextInput(quiet))
