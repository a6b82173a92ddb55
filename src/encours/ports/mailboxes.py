"""A mailbox that is asked for what came in since the last time.

A mailbox hands over mail as it came. Whether a mail was taken before, what it means and whom it is from is decided by others.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, ClassVar, Protocol

from encours.core.wording import Wording

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
