"""The cash of all banks: what each account holds by its bank's last word, how old that is, and what waits there."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby

from django.db.models import Count, F, Max, Q, Sum

from encours.core.statements import Frame, balance_gap, balance_gaps
from encours.core.wording import Sentence
from encours.ports.registry import live_feeds
from encours.queries.dashboard import KnownAccount, known_accounts
from encours.store.models import (
    BankConnection,
    Company,
    DropFile,
    FeedAccount,
    Statement,
    Transaction,
)

# a statement that is missing is looked for this far back
CHECKED_DAYS = 400


@dataclass(frozen=True)
class AccountPosition:
    """A bank account with the last balance a statement tells; None when none does."""

    account: KnownAccount
    balance_cents: int | None
    balance_date: date | None


@dataclass(frozen=True)
class CurrencyTotal:
    """The balances of one currency: `oldest_date` is the day up to which all are known, `silent_count` tell none."""

    currency: str
    balance_cents: int
    account_count: int
    silent_count: int
    oldest_date: date | None


@dataclass(frozen=True)
class Unsettled:
    """Lines of an account nobody has settled: how many wait to be confirmed, how many are unknown, what came in."""

    proposed_count: int = 0
    new_count: int = 0
    received_cents: int = 0


@dataclass(frozen=True)
class Source:
    """Where an account's last data came from; `kind` is `feed`, `drop` or `file`. The connection's state and problem
    are those of the feed or drop."""

    kind: str
    name: str
    batch_id: int
    connection_id: int | None = None
    state: str = ""
    problem: Sentence | None = None


@dataclass(frozen=True)
class Continuity:
    """Whether the statements known follow each other: `checked_count` with two balances since `since_date`, and what
    is said of each gap, the newest first."""

    checked_count: int
    since_date: date | None
    gaps: tuple[Sentence, ...]


@dataclass(frozen=True)
class CashAccount:
    position: AccountPosition
    unsettled: Unsettled
    source: Source | None
    continuity: Continuity


def cash_position(*, company: Company, on: date) -> list[AccountPosition]:
    """Every bank account with its last known balance, the stalest first. Two queries."""
    told = (
        Statement.objects.filter(company=company, closing_cents__isnull=False, closing_date__isnull=False)
        .order_by("account_id", "-closing_date", "-pk")
        .distinct("account_id")
        .values_list("account_id", "closing_cents", "closing_date")
    )
    balances = {account_id: (cents, day) for account_id, cents, day in told}
    return [
        AccountPosition(account, *balances.get(account.id, (None, None)))
        for account in known_accounts(company=company, on=on)
    ]


def totals(*, positions: Iterable[AccountPosition]) -> list[CurrencyTotal]:
    """Balances by currency, which never mix, in the order of their codes."""
    by_currency = sorted(positions, key=lambda each: each.account.currency)
    return [
        _total(currency, list(each))
        for currency, each in groupby(by_currency, key=lambda each: each.account.currency)
    ]


def cash_accounts(*, company: Company, on: date) -> list[CashAccount]:
    """Every bank account with all that is known of its cash, in the order of `cash_position`. At most seven queries."""
    unsettled = _unsettled(company)
    sources = _sources(company)
    frames = _frames(company, since=on - timedelta(days=CHECKED_DAYS))
    return [
        CashAccount(
            position,
            unsettled.get(position.account.id, Unsettled()),
            sources.get(position.account.id),
            _continuity(position.account, frames.get(position.account.id, [])),
        )
        for position in cash_position(company=company, on=on)
    ]


def _total(currency: str, positions: Sequence[AccountPosition]) -> CurrencyTotal:
    told = [each for each in positions if each.balance_cents is not None]
    days = [each.balance_date for each in told if each.balance_date]
    return CurrencyTotal(
        currency=currency,
        balance_cents=sum(each.balance_cents or 0 for each in told),
        account_count=len(positions),
        silent_count=len(positions) - len(told),
        oldest_date=min(days, default=None),
    )


def _unsettled(company: Company) -> dict[int, Unsettled]:
    state = Transaction.State
    rows = (
        Transaction.objects.filter(company=company, state__in=[state.NEW, state.PROPOSED])
        .values("account_id")
        .annotate(
            proposed_count=Count("pk", filter=Q(state=state.PROPOSED)),
            new_count=Count("pk", filter=Q(state=state.NEW)),
            received_cents=Sum("amount_cents", filter=Q(amount_cents__gt=0), default=0),
        )
        .order_by()
    )
    return {row.pop("account_id"): Unsettled(**row) for row in rows}


def _sources(company: Company) -> dict[int, Source]:
    """Of the statement of each account that was brought last."""
    last = Statement.objects.filter(company=company).values("account_id").annotate(last=Max("pk")).order_by()
    rows = list(
        Statement.objects.filter(company=company, pk__in=last.values("last")).values_list(
            "account_id", "batch_id", "batch__kind", "batch__file_name"
        )
    )
    brought = DropFile.objects.filter(company=company, batch__in=[row[1] for row in rows])
    drops = {file.batch_id: file.connection for file in brought.select_related("connection").order_by("pk")}
    feeds = {
        each.account_id: each.connection
        for each in FeedAccount.objects.filter(company=company).select_related("connection").order_by("pk")
    }
    return {
        account_id: _source(
            batch_id,
            name,
            drop=drops.get(batch_id),
            feed=feeds.get(account_id) if kind in live_feeds() else None,
        )
        for account_id, batch_id, kind, name in rows
    }


def _source(batch_id: int, name: str, *, drop: BankConnection | None, feed: BankConnection | None) -> Source:
    connection = feed or drop
    if connection is None:
        return Source("file", name, batch_id)
    return Source(
        "feed" if feed else "drop",
        connection.name,
        batch_id,
        connection.pk if connection.state != BankConnection.State.REVOKED else None,
        connection.state,
        Sentence.from_json(connection.problem) if connection.problem else None,
    )


def _frames(company: Company, *, since: date) -> Mapping[int, list[Frame]]:
    rows = Statement.objects.filter(
        company=company,
        closing_date__gte=since,
        opening_date__lte=F("closing_date"),
        opening_cents__isnull=False,
        closing_cents__isnull=False,
    )
    rows = rows.order_by("pk").values_list(
        "account_id", "opening_date", "closing_date", "opening_cents", "closing_cents"
    )
    frames: dict[int, list[Frame]] = {}
    for account_id, *told in rows:
        frames.setdefault(account_id, []).append(Frame(*told))
    return frames


def _continuity(account: KnownAccount, frames: Sequence[Frame]) -> Continuity:
    gaps = [
        balance_gap(account.identifier, account.currency, before, after)
        for before, after in balance_gaps(frames)
    ]
    return Continuity(
        len(set(frames)), min((each.opening_date for each in frames), default=None), tuple(reversed(gaps))
    )
