"""Stripe: cards and SEPA direct debits, with the customer on Stripe's own page (Checkout) or by a saved method.

Checkout works without JavaScript of ours and no card number ever comes here. What is asked for is always our amount, in our
currency; every object carries our reference, so that an answer nobody heard can be found again.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice
from typing import Any, ClassVar

import stripe

from encours.core.payments.failures import OURS
from encours.core.payments.methods import CARD, SEPA_DEBIT
from encours.core.wording import Wording
from encours.ports.connections import BAD_SETTING, NOT_UNDERSTOOD, UnableToAsk, UnableToConfigure, setting
from encours.ports.gateways import (
    ChargeRequest,
    CheckoutRequest,
    SetupRequest,
    ToldCharge,
    ToldEvent,
    ToldMandate,
    ToldMerchant,
    ToldPayout,
    ToldSetup,
    UnableToCharge,
)
from encours.ports.notices import UnableToTrustNotice
from encours.providers.gateways.stripe.calls import ADDRESS, Answer, Calls, error_details, told_when
from encours.providers.gateways.stripe.declines import failure_of, too_large
from encours.providers.gateways.stripe.events import KINDS as EVENT_KINDS
from encours.providers.gateways.stripe.events import event_of, signed_event
from encours.providers.gateways.stripe.merchant import merchant_of
from encours.providers.gateways.stripe.payouts import payout_of
from encours.providers.gateways.stripe.requests import (
    charge_params,
    checkout_params,
    refund_params,
    setup_params,
)
from encours.providers.gateways.stripe.told import (
    BY_CHECKOUT,
    REFERENCE,
    charge_of,
    mandate_id_of,
    mandate_of,
    setup_of,
)

_KEY = Wording("stripe.secret_key", fr="Clé secrète ou restreinte", en="Secret or restricted key")
_KEY_HELP = Wording(
    "stripe.secret_key_help",
    fr="Commence par rk_ (restreinte, conseillée) ou sk_. En écriture : Checkout Sessions, PaymentIntents, Customers,"
    " PaymentMethods, Charges et Refunds. En lecture : SetupIntents, Mandates, Disputes, Balance transactions, Payouts et"
    " Events.",
    en="Begins with rk_ (restricted, advised) or sk_. Write: Checkout Sessions, PaymentIntents, Customers, PaymentMethods,"
    " Charges and Refunds. Read: SetupIntents, Mandates, Disputes, Balance transactions, Payouts and Events.",
)
_HOOK = Wording("stripe.hook_secret", fr="Secret de signature des webhooks", en="Signing secret of webhooks")
_HOOK_HELP = Wording(
    "stripe.hook_secret_help",
    fr="Commence par whsec_. Deux secrets séparés par une virgule pendant un changement.",
    en="Begins with whsec_. Two secrets separated by a comma while it is changed.",
)
_STEPS = (
    Wording(
        "stripe.step.address",
        fr="Dans Stripe, ouvrez Développeurs puis Webhooks, ajoutez une destination et donnez l'adresse ci-dessus.",
        en="In Stripe, open Developers, then Webhooks, add a destination and give the address above.",
    ),
    Wording(
        "stripe.step.events",
        fr=f"Choisissez ces événements : {', '.join(EVENT_KINDS)}.",
        en=f"Choose these events: {', '.join(EVENT_KINDS)}.",
    ),
    Wording(
        "stripe.step.secret",
        fr="Copiez le secret de signature de la destination et donnez-le ici, sous « Remplacer les identifiants ».",
        en='Copy the signing secret of the destination and give it here, under "Replace credentials".',
    ),
    Wording(
        "stripe.step.methods",
        fr="Dans Paramètres puis Moyens de paiement, activez la carte, et le prélèvement SEPA si vous le proposez.",
        en="In Settings, then Payment methods, switch on cards, and SEPA direct debit if you offer it.",
    ),
)
_CHARGE_PARTS = ("latest_charge.balance_transaction", "latest_charge.refunds", "payment_method")
_SEARCHED_PAGES = 5


@dataclass(frozen=True)
class StripeConfig:
    secret_key: str = setting(_KEY, help=_KEY_HELP, secret=True)
    hook_secret: str = setting(_HOOK, help=_HOOK_HELP, default="", secret=True)
    base_url: str = setting(
        Wording("stripe.address", fr="Adresse", en="Address"), default=ADDRESS, hidden=True
    )

    def __post_init__(self) -> None:
        # a publishable key opens nothing, and a space in a header is an error nobody understands
        key = self.secret_key
        if not key.startswith(("sk_", "rk_")) or not (key.isascii() and key.replace("_", "").isalnum()):
            raise UnableToConfigure(BAD_SETTING(setting=_KEY()))


class Stripe:
    name: ClassVar[str] = "stripe"
    title: ClassVar[Wording] = Wording("gateway.stripe", fr="Stripe (carte, prélèvement SEPA)", en="Stripe (card, SEPA direct debit)")  # fmt: skip
    Config: ClassVar[type] = StripeConfig
    methods: ClassVar[frozenset[str]] = frozenset({CARD, SEPA_DEBIT})
    # Stripe: eight digits of cents; SEPA Direct Debit 10,000 EUR a transaction
    limits_cents: ClassVar[Mapping[str, int]] = {CARD: 99_999_999, SEPA_DEBIT: 1_000_000}
    notice_steps: ClassVar[tuple[Wording, ...]] = _STEPS

    def __init__(self, config: StripeConfig) -> None:
        self._config = config
        self._is_test = "_test_" in config.secret_key
        self._made: Calls | None = None

    @property
    def _calls(self) -> Calls:
        """Made when it is first needed: to check an event nobody is asked."""
        if self._made is None:
            self._made = Calls(secret_key=self._config.secret_key, base_url=self._config.base_url)
        return self._made

    def merchant_told(self) -> ToldMerchant:
        return merchant_of(
            self._calls, is_test=self._is_test, is_restricted=self._config.secret_key.startswith("rk_")
        )

    def checkout(self, request: CheckoutRequest) -> ToldCharge:
        if any(request.amount_cents > self.limits_cents[method] for method in request.methods):
            self._refuse_large()
        session = self._write(
            self._calls.v1.checkout.sessions.create, key=request.key, **checkout_params(request)
        )
        return self._charge(session=session, intent=None, told_at=session.told_at)

    def charge(self, request: ChargeRequest) -> ToldCharge:
        if request.amount_cents > self.limits_cents[request.method]:
            self._refuse_large()
        create = self._calls.v1.payment_intents.create
        try:
            intent = self._calls.write(
                create, key=request.key, expand=list(_CHARGE_PARTS), **charge_params(request)
            )
        except stripe.CardError as error:
            return self._declined(error)
        return self._charge(session=None, intent=intent, told_at=intent.told_at)

    def set_up(self, request: SetupRequest) -> ToldSetup:
        session = self._write(
            self._calls.v1.checkout.sessions.create, key=request.key, **setup_params(request)
        )
        return setup_of(session=session, setup=None, mandate=None, told_at=session.told_at)

    def cancel(self, external_id: str, *, key: str) -> ToldCharge:
        """What Stripe refuses to end is over or on its way: that is what is told."""
        told = self._told_after_all(external_id)
        if told.state != "open" and not (
            told.state in ("failed", "pending") and told.external_id.startswith("pi_")
        ):
            return told
        end = (
            self._calls.v1.checkout.sessions.expire
            if told.external_id.startswith("cs_")
            else self._calls.v1.payment_intents.cancel
        )
        try:
            self._write(end, told.external_id, key=key)
        except UnableToCharge as error:
            # it was paid meanwhile, or the bank has it already
            if error.failure is None or not error.is_known or error.failure.group != OURS:
                raise
        return self._told_after_all(external_id)

    def refund(self, external_id: str, *, amount_cents: int, key: str, reason: str) -> ToldCharge:
        intent_id = self._intent_id(external_id)
        self._write(
            self._calls.v1.refunds.create,
            key=key,
            **refund_params(intent_id, amount_cents, key=key, reason=reason),
        )
        return self._told_after_all(external_id)

    def charge_told(self, external_id: str) -> ToldCharge:
        if external_id.startswith("cs_"):
            session = self._session(external_id)
            return self._charge_of_session(session)
        intent = self._calls.read(
            self._calls.v1.payment_intents.retrieve, external_id, expand=list(_CHARGE_PARTS)
        )
        if not (intent.get("metadata") or {}).get(BY_CHECKOUT):
            return self._charge(session=None, intent=intent, told_at=intent.told_at)
        sessions = self._calls.read(
            self._calls.v1.checkout.sessions.list, payment_intent=external_id, limit=1
        )
        if not sessions.get("data"):
            raise UnableToAsk(
                NOT_UNDERSTOOD(host=self._calls.host, reason="checkout.session"), needs_person=True
            )
        return self._charge(session=sessions["data"][0], intent=intent, told_at=intent.told_at)

    def find(self, reference: str) -> ToldCharge | None:
        """Among the latest first, because Stripe's search knows a payment only a minute after it was made."""
        latest = (self._calls.v1.checkout.sessions.list, self._calls.v1.payment_intents.list)
        for listed in latest:
            for page in islice(self._calls.pages(listed), _SEARCHED_PAGES):
                for each in page.get("data") or ():
                    if (each.get("metadata") or {}).get(REFERENCE) == reference:
                        return self.charge_told(str(each["id"]))
        query = f"metadata['{REFERENCE}']:'{reference}'"
        found = self._calls.read(self._calls.v1.payment_intents.search, query=query, limit=1).get("data")
        return self.charge_told(str(found[0]["id"])) if found else None

    def setup_told(self, external_id: str) -> ToldSetup:
        session = self._calls.read(
            self._calls.v1.checkout.sessions.retrieve,
            external_id,
            expand=["setup_intent.payment_method", "setup_intent.mandate"],
        )
        setup = session.get("setup_intent")
        setup = setup if isinstance(setup, Mapping) else None
        mandate = (setup or {}).get("mandate")
        return setup_of(
            session=session,
            setup=setup,
            mandate=mandate if isinstance(mandate, Mapping) else None,
            told_at=session.told_at,
        )

    def mandate_told(self, external_id: str, *, mandate_external_id: str = "") -> ToldMandate:
        method = self._calls.read(self._calls.v1.payment_methods.retrieve, external_id)
        return mandate_of(method, self._mandate(mandate_external_id))

    def forget_method(self, external_id: str) -> None:
        try:
            self._write(self._calls.v1.payment_methods.detach, external_id, key=f"forget:{external_id}")
        except UnableToCharge as error:
            # detached before, or gone: Stripe answers 400 or 404
            if not error.is_known or error.failure is None or error.failure.code not in _GONE:
                raise

    def payouts_told(self, *, since: datetime) -> Sequence[ToldPayout]:
        created = {"gte": int(since.timestamp())}
        return [
            payout_of(self._calls, each, told_at=page.told_at)
            for page in self._calls.pages(self._calls.v1.payouts.list, created=created)
            for each in page.get("data") or ()
        ]

    def payout_told(self, external_id: str) -> ToldPayout:
        payout = self._calls.read(self._calls.v1.payouts.retrieve, external_id)
        return payout_of(self._calls, payout, told_at=payout.told_at)

    def parse_event(self, *, body: bytes, headers: Mapping[str, str], now: datetime) -> Sequence[ToldEvent]:
        event = signed_event(
            body=body,
            header=headers.get("stripe-signature", ""),
            hook_secret=self._config.hook_secret,
            is_test=self._is_test,
            now=now,
        )
        return [event_of(event)]

    def events_told(self, *, since: datetime) -> Sequence[ToldEvent]:
        """Stripe keeps them for thirty days."""
        found: list[ToldEvent] = []
        for page in self._calls.pages(self._calls.v1.events.list, created={"gte": int(since.timestamp())}):
            for each in page.get("data") or ():
                try:
                    found.append(event_of(each))
                except UnableToTrustNotice as error:
                    raise UnableToAsk(NOT_UNDERSTOOD(host=self._calls.host, reason="event")) from error
        found.reverse()  # told newest first; those of one second stay in their order
        return sorted(found, key=lambda event: event.occurred_at)

    def close(self) -> None:
        if self._made is not None:
            self._made.close()

    def _write(self, method: Any, *ids: str, key: str, **params: Any) -> Answer:
        """Of what no bank decides on: a decline there is an error like any other. Raises `UnableToCharge`."""
        try:
            return self._calls.write(method, *ids, key=key, **params)
        except stripe.CardError as error:
            raise self._refused(error) from error

    def _refused(self, error: stripe.CardError) -> UnableToCharge:
        told = error_details(error)
        codes = {name: str(told.get(name) or "") for name in ("code", "decline_code", "advice_code")}
        failure = failure_of(**codes)
        return UnableToCharge(failure.sentence, failure=failure)

    def _declined(self, error: stripe.CardError) -> ToldCharge:
        """The payment that failed, which Stripe keeps and tells with the error."""
        intent = error_details(error).get("payment_intent")
        if not isinstance(intent, dict):
            raise self._refused(error) from error
        return replace(
            self._charge(session=None, intent=intent, told_at=told_when(error.headers)),
            state="failed",
            failure=self._refused(error).failure,
        )

    def _session(self, external_id: str) -> Answer:
        return self._calls.read(
            self._calls.v1.checkout.sessions.retrieve,
            external_id,
            expand=[f"payment_intent.{part}" for part in _CHARGE_PARTS],
        )

    def _charge_of_session(self, session: Answer) -> ToldCharge:
        intent = session.get("payment_intent")
        return self._charge(
            session=session, intent=intent if isinstance(intent, Mapping) else None, told_at=session.told_at
        )

    def _charge(
        self, *, session: Mapping[str, Any] | None, intent: Mapping[str, Any] | None, told_at: datetime
    ) -> ToldCharge:
        taken = (intent or {}).get("latest_charge")
        taken = taken if isinstance(taken, Mapping) else {}
        refunds = taken.get("refunds") or {}
        listed = list(refunds.get("data") or ())
        if refunds.get("has_more"):
            pages = self._calls.pages(self._calls.v1.refunds.list, payment_intent=str((intent or {})["id"]))
            listed = [each for page in pages for each in page.get("data") or ()]
        disputes: list[Mapping[str, Any]] = []
        if taken.get("disputed"):
            pages = self._calls.pages(self._calls.v1.disputes.list, payment_intent=str((intent or {})["id"]))
            disputes = sorted(
                (each for page in pages for each in page.get("data") or ()), key=lambda each: each["created"]
            )
        return charge_of(
            session=session,
            intent=intent,
            refunds=listed,
            disputes=disputes,
            mandate=self._mandate(mandate_id_of(intent)) if intent else None,
            told_at=told_at,
            host=self._calls.host,
        )

    def _mandate(self, external_id: str) -> Answer | None:
        return self._calls.read(self._calls.v1.mandates.retrieve, external_id) if external_id else None

    def _intent_id(self, external_id: str) -> str:
        """The payment of a page. Raises `UnableToCharge` where nothing was paid yet."""
        if external_id.startswith("pi_"):
            return external_id
        try:
            session = self._calls.read(self._calls.v1.checkout.sessions.retrieve, external_id)
        except UnableToAsk as error:
            raise UnableToCharge(error.sentence, retry_after_seconds=error.retry_after_seconds) from error
        intent = session.get("payment_intent")
        if not isinstance(intent, str):
            failure = failure_of(code="charge_not_refundable")
            raise UnableToCharge(failure.sentence, failure=failure)
        return intent

    def _told_after_all(self, external_id: str) -> ToldCharge:
        """The payment after it was changed: when that cannot be read, what became of it is not known."""
        try:
            return self.charge_told(external_id)
        except UnableToAsk as error:
            raise UnableToCharge(
                error.sentence, is_known=False, retry_after_seconds=error.retry_after_seconds
            ) from error

    def _refuse_large(self) -> None:
        failure = too_large()
        raise UnableToCharge(failure.sentence, failure=failure)


# what Stripe answers for a saved method that no customer holds any more
_GONE = frozenset({"resource_missing", "payment_method_unexpected_state", "invalid_request"})
