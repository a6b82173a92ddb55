"""What bank lines may be asked for, and what a person chooses for one of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from encours.backoffice.documents.forms import AmountField
from encours.core.ledger import Portion
from encours.core.money import UnableToReadAmount, parse_amount
from encours.queries.bank_lines import CandidateDocument, LineFilter

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
}
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

    def __init__(self, data: Any, *, accounts: Sequence[Any]) -> None:
        super().__init__(data)
        field: Any = self.fields["account"]
        names = [(account.pk, account.name or account.identifier) for account in accounts]
        field.choices = [("", _("All")), *names]

    def wanted(self, tab: str) -> LineFilter:
        """The filter, without what could not be read."""
        self.is_valid()
        given = self.cleaned_data
        return LineFilter(
            state="" if tab == "all" else tab,
            account_id=given.get("account"),
            text=given.get("q", "").strip(),
            from_date=given.get("since"),
            until_date=given.get("until"),
            min_cents=given.get("min"),
            max_cents=given.get("max"),
        )


@dataclass(frozen=True)
class Choice:
    """A document chosen by hand; `amount_cents` is None while nothing readable is written there."""

    document: CandidateDocument
    written: str
    amount_cents: int | None
    is_bad: bool

    @property
    def part_cents(self) -> int:
        """What it takes of the line: a credit note adds to what the invoices can take."""
        amount = self.amount_cents or 0
        return -amount if self.document.open_cents < 0 else amount


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
        return [Portion(choice.document.id, choice.amount_cents or 0) for choice in self.choices]


def chosen_ids(given: Any) -> list[int]:
    """Ids ticked in a query or a form; nonsense is dropped, and no page has more than a hundred."""
    texts = given.getlist("document")[:100]
    return [int(text) for text in texts if text.isascii() and text.isdigit() and len(text) < 19]


def chosen(
    *, given: Mapping[str, str], documents: Sequence[CandidateDocument], amount_cents: int, currency: str
) -> Chosen:
    """Amounts as written beside the documents; where none is, as much as is open and the line still holds.

    Credit notes come first: what they bring, the invoices can take.
    """
    left = amount_cents
    choices: dict[int, Choice] = {}
    for document in sorted(documents, key=lambda each: each.open_cents > 0):
        written = given.get(f"amount_{document.id}", "").strip()
        cents, is_bad = _read(written, currency)
        if not written:
            cents = (
                min(document.open_cents, max(left, 0)) if document.open_cents > 0 else -document.open_cents
            )
        choice = Choice(document, written, cents, is_bad)
        left -= choice.part_cents
        choices[document.id] = choice
    return Chosen(tuple(choices[document.id] for document in documents), left)


def _read(written: str, currency: str) -> tuple[int | None, bool]:
    if not written:
        return None, False
    try:
        cents = parse_amount(written, currency)
    except UnableToReadAmount:
        return None, True
    return (cents, False) if cents > 0 else (None, True)
