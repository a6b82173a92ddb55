"""Opens the portal by a link: whose it is and what it allows, or why it does not open."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from encours.core.portal_tokens import is_digest_of, read_token, token_digest
from encours.queries.portal_settings import portal_settings
from encours.store.models import Company, Contact, Customer, PortalLink, PortalSettings

WhyNot = Literal["unknown", "expired", "revoked", "closed"]


class UnableToOpenPortalLink(Exception):
    """`why`: expired, revoked and closed are told only to who has the real link; everything else is unknown."""

    def __init__(self, why: WhyNot) -> None:
        super().__init__(why)
        self.why: WhyNot = why


@dataclass(frozen=True)
class OpenedLink:
    """Everything a page of the portal may rest on: never what the address or a form says."""

    link_id: int
    company: Company
    customer: Customer
    contact: Contact | None
    message_id: int | None
    settings: PortalSettings
    expires_at: datetime

    @property
    def actor(self) -> str:
        """Who did what is done here, in the journal."""
        return f"portal:{self.link_id}"


def open_portal_link(*, company_id: int, token: str, now: datetime) -> OpenedLink:
    """Two queries; call it in the company's scope. Writes nothing: a scanner that follows every link of a mail changes
    nothing. Raises `UnableToOpenPortalLink`."""
    spelled = read_token(token)
    if not spelled:
        raise UnableToOpenPortalLink("unknown")
    digest = token_digest(company_id=company_id, token=spelled)
    link = (
        PortalLink.objects.select_related("company", "customer", "contact")
        .filter(company_id=company_id, digest=digest)
        .first()
    )
    if link is None or not is_digest_of(link.digest, company_id=company_id, token=spelled):
        raise UnableToOpenPortalLink("unknown")
    if link.revoked_at is not None:
        raise UnableToOpenPortalLink("revoked")
    if link.expires_at <= now:
        raise UnableToOpenPortalLink("expired")
    settings = portal_settings(company=link.company)
    if not settings.is_open:
        raise UnableToOpenPortalLink("closed")
    return OpenedLink(
        link_id=link.pk,
        company=link.company,
        customer=link.customer,
        contact=link.contact,
        message_id=link.message_id,
        settings=settings,
        expires_at=link.expires_at,
    )
