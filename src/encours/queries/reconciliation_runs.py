"""Runs of reconciliation somebody asked for: how far each is, and what it found."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from django.db.models import Count

from encours.store.models import Company, ReconciliationAnswer, ReconciliationRun

OUTCOMES = ("matched", "proposed", "unmatched")


@dataclass(frozen=True)
class RunRow:
    """A run. Counts of its answers by outcome are known once it is done; `done_count` lines of `total_count` before."""

    id: int
    state: str
    is_dry: bool
    on: date
    asked_at: datetime
    ended_at: datetime | None
    done_count: int
    total_count: int
    set_aside_count: int
    counts: dict[str, int]

    def as_json(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "state": self.state,
            "dry_run": self.is_dry,
            "on": self.on.isoformat(),
            "asked_at": _stamp(self.asked_at),
            "ended_at": _stamp(self.ended_at) if self.ended_at else None,
            "done_count": self.done_count,
            "total_count": self.total_count,
            **{f"{outcome}_count": self.counts.get(outcome, 0) for outcome in OUTCOMES},
            "set_aside_count": self.set_aside_count,
        }


def reconciliation_run(*, company: Company, run_id: int) -> RunRow | None:
    """One run, None when the company has none of this id. Two queries."""
    run = ReconciliationRun.objects.filter(company=company, pk=run_id).first()
    if run is None:
        return None
    answers = ReconciliationAnswer.objects.filter(company=company, run=run).order_by()
    counts = dict(answers.values_list("outcome").annotate(count=Count("pk")))
    return RunRow(
        id=run.pk,
        state=run.state,
        is_dry=run.is_dry,
        on=run.on_date,
        asked_at=run.asked_at,
        ended_at=run.ended_at,
        done_count=run.done_count,
        total_count=run.total_count,
        set_aside_count=run.set_aside_count,
        counts=counts,
    )


def reconciliation_answers(
    *, company: Company, run_id: int, after: int, limit: int, language: str
) -> Sequence[tuple[int, str, dict[str, Any]]]:
    """(position, outcome, what was said) of the next answers after a position, counted from 1. One query."""
    found = ReconciliationAnswer.objects.filter(company=company, run_id=run_id, position__gt=after)
    rows = found.order_by("position").values_list("position", "outcome", "told")[:limit]
    return [(position, outcome, told[language]) for position, outcome, told in rows]


def _stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
