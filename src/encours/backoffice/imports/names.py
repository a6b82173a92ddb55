"""What people call the kinds of files, the states of an import and the fields of a table."""

from django.utils.functional import lazy
from django.utils.translation import gettext_lazy as _

from encours.backoffice.language import language_of_reader
from encours.core.fields import FIELD_NAMES as FIELD_WORDINGS
from encours.core.wording import Wording

KIND_NAMES = {
    "invoices_csv": _("Invoices (table)"),
    "customers_csv": _("Customers (table)"),
    "bank_csv": _("Bank lines (table)"),
    "orders": _("Orders (table)"),
    "deliveries": _("Deliveries (table)"),
    "scores": _("Scores (table)"),
    "pain002": _("Bank's answer to direct debits (pain.002)"),
    "fec": _("Accounting file (FEC)"),
    "facturx": _("Factur-X invoice"),
    "cii": _("CII invoice"),
    "ubl": _("UBL invoice"),
    "camt053": _("Bank statement (camt.053)"),
    "camt052": _("Bank report of the day (camt.052)"),
    "camt054": _("Bank notification (camt.054)"),
    "cfonb120": _("Bank statement (CFONB 120)"),
    "mt940": _("Bank statement (MT940)"),
    "ofx": _("Bank lines (OFX)"),
    "bridge": _("Bank lines (Bridge)"),
    "qonto": _("Bank lines (Qonto)"),
}
STATE_NAMES = {
    "waiting": _("Waiting"),
    "running": _("Being read"),
    "done": _("Imported"),
    "refused": _("Refused"),
    "failed": _("Failed"),
}
# kinds of tables whose columns a person can describe, and what must be among them
TABLE_NAMES = {
    "invoices_csv": _("Invoices"),
    "customers_csv": _("Customers"),
    "bank_csv": _("Bank lines"),
    "scores": _("Scores"),
    "orders": _("Orders and quotes"),
    "deliveries": _("Deliveries"),
}
NEEDED = {
    "invoices_csv": _(
        "Needed: the number, the date of issue, an amount (total, balance due, or without VAT with the VAT)"
        " and who the customer is (code, name or SIREN)."
    ),
    "customers_csv": _("Needed: the name and one more detail (code, SIREN, address, e-mail …)."),
    "scores": _("Needed: the customer's code or SIREN, the score and its date."),
    "bank_csv": _("Needed: the date and the amount, or the date with the debit and the credit."),
    "orders": _("Needed: the number, the date, an amount and who the customer is (code, name or SIREN)."),
    "deliveries": _("Needed: the order's number, the day of delivery and an amount."),
}


def _said(wording: Wording) -> str:
    return wording().say(language_of_reader())


_said_when_shown = lazy(_said, str)
FIELD_NAMES = {name: _said_when_shown(wording) for name, wording in FIELD_WORDINGS.items()}
