"""Webhooks out: what may be told to other programs, how a message is signed, and when it is tried again.

The signature, the headers and the shape of the body are those of Standard Webhooks 1.0 (standardwebhooks.com), so that receivers
verify with the library they have. Its advice on retries is followed too: quickly at first, then over three days.
"""

import base64
import hashlib
import hmac
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from encours.core.wording import Sentence, Wording

EVENTS = {
    "receipt.allocated": Wording(
        "webhook.receipt_allocated",
        fr="Un encaissement règle des documents",
        en="A receipt settles documents",
    ),
    "receipt.unallocated": Wording(
        "webhook.receipt_unallocated",
        fr="Ce qu'un encaissement réglait est de nouveau ouvert",
        en="What a receipt settled is open again",
    ),
    "credit_note.allocated": Wording(
        "webhook.credit_note_allocated",
        fr="Un avoir règle des documents",
        en="A credit note settles documents",
    ),
    "credit_note.unallocated": Wording(
        "webhook.credit_note_unallocated",
        fr="Ce qu'un avoir réglait est de nouveau ouvert",
        en="What a credit note settled is open again",
    ),
    "message.to_send": Wording(
        "webhook.message_to_send",
        fr="Une relance est à transmettre au client (canal webhook d'un scénario)",
        en="A reminder is to be sent to the customer (channel webhook of a policy)",
    ),
}
# a message of the channel "webhook": what is to be sent to the customer, for a program of the company to send
MESSAGE_EVENT = "message.to_send"
TEST_EVENT = "webhook.test"  # sent when a person asks for it, whatever was chosen

ANSWERED = Wording(
    "webhook.answered", fr="L'adresse a répondu {status}.", en="The address answered {status}."
)
GONE = Wording(
    "webhook.gone",
    fr="L'adresse a répondu 410 : elle ne veut plus rien recevoir.",
    en="The address answered 410: it wants nothing more.",
)
FAILED_LONG = Wording(
    "webhook.failed_long",
    fr="L'adresse n'a rien accepté depuis le {since} : les envois sont arrêtés.",
    en="The address has accepted nothing since {since}: nothing more is sent.",
)

SECRET_LOST = Wording(
    "webhook.secret_lost",
    fr="Le secret de l'adresse n'est plus lisible (sa clé manque) : retirez-la et ajoutez-la de nouveau.",
    en="The address's secret can no longer be read (its key is missing): remove it and add it again.",
)

# waiting time after each attempt that failed; the last one is the end
RETRY_AFTER = tuple(
    timedelta(seconds=seconds) for seconds in (5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400)
)
PATIENCE = timedelta(days=5)
_SECRET_PREFIX = "whsec_"  # noqa: S105 (what every secret begins with is none)
_NOT_OF_THE_MESSAGE = frozenset({408, 425, 429})


@dataclass(frozen=True)
class Outcome:
    """What came of an attempt: a status of HTTP, or the reason there is none."""

    status: int | None
    problem: Sentence | None = None

    @property
    def is_success(self) -> bool:
        return self.status is not None and 200 <= self.status < 300

    @property
    def is_gone(self) -> bool:
        return self.status == 410

    @property
    def is_address_down(self) -> bool:
        """Whether the next message would fare no better; otherwise this one message was refused."""
        return not self.is_success and (
            self.status is None or self.status >= 500 or self.status in _NOT_OF_THE_MESSAGE
        )

    def told(self) -> Sentence:
        """In words."""
        return self.problem or ANSWERED(status=self.status)


def unknown_events(events: Iterable[str]) -> list[str]:
    """Those nobody can choose."""
    return [event for event in events if event not in EVENTS]


def next_attempt_at(*, failures: int, now: datetime) -> datetime | None:
    """When to try again after so many failures in a row, None when it was the last attempt."""
    return now + RETRY_AFTER[failures - 1] if failures <= len(RETRY_AFTER) else None


def has_failed_long(*, since: datetime, now: datetime) -> bool:
    """Whether an address that accepts nothing since then is given up."""
    return now - since >= PATIENCE


def body_of(*, event: str, occurred_at: datetime, data: Mapping[str, Any]) -> bytes:
    """The bytes that are sent and signed, the same at every attempt."""
    stamp = occurred_at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    told = {"type": event, "timestamp": stamp, "data": data}
    return json.dumps(told, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def headers_of(*, secret: str, webhook_id: str, body: bytes, now: datetime) -> dict[str, str]:
    """The headers of an attempt. `secret` is `whsec_` and base64, as its owner knows it."""
    timestamp = int(now.timestamp())
    signed = b".".join([webhook_id.encode(), str(timestamp).encode(), body])
    key = base64.b64decode(secret.removeprefix(_SECRET_PREFIX))
    signature = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    return {
        "content-type": "application/json",
        "webhook-id": webhook_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": f"v1,{signature}",
    }


def secret_text(key: bytes) -> str:
    """A key as it is written down: between 24 and 64 random bytes, says the standard."""
    assert 24 <= len(key) <= 64
    return _SECRET_PREFIX + base64.b64encode(key).decode()
