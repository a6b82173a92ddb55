"""Where replies come from: a mailbox that is asked for what came in since the last time, or a mail service that posts it.

A mailbox hands over mail as it came. Whether a mail was taken before, what it means and whom it is from is decided by others.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, ClassVar, Protocol, runtime_checkable

from encours.core.wording import Sentence, Wording
from encours.ports.notices import Notice

Cursor = Mapping[str, int]
"""Up to where a mailbox was read, in the provider's own terms; empty when it never was. Stored as JSON."""


@dataclass(frozen=True)
class IncomingMail:
    """A mail as it lies in the mailbox. `content` has its headers alone when `is_whole` is false: it is too large.

    `cursor` is what to keep once this mail is kept.
    """

    content: bytes
    is_whole: bool
    size: int
    received_at: datetime
    cursor: Cursor


class Mailbox(Protocol):
    """One folder in `providers/mailboxes`, with one entry point. Made from its frozen `Config`; no two calls at a time."""

    name: ClassVar[str]
    title: ClassVar[Wording]
    Config: ClassVar[type]

    def __init__(self, config: Any) -> None: ...

    def check(self) -> int:
        """How many mails lie there; nothing is read or changed. Raises `UnableToAsk`."""
        ...

    def arrivals(self, *, cursor: Cursor, today: date, max_bytes: int) -> Iterator[IncomingMail]:
        """What came since the cursor, the oldest first; the last days' when there is none or it no longer holds: the same mail
        may come again. Raises `UnableToAsk`, also in the middle: what was handed over before counts.
        """
        ...

    def taken(self, mail: IncomingMail) -> None:
        """The mail is kept by us: does to it what the settings say. A mail that is gone is no error. Raises `UnableToAsk`."""
        ...

    def close(self) -> None: ...


HOOK_SECRET = "hook_secret"  # noqa: S105  # its name
"""The hidden setting of a service that proves itself by a name and a password in the address it posts to: made by us."""


@dataclass(frozen=True)
class PostedMail:
    """A mail out of a notice. `content` is the mail as it came where the service tells it, else one put together from what the service
    tells of it, the same each time. `problem` says what of it is missing.
    """

    content: bytes
    problem: Sentence | None = None


class UnableToReadNotice(Exception):
    """A genuine notice that holds no mail that can be read, now or later; `sentence` says why."""

    def __init__(self, sentence: Sentence) -> None:
        super().__init__(sentence.code)
        self.sentence = sentence


@runtime_checkable
class Posted(Protocol):
    """A mailbox whose mail service posts to us what comes in: a `Connector` in `providers/mailboxes`, in place of a `Mailbox`."""

    address_ending: ClassVar[str]
    """What the address of notices must end in for this service; mostly nothing."""
    steps: ClassVar[tuple[Wording, ...]]
    """What a person does at the service, in order."""

    def credentials(self) -> str:
        """`name:password` that the address of notices carries; empty where notices are signed."""
        ...

    def check_notice(self, *, notice: Notice, now: datetime) -> None:
        """Whether it is really the service's. Raises `UnableToTrustNotice`."""
        ...

    def mails(self, *, notice: Notice, fetches: bool = True) -> tuple[PostedMail, ...]:
        """The mails of a notice. What hangs on them and must be fetched is left out, and told, when `fetches` is false.

        Raises `UnableToReadNotice`, and `UnableToAsk` when the service must be asked and does not answer.
        """
        ...

    def close(self) -> None: ...


@dataclass(frozen=True)
class Grant:
    """What lets us in on a person's behalf. `refresh_token` replaces the one before; `access_token` holds until `expires_at`."""

    access_token: str
    refresh_token: str
    expires_at: datetime


@runtime_checkable
class Consenting(Protocol):
    """A mailbox that is read on a person's behalf (OAuth 2.0, RFC 6749 with PKCE, RFC 7636): no password is kept."""

    steps: ClassVar[tuple[Wording, ...]]
    """What a person does at the service before it can be asked, in order. `{redirect_url}` is where it sends people back to."""

    def consent_url(self, *, redirect_url: str, state: str, verifier: str) -> str:
        """Where a person says yes."""
        ...

    def granted(self, *, code: str, verifier: str, redirect_url: str, now: datetime) -> Grant:
        """What the code a person brought back is worth. Raises `UnableToAsk`."""
        ...

    def renewed(self, *, refresh_token: str, now: datetime) -> Grant:
        """A new access token. Raises `UnableToAsk`, which needs a person when the consent is over."""
        ...


def is_posted(kind: type | None) -> bool:
    """Whether mailboxes of this kind are posted to us."""
    return hasattr(kind, "check_notice")


def needs_consent(kind: type | None) -> bool:
    """Whether mailboxes of this kind are read on a person's behalf."""
    return hasattr(kind, "consent_url")
