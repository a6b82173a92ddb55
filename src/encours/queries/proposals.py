"""The likeliest proposal of each bank line that waits: how many there are from a score on, and which."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.db import connection

from encours.queries.bank_lines import LineFilter, LineRow, lines_of_ids
from encours.store.models import BulkAcceptance, Company, Transaction

# shown as whole percent, rounded down: what is said to be at 95 % is at least that
PERCENT = "floor(100 * confidence + 1e-9)::int"
_LIKELIEST = """
SELECT DISTINCT ON (m.transaction_id) m.id, m.transaction_id AS line_id, m.confidence, t.currency, t.amount_cents
FROM store_match m JOIN ({lines}) t ON t.pk = m.transaction_id
WHERE m.company_id = %s AND m.state = 'proposed'
ORDER BY m.transaction_id, m.confidence DESC, m.id
"""


@dataclass(frozen=True)
class Proposal:
    match_id: int
    line_id: int


@dataclass(frozen=True)
class Amount:
    cents: int
    currency: str


@dataclass(frozen=True)
class FromScore:
    """The proposals at `percent` or above: how many, and what money by currency."""

    percent: int
    count: int
    amounts: tuple[Amount, ...]


@dataclass(frozen=True)
class Scores:
    """How the likeliest proposals lie, (percent, currency) -> (count, cents); `last_match_id` is the newest of them."""

    by_percent: dict[tuple[int, str], tuple[int, int]]
    last_match_id: int

    def from_percent(self, percent: int) -> FromScore:
        above = {key: told for key, told in self.by_percent.items() if key[0] >= percent}
        currencies = sorted({currency for _, currency in above})
        amounts = (
            Amount(sum(cents for key, (_, cents) in above.items() if key[1] == currency), currency)
            for currency in currencies
        )
        return FromScore(percent, sum(count for count, _ in above.values()), tuple(amounts))


@dataclass(frozen=True)
class AcceptanceDetail:
    """A bulk acceptance as far as it has come."""

    id: int
    min_percent: int
    count: int
    done_count: int
    accepted_count: int
    already_count: int
    refused: tuple[dict[str, Any], ...]
    asked_by: str
    is_finished: bool


def scores(*, company: Company, wanted: LineFilter) -> Scores:
    """Of the lines that wait and that the filter shows, whatever state it asks for. One query."""
    likeliest, params = _likeliest(company, wanted)
    query = (
        f"SELECT {PERCENT}, currency, count(*), sum(amount_cents), max(id) FROM ({likeliest}) l GROUP BY 1, 2"
    )
    with connection.cursor() as cursor:
        cursor.execute(query, params)
        rows = cursor.fetchall()
    return Scores(
        by_percent={(percent, currency): (count, int(cents)) for percent, currency, count, cents, _ in rows},
        last_match_id=max((row[4] for row in rows), default=0),
    )


def likeliest_proposals(
    *, company: Company, wanted: LineFilter, min_percent: int, last_match_id: int
) -> Sequence[Proposal]:
    """Those `scores` counts from a score on, likeliest first, none newer than `last_match_id`. One query."""
    likeliest, params = _likeliest(company, wanted)
    query = (
        f"SELECT id, line_id FROM ({likeliest}) l WHERE {PERCENT} >= %s AND id <= %s"
        " ORDER BY confidence DESC, id"
    )
    with connection.cursor() as cursor:
        cursor.execute(query, [*params, min_percent, last_match_id])
        return [Proposal(*row) for row in cursor.fetchall()]


def least_sure(
    *, company: Company, wanted: LineFilter, min_percent: int, limit: int = 5
) -> Sequence[LineRow]:
    """The lines whose likeliest proposal is the least likely of those from a score on. Three queries."""
    likeliest, params = _likeliest(company, wanted)
    query = f"SELECT line_id FROM ({likeliest}) l WHERE {PERCENT} >= %s ORDER BY confidence, id LIMIT %s"
    with connection.cursor() as cursor:
        cursor.execute(query, [*params, min_percent, limit])
        return lines_of_ids(company=company, line_ids=[line_id for (line_id,) in cursor.fetchall()])


def acceptance_detail(*, company: Company, acceptance_id: int) -> AcceptanceDetail | None:
    """None when the company has none of this id. One query."""
    found = BulkAcceptance.objects.filter(company=company, pk=acceptance_id).first()
    if found is None:
        return None
    return AcceptanceDetail(
        id=found.pk,
        min_percent=found.min_percent,
        count=len(found.match_ids),
        done_count=found.done_count,
        accepted_count=found.accepted_count,
        already_count=found.already_count,
        refused=tuple(found.refused),
        asked_by=found.asked_by,
        is_finished=found.finished_at is not None,
    )


def _likeliest(company: Company, wanted: LineFilter) -> tuple[str, list[Any]]:
    waiting = replace(wanted, state=str(Transaction.State.PROPOSED)).lines(company=company)
    lines, params = waiting.order_by().values("pk", "currency", "amount_cents").query.sql_with_params()
    return _LIKELIEST.format(lines=lines), [*params, company.pk]
