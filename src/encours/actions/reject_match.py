"""A person says no to a proposal: it is not brought up again."""

from django.db import transaction

from encours.actions.journal import record
from encours.actions.unable_to_match import NO_PROPOSAL, UnableToMatch
from encours.core.matching.reasons import REFUSED_BEFORE
from encours.store.models import Company, Match, Transaction


@transaction.atomic
def reject_match(*, company: Company, match_id: int, actor: str) -> None:
    """The line is new again. Rejected already: nothing more happens. Raises `UnableToMatch`."""
    match = Match.objects.filter(company=company, pk=match_id).first()
    if match is None:
        raise UnableToMatch(NO_PROPOSAL())
    line = Transaction.objects.select_for_update().get(company=company, pk=match.transaction_id)
    match.refresh_from_db()
    if match.state == Match.State.REJECTED:
        return
    if match.state != Match.State.PROPOSED:
        raise UnableToMatch(NO_PROPOSAL())
    match.state, match.decided_by = Match.State.REJECTED, actor
    match.save(update_fields=["state", "decided_by"])
    if not Match.objects.filter(company=company, transaction=line, state=Match.State.PROPOSED).exists():
        line.state, line.reason = Transaction.State.NEW, REFUSED_BEFORE().as_json()
    line.save(update_fields=["state", "reason"])
    record(
        company=company,
        actor=actor,
        action="match.rejected",
        subject_type="match",
        subject_id=match.pk,
        customer_id=match.customer_id,
        data={"transaction_id": line.pk, "documents": [settled["number"] for settled in match.lines]},
    )
