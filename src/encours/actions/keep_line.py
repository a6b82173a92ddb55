"""A person has looked at a line of which the bank says otherwise, and keeps it as it is."""

from django.db import transaction

from encours.actions.journal import record
from encours.store.models import Company, FeedLine


@transaction.atomic
def keep_line(*, company: Company, connection_id: int, transaction_id: int, actor: str) -> bool:
    """True when it had waited. It waits again when the bank changes what it says once more; when its match is undone, the
    next round does what the bank said.
    """
    waiting = FeedLine.objects.select_for_update().filter(
        company=company, feed_account__connection=connection_id, transaction=transaction_id, needs_person=True
    )
    kept = [line.pk for line in waiting]
    if not kept:
        return False
    FeedLine.objects.filter(company=company, pk__in=kept).update(needs_person=False)
    record(
        company=company, actor=actor, action="bank_feed.line_kept", subject_type="transaction", subject_id=transaction_id
    )  # fmt: skip
    return True
