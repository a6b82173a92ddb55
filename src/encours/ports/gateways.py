"""A payment service: takes payments of customers who are present, charges those who agreed before, tells what happened.

What a service says of a payment is a `ToldCharge`: all of it, as of a moment. Events are hints to ask again; whether one
is late, early or told twice changes nothing, because what counts is the latest word on the object itself.

A service may know one payment by several ids (a page to pay on, the payment made there): it can be asked for by any of them,
and always answers with the one it gave first as `external_id`. Whose payment it is, is said by `reference`, which is ours.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, ClassVar, Protocol

from encours.core.wording import Sentence, Wording


class UnableToCharge(Exception):
    """The service did not take the request. `failure` says why, when it said so.

    A charge the payer's bank declined is no such case where the service keeps it: it is a `ToldCharge` that failed.

    `is_known` is False when nobody can say whether the service acted on it (a time-out, a broken connection, 5xx): the
    same request with the same key is the only one that may follow, or `find`.
    """

    def __init__(
        self,
        sentence: Sentence,
        *,
        failure: "ToldFailure | None" = None,
        is_known: bool = True,
        retry_after_seconds: int | None = None,
    ) -> None:
        super().__init__(sentence.code)
        self.sentence = sentence
        self.failure = failure
        self.is_known = is_known
        self.retry_after_seconds = retry_after_seconds


@dataclass(frozen=True)
class ToldFailure:
    """Why money did not come. `group` is one of `core.payments.failures.GROUPS`; `code` is the service's own."""

    group: str
    code: str
    sentence: Sentence


@dataclass(frozen=True)
class ToldMandate:
    """A saved method as the service knows it; `state` is one of `store.models.PaymentMandate.State`."""

    external_id: str  # of the saved method
    mandate_external_id: str
    customer_external_id: str
    kind: str  # card, sepa_core, sepa_b2b
    state: str
    reference: str = ""  # RUM, when the service gave one
    holder_name: str = ""
    brand: str = ""
    last_digits: str = ""
    bank_country: str = ""
    expires_date: date | None = None


@dataclass(frozen=True)
class ToldRefund:
    """`state`: pending, succeeded, failed, canceled. `key` is the idempotency key we gave, "" when made at the service."""

    external_id: str
    amount_cents: int
    state: str
    key: str = ""
    reason: str = ""


@dataclass(frozen=True)
class ToldChargeback:
    """`state`: warning, open, under_review, won, lost. `is_withdrawn`: the money is gone from the balance now."""

    external_id: str
    amount_cents: int
    state: str
    is_withdrawn: bool
    reason: str
    opened_at: datetime
    respond_by: datetime | None = None
    fee_cents: int = 0


@dataclass(frozen=True)
class ToldCharge:
    """Everything a service says of one payment, as of `told_at` (its own clock).

    `state`: open, pending, succeeded, failed, canceled, expired, or returned (it had succeeded and went back as a whole:
    `returned_date`, `failure` says why). `received_cents` is what was taken in all, never less refunds. `reference` is
    ours, as we gave it.
    """

    external_id: str
    reference: str
    state: str
    currency: str
    amount_cents: int
    received_cents: int
    told_at: datetime
    method: str = ""
    url: str = ""
    client_secret: str = ""  # for the service's own element in the page; never stored
    expires_at: datetime | None = None
    succeeded_at: datetime | None = None
    returned_date: date | None = None
    fee_cents: int | None = None
    failure: ToldFailure | None = None
    mandate: ToldMandate | None = None
    refunds: tuple[ToldRefund, ...] = ()
    chargebacks: tuple[ToldChargeback, ...] = ()
    payout_external_id: str = ""


@dataclass(frozen=True)
class Payer:
    """Who pays, as far as a service needs to know."""

    name: str
    email: str
    language: str
    country: str
    customer_external_id: str = ""


@dataclass(frozen=True)
class CheckoutRequest:
    """A payment by a customer who is present. `key` is its idempotency key, `reference` comes back with everything."""

    key: str
    reference: str
    payer: Payer
    methods: tuple[str, ...]
    currency: str
    amount_cents: int
    label: str  # "FA-2026-001, FA-2026-002": what the payer reads
    return_url: str
    expires_at: datetime | None = None  # half an hour to a day ahead suits every service
    saves_method: bool = False  # the customer agreed that it is charged later
    lines: tuple[tuple[str, int], ...] = ()  # document number, cents


@dataclass(frozen=True)
class ChargeRequest:
    """A charge of a method saved before, without the customer."""

    key: str
    reference: str
    payer: Payer
    mandate_external_id: str
    method_external_id: str
    method: str
    currency: str
    amount_cents: int
    label: str


@dataclass(frozen=True)
class SetupRequest:
    """Saving a method for later, without a payment."""

    key: str
    reference: str
    payer: Payer
    methods: tuple[str, ...]
    return_url: str


@dataclass(frozen=True)
class ToldSetup:
    """Where the customer saves a method, and what came of it: `state` open, succeeded, failed or canceled."""

    external_id: str
    reference: str
    state: str
    told_at: datetime
    url: str = ""
    client_secret: str = ""
    mandate: ToldMandate | None = None
    failure: ToldFailure | None = None


@dataclass(frozen=True)
class ToldPayoutLine:
    """`kind`: charge, refund, chargeback, fee, other; `object_id` the payment it is about. Cents signed as they count.

    `reference` is ours of that payment, "" where the payment is none of ours.
    """

    kind: str
    object_id: str
    amount_cents: int
    fee_cents: int
    reference: str = ""


@dataclass(frozen=True)
class ToldPayout:
    """`state`: pending, in_transit, paid, failed, canceled. Its lines, less their fees, sum to `amount_cents`."""

    external_id: str
    currency: str
    amount_cents: int
    arrival_date: date
    state: str
    told_at: datetime
    lines: tuple[ToldPayoutLine, ...]


@dataclass(frozen=True)
class ToldEvent:
    """`about`: charge, setup, mandate, payout or "" for what nothing follows from; `object_id` is what to ask for.

    Of a charge it may be another id than the one kept: ask, and go by the answer's `reference`. Of a mandate it is the saved
    method's.
    """

    external_id: str
    kind: str
    about: str
    object_id: str
    occurred_at: datetime


@dataclass(frozen=True)
class ToldMerchant:
    """The company's account at a service, as its credentials open it.

    `methods` can be used today; `lacking` says in words what the account or the key still needs.
    """

    name: str
    is_test: bool  # no real money moves
    methods: frozenset[str]
    lacking: tuple[Sentence, ...] = ()


class PaymentGateway(Protocol):
    """One folder in `providers/gateways`, with one entry point (`encours.gateways`). Made from its frozen `Config`.

    Every call raises `UnableToCharge`, or `ports.connections.UnableToAsk` for reads; a request given again with the same
    key is the same request. Ids and amounts it answers with are the service's: the caller compares them with its own.
    """

    name: ClassVar[str]
    title: ClassVar[Wording]
    Config: ClassVar[type]
    methods: ClassVar[frozenset[str]]  # of core.payments.methods.METHODS
    limits_cents: ClassVar[Mapping[str, int]]  # highest amount of one payment by method
    # what a person does at the service so that it reports here, in order; empty where it sends no events
    notice_steps: ClassVar[tuple[Wording, ...]]

    def __init__(self, config: Any) -> None: ...

    def merchant_told(self) -> ToldMerchant:
        """Whose account it is, and what it may do. Moves nothing."""
        ...

    def checkout(self, request: CheckoutRequest) -> ToldCharge: ...

    def charge(self, request: ChargeRequest) -> ToldCharge:
        """Never waits for the customer: what needs one fails with the group `customer`."""
        ...

    def set_up(self, request: SetupRequest) -> ToldSetup: ...

    def cancel(self, external_id: str, *, key: str) -> ToldCharge:
        """Makes sure that nothing is taken any more; what was taken already is told as it is."""
        ...

    def refund(self, external_id: str, *, amount_cents: int, key: str, reason: str) -> ToldCharge: ...

    def charge_told(self, external_id: str) -> ToldCharge: ...

    def find(self, reference: str) -> ToldCharge | None:
        """The payment of our reference, after a request nobody heard the answer of. None when there is none."""
        ...

    def setup_told(self, external_id: str) -> ToldSetup: ...

    def mandate_told(self, external_id: str, *, mandate_external_id: str = "") -> ToldMandate:
        """A saved method; its mandate too where both ids are given."""
        ...

    def forget_method(self, external_id: str) -> None:
        """Makes sure that a saved method is never charged again; one that is gone already is fine."""
        ...

    def payouts_told(self, *, since: datetime) -> Sequence[ToldPayout]: ...

    def payout_told(self, external_id: str) -> ToldPayout: ...

    def parse_event(self, *, body: bytes, headers: Mapping[str, str], now: datetime) -> Sequence[ToldEvent]:
        """The events of a signed request (header names in lower case). Raises `UnableToTrustNotice`."""
        ...

    def events_told(self, *, since: datetime) -> Sequence[ToldEvent]:
        """What happened since, oldest first, for what was never delivered; empty where the service keeps no list."""
        ...

    def close(self) -> None: ...
