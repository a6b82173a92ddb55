"""Bridge's webhooks about payments: who may send them, and which link to ask for because of them."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

from encours.ports.gateways import ToldEvent
from encours.ports.notices import UnableToTrustNotice, elements, is_signed, secrets_of

KINDS = ("payment.transaction.created", "payment.transaction.updated", "payment.link.updated")
# one may be sent again for a day; each counts once
_AGE = timedelta(hours=24)


def event_of(*, body: bytes, header: str, hook_secret: str, now: datetime) -> ToldEvent:
    """The event of a request signed with one of the secrets (two while one is changed). Raises `UnableToTrustNotice`.

    Bridge numbers no events: the same body is the same event. Source: Bridge, "Secure your webhooks": HMAC-SHA256 of the
    raw body as `v1=`.
    """
    secrets = secrets_of(hook_secret)
    signatures = [value for name, value in elements(header) if name == "v1"]
    if not secrets or not is_signed(body, secrets=secrets, signatures=signatures):
        raise UnableToTrustNotice("no valid signature")
    try:
        event = json.loads(body)
        occurred_at = datetime.fromtimestamp(event["timestamp"] / 1000, UTC)
    except (ValueError, KeyError, TypeError, OverflowError, OSError, RecursionError):
        raise UnableToTrustNotice("not of the form of an event") from None
    if abs(now - occurred_at) > _AGE:
        raise UnableToTrustNotice("too old")
    kind, content = event.get("type"), event.get("content")
    if not isinstance(kind, str) or not isinstance(content, dict):
        raise UnableToTrustNotice("not of the form of an event")
    link_id = _link_id(kind, content)
    return ToldEvent(
        external_id=sha256(body).hexdigest(),
        kind=kind[:80],
        about="charge" if link_id else "",
        object_id=link_id,
        occurred_at=occurred_at,
    )


def _link_id(kind: str, content: Mapping[str, Any]) -> str:
    """A payment without a link is none of ours."""
    found = content.get("payment_link_id")
    return found if kind in KINDS and isinstance(found, str) and 0 < len(found) <= 80 else ""
