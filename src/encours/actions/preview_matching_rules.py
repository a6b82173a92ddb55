"""What other rules of matching would change: two dry runs over the lines that wait, side by side.

Asked for by a person, made by a job, kept until the rules are saved or given up. Nothing of the books is touched.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import polars as pl
from django.db import connection, transaction
from django.db.models.functions import Now

from encours.actions.defer_job import defer
from encours.actions.made_by_job import failed_if_it_breaks
from encours.actions.reconcile import Answer, Reconciliation, reconcile
from encours.actions.update_matching_rules import UnableToUpdateMatchingRules
from encours.core.matching.comparison import CHANGES, OUTCOMES, Change, Verdict, change_of, record_of
from encours.core.matching.decide import Outcome
from encours.core.matching.rules import changed, rules_from
from encours.core.problems import Problem
from encours.core.wording import Wording
from encours.queries.journal import head_of_chain
from encours.queries.rules_previews import answered_matches
from encours.store.frames import staged
from encours.store.models import Company, RulesPreview, RulesPreviewLine

ACTOR = "preview"  # of runs that write nothing
RECORD_DAYS = 183
_MAX_NUMBERS = 12
NOTHING_CHANGED = Wording(
    "rules.nothing_changed",
    fr="Ce sont les règles en vigueur : il n'y a rien à comparer.",
    en="These are the rules in force: there is nothing to compare.",
)
_LINES = """
INSERT INTO store_rulespreviewline (company_id, preview_id, transaction_id, change, before, after, created_at)
SELECT %s, %s, line_id, change, before::jsonb, after::jsonb, now() FROM {staged} ORDER BY position
"""


class PreviewGone(Exception):
    """Somebody asked for another one meanwhile, or gave it up."""


@dataclass(frozen=True)
class Told:
    """What one run says of one line."""

    outcome: Outcome
    answer: Answer

    @property
    def verdict(self) -> Verdict:
        candidates = self.answer.candidates if self.outcome in ("automatic", "proposed") else ()
        return Verdict(self.outcome, tuple((each.documents, each.adjustments) for each in candidates))

    def as_stored(self) -> str:
        """As `RulesPreviewLine` keeps it."""
        numbers = list(dict.fromkeys(number for number, _ in self.answer.documents))
        return json.dumps(
            {
                "outcome": self.outcome,
                "numbers": numbers[:_MAX_NUMBERS],
                "document_count": len(numbers),
                "reason": self.answer.reason.as_json(),
                "confidence": self.answer.confidence,
            }
        )


@dataclass(frozen=True)
class ChangedAnswer:
    """A line that other rules answer otherwise."""

    change: Change
    before: Told
    after: Told


@transaction.atomic
def ask_for_preview(*, company: Company, values: Mapping[str, Any], actor: str) -> RulesPreview:
    """A preview of the company's rules with `values` (`core.matching.rules.changed`), which a job then makes.

    It takes the place of the one before. Raises `UnableToUpdateMatchingRules` for values that cannot be, and when
    they change nothing.
    """
    current = Company.objects.select_for_update().get(pk=company.pk).matching_rules
    wanted, problems = changed(current, values)
    if not problems and rules_from(wanted) == rules_from(current):
        problems = (Problem(NOTHING_CHANGED()),)
    if problems:
        raise UnableToUpdateMatchingRules(problems)
    discard_preview(company=company)
    preview = RulesPreview.objects.create(company=company, wanted=wanted, current=current, asked_by=actor)
    defer("preview_matching_rules", company_id=company.pk, preview_id=preview.pk)
    return preview


def discard_preview(*, company: Company) -> bool:
    """Whether there was one."""
    return RulesPreview.objects.filter(company=company).delete()[0] > 0


def make_preview(*, company: Company, preview_id: int, on: date) -> bool:
    """Runs today's rules and the wanted ones, and keeps what differs; False when the preview is no longer wanted.

    May run again: what an earlier attempt left is replaced. An error leaves the preview "failed" and is raised.
    """
    preview = RulesPreview.objects.filter(company=company, pk=preview_id).first()
    if preview is None or preview.state == RulesPreview.State.DONE:
        return False
    try:
        with failed_if_it_breaks(preview):
            _set(
                preview, state=RulesPreview.State.RUNNING, journal_sequence=head_of_chain(company=company)[0]
            )
            _make(company, preview, on)
    except PreviewGone:
        return False
    return True


def compare_rules(
    *,
    company: Company,
    current: Mapping[str, Any],
    wanted: Mapping[str, Any],
    on: date,
    progress: Callable[[int, int], None] | None = None,
) -> tuple[Reconciliation, Reconciliation]:
    """Dry runs under both rules (as stored). `progress` counts the lines of both."""
    outcomes = []
    for rank, stored in enumerate((current, wanted)):

        def report(done: int, total: int, rank: int = rank) -> None:
            if progress:
                # lines are gone through again while something more is matched: that adds no line
                progress(rank * total + min(done, total), 2 * total)

        outcomes.append(
            reconcile(
                company=company, on=on, actor=ACTOR, apply=False, rules=rules_from(stored), progress=report
            )
        )
    before, after = outcomes
    return before, after


def changes_between(*, before: Reconciliation, after: Reconciliation) -> Iterator[ChangedAnswer]:
    """The lines that the second run answers otherwise than the first, oldest first."""
    known = {told.answer.line_id: told for told in _told(before)}
    for new in sorted(_told(after), key=lambda told: (told.answer.booked_date, told.answer.line_id)):
        old = known.get(new.answer.line_id)
        # a line that came or went between the two runs is no change of rules
        change = change_of(old.verdict, new.verdict) if old else None
        if old and change:
            yield ChangedAnswer(change, old, new)


def counts_of(run: Reconciliation) -> dict[str, int]:
    """Lines by outcome."""
    counted = Counter(told.outcome for told in _told(run))
    return {outcome: counted[outcome] for outcome in OUTCOMES}


def _told(run: Reconciliation) -> Iterator[Told]:
    lists: tuple[tuple[Outcome, list[Answer]], ...] = (
        ("automatic", run.matched),
        ("proposed", run.proposed),
        ("none", run.unmatched),
        ("set_aside", run.set_aside),
    )
    return (Told(outcome, answer) for outcome, answers in lists for answer in answers)


def _make(company: Company, preview: RulesPreview, on: date) -> None:
    before, after = compare_rules(
        company=company,
        current=preview.current,
        wanted=preview.wanted,
        on=on,
        progress=lambda done, total: _set(preview, done_units=done, total_units=total),
    )
    changes = list(changes_between(before=before, after=after))
    since = on - timedelta(days=RECORD_DAYS)
    record = record_of(
        answered=answered_matches(company=company, since=since),
        current=preview.current,
        wanted=preview.wanted,
        since=since,
    )
    counted = Counter(each.change for each in changes)
    rows = [
        (position, each.after.answer.line_id, each.change, each.before.as_stored(), each.after.as_stored())
        for position, each in enumerate(changes)
    ]
    frame = pl.DataFrame(
        rows,
        schema={"position": pl.Int64, "line_id": pl.Int64, "change": pl.String, "before": pl.String, "after": pl.String},
        orient="row",
    )  # fmt: skip
    with transaction.atomic():
        _set(
            preview,
            state=RulesPreview.State.DONE,
            finished_at=Now(),
            current_counts=counts_of(before),
            wanted_counts=counts_of(after),
            change_counts={change: counted[change] for change in CHANGES},
            record=[sentence.as_json() for sentence in record],
        )
        RulesPreviewLine.objects.filter(company=company, preview=preview).delete()
        with staged(frame) as table, connection.cursor() as cursor:
            cursor.execute(_LINES.format(staged=table), [company.pk, preview.pk])


def _set(preview: RulesPreview, **values: Any) -> None:
    """Raises `PreviewGone`."""
    if not RulesPreview.objects.filter(company_id=preview.company_id, pk=preview.pk).update(**values):
        raise PreviewGone
