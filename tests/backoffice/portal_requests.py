"""What the house's customer asks for in the portal."""

from datetime import timedelta

from django.utils import timezone

from encours.store.models import ContactRequest, PlanRequest, PortalLink
from encours.store.tenancy import company_scope
from tests import cast
from tests.backoffice.conftest import House


def link_of(house: House) -> PortalLink:
    found = PortalLink.objects.filter(customer=house.customer).first()
    return found or PortalLink.objects.create(
        company=house.company, customer=house.customer, purpose="invitation", digest="d", salt="s", made_by="test",
        expires_at=timezone.now() + timedelta(days=60),
    )  # fmt: skip


def plan_asked_by(house: House) -> int:
    """The request that waits; an invoice of 1,000.00 in two instalments."""
    with company_scope(house.company.pk):
        return _asked(house)


def _asked(house: House) -> int:
    found = PlanRequest.objects.filter(customer=house.customer, state="waiting").first()
    if found is None:
        on = timezone.now().date()
        invoice = cast.invoice(
            house.company,
            house.customer,
            "FA-2026-0777",
            payable_cents=100_000,
            issue_date=on - timedelta(days=50),
        )
        found = PlanRequest.objects.create(
            company=house.company, customer=house.customer, link=link_of(house), currency="EUR",
            document_ids=[invoice.pk], asked_name="Jeanne Martin", asked_email="jeanne@martin.example",
            note="Un gros client nous paie en mai.", asked_at=timezone.now(),
            instalments=[
                {"due_date": (on + timedelta(days=days)).isoformat(), "amount_cents": cents}
                for days, cents in ((10, 60_000), (40, 40_000))
            ],
        )  # fmt: skip
    return found.pk


def contact_asked_by(house: House) -> int:
    """The correction that waits: another e-mail address."""
    with company_scope(house.company.pk):
        found = ContactRequest.objects.filter(customer=house.customer, state="waiting").first()
        found = found or ContactRequest.objects.create(
            company=house.company, customer=house.customer, contact=house.contact, link=link_of(house), about="changed",
            changes={"email": [house.contact.email, "neuve@lefevre.example"]}, asked_email=house.contact.email,
            asked_at=timezone.now(),
        )  # fmt: skip
        return found.pk
