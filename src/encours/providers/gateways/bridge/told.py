"""What Bridge says of a payment link and of the transfers begun from it, as one payment.

A link is a place to pay; each bank a customer tries makes a payment request. Statuses of requests and their transactions:
CREA and ACTC (at the bank, not confirmed), PDNG (confirmed), ACSC (carried out), RJCT (not), PART (see the transactions).
Source: Bridge, "Payment links statuses" and "Payment requests and transactions statuses" (2025-01-15).
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from encours.core.money import UnableToReadAmount, to_cents
from encours.core.payments.methods import INSTANT_TRANSFER
from encours.ports.connections import NOT_UNDERSTOOD, UnableToAsk
from encours.ports.gateways import ToldCharge
from encours.ports.http import parsed_moment
from encours.providers.gateways.bridge.reasons import failure_of

_LINK_STATES = {"VALID": "open", "EXPIRED": "expired", "REVOKED": "canceled", "COMPLETED": "pending"}
_BEGUN, _CONFIRMED, _DONE, _REJECTED = frozenset({"CREA", "ACTC"}), "PDNG", "ACSC", "RJCT"
_STATUSES = _BEGUN | {_CONFIRMED, _DONE, _REJECTED}


def charge_of(
    link: Mapping[str, Any], requests: Sequence[Mapping[str, Any]], *, told_at: datetime, host: str
) -> ToldCharge:
    """The payment of a link. Raises `UnableToAsk` where it is told otherwise than documented."""
    asked = link.get("transactions")
    if not isinstance(asked, list) or not asked or not all(isinstance(each, dict) for each in asked):
        raise _not_understood(host, "transactions")
    currency = str(asked[0].get("currency") or "")
    tried = list(_transactions(requests, host))
    received_cents = sum(
        cents(each.get("amount"), currency, host) for each in tried if each["status"] == _DONE
    )
    state = _state(str(link.get("status")), [str(each["status"]) for each in tried], host)
    url = str(link.get("url") or "") if state == "open" else ""
    expired = link.get("expired_date") or link.get("expired_at")
    reasons = [str(each.get("status_reason") or "") for each in tried if each["status"] == _REJECTED]
    return ToldCharge(
        external_id=id_of(link, host),
        reference=str(link.get("client_reference") or asked[0].get("end_to_end_id") or ""),
        state=state,
        currency=currency,
        amount_cents=sum(cents(each.get("amount"), currency, host) for each in asked),
        received_cents=received_cents,
        told_at=told_at,
        method=INSTANT_TRANSFER,
        url=url,
        expires_at=parsed_moment(expired, host=host, name="expired_date") if expired else None,
        failure=failure_of(reasons[-1]) if state == "failed" else None,
    )


def id_of(link: Mapping[str, Any], host: str) -> str:
    """The link's id. Raises `UnableToAsk` where there is none that the books have room for."""
    found = link.get("id")
    if not isinstance(found, str) or not 0 < len(found) <= 80:
        raise _not_understood(host, "id")
    return found


def cents(value: Any, currency: str, host: str) -> int:
    """An amount in units of a currency. Raises `UnableToAsk`."""
    try:
        return to_cents(Decimal(str(value)), currency)
    except (UnableToReadAmount, InvalidOperation, ValueError):
        raise _not_understood(host, "amount") from None


def _transactions(requests: Iterable[Mapping[str, Any]], host: str) -> Iterable[Mapping[str, Any]]:
    """The transfers tried, oldest first. A reason told of the request alone is its transactions' too."""
    for each in sorted(requests, key=lambda request: str(request.get("created_at") or "")):
        tried = each.get("transactions")
        if not isinstance(tried, list) or not all(isinstance(one, dict) for one in tried):
            raise _not_understood(host, "payment request")
        for one in tried:
            status = one.get("status") or each.get("status")
            if status not in _STATUSES:
                raise _not_understood(host, f"status {str(status)[:20]}")
            reason = one.get("status_reason") or each.get("status_reason")
            yield {**one, "status": status, "status_reason": reason}


def _state(link: str, tried: Sequence[str], host: str) -> str:
    """Money that came or is coming decides, then the link.

    A customer who is at the bank while the link ends may still confirm: that is on its way until the bank says no.
    """
    if link not in _LINK_STATES:
        raise _not_understood(host, f"status {link[:20]}")
    if _DONE in tried:
        return "succeeded"
    if _CONFIRMED in tried or (link != "VALID" and _BEGUN.intersection(tried)):
        return "pending"
    if link == "COMPLETED" and tried:
        return "failed"
    return _LINK_STATES[link]


def _not_understood(host: str, reason: str) -> UnableToAsk:
    return UnableToAsk(NOT_UNDERSTOOD(host=host, reason=reason), needs_person=True)
