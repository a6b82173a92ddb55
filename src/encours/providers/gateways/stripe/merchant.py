"""Whose Stripe account a key opens, and what the account or the key still lacks."""

from collections.abc import Mapping
from typing import Any

from encours.core.payments.methods import CARD, SEPA_DEBIT
from encours.core.wording import Sentence, Wording
from encours.ports.connections import UnableToAsk
from encours.ports.gateways import ToldMerchant
from encours.providers.gateways.stripe.calls import Calls

_NO_CHARGES = Wording(
    "stripe.no_charges",
    fr="Stripe n'a pas encore activé les paiements de ce compte : terminez son inscription.",
    en="Stripe has not switched on payments for this account yet: finish signing it up.",
)
_NO_PAYOUTS = Wording(
    "stripe.no_payouts",
    fr="Stripe ne verse pas encore d'argent sur votre banque : complétez les informations du compte.",
    en="Stripe sends no money to your bank yet: complete the account's details.",
)
_NO_METHOD = Wording(
    "stripe.no_method",
    fr="{method} : pas activé dans ce compte Stripe.",
    en="{method}: not switched on in this Stripe account.",
)
_NO_PERMISSION = Wording(
    "stripe.no_permission",
    fr="La clé restreinte n'a pas la permission « {permission} ».",
    en='The restricted key lacks the permission "{permission}".',
)
_CARD = Wording("stripe.method.card", fr="Carte bancaire", en="Bank card")
_SEPA = Wording("stripe.method.sepa", fr="Prélèvement SEPA", en="SEPA direct debit")
_CAPABILITIES = ((CARD, "card_payments", _CARD), (SEPA_DEBIT, "sepa_debit_payments", _SEPA))


def merchant_of(calls: Calls, *, is_test: bool, is_restricted: bool) -> ToldMerchant:
    """Raises `UnableToAsk` where the key opens nothing at all."""
    try:
        account: Mapping[str, Any] = calls.read(calls.v1.accounts.retrieve_current)
    except UnableToAsk as error:
        if not (is_restricted and error.needs_person):
            raise
        # a restricted key need not be let in to the account itself; one that opens nothing fails here
        calls.read(calls.v1.balance_transactions.list, limit=1)
        account = {}
    lacking: list[Sentence] = []
    methods = {CARD, SEPA_DEBIT}
    if account:
        if not account.get("charges_enabled"):
            lacking.append(_NO_CHARGES())
        if not account.get("payouts_enabled"):
            lacking.append(_NO_PAYOUTS())
        capabilities = account.get("capabilities") or {}
        for method, capability, title in _CAPABILITIES:
            if capabilities.get(capability) != "active":
                methods.discard(method)
                lacking.append(_NO_METHOD(method=title()))
    if is_restricted:
        lacking += _permissions_missing(calls)
    return ToldMerchant(
        name=_name(account) or "Stripe", is_test=is_test, methods=frozenset(methods), lacking=tuple(lacking)
    )


def _permissions_missing(calls: Calls) -> list[Sentence]:
    """What can be seen without changing anything: whether each kind of object may be read."""
    v1 = calls.v1
    asked = (
        ("Checkout Sessions", v1.checkout.sessions.list),
        ("PaymentIntents", v1.payment_intents.list),
        ("Refunds", v1.refunds.list),
        ("Disputes", v1.disputes.list),
        ("Payouts", v1.payouts.list),
        ("Balance transactions", v1.balance_transactions.list),
        ("Events", v1.events.list),
    )
    missing = []
    for permission, listed in asked:
        try:
            calls.read(listed, limit=1)
        except UnableToAsk as error:
            if not error.needs_person:
                raise
            missing.append(_NO_PERMISSION(permission=permission))
    return missing


def _name(account: Mapping[str, Any]) -> str:
    shown = ((account.get("settings") or {}).get("dashboard") or {}).get("display_name")
    return str(shown or (account.get("business_profile") or {}).get("name") or account.get("email") or "")
