"""A person says yes to a proposal: the bank line becomes a receipt and settles what was proposed."""

from django.db import transaction

from encours.actions.apply_matches import Line, apply_matches
from encours.actions.apply_returns import confirm_return
from encours.actions.unable_to_match import DOCUMENTS_MOVED, NO_PROPOSAL, UnableToMatch
from encours.core.matching.decide import Adjustment, Decision, Settled
from encours.core.matching.returns import RULE as RETURNED
from encours.core.wording import Sentence
from encours.store.models import Company, Match, Transaction


@transaction.atomic
def confirm_match(*, company: Company, match_id: int, actor: str) -> None:
    """Applies a proposed match, of a receipt or of a return. Confirmed already: nothing more happens.

    Raises `UnableToMatch`.
    """
    match = Match.objects.filter(company=company, pk=match_id).first()
    if match is None:
        raise UnableToMatch(NO_PROPOSAL())
    line = Transaction.objects.select_for_update().get(company=company, pk=match.transaction_id)
    match.refresh_from_db()  # what it says counts only under the line's lock
    if match.state == Match.State.APPLIED:
        return
    if match.state != Match.State.PROPOSED or line.state != Transaction.State.PROPOSED:
        raise UnableToMatch(NO_PROPOSAL())
    if match.rule == RETURNED:
        confirm_return(company=company, match=match, actor=actor)
        return
    decision = Decision(
        line_id=line.pk,
        outcome="automatic",
        reason=Sentence.from_json(match.reason),
        rule=match.rule,
        confidence=match.confidence,
        customer_id=match.customer_id,
        lines=tuple(Settled(**settled) for settled in match.lines),
        adjustments=tuple(Adjustment(**adjustment) for adjustment in match.adjustments),
    )
    applied = apply_matches(
        company=company,
        decisions=[decision],
        lines={line.pk: Line(line.pk, line.amount_cents, line.currency, line.booked_date)},
        known={line.pk: match.pk},
        actor=actor,
    )
    if not applied:
        raise UnableToMatch(DOCUMENTS_MOVED())
