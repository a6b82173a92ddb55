"""Makes the link by which a customer opens its portal: one per message, or by invitation."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from encours.actions.journal import record
from encours.core.portal_tokens import LENGTH, portal_token, token_digest
from encours.queries.portal_settings import portal_settings
from encours.store.models import Company, Customer, PortalLink


@dataclass(frozen=True)
class MadeLink:
    """The only moment the address is known: it is in what is sent, and nowhere at rest."""

    link_id: int
    url: str
    expires_at: datetime


def message_portal_url(*, company: Company, customer_id: int, message_id: int, now: datetime) -> str:
    """What a message says: the same whenever it is written again, good for `link_days` from now; a link that was revoked
    stays so. "" while the portal is closed, or nobody said where it is (`ENCOURS_URL`). Inside the message's transaction."""
    allowed = portal_settings(company=company)
    if not settings.PORTAL_URL or not allowed.is_open:
        return ""
    link, is_new = PortalLink.objects.get_or_create(
        company=company,
        message_id=message_id,
        defaults={
            **_made(company, now + timedelta(days=allowed.link_days)),
            "customer_id": customer_id,
            "purpose": PortalLink.Purpose.MESSAGE,
            "made_by": f"message:{message_id}",
        },
    )
    token = _token(company, link.salt)
    if not is_new:
        # the installation's key is another one since: the old address is in no message that left
        link.digest = token_digest(company_id=company.pk, token=token)
        link.expires_at = now + timedelta(days=allowed.link_days)
        link.save(update_fields=["digest", "expires_at"])
    return portal_address(company_id=company.pk, token=token)


def without_token(text: str, *, url: str) -> str:
    """What was sent, as it may be kept and shown to people of the company."""
    token = url.rstrip("/").rpartition("/")[2]
    return text.replace(token, "…") if token else text


def sample_portal_url(*, company: Company) -> str:
    """What stands in a preview for a message's link: as long, and opening nothing. "" where messages would carry none."""
    if not settings.PORTAL_URL or not portal_settings(company=company).is_open:
        return ""
    return portal_address(company_id=company.pk, token="0" * LENGTH)


@transaction.atomic
def invite_to_portal(
    *,
    company: Company,
    customer_id: int,
    contact_id: int | None = None,
    base_url: str = "",
    now: datetime,
    actor: str,
) -> MadeLink:
    """A link of its own, for somebody of the company to give. `base_url` stands in where `ENCOURS_URL` is not set."""
    customer = Customer.objects.get(company=company, pk=customer_id)
    expires_at = now + timedelta(days=portal_settings(company=company).link_days)
    link = PortalLink.objects.create(
        company=company,
        customer=customer,
        contact_id=contact_id,
        purpose=PortalLink.Purpose.INVITATION,
        made_by=actor,
        **_made(company, expires_at),
    )
    record(
        company=company, actor=actor, action="portal.invited", subject_type="portal_link", subject_id=link.pk,
        customer_id=customer.pk, data={"expires_at": expires_at.isoformat()},
    )  # fmt: skip
    url = portal_address(company_id=company.pk, token=_token(company, link.salt), base_url=base_url)
    return MadeLink(link.pk, url, expires_at)


def portal_address(*, company_id: int, token: str, base_url: str = "") -> str:
    """Where a token opens: short, because it is in text messages and typed from letters."""
    return f"{settings.PORTAL_URL or base_url}/p/{company_id}/{token}/"


def _made(company: Company, expires_at: datetime) -> dict[str, object]:
    salt = secrets.token_urlsafe(24)
    digest = token_digest(company_id=company.pk, token=_token(company, salt))
    return {"salt": salt, "digest": digest, "expires_at": expires_at}


def _token(company: Company, salt: str) -> str:
    return portal_token(key=settings.SECRET_KEY.encode(), company_id=company.pk, salt=salt)
