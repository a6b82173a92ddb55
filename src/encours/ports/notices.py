"""Notices (webhooks): what a service posts to an address of ours, and whether a signed one is really its own."""

import hmac
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256


class UnableToTrustNotice(Exception):
    """A notice without a valid proof, too old, without a secret to check it by, or one that cannot be read. Its text is for
    the log."""


@dataclass(frozen=True)
class Notice:
    """A request that a service made to our address. Header names in lower case; `url` as the service called it."""

    url: str
    headers: Mapping[str, str]
    body: bytes


def is_signed(signed: bytes, *, secrets: Iterable[str], signatures: Iterable[str]) -> bool:
    """Whether one of the signatures (HMAC-SHA256 in hexadecimal) was made with one of the secrets, in constant
    time. All pairs are compared, whatever the first says."""
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
