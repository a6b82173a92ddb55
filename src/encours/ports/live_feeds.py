"""A bank or an aggregator that is asked for lines, and tells when something changed.

A live feed only says what the other side says. Whether a line is new, changed or the same money another source told is
decided by `core.feed_lines` and `core.deliveries`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, Protocol

from encours.core.feed_lines import ToldLine
from encours.core.wording import Sentence, Wording

HOOK_SECRET_LABEL = Wording(
    "live_feed.hook_secret", fr="Secret des notifications (webhook)", en="Secret of notices (webhook)"
)
HOOK_SECRET_HELP = Wording(
    "live_feed.hook_secret_help",
    fr="Sans lui, les notifications sont refusées et les lignes viennent à la prochaine relève. Deux secrets séparés par une"
    " virgule pendant un changement.",
    en="Without it notices are refused and lines come at the next round. Two secrets separated by a comma while one is"
    " changed.",
)
ADDRESS_LABEL = Wording("live_feed.address", fr="Adresse du service", en="Address of the service")
NEEDS_AUTHORISATION = Wording(
    "live_feed.needs_authorisation",
    fr="La banque ({bank}) demande une nouvelle autorisation : ses lignes n'arrivent plus jusque-là.",
    en="The bank ({bank}) asks for a new authorisation: its lines do not come until then.",
)
IN_TROUBLE = Wording(
    "live_feed.in_trouble",
    fr="La banque ({bank}) ne donne pas ses lignes en ce moment (état {status}).",
    en="The bank ({bank}) does not give its lines at the moment (status {status}).",
)


@dataclass(frozen=True)
class ToldAccount:
    """An account as the feed knows it. `identifier` is its IBAN where the feed gives one."""

    external_id: str
    identifier: str
    currency: str
    name: str
    bank: str
    balance_cents: int | None
    refreshed_at: datetime


@dataclass(frozen=True)
class FeedReading:
    """What a feed answered. `pages` are its answers as they came, to be kept; `warnings` what a person should know."""

    accounts: tuple[ToldAccount, ...]
    lines: tuple[ToldLine, ...]
    pages: tuple[bytes, ...]
    warnings: tuple[Sentence, ...] = ()


@dataclass(frozen=True)
class Consent:
    """How a person lets us in. An empty `url` means that the key alone suffices. `settings` are to be kept."""

    url: str = ""
    settings: Mapping[str, str] | None = None


class LiveFeed(Protocol):
    """One folder in `providers/banks`, with one entry point. Made from its frozen `Config`; no two calls at a time."""

    name: ClassVar[str]
    title: ClassVar[Wording]
    Config: ClassVar[type]
    overlap_hours: ClassVar[int]
    """How far before the last known change to ask again: lines may come late and out of order."""

    def __init__(self, config: Any) -> None: ...

    def connect(self, *, return_url: str, email: str, reference: str) -> Consent:
        """Ask to be let in. Nothing of before is lost when asked again. Raises `UnableToAsk`."""
        ...

    def read(self, *, since: datetime | None, now: datetime) -> FeedReading:
        """The accounts, and the lines new, changed or taken back since a moment (ever, when None). Raises
        `UnableToAsk`; then nothing of what was read may be kept.
        """
        ...

    def revoke(self) -> None:
        """Give the access back. One that is gone already is no error. Raises `UnableToAsk`."""
        ...

    def check_notice(self, *, body: bytes, headers: Mapping[str, str], now: datetime) -> None:
        """Whether a notice is really the other side's, and of now. Header names in lower case. Raises
        `UnableToTrustNotice`.
        """
        ...

    def close(self) -> None: ...
