"""Connections to banks' data as people see them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Count, Q

from encours.ports.connections import ConnectionKind
from encours.ports.registry import drops, live_feeds
from encours.queries.connections import ConnectionRow, facts_of, kept_connections
from encours.queries.dashboard import KnownAccount, known_accounts
from encours.store.models import BankConnection, Company, DropFile, FeedLine

SHOWN_FILES = 10


@dataclass(frozen=True)
class ConnectionAccount:
    """A bank account a live feed tells of."""

    name: str
    identifier: str
    currency: str
    refreshed_at: datetime | None


@dataclass(frozen=True)
class BankConnectionRow(ConnectionRow):
    """`where` is the folder, server or login: nothing secret. `needs_person` counts lines a person must look at."""

    where: str
    synced_at: datetime | None
    is_feed: bool
    needs_person: int
    accounts: tuple[ConnectionAccount, ...]

    def as_json(self, language: str) -> dict[str, Any]:
        """One entry of `connections[]` as scripts read it."""
        return {
            **super().as_json(language),
            "where": self.where,
            "synced_at": self.synced_at.isoformat() if self.synced_at else None,
            "needs_person": self.needs_person,
        }


@dataclass(frozen=True)
class WaitingLine:
    """A line of the books of which the bank says otherwise now. `told` is what it says, None when it took it back."""

    line_id: int
    booked_date: date
    amount_cents: int
    currency: str
    counterparty_name: str
    told_cents: int | None
    told_date: date | None


@dataclass(frozen=True)
class ConnectionDetail:
    """`host_fingerprint` waits to be confirmed when not empty; `hook_path` is where signed notices are taken."""

    row: BankConnectionRow
    host_fingerprint: str
    hook_key: str
    files: tuple[DropFile, ...]
    waiting: tuple[WaitingLine, ...]


def connections(*, company: Company) -> list[BankConnectionRow]:
    """All but the revoked ones, by name. Two queries."""
    return [_row(each) for each in _kept(company)]


def connection_detail(*, company: Company, connection_id: int) -> ConnectionDetail | None:
    """One connection with what it brought last. None when there is none of this id, or it was revoked."""
    found = _kept(company).filter(pk=connection_id).first()
    if found is None:
        return None
    files = DropFile.objects.filter(company=company, connection=found).order_by("-seen_at", "-pk")[
        :SHOWN_FILES
    ]
    offered = found.settings.get("offered_host_key", {})
    return ConnectionDetail(
        row=_row(found),
        host_fingerprint=offered.get("fingerprint", ""),
        hook_key=found.hook_key,
        files=tuple(files),
        waiting=tuple(_waiting(company, found)),
    )


def account_ages(*, company: Company, on: date) -> Sequence[KnownAccount]:
    """Every bank account with the age of its data, the stalest first, wherever the data comes from."""
    return known_accounts(company=company, on=on)


def drop_connections(*, company: Company) -> list[int]:
    """Ids of the active drops."""
    active = BankConnection.objects.filter(
        company=company, state=BankConnection.State.ACTIVE, provider__in=list(drops())
    )
    return list(active.order_by("pk").values_list("pk", flat=True))


def _kept(company: Company) -> Any:
    waiting = Count("accounts__lines", filter=Q(accounts__lines__needs_person=True), distinct=True)
    rows = kept_connections(kind=ConnectionKind.BANK, company=company).annotate(waiting=waiting)
    return rows.prefetch_related("accounts__account")


def _row(found: Any) -> BankConnectionRow:
    return BankConnectionRow(
        **facts_of(found),
        where=_where(found),
        synced_at=found.synced_at,
        is_feed=found.provider in live_feeds(),
        needs_person=found.waiting,
        accounts=tuple(
            ConnectionAccount(each.name, each.account.identifier, each.account.currency, each.refreshed_at)
            for each in sorted(found.accounts.all(), key=lambda each: each.pk)
        ),
    )


def _where(found: Any) -> str:
    settings = found.settings
    if found.provider == "sftp":
        folder = settings.get("folder", ".")
        return f"{settings.get('username')}@{settings.get('host')}" + (f":{folder}" if folder != "." else "")
    return str(settings.get("folder") or settings.get("login") or settings.get("client_id") or "")


def _waiting(company: Company, found: Any) -> list[WaitingLine]:
    lines = (
        FeedLine.objects.filter(
            company=company, feed_account__connection=found, needs_person=True, transaction__isnull=False
        )
        .select_related("transaction")
        .order_by("transaction__booked_date", "pk")[:50]
    )
    return [
        WaitingLine(
            line_id=each.transaction.pk,
            booked_date=each.transaction.booked_date,
            amount_cents=each.transaction.amount_cents,
            currency=each.transaction.currency,
            counterparty_name=each.transaction.counterparty_name or each.transaction.remittance[:80],
            told_cents=each.told["amount_cents"] if each.told else None,
            told_date=date.fromisoformat(each.told["booked_date"]) if each.told else None,
        )
        for each in lines
        if each.transaction is not None
    ]
