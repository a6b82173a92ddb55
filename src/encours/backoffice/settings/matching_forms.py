"""The form of the matching rules. What each may be is decided by the action; a form only reads."""

import re
from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from encours.backoffice.documents.forms import AmountField
from encours.core.matching.rules import KIND_NAMES, KINDS, RULE_HELPS, RULE_NAMES, in_words, values_of
from encours.core.money import UnableToReadAmount, parse_rate

_DECIMAL: Any = {"inputmode": "decimal", "autocomplete": "off"}


class RateField(forms.CharField):
    """A percentage as people write it, in basis points."""

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value)
        if not text:
            return None
        try:
            return parse_rate(text)
        except UnableToReadAmount as error:
            raise forms.ValidationError(_("This is no percentage with at most two decimals.")) from error


class RatesField(forms.CharField):
    """Percentages one after the other, in basis points."""

    def to_python(self, value: Any) -> Any:
        words = re.split(r"[;%\s]+", super().to_python(value) or "")
        try:
            return [parse_rate(each) for word in words if (each := word.strip(","))]
        except UnableToReadAmount as error:
            raise forms.ValidationError(
                _("Give percentages separated by semicolons, with at most two decimals each.")
            ) from error


class RulesForm(forms.Form):
    """One field per rule; what may be closed without a person is one box per kind."""

    discount_rates = RatesField(required=False, widget=forms.TextInput({"autocomplete": "off"}))
    fee_cents = AmountField(widget=forms.TextInput(_DECIMAL))
    difference_cents = AmountField(widget=forms.TextInput(_DECIMAL))
    probability = RateField(widget=forms.TextInput(_DECIMAL))
    margin = RateField(widget=forms.TextInput(_DECIMAL))

    def __init__(self, data: Any = None, *, stored: Mapping[str, Any], language: str) -> None:
        """`stored` are the company's rules as stored: what the fields hold at first."""
        values, defaults = values_of(stored), values_of({})
        initial = {name: in_words(name, values[name], language) for name in self.base_fields}
        if not values["discount_rates"]:
            initial["discount_rates"] = ""
        super().__init__(data, initial=initial)
        for name, field in self.fields.items():
            field.label = RULE_NAMES[name]().say(language)
            default = gettext("Default: %(value)s.") % {"value": in_words(name, defaults[name], language)}
            field.help_text = f"{RULE_HELPS[name]().say(language)} {default}"
        for kind in KINDS:
            self.fields[kind] = forms.BooleanField(
                label=KIND_NAMES[kind]().say(language), required=False, initial=kind in values["automatic"]
            )
        self.automatic_help = RULE_HELPS["automatic"]().say(language)

    def values(self) -> dict[str, Any]:
        """What was asked for, by rule, as `core.matching.rules.changed` reads it."""
        given = self.cleaned_data
        return {
            "discount_rates": given["discount_rates"],
            "fee_cents": given["fee_cents"],
            "difference_cents": given["difference_cents"],
            "automatic": [kind for kind in KINDS if given[kind]],
            "probability": given["probability"] / 10_000,
            "margin": given["margin"] / 10_000,
        }

    def add_problem(self, field: str, said: str) -> None:
        """Beside the field it is about; what is about none of them above all."""
        self.add_error(field if field in self.fields else None, said)

    @property
    def kept_back(self) -> list[forms.BoundField]:
        """What counts as paid although something is missing."""
        return [self[name] for name in ("discount_rates", "fee_cents", "difference_cents")]

    @property
    def kinds(self) -> list[forms.BoundField]:
        return [self[kind] for kind in KINDS]

    @property
    def certainty(self) -> list[forms.BoundField]:
        return [self[name] for name in ("probability", "margin")]
