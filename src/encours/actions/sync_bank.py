"""Asks one connection for what is new, whatever kind it is, and writes down how it went."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from encours.actions.connect_bank import OFFERED_HOST_KEY
from encours.actions.open_bank_connection import open_bank_connection, reading_alone
from encours.actions.sync_feed import FeedSynced, sync_feed
from encours.actions.take_drop import DropTaken, take_drop
from encours.core.wording import Sentence
from encours.ports.connections import UnableToAsk, UnableToTrustHost
from encours.ports.registry import drops
from encours.store.models import BankConnection, Company

# how long to leave the other side alone after failures: doubled each time
_FIRST_PAUSE, _LONGEST_PAUSE = timedelta(minutes=5), timedelta(hours=6)
# where asking again cannot help, a person is waited for; some banks count refusals and shut out who insists
_PERSON_PAUSE = timedelta(hours=6)

# feeds hear from banks a few times a day, and send notices besides
_FEED_PAUSE = timedelta(minutes=30)


@dataclass(frozen=True)
class BankSynced:
    """What came of asking a connection. `problem` says why it could not be asked; `is_busy` that somebody else does."""

    connection_id: int
    drop: DropTaken | None = None
    feed: FeedSynced | None = None
    problem: Sentence | None = None
    warnings: tuple[Sentence, ...] = field(default=())
    is_busy: bool = False

    @property
    def brought_something(self) -> bool:
        """Whether a reconciliation is worth while."""
        return bool(self.drop and self.drop.outcomes) or bool(self.feed and self.feed.touched)


def sync_bank(*, company: Company, connection_id: int, now: datetime, actor: str) -> BankSynced:
    """One round. Asking again at any time changes nothing that is known. A paused or revoked one is not asked.

    A side that cannot be asked is no error: why, and when it is asked again, is kept with the connection.
    """
    connection = BankConnection.objects.get(company=company, pk=connection_id)
    if connection.state not in (BankConnection.State.ACTIVE, BankConnection.State.PENDING):
        return BankSynced(connection.pk)
    with reading_alone(connection) as is_ours:
        if not is_ours:
            return BankSynced(connection.pk, is_busy=True)
        # what another reader wrote until it let go
        connection.refresh_from_db()
        try:
            synced = _ask(company, connection, now, actor)
        except UnableToTrustHost as error:
            _offer_host_key(connection, error)
            return _failed(connection, error, now)
        except UnableToAsk as error:
            return _failed(connection, error, now)
        warning = synced.warnings[0].as_json() if synced.warnings else None
        following = now + _FEED_PAUSE if synced.feed else None
        _set(
            connection, checked_at=now, synced_at=now, next_check_at=following, failure_count=0, problem=warning
        )  # fmt: skip
        return synced


def _ask(company: Company, connection: BankConnection, now: datetime, actor: str) -> BankSynced:
    provider = open_bank_connection(connection)
    try:
        if connection.provider in drops():
            provider.open()
            taken = take_drop(company=company, connection=connection, drop=provider, now=now, actor=actor)
            return BankSynced(connection.pk, drop=taken)
        synced = sync_feed(company=company, connection=connection, feed=provider, now=now, actor=actor)
        return BankSynced(connection.pk, feed=synced, warnings=synced.warnings)
    finally:
        provider.close()


def _failed(connection: BankConnection, error: UnableToAsk, now: datetime) -> BankSynced:
    if error.retry_after_seconds is not None:
        pause = timedelta(seconds=error.retry_after_seconds)
    elif error.needs_person:
        pause = _PERSON_PAUSE
    else:
        pause = min(_FIRST_PAUSE * 2 ** min(connection.failure_count, 10), _LONGEST_PAUSE)
    _set(
        connection, checked_at=now, next_check_at=now + pause, failure_count=connection.failure_count + 1,
        problem=error.sentence.as_json(),
    )  # fmt: skip
    return BankSynced(connection.pk, problem=error.sentence)


def _offer_host_key(connection: BankConnection, error: UnableToTrustHost) -> None:
    """What the server presented waits for a person beside what it says of itself."""
    offered = {"key": error.host_key, "fingerprint": error.sentence.params["fingerprint"]}
    _set(
        connection, state=BankConnection.State.PENDING, settings=connection.settings | {OFFERED_HOST_KEY: offered}
    )  # fmt: skip


def _set(connection: BankConnection, **values: Any) -> None:
    """Only what is said: a person may pause or revoke it meanwhile."""
    if "state" in values:
        found = BankConnection.objects.filter(
            company_id=connection.company_id, pk=connection.pk, state=connection.state
        )
    else:
        found = BankConnection.objects.filter(company_id=connection.company_id, pk=connection.pk)
    found.update(**values)
