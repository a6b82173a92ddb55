"""What a visitor may say in a form, and how its fields are read."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from encours.actions.dispute_by_portal import REASONS_OFFERED
from encours.core.cases.disputes import REASONS
from encours.core.cases.proposals import Limits
from encours.core.money import UnableToReadAmount, parse_amount
from encours.core.payments.owed import OwedInCurrency
from encours.portal.choosing import NO_AMOUNT
from encours.portal.templatetags.portal import money_text, said
from encours.queries.free_amounts import FreeDocument

DAY = forms.DateInput({"type": "date"}, "%Y-%m-%d")
# as browsers send a day, and as people write one where the browser has no calendar
DAY_FORMATS = ["%Y-%m-%d", "%d/%m/%Y"]
MAX_LISTED = 50


def text_field(label: Any, *, required: bool = False, help_text: Any = "", rows: int = 5) -> forms.CharField:
    return forms.CharField(
        label=label, required=required, max_length=4000, help_text=help_text, widget=forms.Textarea({"rows": rows})
    )  # fmt: skip


class AmountField(forms.CharField):
    """Cents of `currency`, as people write amounts."""

    currency = "EUR"

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.TextInput({"inputmode": "decimal", "autocomplete": "off"})
        super().__init__(max_length=30, widget=widget, **kwargs)

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        if not text:
            return None
        try:
            return parse_amount(text, self.currency)
        except UnableToReadAmount as error:
            raise forms.ValidationError(said(NO_AMOUNT(text=text))) from error


class DocumentsField(forms.TypedMultipleChoiceField):
    """Documents the customer owes, by id; the template shows what each is."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(coerce=int, widget=forms.CheckboxSelectMultiple, **kwargs)


def document_choices(account: OwedInCurrency | None) -> list[tuple[int, str]]:
    """Each document once, though it may be owed in parts."""
    lines: Sequence[Any] = account.lines if account else ()
    return list({line.document_id: line.number for line in lines}.items())


class QuestionForm(forms.Form):
    text = text_field(_("Your question"), required=True)


class PaidForm(forms.Form):
    amount_cents = AmountField(label=_("Amount paid"))
    day = forms.DateField(label=_("Paid on"), widget=DAY, input_formats=DAY_FORMATS)
    reference = forms.CharField(
        label=_("Reference of the payment"),
        required=False,
        max_length=140,
        help_text=_("What your bank shows with it: reference, label, number of a cheque."),
        widget=forms.TextInput({"autocomplete": "off"}),
    )
    documents = DocumentsField(label=_("For which invoices"), required=False)
    text = text_field(_("Anything else"), rows=3)

    def __init__(self, *args: Any, account: OwedInCurrency | None, currency: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["amount_cents"].currency = currency  # type: ignore[attr-defined]
        self.fields["documents"].choices = document_choices(account)[:MAX_LISTED]  # type: ignore[attr-defined]


class PromiseForm(forms.Form):
    documents = DocumentsField(
        label=_("Which invoices"), error_messages={"required": _("Tick at least one invoice.")}
    )
    promised_date = forms.DateField(label=_("I pay on"), widget=DAY, input_formats=DAY_FORMATS)
    amount_cents = AmountField(
        label=_("Amount"), required=False, help_text=_("Empty: all that these invoices owe.")
    )

    def __init__(
        self, *args: Any, account: OwedInCurrency | None, on: date, last: date, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["documents"].choices = document_choices(account)[:MAX_LISTED]  # type: ignore[attr-defined]
        self.fields["amount_cents"].currency = account.currency if account else "EUR"  # type: ignore[attr-defined]
        self.fields["promised_date"].widget = forms.DateInput(
            {"type": "date", "min": on.isoformat(), "max": last.isoformat()}, "%Y-%m-%d"
        )


class DisputeForm(forms.Form):
    document_id = forms.TypedChoiceField(label=_("Invoice"), coerce=int)
    reason_code = forms.ChoiceField(label=_("What is wrong"))
    disputed_cents = AmountField(
        label=_("Contested amount"),
        required=False,
        help_text=_("Empty: the whole invoice. What you do not contest stays to be paid."),
    )
    text = text_field(_("In your words"), required=True)

    def __init__(self, *args: Any, accounts: tuple[OwedInCurrency, ...], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [choice for account in accounts for choice in document_choices(account)]
        self.fields["document_id"].choices = [("", "—"), *choices]  # type: ignore[attr-defined]
        reasons = [(code, said(REASONS[code]())) for code in REASONS_OFFERED]
        self.fields["reason_code"].choices = [  # type: ignore[attr-defined]
            ("", "—"), *((code, words[:1].upper() + words[1:]) for code, words in reasons)
        ]  # fmt: skip
        self.fields["disputed_cents"].currency = accounts[0].currency if accounts else "EUR"  # type: ignore[attr-defined]


class PlanForm(forms.Form):
    """What is wished for: the instalments are worked out from it."""

    document_ids = DocumentsField(
        label=_("Which invoices"), error_messages={"required": _("Tick at least one invoice.")}
    )
    count = forms.TypedChoiceField(label=_("In how many instalments"), coerce=int)
    first_date = forms.DateField(label=_("The first on"), widget=DAY, input_formats=DAY_FORMATS)

    def __init__(
        self, *args: Any, documents: Sequence[FreeDocument], limits: Limits, on: date, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        fields: Any = self.fields
        fields["document_ids"].choices = [
            (each.id, f"{each.number} · {money_text(each.uncontested_cents, each.currency)}")
            for each in documents[:MAX_LISTED]
        ]
        fields["document_ids"].initial = [each.id for each in documents if each.due_date < on]
        fields["count"].choices = [(count, count) for count in range(2, limits.max_instalments + 1)]
        last = limits.last_first_date(on)
        fields["first_date"].widget = forms.DateInput(
            {"type": "date", "min": on.isoformat(), "max": last.isoformat()}, "%Y-%m-%d"
        )
        fields["first_date"].initial = min(on + timedelta(days=7), last)


class AskPlanForm(PlanForm):
    """The same, asked for by somebody: the name stands on the agreement."""

    asked_name = forms.CharField(
        label=_("Your name"), max_length=120, widget=forms.TextInput({"autocomplete": "name"})
    )
    agrees = forms.BooleanField(
        label=_("I acknowledge that these amounts are owed and agree to pay them on these days."),
        error_messages={"required": _("Tick the box to ask for this plan.")},
    )
    note = text_field(_("Anything else"), rows=3)


class ContactForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=120, widget=forms.TextInput({"autocomplete": "name"}))
    role = forms.CharField(label=_("Function"), max_length=60, required=False)
    email = forms.EmailField(
        label=_("E-mail"), required=False, widget=forms.EmailInput({"autocomplete": "email"})
    )
    phone = forms.CharField(
        label=_("Telephone"), max_length=40, required=False,
        widget=forms.TextInput({"type": "tel", "autocomplete": "tel"}),
    )  # fmt: skip


class AddressForm(forms.Form):
    street = forms.CharField(
        label=_("Street"), max_length=200, widget=forms.TextInput({"autocomplete": "street-address"})
    )
    postcode = forms.CharField(
        label=_("Postcode"), max_length=12, widget=forms.TextInput({"autocomplete": "postal-code"})
    )
    city = forms.CharField(
        label=_("Town"), max_length=100, widget=forms.TextInput({"autocomplete": "address-level2"})
    )
