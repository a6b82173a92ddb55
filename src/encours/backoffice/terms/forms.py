"""What is agreed on payment terms, what they could be, and the caps they are checked against."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from encours.core.terms_caps import MAX_CAP_DAYS, Caps, SectorCap


def _days(label: Any) -> forms.IntegerField:
    return forms.IntegerField(label=label, min_value=1, max_value=MAX_CAP_DAYS)


class ReviseForm(forms.Form):
    terms = forms.CharField(
        label=_("New terms"),
        max_length=40,
        required=False,
        help_text=_("30 days, 45 days end of month, on receipt; empty for the company's."),
    )
    from_date = forms.DateField(
        label=_("For invoices issued from"), widget=forms.DateInput({"type": "date"}, "%Y-%m-%d")
    )
    is_periodic = forms.BooleanField(
        label=_("Periodic invoices: several deliveries on one (CGI, art. 289 I-3)"), required=False
    )
    reason = forms.CharField(label=_("Why"), max_length=300)


class WhatIfForm(forms.Form):
    to = forms.CharField(label=_("Terms to try"), max_length=40, required=False)
    segment = forms.ChoiceField(label=_("Segment"), required=False)

    def __init__(self, *args: Any, segments: list[str] | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if segments:
            self.fields["segment"].choices = [("", _("All customers")), *((each, each) for each in segments)]  # type: ignore[attr-defined]
        else:
            del self.fields["segment"]


class CapsForm(forms.Form):
    net_days = _days(_("Days after the invoice"))
    end_of_month_days = _days(_("Days, end of month"))
    periodic_days = _days(_("Periodic invoices, days"))
    public_days = _days(_("Public buyers, days"))
    forgotten_after_days = forms.IntegerField(
        label=_("An invoice is forgotten after (days)"), min_value=0, max_value=MAX_CAP_DAYS,
        help_text=_("Counted from the oldest delivery that is not invoiced."),
    )  # fmt: skip
    sectors = forms.CharField(
        label=_("Sectors with a cap of their own"),
        required=False,
        max_length=4000,
        widget=forms.Textarea({"rows": 4}),
        help_text=_("One a line: sector; terms; source. For example: Transport; 30; L441-11 II 5°"),
    )

    @staticmethod
    def told(caps: Caps, forgotten_after_days: int) -> dict[str, Any]:
        """The values as the form shows them."""
        names = ("net_days", "end_of_month_days", "periodic_days", "public_days")
        lines = "\n".join(f"{each.sector}; {each.terms}; {each.source}" for each in caps.sectors)
        return {name: getattr(caps, name) for name in names} | {
            "forgotten_after_days": forgotten_after_days,
            "sectors": lines,
        }

    def clean_sectors(self) -> tuple[SectorCap, ...]:
        found = []
        for line in self.cleaned_data["sectors"].splitlines():
            if not line.strip():
                continue
            parts = [part.strip() for part in line.split(";")]
            if len(parts) < 2 or not parts[0] or not parts[1]:
                raise forms.ValidationError(_("One a line: sector; terms; source."))
            found.append(SectorCap(parts[0][:60], parts[1][:20], "; ".join(parts[2:])[:120] or "L441-11"))
        return tuple(found)

    def caps(self) -> Caps:
        given = self.cleaned_data
        names = ("net_days", "end_of_month_days", "periodic_days", "public_days")
        return Caps(**{name: given[name] for name in names}, sectors=given["sectors"])
