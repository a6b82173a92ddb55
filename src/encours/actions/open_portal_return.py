"""Lets in who comes back from a payment service: to see what became of that payment, and nothing else."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings

from encours.actions.open_portal_link import UnableToOpenPortalLink
from encours.core.portal_tokens import is_return_token
from encours.store.models import Charge, Company

# the service's page is paid on for an hour; a bank's own pages may take some more
GOOD_FOR = timedelta(hours=24)
_REFERENCE = re.compile("EC[0-9A-F]{16}")
_LINK = re.compile(r"portal:(\d{1,18})")


@dataclass(frozen=True)
class OpenedReturn:
    """`link_id` is the link the payment was begun by."""

    company: Company
    charge_id: int
    customer_id: int
    link_id: int | None


def open_portal_return(*, company_id: int, reference: str, token: str, now: datetime) -> OpenedReturn:
    """One query; call it in the company's scope. Raises `UnableToOpenPortalLink`."""
    is_right = is_return_token(
        token, key=settings.SECRET_KEY.encode(), company_id=company_id, reference=reference
    )
    if not is_right or not _REFERENCE.fullmatch(reference):
        raise UnableToOpenPortalLink("unknown")
    charge = Charge.objects.select_related("company").filter(company=company_id, reference=reference).first()
    if charge is None:
        raise UnableToOpenPortalLink("unknown")
    if charge.created_at + GOOD_FOR <= now:
        raise UnableToOpenPortalLink("expired")
    by = _LINK.fullmatch(charge.asked_by)
    return OpenedReturn(charge.company, charge.pk, charge.customer_id, int(by[1]) if by else None)
