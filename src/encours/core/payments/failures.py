"""What a failed charge means: four groups, each with what happens next."""

from encours.core.wording import Wording

NEVER = (
    "never"  # never again with this method: lost, stolen, expired, revoked, account closed, mandate invalid
)
CUSTOMER = "customer"  # the customer must do something first: authenticate, call its bank
LATER = "later"  # may pass by itself: insufficient funds, do not honor
OURS = "ours"  # our fault: parameters, credentials, limits

GROUPS = {
    NEVER: Wording(
        "payment_failure.never", fr="plus jamais avec ce moyen de paiement", en="never again with this method"
    ),
    CUSTOMER: Wording("payment_failure.customer", fr="le client doit agir", en="the customer must act"),
    LATER: Wording("payment_failure.later", fr="à retenter plus tard", en="to be tried later"),
    OURS: Wording("payment_failure.ours", fr="erreur de notre côté", en="an error on our side"),
}
