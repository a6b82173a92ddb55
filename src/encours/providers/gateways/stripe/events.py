"""Stripe's events: who may tell them, and what to ask for because of them."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from encours.ports.gateways import ToldEvent
from encours.ports.notices import UnableToTrustNotice, elements, is_signed, secrets_of
from encours.providers.gateways.stripe.told import REFERENCE

_TOLERANCE = timedelta(minutes=5)

# what an endpoint should be told; everything else is ignored
KINDS = (
    "checkout.session.completed", "checkout.session.async_payment_succeeded",
    "checkout.session.async_payment_failed", "checkout.session.expired", "payment_intent.processing",
    "payment_intent.succeeded", "payment_intent.payment_failed", "payment_intent.canceled", "charge.refunded",
    "charge.refund.updated", "refund.created", "refund.updated", "refund.failed", "charge.dispute.created",
    "charge.dispute.updated", "charge.dispute.closed", "charge.dispute.funds_withdrawn",
    "charge.dispute.funds_reinstated", "mandate.updated", "payment_method.automatically_updated",
    "payment_method.updated", "payment_method.detached", "payout.created", "payout.updated", "payout.paid", "payout.failed",
    "payout.canceled", "payout.reconciliation_completed",
)  # fmt: skip


def signed_event(
    *, body: bytes, header: str, hook_secret: str, is_test: bool, now: datetime
) -> Mapping[str, Any]:
    """The event of a request signed with one of the endpoint's secrets. Raises `UnableToTrustNotice`.

    Source: Stripe, "Verify webhook signatures manually": HMAC-SHA256 of `t.body`, at most five minutes old.
    """
    told = elements(header)
    times = [value for name, value in told if name == "t"]
    signatures = [value for name, value in told if name == "v1"]
    secrets = secrets_of(hook_secret)
    if (
        not secrets
        or len(times) != 1
        or not (times[0].isascii() and times[0].isdigit() and len(times[0]) < 13)
    ):
        raise UnableToTrustNotice("no valid signature")
    if not is_signed(times[0].encode() + b"." + body, secrets=secrets, signatures=signatures):
        raise UnableToTrustNotice("no valid signature")
    if abs(now.timestamp() - int(times[0])) > _TOLERANCE.total_seconds():
        raise UnableToTrustNotice("too old")
    try:
        event = json.loads(body)
    except (ValueError, RecursionError):
        raise UnableToTrustNotice("no JSON") from None
    if not isinstance(event, dict) or event.get("object") != "event":
        raise UnableToTrustNotice("no event")
    if event.get("livemode") is not (not is_test):
        raise UnableToTrustNotice("an event of the other mode (test or live)")
    return event


def event_of(event: Mapping[str, Any]) -> ToldEvent:
    """What happened, and what to ask for. Raises `UnableToTrustNotice` for what is no event of Stripe's."""
    external_id, kind, created = event.get("id"), event.get("type"), event.get("created")
    data = event.get("data")
    about = data.get("object") if isinstance(data, dict) else None
    if (
        not isinstance(external_id, str) or not 0 < len(external_id) <= 200
        or not isinstance(kind, str) or not isinstance(about, dict)
        or not isinstance(created, int) or not 0 <= created < 1 << 33
    ):  # fmt: skip
        raise UnableToTrustNotice("not of the form of an event")
    # of an account connected to the company's: none of its own money
    noun, object_id = ("", "") if event.get("account") else _subject(kind, about)
    return ToldEvent(
        external_id=external_id,
        kind=kind[:80],
        about=noun if object_id else "",
        object_id=object_id if noun else "",
        occurred_at=datetime.fromtimestamp(created, UTC),
    )


def _subject(kind: str, about: Mapping[str, Any]) -> tuple[str, str]:
    noun = kind.rpartition(".")[0]
    if noun == "checkout.session":
        if not _is_ours(about):
            return "", ""
        return ("setup" if about.get("mode") == "setup" else "charge"), _id(about.get("id"))
    if noun == "payment_intent":
        return ("charge", _id(about.get("id"))) if _is_ours(about) else ("", "")
    if noun == "charge":
        return ("charge", _id(about.get("payment_intent"))) if _is_ours(about) else ("", "")
    if noun in ("refund", "charge.refund", "charge.dispute"):
        # these carry nothing of ours: the payment is asked whose it is
        return "charge", _id(about.get("payment_intent"))
    if noun == "mandate":
        return "mandate", _id(about.get("payment_method"))
    if noun == "payment_method":
        return "mandate", _id(about.get("id"))
    if noun == "payout":
        return "payout", _id(about.get("id"))
    return "", ""


def _is_ours(about: Mapping[str, Any]) -> bool:
    kept = about.get("metadata")
    return isinstance(kept, dict) and bool(kept.get(REFERENCE))


def _id(value: Any) -> str:
    found = value.get("id") if isinstance(value, dict) else value
    return found if isinstance(found, str) and 0 < len(found) <= 200 else ""
