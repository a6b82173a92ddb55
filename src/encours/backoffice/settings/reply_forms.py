"""The form of what replies may do by themselves. What is right is decided by the action; a form only reads."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from encours.core.replies.acting import FOLLOWED, LOWEST_PERCENT
from encours.core.replies.words import INTENT_NAMES
from encours.queries.reply_settings import ReplyRules


class ReplyRulesForm(forms.Form):
    """A threshold per intent, in whole percents; empty is never."""

    holds_while_waiting = forms.BooleanField(
        label=_("While a reply waits, nothing automatic leaves to its customer"), required=False
    )
    payment_wait_days = forms.IntegerField(
        label=_("Days to wait for money said to be on its way"), min_value=1, max_value=30
    )

    def __init__(self, data: Any = None, *, rules: ReplyRules, language: str) -> None:
        initial = {
            "holds_while_waiting": rules.holds_while_waiting,
            "payment_wait_days": rules.payment_wait_days,
            **{f"from_{intent}": rules.thresholds.get(intent) for intent in FOLLOWED},
        }
        super().__init__(data, initial=initial)
        for intent in FOLLOWED:
            self.fields[f"from_{intent}"] = forms.IntegerField(
                label=INTENT_NAMES[intent]().say(language).capitalize(),
                required=False,
                min_value=LOWEST_PERCENT,
                max_value=100,
                widget=forms.NumberInput({"placeholder": _("never"), "inputmode": "numeric"}),
            )

    def thresholds(self) -> Mapping[str, int]:
        """Those that were given."""
        found = {intent: self.cleaned_data.get(f"from_{intent}") for intent in FOLLOWED}
        return {intent: percent for intent, percent in found.items() if percent is not None}

    def threshold_fields(self) -> list[Any]:
        return [self[f"from_{intent}"] for intent in FOLLOWED]
