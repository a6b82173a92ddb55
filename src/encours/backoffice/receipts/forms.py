"""What bank lines may be asked for, and what a person chooses for one of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from encours.backoffice.documents.forms import AmountField
from encours.core.ledger import OpenAmount, Portion, as_chosen
from encours.core.money import UnableToReadAmount, parse_amount
from encours.queries.bank_lines import LIKELIEST, CandidateDocument, LineFilter

TABS = {
    "proposed": _("To confirm"),
    "new": _("Unknown"),
    "matched": _("Matched"),
    "set_aside": _("Put aside"),
    "all": _("All"),
}
STATE_NAMES = TABS | {"proposed": _("to confirm"), "new": _("unknown"), "matched": _("matched"), "set_aside": _("set aside"), "removed": _("taken back by the bank")}  # fmt: skip
MATCH_NAMES = {
    "proposed": _("Proposed"),
    "applied": _("Applied"),
    "undone": _("Undone"),
    "rejected": _("Rejected"),
    "superseded": _("Replaced by another answer"),
    "retracted": _("Taken back at once"),
}
ORDER_NAMES = {
    LIKELIEST: _("Likeliest first"),
    "newest": _("Newest first"),
    "oldest": _("Oldest first"),
    "largest": _("Largest amount first"),
}
# scores offered where proposals are accepted together, and the one offered first
SCORES = (99, 95, 90, 80, 70, 60, 50)
USUAL_SCORE = 95
# offered where a person says why a line is no receipt; any other words do as well
USUAL_REASONS = (
    _("Transfer between own accounts"),
    _("Bank charges"),
    _("Refund from a supplier"),
    _("Tax refund or subsidy"),
    _("Loan or capital"),
)


class FilterForm(forms.Form):
    q = forms.CharField(
        label=_("Search"),
        required=False,
        max_length=100,
        widget=forms.TextInput({"type": "search", "placeholder": _("Payer, text, bank reference")}),
    )
    account = forms.TypedChoiceField(label=_("Account"), required=False, coerce=int, empty_value=None)
    since = forms.DateField(
        label=_("Booked from"), required=False, widget=forms.DateInput({"type": "date"}, "%Y-%m-%d")
    )
    until = forms.DateField(
        label=_("Booked until"), required=False, widget=forms.DateInput({"type": "date"}, "%Y-%m-%d")
    )
    min = AmountField(
        label=_("Amount from"), required=False, widget=forms.TextInput({"inputmode": "decimal", "class": "amount"})
    )  # fmt: skip
    max = AmountField(
        label=_("Amount to"), required=False, widget=forms.TextInput({"inputmode": "decimal", "class": "amount"})
    )  # fmt: skip

    sort = forms.ChoiceField(label=_("Order"), required=False)
    # the lines of a bulk acceptance
    lot = forms.IntegerField(required=False, widget=forms.HiddenInput())

    def __init__(self, data: Any, *, accounts: Sequence[Any], tab: str) -> None:
        super().__init__(data)
        self.tab = tab
        order: Any = self.fields["sort"]
        order.choices = [
            (key, name) for key, name in ORDER_NAMES.items() if tab == "proposed" or key != LIKELIEST
        ]
        field: Any = self.fields["account"]
        names = [(account.pk, account.name or account.identifier) for account in accounts]
        field.choices = [("", _("All")), *names]

    @property
    def order(self) -> str:
        """What was chosen, else what suits the tab."""
        self.is_valid()
        chosen: Any = self.fields["sort"]
        return self.cleaned_data.get("sort") or chosen.choices[0][0]

    @property
    def is_narrowed(self) -> bool:
        """Whether anything but the tab and the order is asked for."""
        return any(self.data.get(name) for name in self.fields if name != "sort")

    @property
    def wanted(self) -> LineFilter:
        """The filter, without what could not be read."""
        self.is_valid()
        given = self.cleaned_data
        return LineFilter(
            state="" if self.tab == "all" else self.tab,
            account_id=given.get("account"),
            text=given.get("q", "").strip(),
            from_date=given.get("since"),
            until_date=given.get("until"),
            min_cents=given.get("min"),
            max_cents=given.get("max"),
            acceptance_id=given.get("lot"),
        )


class ScoreForm(forms.Form):
    """From which score on proposals are accepted, in percent."""

    score = forms.IntegerField(
        label=_("Confidence of at least (%)"),
        min_value=1,
        max_value=100,
        required=False,
        widget=forms.NumberInput({"class": "amount"}),
    )

    @property
    def percent(self) -> int:
        self.is_valid()
        return self.cleaned_data.get("score") or USUAL_SCORE


@dataclass(frozen=True)
class Choice:
    """A document chosen by hand; `is_bad` when what is `written` beside it is no amount above zero."""

    document: CandidateDocument
    written: str
    portion: Portion
    is_bad: bool


@dataclass(frozen=True)
class Chosen:
    """All documents chosen for a line, with what is left for the customer's account."""

    choices: tuple[Choice, ...]
    left_cents: int

    @property
    def document_ids(self) -> set[int]:
        return {choice.document.id for choice in self.choices}

    @property
    def customer_ids(self) -> set[int]:
        return {choice.document.customer_id for choice in self.choices}

    @property
    def has_bad_amounts(self) -> bool:
        return any(choice.is_bad for choice in self.choices)

    @property
    def portions(self) -> list[Portion]:
        return [choice.portion for choice in self.choices]


def chosen(
    *, given: Mapping[str, str], documents: Sequence[CandidateDocument], amount_cents: int, currency: str
) -> Chosen:
    """The documents with the amounts written beside them, as `amount_ID`; where none is, what they would take."""
    written = {document.id: given.get(f"amount_{document.id}", "").strip() for document in documents}
    wanted = {key: _cents(text, currency) for key, text in written.items() if text}
    portions, left_cents = as_chosen(
        amount_cents=amount_cents,
        documents=[OpenAmount(document.id, document.open_cents) for document in documents],
        wanted=wanted,
    )
    choices = (
        Choice(document, written[document.id], portion, is_bad=wanted.get(document.id) == 0)
        for document, portion in zip(documents, portions, strict=True)
    )
    return Chosen(tuple(choices), left_cents)


def _cents(text: str, currency: str) -> int:
    """0 for what is no amount above zero."""
    try:
        return max(0, parse_amount(text, currency))
    except UnableToReadAmount:
        return 0
