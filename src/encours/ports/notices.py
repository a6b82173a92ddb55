"""Whether a signed notice (webhook) is the other side's: HMAC-SHA256 in hexadecimal, compared in constant time."""

import hmac
from collections.abc import Iterable
from hashlib import sha256


def is_signed(signed: bytes, *, secrets: Iterable[str], signatures: Iterable[str]) -> bool:
    """Whether one of the signatures was made with one of the secrets. All pairs are compared, whatever the first says."""
    given = [signature.strip().lower().encode() for signature in signatures]
    expected = [hmac.new(secret.encode(), signed, sha256).hexdigest().encode() for secret in secrets]
    matches = [hmac.compare_digest(each, other) for each in expected for other in given]
    return any(matches)


def secrets_of(text: str) -> list[str]:
    """The secrets of a setting that may hold two while one is changed."""
    return [secret for part in text.split(",") if (secret := part.strip())]


def elements(header: str) -> list[tuple[str, str]]:
    """`t=1,v1=abc` as pairs."""
    pairs = (part.partition("=") for part in header.split(","))
    return [(name.strip(), value.strip()) for name, _, value in pairs if value]
