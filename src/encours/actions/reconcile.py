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
from encours.core.money import Money
from encours.core.wording import Sentence
from encours.queries import matching
from encours.store.models import Company, Match

BATCH_LINES = 5_000
_LOCK_CLASS = 7002  # advisory lock: one reconciliation per company at a time (7001 is the journal's)


@dataclass(frozen=True)
class Answer:
    """What became of one bank line, as scripts read it."""

    line_id: int
    bank_reference: str  # the bank's own id of the line, empty when it gives none
    booked_date: date
    amount: Money
    documents: tuple[tuple[str, int], ...]  # number, allocated_cents
    reason: Sentence
    confidence: float

    def as_json(self, language: str) -> dict[str, Any]:
        return {
            "bank_reference": self.bank_reference,
            "booked_date": self.booked_date.isoformat(),
            "amount_cents": self.amount.cents,
            "currency": self.amount.currency,
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


@dataclass
class _Run:
    """One run over the lines of a company: what it works with and what became of each line so far."""

    company: Company
    own_identifiers: Sequence[str]
    actor: str
    apply: bool
    answers: dict[int, tuple[Decision, dict[str, Any]]] = field(default_factory=dict)
    # of a dry run: documents that would be settled
    taken: set[int] = field(default_factory=set)
    changed_count: int = 0

    @property
    def matched_count(self) -> int:
        return sum(decision.outcome == "automatic" for decision, _ in self.answers.values())


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
    answer says what would be. Run twice, the second run changes nothing: what a match settles can change the answer
    for another line, so the lines left are gone through again until nothing more is matched.
    """
    run = _Run(company, matching.own_identifiers(company=company), actor, apply)
    total, done = matching.count_of_lines(company=company), 0
    while True:
        after, matched_before = (date.min, 0), run.matched_count
        while batch := matching.batch_of_lines(company=company, after=after, limit=BATCH_LINES):
            ids = [line_id for line_id, _ in batch]
            if apply:
                _reconcile_batch(run, ids)
            else:
                _foresee_batch(run, ids)
            after, done = (batch[-1][1], batch[-1][0]), done + len(batch)
            if progress:
                progress(done, max(done, total))
        if run.matched_count == matched_before:
            break
    outcome = _outcome(run)
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
def _reconcile_batch(run: _Run, ids: list[int]) -> None:
    company = run.company
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [_LOCK_CLASS, company.pk])
        cursor.execute(
            "SELECT id FROM store_transaction WHERE company_id = %s AND id = ANY(%s) ORDER BY id FOR UPDATE",
            [company.pk, ids],
        )
    decisions, rows = _decide(run, ids)
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
    applied = apply_matches(company=company, decisions=automatic, lines=lines, known=known, actor=run.actor)
    answered = [
        Decision(decision.line_id, "none", CHANGED_MEANWHILE())
        if decision.outcome == "automatic" and decision.line_id not in applied
        else decision
        for decision in decisions
    ]
    run.changed_count += len(applied) + _save_undecided(run, answered, proposals)
    run.answers |= {decision.line_id: (decision, rows[decision.line_id]) for decision in answered}


def _foresee_batch(run: _Run, ids: list[int]) -> None:
    settled = {line_id for line_id, (decision, _) in run.answers.items() if decision.outcome == "automatic"}
    decisions, rows = _decide(run, [line_id for line_id in ids if line_id not in settled])
    for decision in decisions:
        run.answers[decision.line_id] = (decision, rows[decision.line_id])
        if decision.outcome == "automatic":
            run.taken |= decision.documents


def _save_undecided(run: _Run, decisions: Sequence[Decision], proposals: dict[int, Match]) -> int:
    """Proposals, reasons and lines set aside; how many are other than they were."""
    company = run.company
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
    save_matches(company=company, decisions=fresh, state=Match.State.PROPOSED, known=known, actor=run.actor)
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


def _decide(run: _Run, ids: list[int]) -> tuple[list[Decision], dict[int, dict[str, Any]]]:
    lines = matching.lines_frame(company=run.company, line_ids=ids)
    keys = keys_of_lines(lines, own_identifiers=run.own_identifiers)
    documents = matching.documents_frame(company=run.company, keys=keys, settled=run.taken)
    decisions = decide(
        lines=lines,
        documents=documents,
        explanations=explain(Frames(lines, documents, keys)),
        refused=matching.refused_matches(company=run.company, line_ids=ids),
    )
    return decisions, {row["line_id"]: row for row in lines.iter_rows(named=True)}


def _outcome(run: _Run) -> Reconciliation:
    outcome = Reconciliation(changed_count=run.changed_count)
    lists = {"automatic": outcome.matched, "proposed": outcome.proposed, "none": outcome.unmatched}
    for decision, row in run.answers.values():
        if decision.outcome == "set_aside":
            outcome.set_aside_count += 1
            continue
        lists[decision.outcome].append(
            Answer(
                decision.line_id,
                row["bank_reference"],
                row["booked_date"],
                Money(row["amount_cents"], row["currency"]),
                tuple((line.number, line.allocated_cents) for line in decision.lines),
                decision.reason,
                decision.confidence,
            )
        )
    return outcome
