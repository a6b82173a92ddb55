"""What other rules of matching would change: the preview a job made, line by line, and the record it is judged by."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import polars as pl

from encours.core.matching.comparison import ANSWERED, OUTCOMES
from encours.core.matching.rules import values_of
from encours.queries.journal import actor_names
from encours.queries.paging import Page, page_of
from encours.store.frames import read_frame
from encours.store.models import Company, JournalEntry, RulesPreview, RulesPreviewLine

# What is told in the journal and moves neither bank lines nor debts nor what is known of payers; anything else may.
_WITHOUT_EFFECT = (
    r"^(accounting|bank_connection|columns|contact|credentials|dunning|file|hold|import|message|policy|user|webhook"
    r"|api_token)\."
)
# By hand and returns have no pattern: nothing was weighed.
_ANSWERED = """
SELECT split_part(m.rule, ':', 2), m.confidence, m.decided_by LIKE 'user:%%', m.state <> 'applied', count(*)
FROM store_match m JOIN store_transaction t ON t.id = m.transaction_id
WHERE m.company_id = %s AND t.company_id = %s AND t.booked_date >= %s AND m.rule LIKE '%%:%%'
  AND m.state IN ('applied', 'undone', 'rejected')
GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4
"""


@dataclass(frozen=True)
class Count:
    """Lines of one outcome under the company's rules and under the wanted ones."""

    outcome: str
    current: int
    wanted: int

    @property
    def difference(self) -> int:
        return self.wanted - self.current


@dataclass(frozen=True)
class ChangedRule:
    """A rule and its values as JSON says them."""

    name: str
    current: Any
    wanted: Any


@dataclass(frozen=True)
class PreviewDetail:
    """The company's preview. `record` are stored Sentences; `who` is a person's name or the actor as stored."""

    id: int
    state: str
    who: str
    asked_at: datetime
    finished_at: datetime | None
    done_units: int
    total_units: int
    wanted: dict[str, Any]
    rules: tuple[ChangedRule, ...]
    counts: tuple[Count, ...]
    change_counts: dict[str, int]
    record: list[dict[str, Any]]
    is_of_older_data: bool
    is_of_other_rules: bool

    @property
    def is_active(self) -> bool:
        return self.state in (RulesPreview.State.WAITING, RulesPreview.State.RUNNING)

    @property
    def is_outdated(self) -> bool:
        """Made of other data or other rules than those of now."""
        return self.is_of_older_data or self.is_of_other_rules

    @property
    def changed_count(self) -> int:
        return sum(self.change_counts.values())


@dataclass(frozen=True)
class Verdict:
    """The likeliest answer to a line; `numbers` are the first of `document_count`, `reason` a stored Sentence."""

    outcome: str
    numbers: list[str]
    document_count: int
    reason: dict[str, Any]
    confidence: float

    @property
    def basis_points(self) -> int:
        """The confidence, as finely as thresholds tell it apart."""
        return round(10_000 * self.confidence)


@dataclass(frozen=True)
class ChangedLine:
    """A bank line that is answered otherwise under the wanted rules."""

    line_id: int
    booked_date: date
    amount_cents: int
    currency: str
    counterparty_name: str
    remittance: str
    change: str
    before: Verdict
    after: Verdict


def rules_preview(*, company: Company) -> PreviewDetail | None:
    """The preview somebody asked for, None when there is none. Four queries at most."""
    preview = RulesPreview.objects.filter(company=company).first()
    if preview is None:
        return None
    rules_now = Company.objects.values_list("matching_rules", flat=True).get(pk=company.pk)
    current, wanted = values_of(preview.current), values_of(preview.wanted)
    return PreviewDetail(
        id=preview.pk,
        state=preview.state,
        who=actor_names(company=company, actors=[preview.asked_by]).get(preview.asked_by, preview.asked_by),
        asked_at=preview.created_at,
        finished_at=preview.finished_at,
        done_units=preview.done_units,
        total_units=preview.total_units,
        wanted=wanted,
        rules=tuple(
            ChangedRule(name, current[name], wanted[name])
            for name in current
            if current[name] != wanted[name]
        ),
        counts=tuple(
            Count(outcome, preview.current_counts.get(outcome, 0), preview.wanted_counts.get(outcome, 0))
            for outcome in OUTCOMES
        ),
        change_counts=preview.change_counts,
        record=preview.record,
        is_of_older_data=_has_moved(company, preview.journal_sequence),
        is_of_other_rules=values_of(rules_now) != current,
    )


def changed_lines_page(
    *, company: Company, preview_id: int, change: str = "", number: int, size: int
) -> Page[ChangedLine]:
    """Lines of a preview, of one kind of change or of all, oldest first."""
    found = RulesPreviewLine.objects.filter(company=company, preview_id=preview_id)
    if change:
        found = found.filter(change=change)
    page = page_of(found.select_related("transaction").order_by("pk"), number=number, size=size)
    return page.with_rows([_line(row) for row in page.rows])


def answered_matches(*, company: Company, since: date) -> pl.DataFrame:
    """What became of the matches of lines booked since a day (schema `ANSWERED`)."""
    return read_frame(_ANSWERED, [company.pk, company.pk, since], dict(ANSWERED))


def _has_moved(company: Company, since_sequence: int | None) -> bool:
    """Whether anything was told since that could make a run answer otherwise."""
    if since_sequence is None:
        return False
    later = JournalEntry.objects.filter(company=company, sequence__gt=since_sequence)
    return later.exclude(action__regex=_WITHOUT_EFFECT).exists()


def _line(row: RulesPreviewLine) -> ChangedLine:
    line = row.transaction
    return ChangedLine(
        line_id=line.pk,
        booked_date=line.booked_date,
        amount_cents=line.amount_cents,
        currency=line.currency,
        counterparty_name=line.counterparty_name,
        remittance=line.remittance,
        change=row.change,
        before=Verdict(**row.before),
        after=Verdict(**row.after),
    )
