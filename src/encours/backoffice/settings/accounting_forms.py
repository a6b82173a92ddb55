"""Forms of the accounting page. What is right is decided by the actions; a form only reads."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from encours.core.accounting.layouts import LAYOUTS

FORMATS = (("fec", "FEC"), *((name, layout.title) for name, layout in LAYOUTS.items()))


def _day(label: Any, **more: Any) -> forms.DateField:
    return forms.DateField(label=label, widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"), **more)


def _account(label: Any) -> forms.CharField:
    return forms.CharField(label=label, max_length=20)


class ExportForm(forms.Form):
    from_date = _day(_("First day"))
    to_date = _day(_("Last day"))
    format = forms.ChoiceField(label=_("Format"), choices=FORMATS)


class AccountsForm(forms.Form):
    receivable = _account(_("Customers"))
    doubtful = _account(_("Doubtful customers"))
    advance = _account(_("Advances received"))
    allowance = _account(_("Allowances for doubtful debts"))
    bank = _account(_("Bank"))
    clearing = _account(_("Received by payment services, not paid out yet"))
    suspense = _account(_("Suspense account"))
    sales = _account(_("Sales"))
    vat = _account(_("VAT collected"))
    loss = _account(_("Losses on debts"))
    discount = _account(_("Discounts granted"))
    bank_fee = _account(_("Bank fees"))
    difference_loss = _account(_("Differences lost"))
    difference_gain = _account(_("Differences gained"))
    allowance_expense = _account(_("Allowances made"))
    allowance_reversal = _account(_("Allowances taken back"))
    sales_journal = forms.CharField(label=_("Sales journal"), max_length=10)
    bank_journal = forms.CharField(label=_("Bank journal"), max_length=10)
    general_journal = forms.CharField(label=_("General journal"), max_length=10)
    books_from_date = _day(
        _("Entries from"), required=False, help_text=_("What happened before is in other books.")
    )
    overpayments = forms.ChoiceField(
        label=_("What customers paid too much"),
        choices=(("receivable", _("stays on the customers' account")), ("advance", _("goes to advances received"))),
    )  # fmt: skip
    partial_lettering = forms.ChoiceField(
        label=_("What is settled in part"),
        choices=(("lower", _("bears a small letter")), ("none", _("bears no letter"))),
    )
    sales_entries = forms.BooleanField(
        label=_("Book invoices and credit notes that came without books"),
        required=False,
        help_text=_("Leave it when the invoicing software hands them over itself."),
    )
    recover_vat_on_write_off = forms.BooleanField(
        label=_("Take back the VAT of what is lost for good"), required=False
    )
    discount_lowers_vat = forms.BooleanField(label=_("Discounts lower the VAT"), required=False)

    accounts = (
        "receivable", "doubtful", "advance", "allowance", "bank", "clearing", "suspense", "sales", "vat", "loss", "discount",
        "bank_fee", "difference_loss", "difference_gain", "allowance_expense", "allowance_reversal",
    )  # fmt: skip
    journals = ("sales_journal", "bank_journal", "general_journal")
    choices = (
        "books_from_date", "overpayments", "partial_lettering", "sales_entries", "recover_vat_on_write_off",
        "discount_lowers_vat",
    )  # fmt: skip

    @property
    def parts(self) -> list[tuple[Any, list[forms.BoundField]]]:
        """The fields under their headings."""
        headings = (
            (_("Accounts"), self.accounts),
            (_("Journals"), self.journals),
            (_("Choices"), self.choices),
        )
        return [(title, [self[name] for name in names]) for title, names in headings]
