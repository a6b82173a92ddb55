"""Ends a link to the portal at once: one that was forwarded, or all of a customer's."""

from datetime import datetime

from django.db import transaction

from encours.actions.journal import record
from encours.store.models import Company, PortalLink


@transaction.atomic
def revoke_portal_link(
    *, company: Company, customer_id: int, link_id: int | None = None, now: datetime, actor: str
) -> int:
    """How many links opened until now and do no longer; all of the customer's without `link_id`."""
    found = PortalLink.objects.select_for_update().filter(
        company=company, customer_id=customer_id, revoked_at=None, expires_at__gt=now
    )
    if link_id is not None:
        found = found.filter(pk=link_id)
    ids = list(found.order_by("pk").values_list("pk", flat=True))
    PortalLink.objects.filter(company=company, pk__in=ids).update(revoked_at=now, revoked_by=actor)
    for revoked in ids:
        record(
            company=company, actor=actor, action="portal.revoked", subject_type="portal_link", subject_id=revoked,
            customer_id=customer_id,
        )  # fmt: skip
    return len(ids)
