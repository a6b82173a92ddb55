"""What the list of replies may be asked for, and a reading as a person corrects it."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from encours.backoffice.documents.forms import AmountField
from encours.core.replies.acting import INTENTS
from encours.core.replies.words import INTENT_NAMES, REASON_NAMES
from encours.queries.replies import TABS, ReplyDetail, ReplyFilter

TAB_NAMES = {"waiting": _("To deal with"), "handled": _("Dealt with"), "all": _("All")}


def _named(names: Any, language: str) -> list[tuple[str, str]]:
    return [(code, wording().say(language).capitalize()) for code, wording in names.items()]


class FilterForm(forms.Form):
    q = forms.CharField(
        label=_("Search"),
        required=False,
        max_length=100,
        widget=forms.TextInput({"type": "search", "placeholder": _("Customer, sender, subject")}),
    )
    intent = forms.ChoiceField(label=_("Meaning"), required=False)

    def __init__(self, data: Any, *, language: str) -> None:
        super().__init__(data)
        choices = [("", _("All")), *_named({code: INTENT_NAMES[code] for code in INTENTS}, language)]
        self.fields["intent"].choices = choices  # type: ignore[attr-defined]

    def wanted(self, tab: str) -> ReplyFilter:
        """The filter, without what could not be read."""
        self.is_valid()
        found = self.cleaned_data
        return ReplyFilter(
            tab=tab if tab in TABS else "waiting", text=found.get("q", ""), intent=found.get("intent", "")
        )


class ReadingForm(forms.Form):
    """The reading of one reply."""

    intent = forms.ChoiceField(label=_("What it says"))
    day = forms.DateField(
        label=_("Day"),
        required=False,
        help_text=_("Promised, paid on, or of return."),
        widget=forms.DateInput({"type": "date"}, "%Y-%m-%d"),
    )
    amount = AmountField(
        label=_("Amount"),
        required=False,
        help_text=_("Empty: all of it."),
        widget=forms.TextInput({"inputmode": "decimal", "class": "amount", "autocomplete": "off"}),
    )
    reason = forms.ChoiceField(label=_("Reason of the dispute"), required=False)
    documents = forms.MultipleChoiceField(
        label=_("Documents"), required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, data: Any = None, *, detail: ReplyDetail, language: str) -> None:
        row = detail.row
        initial = {
            "intent": row.intent,
            "day": row.day,
            "amount": f"{row.amount_cents // 100},{row.amount_cents % 100:02d}"
            if row.amount_cents is not None
            else "",
            "reason": row.reason,
            "documents": [str(each) for each in row.document_ids],
        }
        super().__init__(data, initial=initial)
        fields: Any = self.fields
        fields["intent"].choices = _named({code: INTENT_NAMES[code] for code in INTENTS}, language)
        fields["reason"].choices = [("", "—"), *_named(REASON_NAMES, language)]
        fields["documents"].choices = [(str(each.id), each.number) for each in detail.documents]

    @property
    def chosen(self) -> set[str]:
        """Ids of the ticked documents, as the page draws them."""
        return {str(each) for each in self["documents"].value() or ()}
