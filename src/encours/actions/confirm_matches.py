"""A person says yes to proposals: each bank line becomes a receipt and settles what was proposed for it."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction

from encours.actions.apply_matches import Line, apply_matches
from encours.actions.apply_returns import confirm_return
from encours.actions.supersede_proposals import restore_proposals, supersede_proposals
from encours.actions.unable_to_match import DOCUMENTS_MOVED, NO_PROPOSAL, UnableToMatch
from encours.core.matching.decide import Adjustment, Decision, Settled
from encours.core.matching.returns import RULE as RETURNED
from encours.core.wording import Sentence
from encours.store.models import Company, Match, Transaction


@dataclass(frozen=True)
class Refused:
    """A proposal that was not applied, and why; no line when there is no proposal of this id."""

    match_id: int
    line_id: int | None
    sentence: Sentence


@dataclass(frozen=True)
class Confirmed:
    """How many were applied now, how many had been already, and why the others were not."""

    count: int
    already_count: int
    refused: tuple[Refused, ...]


@transaction.atomic
def confirm_matches(*, company: Company, match_ids: Sequence[int], actor: str) -> Confirmed:
    """Applies proposed matches, of receipts or of returns, in a few statements: what one of them meets does not hold
    the rest. Of two that want the same money the first has it. Confirmed already: nothing more happens.
    """
    asked = list(dict.fromkeys(match_ids))
    found = Match.objects.filter(company=company, pk__in=asked)
    of_lines = Transaction.objects.select_for_update().filter(
        company=company, pk__in=found.values("transaction_id")
    )
    lines = {line.pk: line for line in of_lines.order_by("pk")}
    # what a match says counts only under its line's lock
    matches = {match.pk: match for match in Match.objects.filter(company=company, pk__in=asked)}
    known: dict[int, int] = {}  # line id -> id of the match to apply
    already = 0
    refused: list[Refused] = []
    for match_id in asked:
        match = matches.get(match_id)
        line = lines.get(match.transaction_id) if match else None
        if match is not None and match.state == Match.State.APPLIED:
            already += 1
        elif match is None or line is None or not _waits(match, line) or line.pk in known:
            refused.append(Refused(match_id, line.pk if line else None, NO_PROPOSAL()))
        else:
            known[line.pk] = match_id
    returns = {key: match_id for key, match_id in known.items() if matches[match_id].rule == RETURNED}
    receipts = {key: match_id for key, match_id in known.items() if key not in returns}
    applied = _apply(company, receipts, matches, lines, actor)
    refused += [
        Refused(match_id, key, DOCUMENTS_MOVED()) for key, match_id in receipts.items() if key not in applied
    ]
    for key, match_id in returns.items():
        try:
            with transaction.atomic():
                confirm_return(company=company, match=matches[match_id], actor=actor)
        except UnableToMatch as error:
            refused.append(Refused(match_id, key, error.sentence))
    return Confirmed(len(asked) - already - len(refused), already, tuple(refused))


def _waits(match: Match, line: Transaction) -> bool:
    return match.state == Match.State.PROPOSED and line.state == Transaction.State.PROPOSED


def _apply(
    company: Company,
    receipts: dict[int, int],
    matches: dict[int, Match],
    lines: dict[int, Transaction],
    actor: str,
) -> set[int]:
    """Ids of the lines whose match (line id -> match id) was applied. Their other proposals gave way to it."""
    if not receipts:
        return set()
    supersede_proposals(company=company, line_ids=list(receipts), chosen=list(receipts.values()))
    applied = apply_matches(
        company=company,
        decisions=[_decision(matches[match_id]) for match_id in receipts.values()],
        lines={
            key: Line(key, lines[key].amount_cents, lines[key].currency, lines[key].booked_date)
            for key in receipts
        },
        known=receipts,
        actor=actor,
    )
    if applied != receipts.keys():
        restore_proposals(company=company, line_ids=list(receipts.keys() - applied))
    return applied


def _decision(match: Match) -> Decision:
    return Decision(
        line_id=match.transaction_id,
        outcome="automatic",
        reason=Sentence.from_json(match.reason),
        rule=match.rule,
        confidence=match.confidence,
        customer_id=match.customer_id,
        lines=tuple(Settled(**settled) for settled in match.lines),
        adjustments=tuple(Adjustment(**adjustment) for adjustment in match.adjustments),
    )
