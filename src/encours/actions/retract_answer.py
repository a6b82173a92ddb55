"""A person takes back the answer just given to a bank line: the line and its proposals stand as they did before.

Not a correction as undoing a match is: nothing is learned from it, and the proposals may be accepted again.
"""

from datetime import date

from django.db import transaction
from django.db.models import Q

from encours.actions.journal import record
from encours.actions.match_by_hand import RULE as BY_HAND
from encours.actions.supersede_proposals import restore_proposals
from encours.actions.unable_to_match import UnableToMatch
from encours.actions.undo_match import reopen
from encours.core.wording import Wording
from encours.store.models import Company, JournalEntry, Match, Transaction

NOTHING_TO_RETRACT = Wording(
    "answer.nothing_to_retract",
    fr="Rien à reprendre sur cette ligne : la dernière réponse n'est pas de vous, ou vous l'avez déjà reprise.",
    en="Nothing to take back on this line: the last answer is not yours, or you took it back already.",
)
_ANSWERS = ("match.applied", "match.rejected", "transaction.set_aside")


@transaction.atomic
def retract_answer(*, company: Company, transaction_id: int, on: date, actor: str) -> str:
    """What was taken back, as the journal called it: `match.applied`, `match.rejected` or `transaction.set_aside`.

    Only the line's last event, and only by who caused it. Raises `UnableToMatch`, also as `undo_match` does.
    """
    line = Transaction.objects.select_for_update().filter(company=company, pk=transaction_id).first()
    last = _last_event(company, line) if line else None
    if line is None or last is None or last.actor != actor or last.action not in _ANSWERS:
        raise UnableToMatch(NOTHING_TO_RETRACT())
    if last.action == "match.applied":
        _reopen(company, line, last, on=on, actor=actor)
    elif last.action == "match.rejected":
        rejected = Match.objects.filter(company=company, pk=last.subject_id, state=Match.State.REJECTED)
        rejected.update(state=Match.State.PROPOSED)
    restore_proposals(company=company, line_ids=[line.pk])
    waits = Match.objects.filter(company=company, transaction=line, state=Match.State.PROPOSED).exists()
    line.state = Transaction.State.PROPOSED if waits else Transaction.State.NEW
    line.reason = None
    line.save(update_fields=["state", "reason"])
    record(
        company=company,
        actor=actor,
        action="answer.retracted",
        subject_type="transaction",
        subject_id=line.pk,
        customer_id=last.customer_id,
        data={"answer": last.action},
    )
    return last.action


def _last_event(company: Company, line: Transaction) -> JournalEntry | None:
    matches = Match.objects.filter(company=company, transaction=line).values_list("pk", flat=True)
    about = Q(subject_type="transaction", subject_id=line.pk) | Q(
        subject_type="match", subject_id__in=list(matches)
    )
    return JournalEntry.objects.filter(about, company=company).order_by("-sequence").first()


def _reopen(company: Company, line: Transaction, last: JournalEntry, *, on: date, actor: str) -> None:
    """What the match settled is open again. A proposal that was accepted waits again, as a new one: the allocations
    of the old one, undone, keep telling what it was."""
    match = Match.objects.filter(company=company, pk=last.subject_id, state=Match.State.APPLIED).first()
    if match is None:
        raise UnableToMatch(NOTHING_TO_RETRACT())
    reopen(company=company, match=match, on=on)
    match.state, match.decided_by = Match.State.RETRACTED, actor
    match.save(update_fields=["state", "decided_by"])
    if match.rule != BY_HAND:
        Match.objects.create(
            company=company,
            transaction=line,
            customer_id=match.customer_id,
            state=Match.State.PROPOSED,
            rule=match.rule,
            confidence=match.confidence,
            reason=match.reason,
            lines=match.lines,
            adjustments=match.adjustments,
            decided_by=actor,
        )
