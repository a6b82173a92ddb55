"""Explains the bank lines nobody has explained yet: settles what is certain, proposes the rest.

In batches, each one transaction from the database and back: a run that is stopped goes on where it was.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db import connection, transaction

from encours.actions.apply_matches import Line, apply_matches, save_matches, set_states
from encours.actions.journal import record
from encours.core.matching.decide import Decision, decide
from encours.core.matching.reasons import CHANGED_MEANWHILE
from encours.core.matching.stages import Frames, explain
from encours.core.matching.texts import keys_of_lines
from encours.core.wording import Sentence
from encours.queries import matching
from encours.store.models import Company, Match

BATCH_LINES = 5_000
_LOCK_CLASS = 7002  # advisory lock: one reconciliation per company at a time (7001 is the journal's)


@dataclass(frozen=True)
class Answer:
    """What became of one bank line, as scripts read it."""

    line_id: int
    bank_reference: str
    documents: tuple[tuple[str, int], ...]  # number, allocated_cents
    reason: Sentence
    confidence: float

    def as_json(self, language: str) -> dict[str, Any]:
        return {
            "bank_reference": self.bank_reference,
            "documents": [{"number": number, "allocated_cents": cents} for number, cents in self.documents],
            "reason": self.reason.say(language),
            "confidence": self.confidence,
        }


@dataclass
class Reconciliation:
    """The outcome of a run, line by line. Debits and empty lines are only counted: they are no receipts."""

    matched: list[Answer] = field(default_factory=list)
    proposed: list[Answer] = field(default_factory=list)
    unmatched: list[Answer] = field(default_factory=list)
    set_aside_count: int = 0
    changed_count: int = 0  # lines whose state or proposal is another than before

    def as_json(self, language: str) -> dict[str, Any]:
        return {
            name: [answer.as_json(language) for answer in getattr(self, name)]
            for name in ("matched", "proposed", "unmatched")
        } | {"set_aside_count": self.set_aside_count}


def reconcile(
    *,
    company: Company,
    on: date,
    actor: str,
    apply: bool = True,
    progress: Callable[[int, int], None] | None = None,
) -> Reconciliation:
    """Takes every line not yet matched or set aside, proposals included: they are judged anew.

    Receipts are dated by the bank, `on` is only written in the journal. With `apply=False` nothing is written and the
    answer says what would be. Run twice, the second run changes nothing.
    """
    outcome = Reconciliation()
    total = matching.count_of_lines(company=company)
    own = matching.own_identifiers(company=company)
    after, taken, done = (date.min, 0), set[int](), 0
    while batch := matching.batch_of_lines(company=company, after=after, limit=BATCH_LINES):
        ids = [line_id for line_id, _ in batch]
        if apply:
            _reconcile_batch(company, ids, own, actor, outcome)
        else:
            _foresee_batch(company, ids, own, taken, outcome)
        after, done = (batch[-1][1], batch[-1][0]), done + len(batch)
        if progress:
            progress(done, max(done, total))
    if apply and outcome.changed_count:
        record(
            company=company,
            actor=actor,
            action="reconciliation.run",
            subject_type="company",
            subject_id=company.pk,
            data={
                "on": on.isoformat(),
                "matched": len(outcome.matched),
                "proposed": len(outcome.proposed),
                "unmatched": len(outcome.unmatched),
                "set_aside": outcome.set_aside_count,
            },
        )
    return outcome


@transaction.atomic
def _reconcile_batch(
    company: Company, ids: list[int], own: Sequence[str], actor: str, outcome: Reconciliation
) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [_LOCK_CLASS, company.pk])
        cursor.execute(
            "SELECT id FROM store_transaction WHERE company_id = %s AND id = ANY(%s) ORDER BY id FOR UPDATE",
            [company.pk, ids],
        )
    decisions, rows = _decide(company, ids, own, taken=set())
    lines = {
        key: Line(key, row["amount_cents"], row["currency"], row["booked_date"]) for key, row in rows.items()
    }
    proposals = {
        match.transaction_id: match
        for match in Match.objects.filter(
            company=company, transaction_id__in=ids, state=Match.State.PROPOSED
        ).order_by("pk")
    }
    known = {line_id: match.pk for line_id, match in proposals.items()}
    automatic = [decision for decision in decisions if decision.outcome == "automatic"]
    applied = apply_matches(company=company, decisions=automatic, lines=lines, known=known, actor=actor)
    answered = [
        Decision(decision.line_id, "none", CHANGED_MEANWHILE())
        if decision.outcome == "automatic" and decision.line_id not in applied
        else decision
        for decision in decisions
    ]
    outcome.changed_count += len(applied) + _save_undecided(company, answered, proposals, actor)
    _add(outcome, answered, rows)


def _save_undecided(
    company: Company, decisions: Sequence[Decision], proposals: dict[int, Match], actor: str
) -> int:
    """Proposals, reasons and lines set aside; how many are other than they were."""
    proposed = [decision for decision in decisions if decision.outcome == "proposed"]
    fresh = [
        decision
        for decision in proposed
        if decision.line_id not in proposals or _differs(proposals[decision.line_id], decision)
    ]
    known = {
        decision.line_id: proposals[decision.line_id].pk
        for decision in fresh
        if decision.line_id in proposals
    }
    save_matches(company=company, decisions=fresh, state=Match.State.PROPOSED, known=known, actor=actor)
    # a proposal is no history: when nothing speaks for it any more it goes
    left = [decision.line_id for decision in decisions if decision.outcome in ("none", "set_aside")]
    Match.objects.filter(company=company, transaction_id__in=left, state=Match.State.PROPOSED).delete()
    states = {"proposed": "proposed", "none": "new", "set_aside": "set_aside"}
    moved = set_states(
        company=company,
        states={
            decision.line_id: (
                states[decision.outcome],
                None if decision.outcome == "proposed" else decision.reason.as_json(),
            )
            for decision in decisions
            if decision.outcome in states
        },
    )
    return max(moved, len(fresh))


def _differs(match: Match, decision: Decision) -> bool:
    lines = [(line["document_id"], line["allocated_cents"]) for line in match.lines]
    return (match.reason, lines, match.customer_id) != (
        decision.reason.as_json(),
        [(line.document_id, line.allocated_cents) for line in decision.lines],
        decision.customer_id,
    )


def _foresee_batch(
    company: Company, ids: list[int], own: Sequence[str], taken: set[int], outcome: Reconciliation
) -> None:
    decisions, rows = _decide(company, ids, own, taken=taken)
    for decision in decisions:
        if decision.outcome == "automatic":
            taken |= decision.documents
    _add(outcome, decisions, rows)


def _decide(
    company: Company, ids: list[int], own: Sequence[str], *, taken: set[int]
) -> tuple[list[Decision], dict[int, dict[str, Any]]]:
    lines = matching.lines_frame(company=company, line_ids=ids)
    keys = keys_of_lines(lines, own_identifiers=own)
    documents = matching.documents_frame(company=company, keys=keys, settled=taken)
    decisions = decide(
        lines=lines,
        documents=documents,
        explanations=explain(Frames(lines, documents, keys)),
        refused=matching.refused_matches(company=company, line_ids=ids),
    )
    return decisions, {row["line_id"]: row for row in lines.iter_rows(named=True)}


def _add(outcome: Reconciliation, decisions: Sequence[Decision], rows: dict[int, dict[str, Any]]) -> None:
    lists = {"automatic": outcome.matched, "proposed": outcome.proposed, "none": outcome.unmatched}
    for decision in decisions:
        if decision.outcome == "set_aside":
            outcome.set_aside_count += 1
            continue
        lists[decision.outcome].append(
            Answer(
                decision.line_id,
                rows[decision.line_id]["bank_reference"],
                tuple((line.number, line.allocated_cents) for line in decision.lines),
                decision.reason,
                decision.confidence,
            )
        )
