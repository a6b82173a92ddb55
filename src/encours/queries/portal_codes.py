"""Who of a customer may be sent a code, and whether a visitor has shown one."""

import hmac
from dataclasses import dataclass
from datetime import datetime

from encours.core.portal_codes import MAX_WRONG, SESSION, masked, session_digest
from encours.store.models import Company, Contact, PortalCode


@dataclass(frozen=True)
class CodeAddress:
    """An address the company knew before, as it may be shown to who has a link."""

    contact_id: int
    masked: str


def code_addresses(*, company: Company, customer_id: int) -> tuple[CodeAddress, ...]:
    """Those that arrive, the primary contact's first."""
    found = Contact.objects.filter(company=company, customer_id=customer_id, bounced_at=None)
    rows = found.exclude(email="").order_by("-is_primary", "pk")
    return tuple(CodeAddress(contact.pk, masked(contact.email)) for contact in rows)


def code_sent_to(*, company: Company, link_id: int, now: datetime) -> str:
    """The masked address of the code that can be typed now; "" when there is none."""
    code = PortalCode.objects.filter(company=company, link_id=link_id).order_by("-pk").first()
    if code is None or code.used_at is not None or code.expires_at <= now or code.wrong_count >= MAX_WRONG:
        return ""
    return masked(code.email)


def confirmed_email(*, company: Company, link_id: int, session: str, now: datetime) -> str:
    """The address whose code this browser has shown lately with this link; "" when it has shown none."""
    if not session:
        return ""
    digest = session_digest(session, link_id=link_id)
    found = PortalCode.objects.filter(company=company, link_id=link_id, used_at__gt=now - SESSION)
    return next((code.email for code in found if hmac.compare_digest(code.session_digest, digest)), "")
