"""What a mail server says about a message that did not arrive (RFC 3464), and which message that was."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from email.message import Message

_MAIL_ID = re.compile(r"^message-id:\s*<\s*([^<>\s]{3,300})\s*>", re.I | re.M)
_ADDRESS = re.compile(r"[^\s<>;]+@[^\s<>;]+")


@dataclass(frozen=True)
class Bounce:
    """One recipient's fate. `is_final` when the address does not exist or refuses for good (5.x.x, action failed); a message
    that is only late is not. `original_id` is the Message-ID of what did not arrive, empty when the notice does not say.
    """

    recipient: str
    status: str
    is_final: bool
    original_id: str


def bounce_in(mail: Message, parts: Sequence[Message]) -> Bounce | None:
    """The bounce a delivery report tells of; None when the mail is none, or tells only of success.

    What a report says of several recipients is about one message of ours, which has one: the first that failed counts.
    """
    if mail.get_content_type() != "multipart/report":
        return None
    for part in parts:
        if part.get_content_type() != "message/delivery-status":
            continue
        for fields in _groups(part):
            action = str(fields.get("Action", "")).strip().lower()
            if action not in ("failed", "delayed"):
                continue
            status = str(fields.get("Status", "")).strip()[:20]
            address = _ADDRESS.search(
                str(fields.get("Original-Recipient") or fields.get("Final-Recipient") or "")
            )
            return Bounce(
                recipient=address[0].lower()[:254] if address else "",
                status=status,
                is_final=action == "failed" and status.startswith("5"),
                original_id=_original_id(parts),
            )
    return None


def _groups(part: Message) -> list[Message]:
    """Per-message fields, then those of each recipient; the parser gives each group as a message."""
    payload = part.get_payload()
    return [each for each in payload if isinstance(each, Message)] if isinstance(payload, list) else []


def _original_id(parts: Sequence[Message]) -> str:
    """Of the message that came back, whole (message/rfc822) or its headers alone (text/rfc822-headers)."""
    for part in parts:
        kind = part.get_content_type()
        if kind == "message/rfc822":
            payload = part.get_payload()
            inner = payload[0] if isinstance(payload, list) and payload else None
            said = str(inner.get("Message-ID", "")) if isinstance(inner, Message) else ""
            found = _MAIL_ID.search(f"Message-ID: {said}")
        elif kind in ("text/rfc822-headers", "message/rfc822-headers"):
            text = part.get_payload(decode=True)
            found = _MAIL_ID.search(text.decode("ascii", "replace")) if isinstance(text, bytes) else None
        else:
            continue
        if found:
            return found[1]
    return ""
