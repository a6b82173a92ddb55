"""Asks one connection for what is new, whatever kind it is, and writes down how it went."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from encours.actions.connect_bank import OFFERED_HOST_KEY
from encours.actions.note_asking import note, note_failure
from encours.actions.open_connection import asking_alone, open_connection
from encours.actions.sync_feed import FeedSynced, sync_feed
from encours.actions.take_drop import DropTaken, take_drop
from encours.core.wording import Sentence
from encours.ports.connections import UnableToAsk, UnableToTrustHost
from encours.ports.registry import drops
from encours.store.models import BankConnection, Company

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
    with asking_alone(connection) as is_ours:
        if not is_ours:
            return BankSynced(connection.pk, is_busy=True)
        # what another reader wrote until it let go
        connection.refresh_from_db()
        try:
            synced = _ask(company, connection, now, actor)
        except UnableToAsk as error:
            if isinstance(error, UnableToTrustHost):
                _offer_host_key(connection, error)
            note_failure(connection, error, now=now)
            return BankSynced(connection.pk, problem=error.sentence)
        warning = synced.warnings[0].as_json() if synced.warnings else None
        following = now + _FEED_PAUSE if synced.feed else None
        note(
            connection, checked_at=now, synced_at=now, next_check_at=following, failure_count=0, problem=warning
        )  # fmt: skip
        return synced


def _ask(company: Company, connection: BankConnection, now: datetime, actor: str) -> BankSynced:
    provider = open_connection(connection)
    try:
        if connection.provider in drops():
            provider.open()
            taken = take_drop(company=company, connection=connection, drop=provider, now=now, actor=actor)
            return BankSynced(connection.pk, drop=taken)
        synced = sync_feed(company=company, connection=connection, feed=provider, now=now, actor=actor)
        return BankSynced(connection.pk, feed=synced, warnings=synced.warnings)
    finally:
        provider.close()


def _offer_host_key(connection: BankConnection, error: UnableToTrustHost) -> None:
    """What the server presented waits for a person beside what it says of itself."""
    offered = {"key": error.host_key, "fingerprint": error.sentence.params["fingerprint"]}
    note(
        connection, state=BankConnection.State.PENDING, settings=connection.settings | {OFFERED_HOST_KEY: offered}
    )  # fmt: skip
