"""What a person says after a call, and how much each signal weighs."""

from typing import Any

from django import forms
from django.utils.functional import lazy
from django.utils.translation import gettext_lazy as _

from encours.backoffice.documents.forms import AmountField
from encours.backoffice.language import language_of_reader
from encours.core.calls import OUTCOMES
from encours.core.cases.disputes import REASONS
from encours.core.collection_day import HEAVIEST, NAMES, WEIGHTS
from encours.core.wording import Wording


def _words(wording: Wording) -> Any:
    """Said when somebody reads it, in their language."""

    def said() -> str:
        words = wording().say(language_of_reader())
        return words[:1].upper() + words[1:]

    return lazy(said, str)()


class CallForm(forms.Form):
    outcome = forms.ChoiceField(
        label=_("What came of it"), choices=[(code, _words(each)) for code, each in OUTCOMES.items()]
    )
    note = forms.CharField(
        label=_("Note"), required=False, max_length=1000, widget=forms.TextInput({"autocomplete": "off"})
    )
    day = forms.DateField(
        label=_("For which day"),
        required=False,
        help_text=_("Promised for, or to be called back on."),
        widget=forms.DateInput({"type": "date"}, "%Y-%m-%d"),
    )
    amount_cents = AmountField(
        label=_("Promised amount"),
        required=False,
        help_text=_("Empty: all that is overdue, or the invoices ticked."),
    )
    documents = forms.TypedMultipleChoiceField(label=_("Invoices it is about"), required=False, coerce=int)
    reason_code = forms.ChoiceField(
        label=_("Reason of the dispute"),
        required=False,
        choices=[("", "—"), *((code, _words(each)) for code, each in REASONS.items())],
    )

    def __init__(self, *args: Any, documents: list[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, auto_id="call_%s", **kwargs)
        self.fields["documents"].choices = documents  # type: ignore[attr-defined]

    def details(self) -> dict[str, Any]:
        """For `actions.record_call`."""
        given = dict(self.cleaned_data)
        return given | {"document_ids": given.pop("documents")}


class WeightsForm(forms.Form):
    """One whole number a signal: the most points it can give."""

    def __init__(self, *args: Any, weights: dict[str, int], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for signal, usual in WEIGHTS.items():
            self.fields[signal] = forms.IntegerField(
                label=_words(NAMES[signal]),
                min_value=0,
                max_value=HEAVIEST,
                initial=weights.get(signal, usual),
                widget=forms.NumberInput({"inputmode": "numeric"}),
            )
