"""What a simulation, a replay or a hold-out is asked for with. What each may be is decided by the action."""

from datetime import date, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from encours.backoffice.documents.forms import AmountField

NOTHING = "none"
_KINDS = {"in_force": _("In force"), "wanted": _("Changes that wait"), "ready": _("Ready-made")}


def _grouped(choices: Any) -> list[Any]:
    return [
        (name, [(each.key, each.policy.name) for each in choices if each.kind == kind])
        for kind, name in _KINDS.items()
        if any(each.kind == kind for each in choices)
    ]


class _PoliciesForm(forms.Form):
    policy = forms.ChoiceField(label=_("Policy"), required=False)
    against = forms.ChoiceField(label=_("Held against"), required=False)

    def __init__(self, data: Any = None, *, choices: Any, initial: Any = None) -> None:
        super().__init__(data, initial=initial)
        policy, against = self.fields["policy"], self.fields["against"]
        assert isinstance(policy, forms.ChoiceField)
        assert isinstance(against, forms.ChoiceField)
        policy.choices = [("", _("Those in force, as they are")), *_grouped(choices)]
        against.choices = [
            (NOTHING, _("Nothing")),
            ("", _("Those in force, as they are")),
            *_grouped(choices),
        ]

    def sides(self) -> dict[str, Any]:
        """What the action asks for of both sides."""
        against = self.cleaned_data["against"]
        compares = against != NOTHING
        return {
            "policy": self.cleaned_data["policy"],
            "against": against if compares else "",
            "options": {"compares": compares},
        }


class SimulationForm(_PoliciesForm):
    days = forms.IntegerField(label=_("Days"), min_value=1, max_value=366, initial=90)
    pays = forms.ChoiceField(
        label=_("Who pays meanwhile"),
        choices=[
            ("nobody", _("Nobody: the cautious view")),
            ("habits", _("Each customer as late as usual")),
        ],
    )
    approval_days = forms.IntegerField(
        label=_("Business days that approvals take"), min_value=0, max_value=30, initial=1
    )

    def wanted(self, on: date) -> dict[str, Any]:
        found = self.sides()
        found["options"] |= {name: self.cleaned_data[name] for name in ("pays", "approval_days", "days")}
        return found | {
            "from_date": on,
            "until_date": on + timedelta(days=self.cleaned_data["days"] - 1),
        }


class ReplayForm(_PoliciesForm):
    from_date = forms.DateField(label=_("From"), widget=forms.DateInput({"type": "date"}, "%Y-%m-%d"))
    until_date = forms.DateField(label=_("Until"), widget=forms.DateInput({"type": "date"}, "%Y-%m-%d"))

    def wanted(self, on: date) -> dict[str, Any]:
        days = {name: self.cleaned_data[name] for name in ("from_date", "until_date")}
        return self.sides() | {**days, "until_date": min(days["until_date"], on)}


class HoldOutForm(forms.Form):
    percent = forms.IntegerField(
        label=_("Share held back, in percent"),
        min_value=0,
        max_value=50,
        help_text=_("0 holds nothing back. Never a formal notice, never twice in a row for one invoice."),
    )
    max_amount_cents = AmountField(
        label=_("Never above this amount left to pay"),
        widget=forms.TextInput({"inputmode": "decimal", "autocomplete": "off"}),
    )
