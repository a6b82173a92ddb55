"""Hands a dispute to somebody else, moves its deadline, or says again how much is contested."""

from datetime import date

from django.db import transaction

from encours.actions.journal import record
from encours.actions.open_dispute import check_contested
from encours.actions.resolve_dispute import locked_dispute
from encours.store.models import Company, Dispute


@transaction.atomic
def change_dispute(
    *,
    company: Company,
    dispute_id: int,
    owner: str,
    deadline: date | None,
    disputed_cents: int | None,
    note: str,
    actor: str,
) -> Dispute:
    """The dispute with all of these as given; `disputed_cents` None for the whole document. One that was resolved stays
    as it is. Raises `UnableToResolveDispute` for one that is not there, `UnableToOpenDispute` for an amount that is not
    open."""
    dispute = locked_dispute(company=company, dispute_id=dispute_id)
    if dispute.resolved_date is not None:
        return dispute
    contested = None if dispute.is_whole else dispute.disputed_cents
    wanted = {"owner": owner.strip(), "deadline": deadline, "note": note.strip()}
    changes = {
        field: [_told(getattr(dispute, field)), _told(value)]
        for field, value in wanted.items()
        if getattr(dispute, field) != value
    }
    if disputed_cents != contested:
        check_contested(document=dispute.document, disputed_cents=disputed_cents)
        changes["disputed_cents"] = [contested, disputed_cents]
        wanted |= {
            "is_whole": disputed_cents is None,
            "disputed_cents": dispute.disputed_cents if disputed_cents is None else disputed_cents,
        }
    if not changes:
        return dispute
    for field, value in wanted.items():
        setattr(dispute, field, value)
    dispute.save(update_fields=list(wanted))
    record(
        company=company,
        actor=actor,
        action="dispute.changed",
        subject_type="document",
        subject_id=dispute.document_id,
        customer_id=dispute.customer_id,
        data={"dispute": dispute.pk, "number": dispute.document.number, "changes": changes},
    )
    return dispute


def _told(value: object) -> object:
    return value.isoformat() if isinstance(value, date) else value
