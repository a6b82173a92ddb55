"""Forms of the page of channels: a service's own settings, and those of the company's sending."""

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from encours.backoffice.settings.forms import ConnectionForm
from encours.core.dunning.policy import CHANNEL_NAMES, CHANNELS

CHANNEL_STATES = {"active": _("In use"), "paused": _("Resting"), "revoked": _("Revoked")}
COPIES = [
    ("never", _("Nobody")),
    ("blind", _("The customer's salesperson, in blind copy")),
    ("copy", _("The customer's salesperson, in open copy")),
]


class ChannelForm(ConnectionForm):
    """The settings a service asks for, and a name."""

    name = forms.CharField(label=_("Name of the service here"), max_length=80)


class SendingForm(forms.Form):
    copies = forms.ChoiceField(
        label=_("Copy of each e-mail to"),
        choices=COPIES,
        help_text=_("Of the member of your team who has the salesperson's name in the customer's record."),
    )
    opens = forms.BooleanField(
        label=_("Let the mail service tell that a reminder was opened"),
        required=False,
        help_text=_("It watches the reader: tell your customers, and leave it off if you do not need it."),
    )

    def __init__(self, *args: Any, company: Any, language: str, **kwargs: Any) -> None:
        initial = {"copies": company.account_manager_copy, "opens": company.tracks_opens}
        initial |= {
            f"cost_{channel}": (Decimal(cents) / 100).quantize(Decimal("0.01"))
            for channel, cents in company.channel_costs.items()
        }
        super().__init__(*args, initial=initial, **kwargs)
        for channel in CHANNELS:
            self.fields[f"cost_{channel}"] = forms.DecimalField(
                label=CHANNEL_NAMES[channel]().say(language),
                min_value=0,
                max_value=1000,
                decimal_places=2,
                required=False,
                localize=True,
                widget=forms.TextInput({"inputmode": "decimal"}),
            )

    @property
    def prices(self) -> list[Any]:
        return [self[f"cost_{channel}"] for channel in CHANNELS]

    def costs(self) -> dict[str, int]:
        """Cents by channel, of those that were given."""
        given = {channel: self.cleaned_data[f"cost_{channel}"] for channel in CHANNELS}
        return {channel: round(cost * 100) for channel, cost in given.items() if cost is not None}
