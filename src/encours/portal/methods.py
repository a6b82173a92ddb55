"""Ways of paying in words a payer understands: what happens, how long it takes, who sees what."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from encours.core.payments.methods import CARD, INSTANT_TRANSFER, SEPA_DEBIT, TRANSFER

NAMES: dict[str, Any] = {
    CARD: _("Bank card"),
    INSTANT_TRANSFER: _("Instant transfer from your bank"),
    SEPA_DEBIT: _("SEPA direct debit"),
    TRANSFER: _("Transfer"),
}
MEANINGS: dict[str, Any] = {
    CARD: _("Paid at once. The card number is given to the payment service only: we never see it."),
    INSTANT_TRANSFER: _(
        "You choose your bank and confirm there, as always; nothing to type. The money arrives within seconds."
    ),
    SEPA_DEBIT: _(
        "You give your IBAN and agree to be debited this once. The money takes up to two weeks to be certain; it counts as on its way from now on."
    ),
    TRANSFER: _(
        "You order it at your bank yourself, with the code to scan or the details to copy. It arrives within a day or two."
    ),
}
BUTTONS: dict[str, Any] = {
    CARD: _("Pay by card"),
    INSTANT_TRANSFER: _("Pay from my bank"),
    SEPA_DEBIT: _("Pay by direct debit"),
    TRANSFER: _("Show the details"),
}
