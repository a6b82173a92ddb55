"""What customers say in the portal of how they are reached, and what of it waits for a person."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from encours.queries.paging import Page, page_of
from encours.store.models import Company, Contact, ContactRequest


@dataclass(frozen=True)
class OwnContact:
    """A contact as its own company may read it, once it has shown a code."""

    id: int
    name: str
    role: str
    email: str
    phone: str
    is_primary: bool


@dataclass(frozen=True)
class ContactRequestRow:
    """`changes` are fields, each with what was known and what is said."""

    id: int
    customer_id: int
    customer_name: str
    contact_id: int | None
    contact_name: str
    about: str
    changes: Mapping[str, tuple[str, str]]
    asked_email: str
    asked_at: datetime
    state: str
    decided_at: datetime | None
    decided_by: str


def own_contacts(*, company: Company, customer_id: int) -> list[OwnContact]:
    """The primary one first."""
    found = Contact.objects.filter(company=company, customer_id=customer_id).order_by("-is_primary", "pk")
    return [
        OwnContact(each.pk, each.name, each.role, each.email, each.phone, each.is_primary) for each in found
    ]


def contact_requests_page(
    *, company: Company, state: str = "", text: str = "", number: int, size: int
) -> Page[ContactRequestRow]:
    """The latest first; `state` is waiting, or `decided` for what is over."""
    found = ContactRequest.objects.filter(company=company).select_related("customer", "contact")
    if state == "decided":
        found = found.exclude(state=ContactRequest.State.WAITING)
    elif state:
        found = found.filter(state=state)
    if text:
        found = found.filter(customer__name__icontains=text)
    page = page_of(found.order_by("-pk"), number=number, size=size)
    return page.with_rows(_rows(page.rows))


def contacts_waiting_of(*, company: Company, customer_id: int) -> list[ContactRequestRow]:
    """Of one customer, what waits for a person."""
    found = ContactRequest.objects.filter(
        company=company, customer_id=customer_id, state=ContactRequest.State.WAITING
    )
    return _rows(found.select_related("customer", "contact").order_by("-pk"))


def _rows(found: Iterable[ContactRequest]) -> list[ContactRequestRow]:
    return [
        ContactRequestRow(
            id=each.pk,
            customer_id=each.customer_id,
            customer_name=each.customer.name,
            contact_id=each.contact_id,
            contact_name=(each.contact.name or each.contact.email) if each.contact else "",
            about=each.about,
            changes={name: (before, after) for name, (before, after) in each.changes.items()},
            asked_email=each.asked_email,
            asked_at=each.asked_at,
            state=each.state,
            decided_at=each.decided_at,
            decided_by=each.decided_by,
        )
        for each in found
    ]
