"""The form of the portal's settings. What each may be is decided by the action; a form only reads."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from encours.backoffice.documents.forms import AmountField

_DECIMAL: Any = {"inputmode": "decimal", "autocomplete": "off"}


def _switch(label: Any, help_text: Any = "") -> forms.BooleanField:
    return forms.BooleanField(label=label, help_text=help_text, required=False)


def _count(label: Any, help_text: Any = "") -> forms.IntegerField:
    return forms.IntegerField(label=label, help_text=help_text, min_value=0, max_value=30_000)


def _amount(label: Any, help_text: Any = "", *, required: bool = True) -> AmountField:
    return AmountField(label=label, help_text=help_text, required=required, widget=forms.TextInput(_DECIMAL))


class PortalForm(forms.Form):
    is_open = _switch(_("The portal is open"), _("Closed: links open nothing, and messages carry none."))
    colour = forms.RegexField(
        label=_("Colour"),
        regex=r"^#[0-9a-f]{6}$",
        widget=forms.TextInput({"type": "color"}),
        help_text=_("Of the head and the buttons. Text on it is made black or white, whichever can be read."),
    )
    link_days = _count(_("Days a link opens"), _("From the day its message leaves, or it is made."))
    allows_part_payment = _switch(_("A part may be paid"))
    min_part_cents = _amount(_("Least part payment"))
    sends_receipts = _switch(
        _("A receipt is sent by e-mail for each payment"),
        _("With the PDF, to the customer; never in test mode."),
    )
    allows_promise = _switch(_("A date may be promised"), _("Reminders wait for it."))
    max_promise_days = _count(_("Latest promise, in days"))
    allows_dispute = _switch(
        _("An invoice may be contested"), _("With a reason and files; reminders of it stop.")
    )
    allows_plan = _switch(_("A payment plan may be asked for"))
    plan_accepts_by_itself = _switch(
        _("Plans within these limits are accepted at once"), _("Otherwise somebody of the company decides.")
    )
    plan_max_instalments = _count(_("Instalments at most"))
    plan_max_days = _count(_("Days until the last instalment"))
    plan_min_first_percent = _count(_("First instalment at least, in percent"))
    plan_min_instalment_cents = _amount(_("Least instalment"))
    plan_max_cents = _amount(_("Largest sum of a plan"), _("Empty: any."), required=False)
    plan_asks_interest = _switch(_("Plans bear late interest"))
    allows_autopay = _switch(
        _("Customers may have invoices charged on the due date"), _("With a card or a mandate they save.")
    )
    charges_overdue = _switch(
        _("Overdue invoices are charged by themselves"),
        _("Only where the customer agreed to just that before, and after a notice."),
    )
    overdue_days = _count(_("Days after the due date"))
    charge_notice_days = _count(_("Days of notice"), _("Fourteen by the SEPA rules, unless agreed shorter."))
    charge_min_cents = _amount(_("Charge nothing below"))
    charge_max_cents = _amount(_("Charge nothing above"), _("Empty: any."), required=False)

    PARTS = (
        (_("Access"), ("is_open", "link_days")),
        (_("Payments"), ("allows_part_payment", "min_part_cents", "sends_receipts")),
        (_("Promises and disputes"), ("allows_promise", "max_promise_days", "allows_dispute")),
        (
            _("Payment plans"),
            (
                "allows_plan", "plan_accepts_by_itself", "plan_max_instalments", "plan_max_days",
                "plan_min_first_percent", "plan_min_instalment_cents", "plan_max_cents", "plan_asks_interest",
            ),
        ),
        (
            _("Automatic charges"),
            (
                "allows_autopay", "charges_overdue", "overdue_days", "charge_notice_days", "charge_min_cents",
                "charge_max_cents",
            ),
        ),
    )  # fmt: skip

    def parts(self) -> list[tuple[Any, list[forms.BoundField]]]:
        return [(title, [self[name] for name in names]) for title, names in self.PARTS]


class LogoForm(forms.Form):
    logo = forms.FileField(
        label=_("Logo"), help_text=_("PNG or JPEG, up to 512 KB."),
        widget=forms.FileInput({"accept": "image/png,image/jpeg"}),
    )  # fmt: skip
