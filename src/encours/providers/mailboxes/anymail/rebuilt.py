"""Mail put together from what a service tells of it, by django-anymail: the same bytes each time the service tells it."""

import re
from collections.abc import Mapping
from email.message import EmailMessage
from email.policy import SMTP
from hashlib import sha256
from typing import Any

_FOLD = re.compile(r"[ \t]*\r?\n[ \t]+")
_BREAKS = re.compile(r"[\r\n\0]+")


def unfolded(told: Any) -> Any:
    """Headers as services tell them (texts, lists and mappings of them), each on one line (RFC 5322, 2.2.3).

    Some tell them folded as they came, and a header is no place for a line break.
    """
    if isinstance(told, str):
        return _BREAKS.sub(" ", _FOLD.sub(" ", told))
    if isinstance(told, list):
        return [unfolded(each) for each in told]
    if isinstance(told, Mapping):
        return {_BREAKS.sub("", str(name)): unfolded(value) for name, value in told.items()}
    return told


def mail_bytes(mail: EmailMessage) -> bytes:
    """A mail as it would have been sent.

    Boundaries are made from what the mail holds, not drawn: told twice it is the same mail, and a mail counts once.
    """
    # said of the body as it was sent; this one is made anew
    del mail["Content-Transfer-Encoding"]
    parts = list(mail.walk())
    said = sha256()
    for part in parts:
        payload = part.get_payload(decode=True) if not part.is_multipart() else b""
        said.update(payload if isinstance(payload, bytes) else b"")
    for number, part in enumerate(parts):
        if part.get_content_maintype() == "multipart":
            part.set_boundary(f"=_{said.hexdigest()[:32]}_{number}")
    return mail.as_bytes(policy=SMTP)
