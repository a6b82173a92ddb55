"""What Stripe's objects say of a payment, a saved method, a refund or a dispute, in the words of the port.

A customer pays on a Checkout Session, which makes a PaymentIntent when it is confirmed; a charge without the customer is a
PaymentIntent alone. Money is Stripe's smallest unit, which is the cent for the currencies that are asked for here.
"""

from calendar import monthrange
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from encours.core.payments.methods import CARD, SEPA_DEBIT
from encours.ports.connections import NOT_UNDERSTOOD, UnableToAsk
from encours.ports.gateways import (
    ToldCharge,
    ToldChargeback,
    ToldFailure,
    ToldMandate,
    ToldRefund,
    ToldSetup,
)
from encours.providers.gateways.stripe.declines import failure_of

# our reference, on every object that can carry it
REFERENCE = "encours_reference"
# on a PaymentIntent that a Checkout Session makes
BY_CHECKOUT = "encours_checkout"
REFUND_KEY, REFUND_REASON = "encours_refund", "encours_reason"

KINDS = {CARD: "card", SEPA_DEBIT: "sepa_core"}
_PARIS = ZoneInfo("Europe/Paris")
_WAITING = frozenset({"requires_confirmation", "requires_action"})
_DISPUTES = {
    "needs_response": "open",
    "appeal_needs_response": "open",
    "under_review": "under_review",
    "appeal_under_review": "under_review",
    "won": "won",
    "prevented": "won",
    "warning_closed": "won",
    "lost": "lost",
    "warning_needs_response": "warning",
    "warning_under_review": "warning",
}
_REFUNDS = {
    "pending": "pending",
    "requires_action": "pending",
    "succeeded": "succeeded",
    "failed": "failed",
    "canceled": "canceled",
}


def charge_of(
    *,
    session: Mapping[str, Any] | None,
    intent: Mapping[str, Any] | None,
    refunds: Sequence[Mapping[str, Any]] = (),
    disputes: Sequence[Mapping[str, Any]] = (),
    mandate: Mapping[str, Any] | None = None,
    told_at: datetime,
    host: str,
) -> ToldCharge:
    """A payment as of `told_at`: on a page (`session`, its `intent` once there is one), or without the customer."""
    asked = session or intent
    assert asked is not None
    taken = _object((intent or {}).get("latest_charge"))
    state = _state(session, intent, told_at=told_at, host=host)
    failure = _intent_failure(intent) if intent else None
    returned = _return(intent, taken, disputes) if intent and state == "succeeded" else None
    if returned is not None:
        state, failure = "returned", failure_of(code=str(returned.get("reason") or "general"))
    elif state not in ("failed", "open"):
        failure = None
    method = _method(taken, intent)
    return ToldCharge(
        external_id=str(asked["id"]),
        reference=str((asked.get("metadata") or {}).get(REFERENCE) or ""),
        state=state,
        currency=str(asked.get("currency") or "").upper(),
        amount_cents=int((session or {}).get("amount_total") or (intent or {}).get("amount") or 0),
        received_cents=int((intent or {}).get("amount_received") or 0) if state in ("succeeded", "returned") else 0,
        told_at=told_at,
        method=method,
        url=str((session or {}).get("url") or "") if state == "open" else "",
        expires_at=_moment((session or {}).get("expires_at")) if state == "open" else None,
        succeeded_at=_moment(taken.get("created")) if method == CARD and state in ("succeeded", "returned") else None,
        returned_date=_day(returned) if returned else None,
        fee_cents=_fee(taken, currency=str(asked.get("currency") or "")),
        failure=failure,
        mandate=_saved(intent, mandate, state),
        refunds=tuple(_refund(each) for each in refunds),
        chargebacks=tuple(_chargeback(each, host) for each in disputes if each is not returned),
    )  # fmt: skip


def setup_of(
    *,
    session: Mapping[str, Any],
    setup: Mapping[str, Any] | None,
    mandate: Mapping[str, Any] | None,
    told_at: datetime,
) -> ToldSetup:
    """A page to save a method on, and what came of it. An attempt that failed leaves the page open for another."""
    method = _object((setup or {}).get("payment_method"))
    state, failure, saved = "open", None, None
    if setup and setup.get("status") == "succeeded" and method:
        state, saved = "succeeded", mandate_of(method, mandate)
    elif session.get("status") == "expired" or (setup and setup.get("status") == "canceled"):
        state = "canceled"
    elif setup and setup.get("last_setup_error"):
        failure = _failure(setup["last_setup_error"])
        state = "failed" if session.get("status") == "complete" else "open"
    return ToldSetup(
        external_id=str(session["id"]),
        reference=str((session.get("metadata") or {}).get(REFERENCE) or ""),
        state=state,
        told_at=told_at,
        url=str(session.get("url") or "") if state == "open" else "",
        mandate=saved,
        failure=failure,
    )


def mandate_of(method: Mapping[str, Any], mandate: Mapping[str, Any] | None) -> ToldMandate:
    """A PaymentMethod, with its Mandate where there is one. A method no customer holds can never be charged again."""
    kind = str(method.get("type") or "")
    about = method.get(kind) or {}
    agreed = ((mandate or {}).get("payment_method_details") or {}).get(kind) or {}
    state = "active" if method.get("customer") else "revoked"
    if mandate:
        state = {"inactive": "revoked", "pending": "pending"}.get(str(mandate.get("status")), state)
    return ToldMandate(
        external_id=str(method["id"]),
        mandate_external_id=str((mandate or {}).get("id") or ""),
        customer_external_id=_id(method.get("customer")),
        kind=KINDS.get(kind, kind[:10]),
        state=state,
        reference=str(agreed.get("reference") or "")[:35],
        holder_name=str((method.get("billing_details") or {}).get("name") or "")[:140],
        brand=str(about.get("brand") or "")[:20],
        last_digits=str(about.get("last4") or "")[:4],
        bank_country=str(about.get("country") or "")[:2],
        expires_date=_last_day(about.get("exp_year"), about.get("exp_month")),
    )


def mandate_id_of(intent: Mapping[str, Any]) -> str:
    """The Mandate a payment that saves its method was made under, "" where it needs none."""
    details = _object(intent.get("latest_charge")).get("payment_method_details") or {}
    about = details.get(str(details.get("type"))) or {}
    return _id(about.get("mandate")) if intent.get("setup_future_usage") else ""


def _state(
    session: Mapping[str, Any] | None, intent: Mapping[str, Any] | None, *, told_at: datetime, host: str
) -> str:
    found = _intent_state(intent, host) if intent else "open"
    if session is None or found in ("succeeded", "pending"):
        return found
    match session.get("status"):
        case "open":
            return "open"  # a declined card may be followed by another one on the same page
        case "complete":
            return found
        case "expired":
            ends = _moment(session.get("expires_at"))
            # ended before its time: it was canceled
            return "canceled" if ends and ends > told_at else "expired"
        case unknown:
            raise UnableToAsk(NOT_UNDERSTOOD(host=host, reason=f"session {unknown}"))


def _intent_state(intent: Mapping[str, Any], host: str) -> str:
    status = intent.get("status")
    if status == "requires_payment_method":
        return "failed" if intent.get("last_payment_error") or intent.get("latest_charge") else "open"
    if status in _WAITING:
        return "open"
    known = {"processing": "pending", "requires_capture": "pending", "succeeded": "succeeded", "canceled": "canceled"}  # fmt: skip
    if status not in known:
        raise UnableToAsk(NOT_UNDERSTOOD(host=host, reason=f"status {status}"))
    return known[str(status)]


def _intent_failure(intent: Mapping[str, Any]) -> ToldFailure | None:
    error = intent.get("last_payment_error")
    if error:
        return _failure(error)
    code = _object(intent.get("latest_charge")).get("failure_code")
    return failure_of(code=str(code)) if code else None


def _failure(error: Mapping[str, Any]) -> ToldFailure:
    told = {name: str(error.get(name) or "") for name in ("code", "decline_code", "advice_code")}
    return failure_of(**told)


def _return(
    intent: Mapping[str, Any], taken: Mapping[str, Any], disputes: Sequence[Mapping[str, Any]]
) -> Mapping[str, Any] | None:
    """The dispute that took a whole direct debit back: final from its first day, there is nothing to contest."""
    if _method(taken, intent) != SEPA_DEBIT:
        return None
    whole = [
        each
        for each in disputes
        if each.get("amount") == intent.get("amount_received")
        and _DISPUTES.get(str(each.get("status"))) in ("open", "under_review", "lost")
    ]
    return whole[-1] if whole else None


def _chargeback(dispute: Mapping[str, Any], host: str) -> ToldChargeback:
    state = _DISPUTES.get(str(dispute.get("status")))
    if state is None:
        raise UnableToAsk(NOT_UNDERSTOOD(host=host, reason=f"dispute {dispute.get('status')}"))
    moved = [each for each in dispute.get("balance_transactions") or () if isinstance(each, Mapping)]
    opened_at = _moment(dispute.get("created"))
    assert opened_at is not None
    return ToldChargeback(
        external_id=str(dispute["id"]),
        amount_cents=int(dispute["amount"]),
        state=state,
        is_withdrawn=sum(int(each.get("amount") or 0) for each in moved) < 0,
        reason=str(dispute.get("reason") or "")[:60],
        opened_at=opened_at,
        respond_by=_moment((dispute.get("evidence_details") or {}).get("due_by")),
        fee_cents=sum(int(each.get("fee") or 0) for each in moved),
    )


def _refund(refund: Mapping[str, Any]) -> ToldRefund:
    kept = refund.get("metadata") or {}
    return ToldRefund(
        external_id=str(refund["id"]),
        amount_cents=int(refund["amount"]),
        # an older kind of refund has no state: it was made at once
        state=_REFUNDS.get(str(refund.get("status") or "succeeded"), "pending"),
        key=str(kept.get(REFUND_KEY) or ""),
        reason=str(kept.get(REFUND_REASON) or refund.get("reason") or ""),
    )


def _saved(
    intent: Mapping[str, Any] | None, mandate: Mapping[str, Any] | None, state: str
) -> ToldMandate | None:
    """The method that may be charged later, once its first payment is on its way."""
    method = _object((intent or {}).get("payment_method"))
    agreed = (intent or {}).get("setup_future_usage") == "off_session"
    if not agreed or state not in ("pending", "succeeded") or method.get("type") not in KINDS:
        return None
    return mandate_of(method, mandate)


def _method(taken: Mapping[str, Any], intent: Mapping[str, Any] | None) -> str:
    """What it is or was paid with, as one of our methods; "" until that is chosen."""
    used = (taken.get("payment_method_details") or {}).get("type")
    kind = str(used or _object((intent or {}).get("payment_method")).get("type") or "")
    return kind if kind in KINDS else ""


def _fee(taken: Mapping[str, Any], *, currency: str) -> int | None:
    """What Stripe keeps, when it is known and in the payment's own currency."""
    booked = _object(taken.get("balance_transaction"))
    return int(booked.get("fee") or 0) if booked and booked.get("currency") == currency else None


def _object(value: Any) -> Mapping[str, Any]:
    """An expanded object; nothing where only its id was told."""
    return value if isinstance(value, Mapping) else {}


def _id(value: Any) -> str:
    return str(_object(value).get("id") or (value if isinstance(value, str) else ""))


def _moment(seconds: Any) -> datetime | None:
    return datetime.fromtimestamp(seconds, UTC) if isinstance(seconds, int) else None


def _day(dispute: Mapping[str, Any]) -> date | None:
    opened_at = _moment(dispute.get("created"))
    return opened_at.astimezone(_PARIS).date() if opened_at else None


def _last_day(year: Any, month: Any) -> date | None:
    if not isinstance(year, int) or not isinstance(month, int) or not 1 <= month <= 12:
        return None
    return date(year, month, monthrange(year, month)[1])
