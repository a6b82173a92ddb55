"""Bridge payment links (bridgeapi.io): the customer transfers from their own bank, straight to the company's account.

A link is for one transfer that names all its invoices, so that one line of the bank statement is one payment; our reference
is its end-to-end id and begins its label. Bridge has no idempotency keys: what may have been made is looked for by reference.
Nothing is held at Bridge: no payouts; what goes back is a transfer of the company's own.
"""

import json
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, ClassVar, NoReturn
from urllib.parse import quote

from encours.core.payments.methods import INSTANT_TRANSFER
from encours.core.wording import Wording
from encours.ports.connections import NOT_LET_IN, NOT_UNDERSTOOD, UnableToAsk, setting
from encours.ports.gateways import (
    ChargeRequest,
    CheckoutRequest,
    SetupRequest,
    ToldCharge,
    ToldEvent,
    ToldFailure,
    ToldMandate,
    ToldMerchant,
    ToldPayout,
    ToldSetup,
    UnableToCharge,
)
from encours.ports.http import BankApi, UnableToObtain, parsed, stamp
from encours.ports.live_feeds import ADDRESS_LABEL, HOOK_SECRET_HELP, HOOK_SECRET_LABEL
from encours.providers.gateways.bridge.events import KINDS, event_of
from encours.providers.gateways.bridge.reasons import not_euro, other_request, refused, too_large, unable
from encours.providers.gateways.bridge.told import charge_of, id_of

_VERSION = "2025-01-15"
_LINKS, _REQUESTS = "payment/payment-links", "payment/payment-requests"
_PAGE, _MAX_PAGES = 500, 200
_TIMEOUT_SECONDS = 20.0
_LABEL_LENGTH = 140
# a request is asked for again within a day of the first time, never later
_KEY_LIFE = timedelta(days=1)

_CLIENT_ID = Wording("bridge_payment.client_id", fr="Identifiant client", en="Client id")
_CLIENT_ID_HELP = Wording(
    "bridge_payment.client_id_help",
    fr="De l'application Bridge pour les paiements. Une application de test (sandbox) ne déplace pas d'argent.",
    en="Of the Bridge application for payments. A test application (sandbox) moves no money.",
)
_CLIENT_SECRET = Wording("bridge_payment.client_secret", fr="Secret client", en="Client secret")
_STEPS = (
    Wording(
        "bridge_payment.step.beneficiary",
        fr="Dans le tableau de bord Bridge, ouvrez les réglages des paiements et donnez le nom exact du titulaire et l'IBAN"
        " du compte sur lequel vos clients paient.",
        en="In Bridge's dashboard, open the payment settings and give the exact name of the holder and the IBAN of the account"
        " your customers pay to.",
    ),
    Wording(
        "bridge_payment.step.domain",
        fr="Au même endroit, autorisez le domaine de cette installation : le client y revient après avoir payé.",
        en="At the same place, allow the domain of this installation: the customer comes back to it after paying.",
    ),
    Wording(
        "bridge_payment.step.address",
        fr=f"Sous Webhooks, ajoutez l'adresse ci-dessus avec les événements {', '.join(KINDS)}.",
        en=f"Under Webhooks, add the address above with the events {', '.join(KINDS)}.",
    ),
    Wording(
        "bridge_payment.step.secret",
        fr="Copiez le secret du webhook et donnez-le ici, sous « Remplacer les identifiants ».",
        en='Copy the secret of the webhook and give it here, under "Replace credentials".',
    ),
)


@dataclass(frozen=True)
class BridgePaymentsConfig:
    client_id: str = setting(_CLIENT_ID, help=_CLIENT_ID_HELP)
    client_secret: str = setting(_CLIENT_SECRET, secret=True)
    hook_secret: str = setting(HOOK_SECRET_LABEL, help=HOOK_SECRET_HELP, default="", secret=True)
    base_url: str = setting(ADDRESS_LABEL, default="https://api.bridgeapi.io/v3", hidden=True)


class BridgePayments:
    name: ClassVar[str] = "bridge"
    title: ClassVar[Wording] = Wording("gateway.bridge", fr="Bridge (virement instantané par lien)", en="Bridge (instant transfer by link)")  # fmt: skip
    Config: ClassVar[type] = BridgePaymentsConfig
    methods: ClassVar[frozenset[str]] = frozenset({INSTANT_TRANSFER})
    # what a SEPA message has room for (EPC004-16); the payer's own bank may set less, which its customer sees there
    limits_cents: ClassVar[Mapping[str, int]] = {INSTANT_TRANSFER: 99_999_999_999}
    notice_steps: ClassVar[tuple[Wording, ...]] = _STEPS

    def __init__(self, config: BridgePaymentsConfig) -> None:
        self._config = config
        self._api = BankApi(
            config.base_url,
            headers={
                "Bridge-Version": _VERSION,
                "Client-Id": config.client_id,
                "Client-Secret": config.client_secret,
                "Accept": "application/json",
            },
            timeout_seconds=_TIMEOUT_SECONDS,
        )

    def merchant_told(self) -> ToldMerchant:
        """Bridge tells no name of an application: its id says which one it is."""
        next(self._pages(_LINKS, {"limit": 1}), None)
        client_id = self._config.client_id
        return ToldMerchant(
            name=client_id, is_test=client_id.startswith("sandbox"), methods=frozenset({INSTANT_TRANSFER})
        )

    def checkout(self, request: CheckoutRequest) -> ToldCharge:
        if request.saves_method:
            _refuse(unable("save_method"))
        if request.currency != "EUR":
            _refuse(not_euro())
        if request.amount_cents > self.limits_cents[INSTANT_TRANSFER]:
            _refuse(too_large())
        made = self._made_before(request)
        if made is not None:
            if made.amount_cents != request.amount_cents:
                _refuse(other_request())
            return made
        link = self._write(_LINKS, _link_params(request))
        told = self._told_after_all(str(link.get("id") or ""))
        return replace(told, url=told.url or str(link.get("url") or "")) if told.state == "open" else told

    def charge(self, request: ChargeRequest) -> ToldCharge:  # noqa: ARG002 (the port's)
        """Each transfer is confirmed by the customer at the bank."""
        _refuse(unable("charge"))

    def set_up(self, request: SetupRequest) -> ToldSetup:  # noqa: ARG002 (the port's)
        _refuse(unable("save_method"))

    def cancel(self, external_id: str, *, key: str) -> ToldCharge:  # noqa: ARG002 (the port's)
        """Revokes the link. A customer who is at the bank already may still confirm: that is told as pending."""
        told = self._told_after_all(external_id)
        if told.state != "open":
            return told
        try:
            self._write(f"{_LINKS}/{quote(external_id, safe='')}/revoke", {})
        except UnableToCharge as error:
            # it ended or was paid meanwhile: what is told now says which
            if not error.is_known or error.failure is None or error.retry_after_seconds is not None:
                raise
            after = self._told_after_all(external_id)
            if after.state == "open":
                raise
            return after
        return self._told_after_all(external_id)

    def refund(self, external_id: str, *, amount_cents: int, key: str, reason: str) -> ToldCharge:  # noqa: ARG002 (the port's)
        """The money is on the company's own account: only its own transfer gives it back."""
        _refuse(unable("refund"))

    def charge_told(self, external_id: str) -> ToldCharge:
        link = self._read(f"{_LINKS}/{quote(external_id, safe='')}")
        # read last, because it decides: what is told is as of then
        requests: list[dict[str, Any]] = []
        told_at = None
        for page, moment in self._pages(_REQUESTS, {"payment_link_id": external_id, "limit": _PAGE}):
            requests += [each for each in page if each.get("payment_link_id") == external_id]
            told_at = min(told_at or moment, moment)
        if told_at is None:
            raise UnableToAsk(NOT_UNDERSTOOD(host=self._api.host, reason="resources"))
        return charge_of(link, requests, told_at=told_at, host=self._api.host)

    def find(self, reference: str) -> ToldCharge | None:
        return self._find(reference, {})

    def setup_told(self, external_id: str) -> ToldSetup:  # noqa: ARG002 (the port's)
        raise self._unable_to_ask("set_up")

    def mandate_told(self, external_id: str, *, mandate_external_id: str = "") -> ToldMandate:  # noqa: ARG002 (the port's)
        raise self._unable_to_ask("mandate")

    def forget_method(self, external_id: str) -> None:
        """None is ever saved."""

    def payouts_told(self, *, since: datetime) -> Sequence[ToldPayout]:  # noqa: ARG002 (the port's)
        """None: each transfer is on the company's account by itself."""
        return ()

    def payout_told(self, external_id: str) -> ToldPayout:  # noqa: ARG002 (the port's)
        raise self._unable_to_ask("payout")

    def parse_event(self, *, body: bytes, headers: Mapping[str, str], now: datetime) -> Sequence[ToldEvent]:
        header = headers.get("bridgeapi-signature", "")
        return [event_of(body=body, header=header, hook_secret=self._config.hook_secret, now=now)]

    def events_told(self, *, since: datetime) -> Sequence[ToldEvent]:  # noqa: ARG002 (the port's)
        """Bridge keeps no list of them: a link not heard of for long is asked for itself."""
        return ()

    def close(self) -> None:
        self._api.close()

    def _made_before(self, request: CheckoutRequest) -> ToldCharge | None:
        since = {"since": stamp(request.expires_at - _KEY_LIFE)} if request.expires_at else {}
        try:
            return self._find(request.reference, since)
        except UnableToAsk as error:
            # an earlier try of this request may have made it: only who is not let in at all made nothing
            is_shut_out = isinstance(error, UnableToObtain) and error.status in (401, 403)
            raise UnableToCharge(
                error.sentence, is_known=is_shut_out, retry_after_seconds=error.retry_after_seconds
            ) from error

    def _find(self, reference: str, params: Mapping[str, str]) -> ToldCharge | None:
        """Of several, the one that was paid, or can be."""
        found = [
            self.charge_told(id_of(each, self._api.host))
            for page, _ in self._pages(_LINKS, {**params, "limit": _PAGE})
            for each in page
            if each.get("client_reference") == reference
        ]
        order = {state: rank for rank, state in enumerate(("succeeded", "pending", "open"))}
        return min(found, key=lambda told: order.get(told.state, len(order)), default=None)

    def _pages(self, path: str, params: Mapping[str, Any]) -> Iterator[tuple[list[dict[str, Any]], datetime]]:
        """Pages of a list, each with the moment it was told. Raises `UnableToAsk`."""
        wanted: Mapping[str, Any] | None = params
        for _ in range(_MAX_PAGES):
            try:
                answer = self._api.read(path, params=wanted)
            except UnableToObtain as error:
                raise self._readable(error) from error
            said = parsed(answer.content, host=self._api.host)
            found = said.get("resources")
            if not isinstance(found, list):
                raise UnableToAsk(NOT_UNDERSTOOD(host=self._api.host, reason="resources"), needs_person=True)
            yield [each for each in found if isinstance(each, dict)], answer.told_at
            path, wanted = str((said.get("pagination") or {}).get("next_uri") or ""), None
            if not path:
                return
        raise UnableToAsk(NOT_UNDERSTOOD(host=self._api.host, reason="pagination"))

    def _read(self, path: str) -> dict[str, Any]:
        try:
            return parsed(self._api.read(path).content, host=self._api.host)
        except UnableToObtain as error:
            raise self._readable(error) from error

    def _readable(self, error: UnableToObtain) -> UnableToAsk:
        """Asking again does not help where Bridge says that there is no such thing."""
        if error.status in (401, 403, 429) or error.status >= 500:
            return error
        return UnableToObtain(
            NOT_UNDERSTOOD(host=self._api.host, reason=f"HTTP {error.status}"), status=error.status,
            content=error.content, needs_person=True,
        )  # fmt: skip

    def _write(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """Raises `UnableToCharge`: known only where Bridge itself says that it did not do it."""
        try:
            content = self._api.post(path, body=body)
            return parsed(content, host=self._api.host) if content.strip() else {}
        except UnableToObtain as error:
            raise self._not_charged(error) from error
        except UnableToAsk as error:
            raise UnableToCharge(error.sentence, is_known=False) from error

    def _not_charged(self, error: UnableToObtain) -> UnableToCharge:
        if error.status == 429:
            return UnableToCharge(error.sentence, retry_after_seconds=error.retry_after_seconds)
        if error.status >= 500:
            return UnableToCharge(error.sentence, is_known=False)
        if error.status in (401, 403):
            sentence = NOT_LET_IN(host=self._api.host)
            return UnableToCharge(sentence, failure=ToldFailure("ours", f"http_{error.status}", sentence))
        failure = refused(_code(error))
        return UnableToCharge(failure.sentence, failure=failure)

    def _told_after_all(self, external_id: str) -> ToldCharge:
        """The payment after it was changed: when that cannot be read, what became of it is not known."""
        try:
            return self.charge_told(external_id)
        except UnableToAsk as error:
            raise UnableToCharge(
                error.sentence, is_known=False, retry_after_seconds=error.retry_after_seconds
            ) from error

    def _unable_to_ask(self, what: str) -> UnableToAsk:
        return UnableToAsk(unable(what).sentence, needs_person=True)


def _link_params(request: CheckoutRequest) -> dict[str, Any]:
    label = f"{request.reference} {_plain(request.label)}".strip()[:_LABEL_LENGTH].rstrip(" ,")
    params: dict[str, Any] = {
        "user": {"company_name": request.payer.name},
        "client_reference": request.reference,
        "callback_url": request.return_url,
        "transactions": [
            {
                "amount": request.amount_cents / 100,
                "currency": request.currency,
                "label": label,
                "end_to_end_id": request.reference,
            }
        ],
    }
    if request.expires_at:  # else a quarter of an hour; Bridge refuses more than 90 days
        params["expired_date"] = stamp(request.expires_at)
    return params


def _plain(text: str) -> str:
    """In the characters every bank of SEPA takes (EPC217-08)."""
    letters = unicodedata.normalize("NFKD", text)
    kept = ((c if c.isascii() and (c.isalnum() or c in "/-?:().,'+ ") else " ") for c in letters if not unicodedata.combining(c))  # fmt: skip
    return " ".join("".join(kept).split())


def _code(error: UnableToObtain) -> str:
    """The service's own word for it, else the status."""
    try:
        code = json.loads(error.content)["errors"][0]["code"]
    except (ValueError, KeyError, TypeError, IndexError, RecursionError):
        code = ""
    return code[:60] if isinstance(code, str) and code else f"http_{error.status}"


def _refuse(failure: ToldFailure) -> NoReturn:
    raise UnableToCharge(failure.sentence, failure=failure)
