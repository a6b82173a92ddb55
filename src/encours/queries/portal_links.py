"""Links to a customer's portal and what was seen by them, for people of the company."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from django.db.models import Count

from encours.queries.journal import actor_names
from encours.store.models import Company, PortalLink, PortalView

MAX_LINKS, MAX_VIEWS = 30, 50


@dataclass(frozen=True)
class LinkRow:
    """A link; the address itself is nowhere. `made_by` is a person's name, "" when a message made it."""

    id: int
    purpose: str
    state: Literal["open", "expired", "revoked"]
    made_at: datetime
    made_by: str
    message_id: int | None
    expires_at: datetime
    revoked_at: datetime | None
    first_seen_at: datetime | None
    last_seen_at: datetime | None
    view_count: int


@dataclass(frozen=True)
class ViewRow:
    """A page of the portal somebody looked at, or tried something on."""

    link_id: int
    seen_at: datetime
    what: str
    object_id: int | None
    outcome: str
    network: str
    browser: str


def portal_links(*, company: Company, customer_id: int, now: datetime) -> list[LinkRow]:
    """A customer's links, the latest first. Two queries."""
    found = list(
        PortalLink.objects.filter(company=company, customer_id=customer_id)
        .annotate(view_count=Count("views"))
        .order_by("-pk")[:MAX_LINKS]
    )
    names = actor_names(company=company, actors=[link.made_by for link in found])
    return [
        LinkRow(
            id=link.pk,
            purpose=link.purpose,
            state="revoked" if link.revoked_at else "expired" if link.expires_at <= now else "open",
            made_at=link.created_at,
            made_by="" if link.message_id else names.get(link.made_by, link.made_by),
            message_id=link.message_id,
            expires_at=link.expires_at,
            revoked_at=link.revoked_at,
            first_seen_at=link.first_seen_at,
            last_seen_at=link.last_seen_at,
            view_count=link.view_count,
        )
        for link in found
    ]


def portal_views(*, company: Company, customer_id: int) -> list[ViewRow]:
    """What was looked at lately, the latest first. One query."""
    names = ("link_id", "seen_at", "what", "object_id", "outcome", "network", "browser")
    found = PortalView.objects.filter(company=company, link__customer_id=customer_id).order_by("-pk")
    return [ViewRow(*row) for row in found.values_list(*names)[:MAX_VIEWS]]
