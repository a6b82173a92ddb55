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

# Paid into the company's own bank account, each by itself. Other money waits at the service, which pays it out in sums.
PAID_DIRECTLY = frozenset({INSTANT_TRANSFER, DIRECT_DEBIT_FILE, TRANSFER})
# Only the customer's consent given before lets these be taken: nothing to choose while paying
BY_MANDATE_ONLY = frozenset({DIRECT_DEBIT_FILE})
_EURO_ONLY = frozenset({SEPA_DEBIT, INSTANT_TRANSFER, DIRECT_DEBIT_FILE})
# Countries and territories whose banks are in SEPA (European Payments Council, EPC409-09)
SEPA_COUNTRIES = frozenset(
    ["AD", "AL", "AT", "AX", "BE", "BG", "BL", "CH", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GB", "GF", "GG", "GI", "GP", "GR", "HR", "HU", "IE", "IM", "IS", "IT", "JE", "LI", "LT", "LU", "LV", "MC", "MD", "ME", "MF", "MK", "MQ", "MT", "NL", "NO", "PL", "PM", "PT", "RE", "RO", "RS", "SE", "SI", "SK", "SM", "VA", "YT"]
)  # fmt: skip


def can_pay(method: str, *, country: str, currency: str) -> bool:
    """Whether a payer of a country can pay this way in a currency at all, whatever the company offers."""
    if method in _EURO_ONLY and currency != "EUR":
        return False
    return method not in (SEPA_DEBIT, DIRECT_DEBIT_FILE) or country in SEPA_COUNTRIES


def cost_cents(amount_cents: int, *, fixed_cents: int, basis_points: int) -> int:
    """What a payment costs the company, rounded to the cent.

    >>> cost_cents(10_050, fixed_cents=25, basis_points=150)
    176
    """
    return fixed_cents + (amount_cents * basis_points + 5_000) // 10_000
