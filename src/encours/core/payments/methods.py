"""Ways of paying a customer can be offered."""

from encours.core.wording import Wording

CARD = "card"
SEPA_DEBIT = "sepa_debit"  # through a payment service
INSTANT_TRANSFER = "instant_transfer"  # from the payer's bank, by a link
DIRECT_DEBIT_FILE = "direct_debit_file"  # pain.008 at the company's own bank
TRANSFER = "transfer"  # made by the customer; QR code and references

METHODS = {
    CARD: Wording("payment_method.card", fr="carte bancaire", en="bank card"),
    SEPA_DEBIT: Wording("payment_method.sepa_debit", fr="prélèvement SEPA", en="SEPA direct debit"),
    INSTANT_TRANSFER: Wording(
        "payment_method.instant_transfer", fr="virement instantané", en="instant transfer"
    ),
    DIRECT_DEBIT_FILE: Wording(
        "payment_method.direct_debit_file",
        fr="prélèvement SEPA par notre banque",
        en="SEPA direct debit by our bank",
    ),
    TRANSFER: Wording("payment_method.transfer", fr="virement", en="transfer"),
}
