"""What Stripe sends to the bank, and which payments, refunds and fees each payout is made of."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from encours.ports.gateways import ToldPayout, ToldPayoutLine
from encours.providers.gateways.stripe.calls import Calls
from encours.providers.gateways.stripe.told import REFERENCE

_STATES = frozenset({"pending", "in_transit", "paid", "failed", "canceled"})
_KINDS = {
    "charge": "charge",
    "payment": "charge",
    # a direct debit that failed while its money was expected takes back what was counted for it
    "payment_failure_refund": "charge",
    "payment_reversal": "charge",
    "refund": "refund",
    "payment_refund": "refund",
    "refund_failure": "refund",
    "stripe_fee": "fee",
    "stripe_fx_fee": "fee",
    "tax_fee": "fee",
}
_OWN = frozenset({"payout", "payout_cancel", "payout_failure"})


def payout_of(calls: Calls, payout: Mapping[str, Any], *, told_at: datetime) -> ToldPayout:
    """A payout with all of its lines. Raises `UnableToAsk`.

    Stripe says what an automatic payout is made of; of one that somebody asked for by hand it says nothing, and the
    whole is one line `other`, as is every difference between the sum and what arrives.
    """
    lines = _lines(calls, str(payout["id"])) if payout.get("automatic") else []
    amount_cents = int(payout["amount"])
    rest = amount_cents - sum(each.amount_cents - each.fee_cents for each in lines)
    if rest:
        lines.append(ToldPayoutLine(kind="other", object_id="", amount_cents=rest, fee_cents=0))
    state = str(payout.get("status"))
    return ToldPayout(
        external_id=str(payout["id"]),
        currency=str(payout["currency"]).upper(),
        amount_cents=amount_cents,
        # midnight UTC of the day Stripe expects it
        arrival_date=datetime.fromtimestamp(int(payout["arrival_date"]), UTC).date(),
        state=state if state in _STATES else "pending",
        told_at=told_at,
        lines=tuple(lines),
    )


def _lines(calls: Calls, payout_id: str) -> list[ToldPayoutLine]:
    references: dict[str, str] = {}
    lines = []
    for page in calls.pages(calls.v1.balance_transactions.list, payout=payout_id, expand=["data.source"]):
        for booked in page.get("data") or ():
            if booked.get("type") not in _OWN:
                lines.append(_line(calls, booked, references))
    return lines


def _line(calls: Calls, booked: Mapping[str, Any], references: dict[str, str]) -> ToldPayoutLine:
    source = booked.get("source")
    source = source if isinstance(source, Mapping) else {}
    kind = _KINDS.get(str(booked.get("type")), "other")
    if source.get("object") == "dispute":
        kind = "chargeback"
    payment = source.get("payment_intent") if kind in ("charge", "refund", "chargeback") else ""
    payment = str(payment.get("id") if isinstance(payment, Mapping) else payment or "")
    amount_cents, fee_cents = int(booked["amount"]), int(booked.get("fee") or 0)
    if kind == "fee":  # told as a negative amount
        amount_cents, fee_cents = 0, fee_cents - amount_cents
    reference = ""
    if payment:
        kept = source.get("metadata") if source.get("object") == "charge" else None
        reference = references.get(payment) or str((kept or {}).get(REFERENCE) or "")
        if not reference and kept is None:  # a refund or dispute of an earlier payout's payment
            intent = calls.read(calls.v1.payment_intents.retrieve, payment)
            reference = str((intent.get("metadata") or {}).get(REFERENCE) or "")
        references[payment] = reference
    return ToldPayoutLine(
        kind=kind,
        object_id=payment,
        amount_cents=amount_cents,
        fee_cents=fee_cents,
        reference=reference,
    )
