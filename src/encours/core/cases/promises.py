"""Promises to pay: what they cover, and whether they were kept.

A promise is judged by what came in time: receipts of its day or before, or of the few days of grace after it, since a
transfer ordered on a day arrives on a later one. It is judged broken only when the bank is known up to the last of these
days: until then its documents stay held, whatever the calendar says.

The verdict looks at the documents first: money allocated to them, and whatever else (credit note, write-off) brought
them down to what the promise leaves open. Receipts of the customer that nobody has allocated yet make up for what lacks.
No cent counts for two promises: it counts for the one whose day comes first.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import groupby
from typing import Literal

from encours.core.wording import Wording

Verdict = Literal["open", "kept", "partly", "broken"]

# what is said of a promise's state
VERDICTS: Mapping[str, Wording] = {
    "open": Wording("promise.open", fr="en cours", en="open"),
    "kept": Wording("promise.kept", fr="tenue", en="kept"),
    "partly": Wording("promise.partly", fr="tenue en partie", en="kept in part"),
    "broken": Wording("promise.broken", fr="non tenue", en="broken"),
    "withdrawn": Wording("promise.withdrawn", fr="retirée", en="withdrawn"),
}


@dataclass(frozen=True)
class Covered:
    """A document of a promise: how much of it was promised, and what may stay open when the promise is kept."""

    document_id: int
    promised_cents: int
    rest_cents: int


def spread(*, amount_cents: int, free_cents: Mapping[int, int], is_named: bool) -> dict[int, int]:
    """How much of each document an amount promises: document -> cents, in the order given, each at most what is free.

    The order is the caller's: the longest due first (Code civil, art. 1342-10). Documents that the customer named belong
    to the promise even where the amount does not reach them: who says "500 of these two on Friday" is asked for neither
    before. Of documents nobody named, only those that the amount reaches do.

    >>> spread(amount_cents=400, free_cents={1: 300, 2: 300, 3: 300}, is_named=False)
    {1: 300, 2: 100}
    """
    parts = {}
    for document_id, free in free_cents.items():
        taken = min(amount_cents, max(free, 0))
        amount_cents -= taken
        if taken > 0 or is_named:
            parts[document_id] = taken
    return parts


@dataclass(frozen=True)
class Settlement:
    """Money in force on a document: an allocation of a receipt."""

    document_id: int
    received_date: date
    amount_cents: int


@dataclass(frozen=True)
class Unallocated:
    """What is left of a receipt of the customer."""

    received_date: date
    amount_cents: int


@dataclass(frozen=True)
class PromiseFacts:
    """A promise as it is judged."""

    promise_id: int
    recorded_date: date
    promised_date: date
    grace_days: int
    documents: tuple[Covered, ...]

    @property
    def last_day(self) -> date:
        """The last day on which money comes in time."""
        return self.promised_date + timedelta(days=self.grace_days)

    @property
    def amount_cents(self) -> int:
        return sum(each.promised_cents for each in self.documents)


@dataclass(frozen=True)
class Account:
    """What the ledger says of one customer in one currency: what is `open_cents` of the documents that were
    promised (document -> cents), the money on them, and what is left of receipts."""

    open_cents: Mapping[int, int] = field(default_factory=dict)
    disputed_cents: Mapping[int, int] = field(default_factory=dict)  # of these, in dispute now
    settlements: tuple[Settlement, ...] = ()
    unallocated: tuple[Unallocated, ...] = ()


@dataclass(frozen=True)
class Judged:
    """`settled_cents` of the amount came in time."""

    promise_id: int
    verdict: Verdict
    settled_cents: int


def judge_promises(
    *, promises: Iterable[PromiseFacts], account: Account, on: date, bank_known_until: date | None
) -> list[Judged]:
    """What became of the promises of one customer and currency, withdrawn ones left out.

    Without any bank account there is nothing to wait for (`bank_known_until` None): receipts come from the books.
    """
    ordered = sorted(promises, key=lambda each: (each.last_day, each.promise_id))
    settled = _settled(ordered, account, disputed_cents={})
    at_least_uncontested = _settled(ordered, account, disputed_cents=account.disputed_cents)
    return [
        Judged(
            promise.promise_id,
            "open"
            # all that is lacking is contested since: what becomes of it is not said yet
            if settled[promise.promise_id] < promise.amount_cents <= at_least_uncontested[promise.promise_id]
            else _verdict(promise, settled[promise.promise_id], on=on, bank_known_until=bank_known_until),
            settled[promise.promise_id],
        )
        for promise in ordered
    ]


def _settled(
    ordered: Sequence[PromiseFacts], account: Account, *, disputed_cents: Mapping[int, int]
) -> dict[int, int]:
    """What came in time of each promise (id -> cents), when what is in dispute is not asked for."""
    by_document = _settled_by_document(ordered, account, disputed_cents)
    spare = _Purse((each.received_date, each.amount_cents) for each in account.unallocated)
    settled = {}
    for promise in ordered:
        came = sum(by_document[promise.promise_id, each.document_id] for each in promise.documents)
        left = promise.amount_cents - came
        settled[promise.promise_id] = came + spare.take(
            left, since=promise.recorded_date, until=promise.last_day
        )
    return settled


def is_over(*, last_day: date, on: date, bank_known_until: date | None) -> bool:
    """Whether everything that came up to a day is known."""
    return on > last_day and (bank_known_until is None or bank_known_until >= last_day)


def _verdict(
    promise: PromiseFacts, settled_cents: int, *, on: date, bank_known_until: date | None
) -> Verdict:
    if settled_cents >= promise.amount_cents:
        return "kept"
    if not is_over(last_day=promise.last_day, on=on, bank_known_until=bank_known_until):
        return "open"
    return "partly" if settled_cents > 0 else "broken"


def _settled_by_document(
    ordered: Sequence[PromiseFacts], account: Account, disputed_cents: Mapping[int, int]
) -> dict[tuple[int, int], int]:
    """(promise, document) -> cents settled in time."""
    money = sorted(account.settlements, key=lambda each: each.document_id)
    received = {
        document_id: [(each.received_date, each.amount_cents) for each in group]
        for document_id, group in groupby(money, key=lambda each: each.document_id)
    }
    purses = {document_id: _Purse(rows) for document_id, rows in received.items()}
    settled = {}
    for promise in ordered:
        for each in promise.documents:
            rows = received.get(each.document_id, [])
            late = sum(cents for day, cents in rows if day > promise.last_day)
            # what is still open beyond what may stay so, had nothing come after the last day
            rest = max(each.rest_cents, disputed_cents.get(each.document_id, 0))
            missing = account.open_cents.get(each.document_id, 0) + late - rest
            brought_down = each.promised_cents - min(max(missing, 0), each.promised_cents)
            # money of its own counts whatever else came back onto the document since
            purse = purses.get(each.document_id, _Purse(()))
            paid = purse.take(each.promised_cents, since=promise.recorded_date, until=promise.last_day)
            settled[promise.promise_id, each.document_id] = max(brought_down, paid)
    return settled


class _Purse:
    """Money by the day it came, each cent of it taken once."""

    def __init__(self, rows: Iterable[tuple[date, int]]) -> None:
        ordered = sorted(rows)
        self._days = [day for day, _ in ordered]
        self._left = [cents for _, cents in ordered]

    def take(self, wanted_cents: int, *, since: date, until: date) -> int:
        """At most what is wanted of what came between two days (both included)."""
        taken = 0
        for rank, day in enumerate(self._days):
            if since <= day <= until:
                part = min(self._left[rank], wanted_cents - taken)
                self._left[rank] -= part
                taken += part
        return taken
