"""Writes what was decided about a batch of bank lines: one transaction, after a look at what has moved meanwhile."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl
from django.db import connection, transaction

from encours.actions.apply_matches import Line, apply_matches, save_matches, set_states
from encours.actions.apply_returns import take_back_returns
from encours.core.matching.decide import Decision
from encours.core.matching.reasons import CHANGED_MEANWHILE
from encours.core.matching.told_payers import payers_of_lines
from encours.queries import matching
from encours.store.models import Company, Match

_LOCK_CLASS = 7002  # advisory lock: one reconciliation per company at a time (7001 is the journal's)
_LOCK_LINES = """
SELECT id FROM store_transaction WHERE company_id = %s AND id = ANY(%s) AND state IN ('new', 'proposed')
ORDER BY id FOR UPDATE
"""
# what writing and telling need of a line
TOLD = ("line_id", "bank_reference", "booked_date", "amount_cents", "currency")


@dataclass(frozen=True)
class Decided:
    """A batch of lines with what was decided about them, not written yet."""

    decisions: Mapping[int, Decision]
    rows: Mapping[int, Mapping[str, Any]]  # what is `TOLD` of all lines of the batch, returns too
    returned: pl.DataFrame  # lines (schema `LINES`) that give money back
    refused: Collection[tuple[int, frozenset[int]]]  # what people had said no to when it was decided
    lines: pl.DataFrame  # all of the batch (schema `LINES`)

    @property
    def automatic(self) -> list[Decision]:
        return [decision for decision in self.decisions.values() if decision.outcome == "automatic"]

    @property
    def paid(self) -> pl.DataFrame:
        """Who paid for whom in what is settled (schema `PAYERS`)."""
        rows = [(decision.line_id, decision.customer_id) for decision in self.automatic]
        settled = pl.DataFrame(rows, schema={"line_id": pl.Int64, "customer_id": pl.Int64}, orient="row")
        return payers_of_lines(
            self.lines.join(settled, on="line_id").with_columns(
                confirmed_count=pl.lit(1, pl.Int64), undone_count=pl.lit(0, pl.Int64)
            )
        )


@dataclass(frozen=True)
class Written:
    """Decisions as they were written, with those of the returns. `is_stale` when documents moved otherwise than decided."""

    decisions: Mapping[int, Decision]
    changed_count: int  # lines whose state or proposal is another than before
    is_stale: bool


@transaction.atomic
def write_decisions(*, company: Company, decided: Decided, actor: str) -> Written:
    """Settles what is certain, keeps proposals and reasons, takes back what returned.

    What people did since the lines were read holds: lines that wait no more, and those somebody said no to, are left out.
    """
    ids = list(decided.rows)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [_LOCK_CLASS, company.pk])
        cursor.execute(_LOCK_LINES, [company.pk, ids])
        waiting = {line_id for (line_id,) in cursor.fetchall()}
    refused = matching.refused_matches(company=company, line_ids=ids)
    waiting -= {line_id for line_id, _ in refused - set(decided.refused)}
    decisions = {key: each for key, each in decided.decisions.items() if key in waiting}
    automatic = [decision for decision in decisions.values() if decision.outcome == "automatic"]
    applied = apply_matches(company=company, decisions=automatic, lines=_lines(decided.rows), actor=actor)
    for decision in automatic:
        if decision.line_id not in applied:
            decisions[decision.line_id] = Decision(decision.line_id, "none", CHANGED_MEANWHILE())
    # money that came back takes back what has been settled by now, in this batch too
    taken_back = take_back_returns(
        company=company,
        lines=decided.returned.filter(pl.col("line_id").is_in(waiting)),
        actor=actor,
        apply=True,
        for_people=for_people(decisions),
    )
    decisions |= {decision.line_id: decision for decision in taken_back}
    settled = applied | {each.line_id for each in taken_back if each.outcome == "automatic"}
    return Written(
        decisions=decisions,
        changed_count=len(settled) + _save_undecided(company, list(decisions.values()), actor),
        is_stale=any(
            each.outcome == "automatic" and decisions.get(key) is not each
            for key, each in decided.decisions.items()
        )
        or settled != applied,
    )


def for_people(decisions: Mapping[int, Decision]) -> set[int]:
    """Receipts left to a person who can explain them: something or somebody was recognised."""
    return {
        line_id
        for line_id, decision in decisions.items()
        if decision.outcome == "proposed" or (decision.outcome == "none" and decision.customer_id)
    }


def _lines(rows: Mapping[int, Mapping[str, Any]]) -> dict[int, Line]:
    return {
        key: Line(key, row["amount_cents"], row["currency"], row["booked_date"]) for key, row in rows.items()
    }


def _save_undecided(company: Company, decisions: Sequence[Decision], actor: str) -> int:
    """Proposals, reasons and lines set aside; how many are other than they were."""
    ids = [decision.line_id for decision in decisions]
    proposed = Match.objects.filter(company=company, transaction_id__in=ids, state=Match.State.PROPOSED)
    proposals: dict[int, list[Match]] = defaultdict(list)
    for match in proposed.order_by("-confidence", "pk"):
        proposals[match.transaction_id].append(match)
    stale: list[int] = []
    fresh: list[Decision] = []
    changed = 0
    for decision in decisions:
        wanted = [decision, *decision.others] if decision.outcome == "proposed" else []
        known = proposals.get(decision.line_id, [])
        if len(known) != len(wanted) or any(map(_differs, known, wanted)):
            # a proposal is no history: when nothing speaks for it any more it goes
            stale += [match.pk for match in known]
            fresh += wanted
            changed += bool(wanted)
    Match.objects.filter(company=company, pk__in=stale).delete()
    save_matches(company=company, decisions=fresh, state=Match.State.PROPOSED, actor=actor)
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
    return max(moved, changed)


def _differs(match: Match, decision: Decision) -> bool:
    lines = [(line["document_id"], line["allocated_cents"]) for line in match.lines]
    adjustments = [(each["document_id"], each["kind"], each["amount_cents"]) for each in match.adjustments]
    return (match.reason, lines, adjustments, match.customer_id) != (
        decision.reason.as_json(),
        [(line.document_id, line.allocated_cents) for line in decision.lines],
        [(each.document_id, each.kind, each.amount_cents) for each in decision.adjustments],
        decision.customer_id,
    )
