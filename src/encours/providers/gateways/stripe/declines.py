"""Why Stripe says that money did not come: each code with its group, and what happens next in words.

Sources: Stripe's documentation of decline codes, advice codes, errors of requests, failures of SEPA Direct Debit and
reasons of disputes (API of 2026-10). A bank that suspects theft or fraud is never quoted: who reads it may be the thief.
"""

from encours.core.payments.failures import CUSTOMER, LATER, NEVER, OURS
from encours.core.wording import Sentence, Wording
from encours.ports.gateways import ToldFailure

_TOLD = Wording("stripe.failed", fr="{why} {then}", en="{why} {then}")

_THEN = {
    NEVER: Wording(
        "stripe.then.never",
        fr="Ce moyen de paiement n'est plus présenté : le client doit en donner un autre.",
        en="This method is not charged again: the customer must give another one.",
    ),
    CUSTOMER: Wording(
        "stripe.then.customer",
        fr="Rien n'est retenté avant que le client ait agi.",
        en="Nothing is tried again before the customer has acted.",
    ),
    LATER: Wording(
        "stripe.then.later",
        fr="Un nouvel essai est possible plus tard, en nombre limité.",
        en="It may be tried again later, a limited number of times.",
    ),
    OURS: Wording(
        "stripe.then.ours",
        fr="Le client n'y est pour rien : à corriger de notre côté avant tout nouvel essai.",
        en="The customer is not to blame: to be put right on our side before it is tried again.",
    ),
}

_REFUSED = Wording("stripe.why.refused", fr="La banque du client a refusé sans dire pourquoi.", en="The customer's bank refused without saying why.")  # fmt: skip
_FINAL = Wording("stripe.why.final", fr="La banque du client refuse ce paiement définitivement.", en="The customer's bank refuses this payment for good.")  # fmt: skip
_CALL = Wording("stripe.why.call", fr="La banque veut parler à son client avant d'autoriser le paiement.", en="The bank wants to hear from its customer before it authorises the payment.")  # fmt: skip
_AUTHENTICATE = Wording("stripe.why.authenticate", fr="La banque demande que le client s'authentifie.", en="The bank asks for the customer to authenticate.")  # fmt: skip
_NOT_AUTHENTICATED = Wording("stripe.why.not_authenticated", fr="Le client ne s'est pas authentifié auprès de sa banque.", en="The customer did not authenticate with the bank.")  # fmt: skip
_EXPIRED = Wording("stripe.why.expired", fr="La carte a expiré.", en="The card has expired.")  # fmt: skip
_FUNDS = Wording("stripe.why.funds", fr="Le compte ou la carte n'est pas assez approvisionné.", en="There is not enough money on the account or card.")  # fmt: skip
_CARD_LIMIT = Wording("stripe.why.card_limit", fr="Le plafond de la carte est atteint.", en="The card's limit is reached.")  # fmt: skip
_BANK_AWAY = Wording("stripe.why.bank_away", fr="La banque du client n'a pas pu être jointe.", en="The customer's bank could not be reached.")  # fmt: skip
_TECHNICAL = Wording("stripe.why.technical", fr="Une erreur technique a interrompu le paiement.", en="A technical error interrupted the payment.")  # fmt: skip
_UNFIT_CARD = Wording("stripe.why.unfit_card", fr="Cette carte ne permet pas ce paiement.", en="This card does not allow this payment.")  # fmt: skip
_CURRENCY = Wording("stripe.why.currency", fr="Cette carte n'accepte pas cette devise.", en="This card does not take this currency.")  # fmt: skip
_DETAILS = Wording("stripe.why.details", fr="Un détail saisi pour la carte est faux (numéro, date, code ou adresse).", en="Something given for the card is wrong (number, date, code or address).")  # fmt: skip
_PIN = Wording("stripe.why.pin", fr="Le code de la carte est faux ou demandé par la banque.", en="The card's PIN is wrong, or the bank asks for it.")  # fmt: skip
_RENEWED = Wording("stripe.why.renewed", fr="La carte ou le compte a été remplacé par un autre.", en="The card or account was replaced by another one.")  # fmt: skip
_REVOKED = Wording("stripe.why.revoked", fr="Le client a retiré son autorisation auprès de sa banque.", en="The customer withdrew the authorisation at the bank.")  # fmt: skip
_DUPLICATE = Wording("stripe.why.duplicate", fr="Un paiement identique vient d'être fait : à vérifier avant tout.", en="An identical payment was just made: to be looked at first.")  # fmt: skip
_TEST_CARD = Wording("stripe.why.test_card", fr="Une carte de test a été présentée.", en="A test card was used.")  # fmt: skip
_ACCOUNT_CLOSED = Wording("stripe.why.account_closed", fr="Le compte bancaire est clos.", en="The bank account is closed.")  # fmt: skip
_NO_ACCOUNT = Wording("stripe.why.no_account", fr="Le compte bancaire est introuvable ou son IBAN est faux.", en="The bank account cannot be found, or its IBAN is wrong.")  # fmt: skip
_BLOCKED = Wording("stripe.why.blocked", fr="Le compte bancaire est bloqué ou n'accepte pas les prélèvements.", en="The bank account is blocked or takes no direct debits.")  # fmt: skip
_NO_MANDATE = Wording("stripe.why.no_mandate", fr="Le mandat n'est pas ou plus valable.", en="The mandate is not valid, or no longer.")  # fmt: skip
_DEBIT_REFUSED = Wording("stripe.why.debit_refused", fr="Le client dit ne pas avoir autorisé ce prélèvement.", en="The customer says that this debit was not authorised.")  # fmt: skip
_DEBIT_CONTESTED = Wording("stripe.why.debit_contested", fr="Le client a demandé à sa banque le remboursement de ce prélèvement.", en="The customer asked the bank to give this debit back.")  # fmt: skip
_BANK_UNABLE = Wording("stripe.why.bank_unable", fr="La banque du client n'a pas pu exécuter le prélèvement.", en="The customer's bank could not carry the debit out.")  # fmt: skip
_TOO_SMALL = Wording("stripe.why.too_small", fr="Le montant est sous le minimum de Stripe.", en="The amount is below Stripe's minimum.")  # fmt: skip
_TOO_LARGE = Wording("stripe.why.too_large", fr="Le montant dépasse la limite de ce moyen de paiement ou du compte Stripe.", en="The amount exceeds the limit of this method or of the Stripe account.")  # fmt: skip
_SAME_KEY = Wording("stripe.why.same_key", fr="La même demande est déjà en cours, ou a été faite avec d'autres valeurs.", en="The same request is on its way already, or was made with other values.")  # fmt: skip
_NOT_ACTIVE = Wording("stripe.why.not_active", fr="Ce moyen de paiement n'est pas activé dans le compte Stripe.", en="This method is not switched on in the Stripe account.")  # fmt: skip
_GONE = Wording("stripe.why.gone", fr="Stripe ne connaît pas ou plus ce moyen de paiement ou ce paiement.", en="Stripe does not know this method or payment, or no longer.")  # fmt: skip
_STATE = Wording("stripe.why.state", fr="Ce paiement n'est plus dans un état qui le permet.", en="This payment is no longer in a state that allows it.")  # fmt: skip
_BALANCE = Wording("stripe.why.balance", fr="Le solde du compte Stripe ne suffit pas.", en="The balance of the Stripe account does not suffice.")  # fmt: skip
_REQUEST = Wording("stripe.why.request", fr="Stripe n'accepte pas la demande ({code}).", en="Stripe does not accept the request ({code}).")  # fmt: skip

# a card's decline codes
CARD_DECLINES: dict[str, tuple[str, Wording]] = {
    "approve_with_id": (LATER, _REFUSED),
    "authentication_not_handled": (CUSTOMER, _AUTHENTICATE),
    "authentication_required": (CUSTOMER, _AUTHENTICATE),
    "call_issuer": (CUSTOMER, _CALL),
    "card_not_supported": (NEVER, _UNFIT_CARD),
    "card_velocity_exceeded": (LATER, _CARD_LIMIT),
    "currency_not_supported": (NEVER, _CURRENCY),
    "do_not_honor": (LATER, _REFUSED),
    "do_not_try_again": (NEVER, _FINAL),
    "duplicate_transaction": (OURS, _DUPLICATE),
    "expired_card": (NEVER, _EXPIRED),
    "fraudulent": (NEVER, _FINAL),
    "generic_decline": (LATER, _REFUSED),
    "incorrect_address": (CUSTOMER, _DETAILS),
    "incorrect_cvc": (CUSTOMER, _DETAILS),
    "incorrect_number": (NEVER, _DETAILS),
    "incorrect_pin": (CUSTOMER, _PIN),
    "incorrect_zip": (CUSTOMER, _DETAILS),
    "insufficient_funds": (LATER, _FUNDS),
    "invalid_account": (NEVER, _UNFIT_CARD),
    "invalid_amount": (CUSTOMER, _CARD_LIMIT),
    "invalid_cvc": (CUSTOMER, _DETAILS),
    "invalid_expiry_month": (CUSTOMER, _DETAILS),
    "invalid_expiry_year": (CUSTOMER, _DETAILS),
    "invalid_number": (NEVER, _DETAILS),
    "invalid_pin": (CUSTOMER, _PIN),
    "issuer_not_available": (LATER, _BANK_AWAY),
    "lost_card": (NEVER, _FINAL),
    "merchant_blacklist": (NEVER, _FINAL),
    "mobile_device_authentication_required": (CUSTOMER, _AUTHENTICATE),
    "new_account_information_available": (NEVER, _RENEWED),
    "no_action_taken": (LATER, _REFUSED),
    "not_permitted": (CUSTOMER, _CALL),
    "offline_pin_required": (CUSTOMER, _PIN),
    "online_or_offline_pin_required": (CUSTOMER, _PIN),
    "pickup_card": (NEVER, _FINAL),
    "pin_try_exceeded": (NEVER, _PIN),
    "previously_declined_do_not_retry": (NEVER, _FINAL),
    "processing_error": (LATER, _TECHNICAL),
    "reenter_transaction": (LATER, _TECHNICAL),
    "restricted_card": (NEVER, _FINAL),
    "revocation_of_all_authorizations": (NEVER, _REVOKED),
    "revocation_of_authorization": (NEVER, _REVOKED),
    "security_violation": (CUSTOMER, _CALL),
    "service_not_allowed": (CUSTOMER, _CALL),
    "stolen_card": (NEVER, _FINAL),
    "stop_payment_order": (NEVER, _REVOKED),
    "testmode_decline": (OURS, _TEST_CARD),
    "transaction_not_allowed": (CUSTOMER, _CALL),
    "try_again_later": (LATER, _REFUSED),
    "withdrawal_count_limit_exceeded": (LATER, _CARD_LIMIT),
}

# what a direct debit fails with, and what Stripe gives as the reason of one that came back
DEBIT_FAILURES: dict[str, tuple[str, Wording]] = {
    "account_closed": (NEVER, _ACCOUNT_CLOSED),
    "account_number_invalid": (NEVER, _NO_ACCOUNT),
    "bank_account_bad_routing_numbers": (NEVER, _NO_ACCOUNT),
    "bank_account_declined": (LATER, _BANK_UNABLE),
    "bank_account_restricted": (NEVER, _BLOCKED),
    "bank_account_unusable": (NEVER, _BLOCKED),
    "bank_cannot_process": (LATER, _BANK_UNABLE),
    "bank_ownership_changed": (NEVER, _RENEWED),
    "billing_invalid_mandate": (NEVER, _NO_MANDATE),
    "branch_does_not_exist": (NEVER, _NO_ACCOUNT),
    "charge_exceeds_source_limit": (OURS, _TOO_LARGE),
    "charge_exceeds_transaction_limit": (OURS, _TOO_LARGE),
    "charge_exceeds_weekly_limit": (OURS, _TOO_LARGE),
    "could_not_process": (LATER, _BANK_UNABLE),
    "customer_initiated": (CUSTOMER, _DEBIT_CONTESTED),
    "debit_not_authorized": (NEVER, _DEBIT_REFUSED),
    "general": (CUSTOMER, _DEBIT_CONTESTED),
    "generic_could_not_process": (LATER, _BANK_UNABLE),
    "incorrect_account_details": (NEVER, _NO_ACCOUNT),
    "incorrect_account_holder_name": (NEVER, _NO_ACCOUNT),
    "invalid_account_number": (NEVER, _NO_ACCOUNT),
    "invalid_currency": (NEVER, _CURRENCY),
    "no_account": (NEVER, _NO_ACCOUNT),
    "payment_method_bank_account_blocked": (NEVER, _BLOCKED),
    "payment_method_customer_decline": (CUSTOMER, _DEBIT_CONTESTED),
    "payment_method_provider_decline": (LATER, _REFUSED),
    "payment_method_provider_timeout": (LATER, _BANK_AWAY),
    "refer_to_customer": (CUSTOMER, _CALL),
    "sepa_unsupported_account": (NEVER, _BLOCKED),
    "unrecognized": (CUSTOMER, _DEBIT_CONTESTED),
}

# errors of requests, most of them ours
REQUEST_ERRORS: dict[str, tuple[str, Wording]] = {
    "amount_too_large": (OURS, _TOO_LARGE),
    "amount_too_small": (OURS, _TOO_SMALL),
    "authentication_failure": (CUSTOMER, _NOT_AUTHENTICATED),
    "balance_insufficient": (OURS, _BALANCE),
    "capability_not_active": (OURS, _NOT_ACTIVE),
    "card_decline_rate_limit_exceeded": (NEVER, _FINAL),
    "card_declined": (LATER, _REFUSED),
    "charge_already_refunded": (OURS, _STATE),
    "charge_disputed": (OURS, _STATE),
    "charge_not_refundable": (OURS, _STATE),
    "expired_payment_method": (NEVER, _EXPIRED),
    "idempotency_error": (OURS, _SAME_KEY),
    "idempotency_key_in_use": (OURS, _SAME_KEY),
    "intent_invalid_state": (OURS, _STATE),
    "payment_intent_action_required": (CUSTOMER, _AUTHENTICATE),
    "payment_intent_authentication_failure": (CUSTOMER, _NOT_AUTHENTICATED),
    "payment_intent_incompatible_payment_method": (NEVER, _UNFIT_CARD),
    "payment_intent_mandate_invalid": (NEVER, _NO_MANDATE),
    "payment_intent_payment_attempt_expired": (CUSTOMER, _NOT_AUTHENTICATED),
    "payment_intent_payment_attempt_failed": (LATER, _REFUSED),
    "payment_intent_unexpected_state": (OURS, _STATE),
    "payment_method_currency_mismatch": (OURS, _CURRENCY),
    "payment_method_not_available": (LATER, _BANK_AWAY),
    "payment_method_restricted": (NEVER, _BLOCKED),
    "payment_method_unactivated": (OURS, _NOT_ACTIVE),
    "payment_method_unexpected_state": (NEVER, _GONE),
    "refund_disputed_payment": (OURS, _STATE),
    "resource_missing": (OURS, _GONE),
    "setup_attempt_failed": (CUSTOMER, _REFUSED),
    "setup_intent_authentication_failure": (CUSTOMER, _NOT_AUTHENTICATED),
    "setup_intent_mandate_invalid": (NEVER, _NO_MANDATE),
    "setup_intent_setup_attempt_expired": (CUSTOMER, _NOT_AUTHENTICATED),
}

# what the card's network advises: it says more than the code beside it
ADVICE = {"confirm_card_data": CUSTOMER, "do_not_try_again": NEVER, "try_again_later": LATER}

_KNOWN = REQUEST_ERRORS | DEBIT_FAILURES | CARD_DECLINES


def failure_of(*, code: str, decline_code: str = "", advice_code: str = "", param: str = "") -> ToldFailure:
    """What is known under these codes; a code nobody knows is an error of ours unless a bank declined or advised."""
    named = decline_code or code
    group, why = (
        _KNOWN.get(named) or _KNOWN.get(code) or ((LATER, _REFUSED) if decline_code else (OURS, _REQUEST))
    )
    advised = ADVICE.get(advice_code)
    # advice never makes an attempt possible that the code itself rules out
    if advised == NEVER or (advised == CUSTOMER and group == LATER) or (advised and why is _REQUEST):
        group = advised
        why = {_REQUEST: _REFUSED}.get(why, why)
    if why is _REFUSED and group == NEVER:
        why = _FINAL
    return ToldFailure(
        group=group, code=named, sentence=_sentence(group, why, f"{named}: {param}" if param else named)
    )


def too_large() -> ToldFailure:
    """A payment beyond the method's own limit, refused before anybody is asked."""
    return ToldFailure(OURS, "amount_too_large", _sentence(OURS, _TOO_LARGE, "amount_too_large"))


def _sentence(group: str, why: Wording, code: str) -> Sentence:
    told = why(code=code) if why is _REQUEST else why()
    return _TOLD(why=told, then=_THEN[group]())
