"""Runs of reconciliation: asked for here, run by a worker, read here again."""

from datetime import date, datetime
from typing import Any

from django.urls import reverse
from ninja import Field, Path, Query, Router, Schema
from pydantic import BaseModel, StrictBool

from encours.actions.answer_once import Answer
from encours.actions.request_reconciliation import request_reconciliation
from encours.api.access import scoped, within_company
from encours.api.clock import now, today
from encours.api.paging import next_cursor, place_of
from encours.api.problems import NOT_FOUND, language_of, refused
from encours.api.values import Cursor, Day, Limit, RowId
from encours.queries.reconciliation_runs import OUTCOMES, reconciliation_answers, reconciliation_run

router = Router(tags=["Reconciliation"])
router.add_decorator(within_company)


class RunRequest(BaseModel, extra="forbid"):  # a mistyped `dry_run` must not run for real
    """`dry_run` says what would be and writes nothing; `on` is the day written in the journal, today unless given."""

    dry_run: StrictBool = False
    on: Day | None = None


class Run(Schema):
    id: int
    url: str
    state: str = Field(description="waiting, running, done, failed")
    dry_run: bool
    on: date
    asked_at: datetime
    ended_at: datetime | None
    done_count: int = Field(description="Lines gone through so far, of total_count.")
    total_count: int
    matched_count: int
    proposed_count: int
    unmatched_count: int
    set_aside_count: int


class Taken(Schema):
    number: str
    allocated_cents: int


class Closed(Schema):
    number: str
    kind: str
    amount_cents: int


class Candidate(Schema):
    """One explanation of a line."""

    documents: list[Taken]
    adjustments: list[Closed]
    reason: str
    confidence: float


class Answered(Candidate):
    """What a run said of a bank line: its likeliest explanation."""

    bank_reference: str
    booked_date: date
    amount_cents: int
    currency: str


class Proposed(Answered):
    candidates: list[Candidate]


class RunWithAnswers(Run):
    """The run and a part of what it said, under the names of `encours reconcile --json`."""

    matched: list[Answered]
    proposed: list[Proposed]
    unmatched: list[Answered]
    next_cursor: str | None


class RunQuery(Schema):
    cursor: Cursor = ""
    limit: Limit = 100


@router.post("/reconciliations", response={202: Run}, **scoped("reconcile"))
def start_reconciliation(request: Any, wanted: RunRequest) -> Answer:
    """Ask for a run over all lines that wait. It is put into the queue; ask for the run until it is done or failed."""
    access = request.auth
    run_id = request_reconciliation(
        company=access.company,
        is_dry=wanted.dry_run,
        on=wanted.on or today(access.company),
        now=now(),
        actor=access.actor,
    )
    return Answer(202, _run_json(request, run_id))


@router.get("/reconciliations/{run_id}", response=RunWithAnswers, **scoped("reconcile"))
def get_reconciliation(request: Any, run_id: Path[RowId], wanted: Query[RunQuery]) -> dict[str, Any]:
    """A run: how far it is, and once it is done what it said, in the order matched, proposed, unmatched."""
    told = _run_json(request, run_id)
    place = place_of(wanted.cursor, int)
    answers = reconciliation_answers(
        company=request.auth.company,
        run_id=run_id,
        after=place[0] if place else 0,
        limit=wanted.limit + 1,
        language=language_of(request),
    )
    shown = answers[: wanted.limit]
    for outcome in OUTCOMES:
        told[outcome] = [said for _, name, said in shown if name == outcome]
    return {**told, "next_cursor": next_cursor(answers, wanted.limit, lambda answer: (answer[0],))}


def _run_json(request: Any, run_id: int) -> dict[str, Any]:
    run = reconciliation_run(company=request.auth.company, run_id=run_id)
    if run is None:
        raise refused(404, NOT_FOUND(), field="run_id")
    return {**run.as_json(), "url": reverse("api-v1:get_reconciliation", args=[run_id])}
