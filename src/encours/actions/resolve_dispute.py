"""Ends a dispute with its outcome: from then on what is still open is reminded again."""

from datetime import date, datetime

from django.db import transaction

from encours.actions.journal import record
from encours.actions.lock_case import lock_case
from encours.core.cases.disputes import OUTCOMES
from encours.core.wording import Sentence, Wording
from encours.store.models import Company, Dispute

UNKNOWN_DISPUTE = Wording("dispute_unknown", fr="Ce litige n'existe pas.", en="There is no such dispute.")
UNKNOWN_OUTCOME = Wording(
    "dispute_unknown_outcome",
    fr="{outcome} n'est pas une issue de litige.",
    en="{outcome} is no outcome of a dispute.",
)
BEFORE_OPENED = Wording(
    "dispute_resolved_before_opened",
    fr="Un litige ne se résout pas avant son ouverture, le {opened}.",
    en="A dispute is not resolved before it was opened, on {opened}.",
)


class UnableToResolveDispute(Exception):
    """Nothing was written. `sentence` says why."""

    def __init__(self, sentence: Sentence) -> None:
        super().__init__(sentence.code)
        self.sentence = sentence


@transaction.atomic
def resolve_dispute(
    *,
    company: Company,
    dispute_id: int,
    outcome: str,
    note: str = "",
    on: date,
    now: datetime,
    actor: str,
) -> Dispute:
    """The dispute, resolved; one that was resolved before stays as it is.

    `outcome` is one of `core.cases.disputes.OUTCOMES`. It moves no money: a credit note for what was right comes in with
    the documents. Raises `UnableToResolveDispute`.
    """
    dispute = locked_dispute(company=company, dispute_id=dispute_id)
    if outcome not in OUTCOMES:
        raise UnableToResolveDispute(UNKNOWN_OUTCOME(outcome=outcome))
    if dispute.resolved_date is not None:
        return dispute
    if on < dispute.opened_date:
        raise UnableToResolveDispute(BEFORE_OPENED(opened=dispute.opened_date))
    dispute.resolved_date, dispute.resolved_at, dispute.resolved_by = on, now, actor
    dispute.outcome, dispute.resolution_note = outcome, note.strip()
    dispute.save(update_fields=["resolved_date", "resolved_at", "resolved_by", "outcome", "resolution_note"])
    record(
        company=company,
        actor=actor,
        action="dispute.resolved",
        subject_type="document",
        subject_id=dispute.document_id,
        customer_id=dispute.customer_id,
        data={
            "dispute": dispute.pk,
            "number": dispute.document.number,
            "outcome": outcome,
            "days": (on - dispute.opened_date).days,
            "note": dispute.resolution_note,
        },
    )
    return dispute


def locked_dispute(*, company: Company, dispute_id: int) -> Dispute:
    """Its customer's row locked first, then itself. Raises `UnableToResolveDispute`."""
    disputes = Dispute.objects.select_related("document")
    dispute = lock_case(disputes, company=company, case_id=dispute_id)
    if dispute is None:
        raise UnableToResolveDispute(UNKNOWN_DISPUTE())
    return dispute
