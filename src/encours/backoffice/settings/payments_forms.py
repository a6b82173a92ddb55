"""Forms of the page of online payment: how each way of paying is offered. What is right is decided by the action."""

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from encours.actions.update_payment_options import PaymentChoice
from encours.core.payments.methods import BY_MANDATE_ONLY
from encours.queries.payment_settings import PaymentSetting


class OptionForm(forms.Form):
    """One way of paying. Amounts are in the company's currency."""

    offered = forms.BooleanField(label=_("Offer it to customers"), required=False)
    connection = forms.TypedChoiceField(label=_("Through"), coerce=int, required=False, empty_value=None)
    min = forms.DecimalField(label=_("From (amount)"))
    max = forms.DecimalField(label=_("Up to (amount)"))
    countries = forms.CharField(
        label=_("Countries"),
        max_length=400,
        required=False,
        help_text=_("Two letters each, FR BE; empty: all that the method allows."),
    )
    segments = forms.MultipleChoiceField(
        label=_("Segments (none ticked: all customers)"),
        required=False,
        widget=forms.CheckboxSelectMultiple({"class": "form-check-input"}),
    )
    fixed_cost = forms.DecimalField(label=_("Fixed cost per payment"))
    percent_cost = forms.DecimalField(label=_("Cost in percent of the amount"))

    def __init__(self, *args: Any, setting: PaymentSetting, segments: list[str], **kwargs: Any) -> None:
        initial = {
            "offered": setting.is_offered,
            "connection": setting.connection_id,
            "min": _units(setting.min_cents or None),
            "max": _units(setting.max_cents),
            "countries": " ".join(setting.countries),
            "segments": setting.segments,
            "fixed_cost": _units(setting.fixed_cost_cents),
            "percent_cost": _units(setting.cost_basis_points),
        }
        super().__init__(*args, initial=initial, prefix=setting.method, **kwargs)
        self.setting = setting
        self.fields["connection"].choices = setting.services  # type: ignore[attr-defined]
        # a segment that nobody is in any more stays ticked until it is unticked
        self.fields["segments"].choices = [(s, s) for s in sorted({*segments, *setting.segments})]  # type: ignore[attr-defined]
        for name, highest in (("min", 10**9), ("max", 10**9), ("fixed_cost", 1000), ("percent_cost", 100)):
            self.fields[name] = forms.DecimalField(
                label=self.fields[name].label,
                min_value=0,
                max_value=highest,
                decimal_places=2,
                required=False,
                localize=True,
                widget=forms.TextInput({"inputmode": "decimal"}),
            )
        if len(setting.services) < 2:
            del self.fields["connection"]
        if not self.fields["segments"].choices:  # type: ignore[attr-defined]
            del self.fields["segments"]
        if setting.is_always_offered:
            for name in ("offered", "min", "max", "countries", "segments"):
                self.fields.pop(name, None)
        elif setting.method in BY_MANDATE_ONLY:
            self.fields["offered"].label = _("Use it where a mandate was given")

    def choice(self) -> PaymentChoice:
        """What was filled in; what the form does not show stays as it was."""
        given, setting = self.cleaned_data, self.setting
        return PaymentChoice(
            method=setting.method,
            is_offered=setting.is_always_offered or given["offered"],
            connection_id=given.get("connection") or setting.connection_id,
            min_cents=_cents(given.get("min")) or 0,
            max_cents=_cents(given.get("max")),
            countries=tuple(dict.fromkeys(given.get("countries", "").upper().replace(",", " ").split())),
            segments=tuple(given.get("segments", setting.segments)),
            fixed_cost_cents=_cents(given["fixed_cost"]) or 0,
            cost_basis_points=_cents(given["percent_cost"]) or 0,
        )


def _units(cents: int | None) -> Decimal | None:
    return None if cents is None else (Decimal(cents) / 100).quantize(Decimal("0.01"))


def _cents(units: Decimal | None) -> int | None:
    return None if units is None else round(units * 100)
