"""Payment plans: instalments that sum to the cent, what they ask for by a day, and whether they came.

A plan is judged by the principal. Its interest is on no document; it is asked for by the agreement, and a receipt for it
settles nothing: so what must have come by an instalment's day is never more than the principal.
"""

from calendar import monthrange
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Literal

from encours.core.cases.promises import Account, is_over
from encours.core.wording import Wording

PlanVerdict = Literal["agreed", "kept", "broken"]
WhenBroken = Literal["all_due", "missed_due"]
Every = Literal["week", "month"]

# what is said of a plan's state, and of what follows when it is broken
VERDICTS: Mapping[str, Wording] = {
    "agreed": Wording("plan.agreed", fr="en cours", en="running"),
    "kept": Wording("plan.kept", fr="tenu", en="kept"),
    "broken": Wording("plan.broken", fr="non tenu", en="broken"),
    "ended": Wording("plan.ended", fr="arrêté", en="ended"),
}
CONSEQUENCES: Mapping[str, Wording] = {
    "all_due": Wording("plan.all_due", fr="tout redevient exigible", en="everything falls due at once"),
    "missed_due": Wording(
        "plan.missed_due", fr="seule l’échéance manquée est relancée", en="only what was missed is reminded"
    ),
}

# What is usual between an instalment's day and the money on the account, a weekend included.
GRACE_DAYS = 5


@dataclass(frozen=True)
class Part:
    """An instalment of a plan."""

    due_date: date
    amount_cents: int


def parts_as_json(parts: Iterable[Part]) -> list[dict[str, Any]]:
    """As a request for a plan keeps them."""
    return [{"due_date": part.due_date.isoformat(), "amount_cents": part.amount_cents} for part in parts]


def parts_from_json(stored: Iterable[Mapping[str, Any]]) -> tuple[Part, ...]:
    return tuple(Part(date.fromisoformat(each["due_date"]), each["amount_cents"]) for each in stored)


def even_instalments(*, total_cents: int, count: int, first_date: date, every: Every = "month") -> list[Part]:
    """A total in equal instalments from a day on (`instalment_days`); the cents that do not divide go to the first.

    >>> [part.amount_cents for part in even_instalments(total_cents=100, count=3, first_date=date(2026, 1, 31))]
    [34, 33, 33]
    """
    assert 0 < count <= total_cents, "each instalment has a cent at least"
    even, more = divmod(total_cents, count)
    days = instalment_days(first_date=first_date, count=count, every=every)
    return [Part(day, even + (more if rank == 0 else 0)) for rank, day in enumerate(days)]


def instalment_days(*, first_date: date, count: int, every: Every = "month") -> list[date]:
    """Every month on the same day, or on the month's last one where there is no such day."""
    return [_later(first_date, rank, every) for rank in range(count)]


def _later(first: date, rank: int, every: Every) -> date:
    if every == "week":
        return first + timedelta(weeks=rank)
    months = first.month - 1 + rank
    year, month = first.year + months // 12, months % 12 + 1
    return date(year, month, min(first.day, monthrange(year, month)[1]))


@dataclass(frozen=True)
class PlannedDocument:
    """A document of a plan: how much of it is planned, and what was in dispute when the plan was agreed."""

    document_id: int
    planned_cents: int
    rest_cents: int


@dataclass(frozen=True)
class PlanFacts:
    """A plan as it is judged. Instalments go forward in time and sum to what is planned and its interest."""

    plan_id: int
    agreed_date: date
    grace_days: int
    when_broken: WhenBroken
    instalments: tuple[Part, ...]
    documents: tuple[PlannedDocument, ...]

    @property
    def planned_cents(self) -> int:
        return sum(each.planned_cents for each in self.documents)


@dataclass(frozen=True)
class PlanJudged:
    """`settled_cents` of the principal came until now; `missed_date` is the due date of the first instalment that did not
    come in time, None when none is missed."""

    plan_id: int
    verdict: PlanVerdict
    settled_cents: int
    missed_date: date | None


def judge_plan(*, plan: PlanFacts, account: Account, on: date, bank_known_until: date | None) -> PlanJudged:
    """Whether a plan that nobody ended is being kept.

    An instalment is missed when its day and the days of grace are over, the bank is known that far, and what came by then
    is less than the instalments up to it ask for. A plan of which one was missed is broken: for good when everything
    falls due by that, until what was missed is paid when only that does.
    """
    settled = settled_cents(plan=plan, account=account, until=on)
    missed = None
    for day, asked_cents in asked_by_day(plan):
        last_day = day + timedelta(days=plan.grace_days)
        if not is_over(last_day=last_day, on=on, bank_known_until=bank_known_until):
            break
        by_then = on if plan.when_broken == "missed_due" else last_day
        came = settled_cents(plan=plan, account=account, until=by_then, contested_is_asked=False)
        if came < asked_cents:
            missed = day
            break
    if missed is not None:
        return PlanJudged(plan.plan_id, "broken", settled, missed)
    verdict: PlanVerdict = "kept" if settled >= plan.planned_cents else "agreed"
    return PlanJudged(plan.plan_id, verdict, settled, None)


def asked_by_day(plan: PlanFacts) -> list[tuple[date, int]]:
    """(due date, cents) of the principal that must have come by each instalment."""
    asked, total = [], 0
    for each in plan.instalments:
        total += each.amount_cents
        asked.append((each.due_date, min(total, plan.planned_cents)))
    return asked


def settled_cents(*, plan: PlanFacts, account: Account, until: date, contested_is_asked: bool = True) -> int:
    """How much of the principal came until a day: on the plan's documents, and as receipts allocated to nothing yet.

    Nobody misses an instalment by what it has contested since: unless it is asked for, that counts as come.
    """
    settled = 0
    for each in plan.documents:
        on_it = [row for row in account.settlements if row.document_id == each.document_id]
        late = sum(row.amount_cents for row in on_it if row.received_date > until)
        contested = 0 if contested_is_asked else account.disputed_cents.get(each.document_id, 0)
        rest = max(each.rest_cents, contested)
        missing = account.open_cents.get(each.document_id, 0) + late - rest
        paid = sum(row.amount_cents for row in on_it if plan.agreed_date <= row.received_date <= until)
        brought_down = each.planned_cents - min(max(missing, 0), each.planned_cents)
        settled += max(brought_down, min(paid, each.planned_cents))
    settled += sum(
        row.amount_cents for row in account.unallocated if plan.agreed_date <= row.received_date <= until
    )
    return min(settled, plan.planned_cents)


def instalments_left(*, instalments: Sequence[Part], settled: int) -> list[tuple[Part, int]]:
    """Each instalment with what of it is still to come, the earliest paid first.

    >>> [left for _, left in instalments_left(
    ...     instalments=[Part(date(2026, 1, 5), 300), Part(date(2026, 2, 5), 300)], settled=400)]
    [0, 200]
    """
    told = []
    for each in instalments:
        taken = min(settled, each.amount_cents)
        settled -= taken
        told.append((each, each.amount_cents - taken))
    return told
