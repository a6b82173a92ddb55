"""Forms of tokens and webhooks. What is right is decided by the actions; a form only reads."""

from django import forms
from django.utils.translation import gettext_lazy as _

from encours.backoffice.language import language_of_reader
from encours.core.scopes import SCOPES, scope_title
from encours.core.webhooks import EVENTS

DELIVERY_STATES = {"waiting": _("Waiting"), "delivered": _("Delivered"), "failed": _("Given up")}
TOKEN_STATES = {"active": _("In force"), "expired": _("Expired"), "revoked": _("Revoked")}
ENDPOINT_STATES = {"active": _("Active"), "disabled": _("Switched off")}


def _scopes() -> list[tuple[str, str]]:
    return [(code, scope_title(code).say(language_of_reader())) for code in SCOPES]


def _events() -> list[tuple[str, str]]:
    return [(code, wording().say(language_of_reader())) for code, wording in EVENTS.items()]


def _boxes() -> forms.CheckboxSelectMultiple:
    return forms.CheckboxSelectMultiple({"class": "form-check-input"})


class TokenForm(forms.Form):
    name = forms.CharField(
        label=_("Name"), max_length=80, help_text=_("Which program uses it: ERP, treasury tool …")
    )
    scopes = forms.MultipleChoiceField(
        label=_("What it may do"), choices=_scopes, widget=_boxes(), required=False
    )
    last_day = forms.DateField(
        label=_("Last day"),
        required=False,
        widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
        help_text=_("Left empty, it is valid until it is revoked."),
    )


class WebhookForm(forms.Form):
    url = forms.CharField(
        label=_("Address"),
        max_length=500,
        widget=forms.TextInput({"inputmode": "url", "placeholder": "https://"}),
        help_text=_("Where your program takes messages, over HTTPS."),
    )
    events = forms.MultipleChoiceField(
        label=_("What it is told"), choices=_events, widget=_boxes(), required=False
    )
