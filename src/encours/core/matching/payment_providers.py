"""Names of payment providers as banks write them: what they pay out is many buyers' money in one line."""

# Nobody else's name begins with these (`core.parties.bank_name` forms).
PROVIDER_NAMES = (
    "ADYEN", "ALMA PAY", "AMAZON PAYMENTS", "AMERICAN EXPRESS", "BRAINTREE", "CHECKOUT COM", "CLEARHAUS", "DALENYS",
    "EASYTRANSAC", "FINTECTURE", "GOCARDLESS", "HIPAY", "IZETTLE", "KLARNA", "LEMON WAY", "LEMONWAY", "LYDIA SOLUTIONS",
    "LYRA COLLECT", "LYRA NETWORK", "MANGOPAY", "MOLLIE PAYMENTS", "MULTISAFEPAY", "NEXI", "PAYGREEN", "PAYLINE",
    "PAYPAL", "PAYPLUG", "PAYZEN", "SHOPIFY INTERNATIONAL", "SHOPIFY PAYMENTS", "SLIMPAY", "SQUAREUP", "STANCER",
    "STRIPE", "SUMUP", "VIVA PAYMENTS", "VIVA WALLET", "WORLDLINE", "WORLDPAY", "ZETTLE",
)  # fmt: skip
# Words and first names of many names: only a payer who is called just so is the provider.
SHORT_PROVIDER_NAMES = (
    "ALMA", "CHECKOUT", "DOJO", "FLOA", "FLOA BANK", "LYDIA", "LYRA", "MOLLIE", "SCALAPAY", "SQUARE", "VIVA", "VIVA COM",
    "YAVIN",
)  # fmt: skip
