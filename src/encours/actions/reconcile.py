"""Explains the bank lines nobody has explained yet: settles what is certain, proposes the rest.

In batches, each written in one transaction: a run that is stopped goes on where it was. While PostgreSQL writes a
batch, the next one is decided.
"""

import gc
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import copy_context
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

import polars as pl
from django.db import connection, connections

from encours.actions.apply_returns import take_back_returns
from encours.actions.book_payouts import find_payouts
from encours.actions.journal import record
from encours.actions.settle_direct_debits import settle_direct_debits
from encours.actions.write_decisions import TOLD, Decided, Written, for_people, write_decisions
from encours.core.matching.amounts import Rules
from encours.core.matching.decide import Adjustment, Books, Decision, Thresholds, came_back, decide
from encours.core.matching.natures import CustomerNames, natures, why
from encours.core.matching.open_items import OpenItems
from encours.core.matching.payers import PayerBook
from encours.core.matching.returns import Returned
from encours.core.matching.rules import rules_from
from encours.core.matching.stages import Frames, mentions
from encours.core.matching.texts import Masks, keys_of_lines
from encours.core.money import Money
from encours.core.wording import Sentence
from encours.queries import matching
from encours.store.models import Company

# A run is this many batches, so that one is written while the next is decided; what a batch costs by itself counts in
# small ones, and large ones take memory.
_BATCHES = 8
_LEAST_LINES, _MOST_LINES = 2_500, 10_000
_PASSES = 6
_EXACT = ("number:exact", "own_key:exact")
# a group pays for its members, a factor for those it bought from
MAX_PAYERS = 12

# decisions by line, each with the line as it was told
Answers = dict[int, tuple[Decision, Mapping[str, Any]]]


@dataclass(frozen=True)
class Candidate:
    """One explanation of a line. Documents are (number, allocated_cents), signed as the ledger signs them."""

    documents: tuple[tuple[str, int], ...]
    adjustments: tuple[Adjustment, ...]
    reason: Sentence
    confidence: float

    def as_json(self, language: str) -> dict[str, Any]:
        return {
            "documents": [{"number": number, "allocated_cents": cents} for number, cents in self.documents],
            "adjustments": [
                {"number": each.number, "kind": each.kind, "amount_cents": each.amount_cents}
                for each in self.adjustments
            ],
            "reason": self.reason.say(language),
            "confidence": self.confidence,
        }


@dataclass(frozen=True)
class Answer:
    """What became of one bank line, as scripts read it; of a proposal all `candidates`, the likeliest first."""

    line_id: int
    bank_reference: str  # the bank's own id of the line, empty when it gives none
    booked_date: date
    amount: Money
    candidates: tuple[Candidate, ...]

    @property
    def documents(self) -> tuple[tuple[str, int], ...]:
        return self.candidates[0].documents

    @property
    def reason(self) -> Sentence:
        return self.candidates[0].reason

    @property
    def confidence(self) -> float:
        return self.candidates[0].confidence

    def as_json(self, language: str, *, with_candidates: bool = False) -> dict[str, Any]:
        told = {
            "bank_reference": self.bank_reference,
            "booked_date": self.booked_date.isoformat(),
            "amount_cents": self.amount.cents,
            "currency": self.amount.currency,
            **self.candidates[0].as_json(language),
        }
        if with_candidates:
            told["candidates"] = [candidate.as_json(language) for candidate in self.candidates]
        return told


@dataclass
class Reconciliation:
    """The outcome of a run, line by line. Lines set aside are no receipts; they are only counted."""

    matched: list[Answer] = field(default_factory=list)
    proposed: list[Answer] = field(default_factory=list)
    unmatched: list[Answer] = field(default_factory=list)
    set_aside: list[Answer] = field(default_factory=list)
    changed_count: int = 0  # lines whose state or proposal is another than before

    def as_json(self, language: str) -> dict[str, Any]:
        return {
            name: [
                answer.as_json(language, with_candidates=name == "proposed") for answer in getattr(self, name)
            ]
            for name in ("matched", "proposed", "unmatched")
        } | {"set_aside_count": len(self.set_aside)}


@dataclass
class _Known:
    """What a run knows about the company besides the lines: read once, followed as it settles."""

    books: Books
    masks: Masks
    customers: pl.DataFrame
    customer_names: CustomerNames
    paid: pl.DataFrame  # who paid for whom before (schema `PAYERS`)
    payers: PayerBook


@dataclass
class _Run:
    """One run over the lines of a company: what it works with and what became of each line so far."""

    company: Company
    own_identifiers: Sequence[str]
    own_names: Sequence[str]
    actor: str
    apply: bool
    known: _Known
    answers: Answers = field(default_factory=dict)
    in_writing: Mapping[int, Decision] = field(default_factory=dict)  # answers as soon as they are written
    settled: list[Decided] = field(default_factory=list)  # batches that have not taught anything yet
    changed_count: int = 0
    is_stale: bool = False  # the books moved otherwise than by what this run settled

    @property
    def decisions(self) -> dict[int, Decision]:
        return {line_id: decision for line_id, (decision, _) in self.answers.items()} | dict(self.in_writing)

    @property
    def matched_count(self) -> int:
        return sum(decision.outcome == "automatic" for decision in self.decisions.values())


def reconcile(
    *,
    company: Company,
    on: date,
    actor: str,
    apply: bool = True,
    rules: tuple[Rules, Thresholds] | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Reconciliation:
    """Takes every line not yet matched or set aside, proposals included: they are judged anew.

    Receipts are dated by the bank, `on` is only written in the journal. With `apply=False` nothing is written and the
    answer says what would be. Run twice, the second run changes nothing: what a match settles, and who is known to
    have paid, can change the answer for another line, so the lines left are gone through again until nothing more is
    matched. Other `rules` than the company's are only tried.
    """
    assert rules is None or not apply, "what is applied follows the company's own rules"
    if apply:
        # many customers' money in one line, booked already: no receipt, whatever it looks like
        settle_direct_debits(company=company, on=on, actor=actor)
        find_payouts(company=company, actor=actor)
    waiting = matching.waiting_lines(company=company)
    if not waiting:
        return Reconciliation()
    with _uncollected():
        outcome = _explained(company, waiting, actor, apply, rules or rules_of(company), progress)
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
                "set_aside": len(outcome.set_aside),
            },
        )
    return outcome


def _explained(
    company: Company,
    waiting: Sequence[int],
    actor: str,
    apply: bool,
    rules: tuple[Rules, Thresholds],
    progress: Callable[[int, int], None] | None,
) -> Reconciliation:
    done, total = 0, len(waiting)
    run = _begin(company, actor, apply, rules)
    with _Writing(run) as writing:
        for _ in range(_PASSES):
            matched_before = run.matched_count
            for ids in _batches(waiting):
                if apply:
                    writing.begin(_decide(run, ids))
                else:
                    _foresee_batch(run, ids)
                done += len(ids)
                if progress:
                    progress(done, max(done, total))
            writing.finish_returns()
            if run.matched_count == matched_before and not run.is_stale:
                break
            if run.is_stale:
                writing.finish()
            waiting = _learn(run, waiting)
    return _outcome(run)


@contextmanager
def _uncollected() -> Iterator[None]:
    """Without the collector of reference cycles: it would go through a million open documents again and again (two
    fifths of the time of a large run), and a run leaves hardly any cycles. What it leaves behind is gone before the
    collector is back."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


class _Writing:
    """Writes one batch while the next is decided, each on its own connection: PostgreSQL and we have a processor each.

    In a transaction of the caller's there is one connection to see what it did: then one comes after the other.
    """

    def __init__(self, run: _Run) -> None:
        self._run = run
        self._thread = None if connection.in_atomic_block else ThreadPoolExecutor(max_workers=1)
        self._begun: Future[tuple[Written, Answers]] | None = None
        self._has_returns = False

    def __enter__(self) -> "_Writing":
        return self

    def __exit__(self, *raised: object) -> None:
        try:
            self.finish()
        finally:
            if self._thread:
                self._thread.submit(connections.close_all)
                self._thread.shutdown()

    def begin(self, decided: Decided) -> None:
        """Returns once the batch before is written. What the decisions settle is no longer open from now on."""
        run = self._run
        _follow(run, decided.decisions.values())
        run.settled.append(decided)
        # a line explained otherwise than a person undid says something of the rule that had explained it
        run.is_stale |= not {match.line_id for match in decided.automatic}.isdisjoint(
            line_id for line_id, _ in decided.refused
        )
        self.finish()
        if self._thread:
            run.in_writing, self._has_returns = decided.decisions, not decided.returned.is_empty()
            # the thread is in the same company scope
            self._begun = self._thread.submit(copy_context().run, _write, run, decided)
        else:
            _keep(run, _write(run, decided))

    def finish(self) -> None:
        begun, self._begun, self._has_returns = self._begun, None, False
        if begun:
            written = begun.result()
            self._run.in_writing = {}
            _keep(self._run, written)

    def finish_returns(self) -> None:
        """What money that came back opens again is known only when it is written."""
        if self._has_returns:
            self.finish()


def rules_of(company: Company) -> tuple[Rules, Thresholds]:
    """What the company lets matching do, the defaults where it said nothing."""
    return rules_from(company.matching_rules)


def _begin(company: Company, actor: str, apply: bool, allowed: tuple[Rules, Thresholds]) -> _Run:
    customers, paid = matching.customers_frame(company=company), matching.payers_frame(company=company)
    own_names = [name for name in (company.name, company.account_holder) if name]
    rules, thresholds = allowed
    books = Books(
        items=OpenItems(matching.open_documents_frame(company=company)),
        names=dict(customers.select("customer_id", "name").iter_rows()),
        rules=rules,
        thresholds=thresholds,
        experience=matching.experience(company=company),
    )
    known = _Known(
        books=books,
        masks=matching.number_masks(company=company),
        customers=customers,
        customer_names=CustomerNames(customers["search_name"].to_list()),
        paid=paid,
        payers=_payer_book(customers, paid, own_names),
    )
    identifiers = matching.own_identifiers(company=company)
    return _Run(company, identifiers, own_names, actor, apply, known)


def _payer_book(customers: pl.DataFrame, paid: pl.DataFrame, own_names: Sequence[str]) -> PayerBook:
    return PayerBook(customers=customers, payers=paid, own_names=own_names, limit=MAX_PAYERS)


def _batches(waiting: Sequence[int]) -> Iterator[Sequence[int]]:
    size = _batch_lines(len(waiting))
    for start in range(0, len(waiting), size):
        yield waiting[start : start + size]


def _batch_lines(total: int) -> int:
    return min(max(total // _BATCHES, _LEAST_LINES), _MOST_LINES)


def _learn(run: _Run, waiting: Sequence[int]) -> Sequence[int]:
    """The lines left after a pass, and what it taught. A later run would know it: so does the next pass, and that run
    changes nothing."""
    if not run.apply:
        return waiting
    known, settled, run.settled = run.known, run.settled, []
    if run.is_stale:
        run.is_stale = False
        items = OpenItems(matching.open_documents_frame(company=run.company))
        known.paid = matching.payers_frame(company=run.company)
        experience = matching.experience(company=run.company)
        left = matching.waiting_lines(company=run.company)
    else:
        # as it will be read when all is written
        items = known.books.items
        known.paid = pl.concat([known.paid, *(batch.paid for batch in settled)])
        experience = known.books.experience.after(
            (match.rule, match.confidence, match.customer_id)
            for batch in settled
            for match in batch.automatic
        )
        decisions = run.decisions
        left = [
            line_id
            for line_id in waiting
            if line_id not in decisions or decisions[line_id].outcome in ("proposed", "none")
        ]
    known.payers = _payer_book(known.customers, known.paid, run.own_names)
    known.books = replace(known.books, items=items, experience=experience)
    return left


def _write(run: _Run, decided: Decided) -> tuple[Written, Answers]:
    written = write_decisions(company=run.company, decided=decided, actor=run.actor)
    return written, _answers(run.company, written.decisions, decided.rows)


def _keep(run: _Run, done: tuple[Written, Answers]) -> None:
    written, answers = done
    run.changed_count += written.changed_count
    run.is_stale |= written.is_stale
    run.answers |= answers


def _foresee_batch(run: _Run, ids: Sequence[int]) -> None:
    settled = {line_id for line_id, (decision, _) in run.answers.items() if decision.outcome == "automatic"}
    decided = _decide(run, [line_id for line_id in ids if line_id not in settled])
    decisions = dict(decided.decisions)
    planned = {
        line_id: decision
        for line_id, decision in (
            *((line_id, decision) for line_id, (decision, _) in run.answers.items()),
            *decisions.items(),
        )
        if decision.outcome == "automatic"
    }
    taken_back = take_back_returns(
        company=run.company,
        lines=decided.returned,
        actor=run.actor,
        apply=False,
        planned=planned,
        for_people=for_people(decisions),
    )
    decisions |= {decision.line_id: decision for decision in taken_back}
    _follow(run, decisions.values())
    run.answers |= _answers(run.company, decisions, decided.rows)


def _answers(
    company: Company, decisions: Mapping[int, Decision], rows: Mapping[int, Mapping[str, Any]]
) -> Answers:
    """Decisions with their lines; a return may have decided a line of another batch."""
    elsewhere = [line_id for line_id in decisions if line_id not in rows]
    if elsewhere:
        rows = dict(rows) | matching.told_of_lines(company=company, line_ids=elsewhere)
    return {line_id: (decision, rows[line_id]) for line_id, decision in decisions.items()}


def _follow(run: _Run, decisions: Iterable[Decision]) -> None:
    """What was settled is no longer open for the lines after it; what came back is read again before the next pass."""
    for decision in decisions:
        if decision.outcome == "automatic" and not isinstance(decision, Returned):
            run.known.books.settle(decision)


def _decide(run: _Run, ids: Sequence[int]) -> Decided:
    """Reads the lines and decides those that are no returns."""
    lines = matching.lines_frame(company=run.company, line_ids=ids)
    told = natures(
        lines=lines,
        own_ibans=run.own_identifiers,
        own_names=run.own_names,
        customers=run.known.customer_names,
    )
    nature_of = {
        line_id: (nature, recognised)
        for line_id, nature, recognised in told.select("line_id", "nature", "recognised").iter_rows()
    }
    kinds = lines.join(told.select("line_id", "nature"), on="line_id", how="left", maintain_order="left")
    money_in = kinds.filter((pl.col("amount_cents") > 0) & (pl.col("nature") != "return")).drop("nature")
    returned = kinds.filter(pl.col("nature") == "return").drop("nature")
    refused = matching.refused_matches(company=run.company, line_ids=ids)
    explained = {decision.line_id: decision for decision in _receipts(run, money_in, returned, refused)}
    decisions = {}
    rows = {row["line_id"]: row for row in lines.select(TOLD).iter_rows(named=True)}
    taken_back = set(lines.filter(pl.col("is_taken_back"))["line_id"])
    for line_id in rows:
        nature, recognised = nature_of[line_id]
        if line_id in taken_back and nature != "return" and line_id in explained:
            nature = "receipt"  # a person said so
        if nature == "return":
            continue
        decision = explained.get(line_id)
        # what looks like noise is noise unless it is settled by itself or cites what it pays and pays it exactly
        is_told = decision and (decision.outcome == "automatic" or decision.rule in _EXACT)
        if decision is None or (nature != "receipt" and not is_told):
            decision = Decision(line_id, "set_aside", why(nature=nature, recognised=recognised))
        decisions[line_id] = decision
    return Decided(decisions, rows, returned, refused, lines)


def _receipts(
    run: _Run, lines: pl.DataFrame, returned: pl.DataFrame, refused: set[tuple[int, frozenset[int]]]
) -> list[Decision]:
    known = run.known
    keys = keys_of_lines(lines, own_identifiers=run.own_identifiers, masks=known.masks)
    documents = matching.documents_frame(company=run.company, keys=keys)
    candidates = known.payers.candidates(lines=lines)
    return decide(
        lines=lines,
        documents=documents,
        mentions=mentions(Frames(lines, documents, keys)),
        payers=candidates,
        books=known.books,
        refused=refused,
        came_back=came_back(lines=lines, returned=returned),
    )


def _outcome(run: _Run) -> Reconciliation:
    outcome = Reconciliation(changed_count=run.changed_count)
    lists = {
        "automatic": outcome.matched,
        "proposed": outcome.proposed,
        "none": outcome.unmatched,
        "set_aside": outcome.set_aside,
    }
    by_date = sorted(run.answers.values(), key=lambda told: (told[1]["booked_date"], told[0].line_id))
    for decision, row in by_date:
        lists[decision.outcome].append(
            Answer(
                decision.line_id,
                row["bank_reference"],
                row["booked_date"],
                Money(row["amount_cents"], row["currency"]),
                tuple(_candidate(each) for each in (decision, *decision.others)),
            )
        )
    return outcome


def _candidate(decision: Decision) -> Candidate:
    return Candidate(
        tuple((line.number, line.allocated_cents) for line in decision.lines),
        decision.adjustments,
        decision.reason,
        decision.confidence,
    )
