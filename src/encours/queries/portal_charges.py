"""A customer's own payments through services, as the portal shows them."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import F

from encours.core.payments.charges import UNFINISHED
from encours.core.wording import Sentence
from encours.store.models import Charge, ChargeDocument, Company


@dataclass(frozen=True)
class PortalCharge:
    """`lines` are (document number, cents); `url` is the service's page while it can be paid on."""

    id: int
    state: str
    method: str
    currency: str
    amount_cents: int
    requested_at: datetime
    ended_at: datetime | None
    asked_at: datetime | None
    url: str
    expires_at: datetime | None
    failure: Sentence | None
    lines: tuple[tuple[str, int], ...]

    @property
    def is_unfinished(self) -> bool:
        return self.state in UNFINISHED


def portal_charge(*, company: Company, customer_id: int, charge_id: int) -> PortalCharge | None:
    """One payment of this customer; None when the customer has none of this id. Two queries."""
    found = Charge.objects.filter(company=company, customer_id=customer_id, pk=charge_id).first()
    if found is None:
        return None
    documents = ChargeDocument.objects.filter(company=company, charge=found).order_by("pk")
    return PortalCharge(
        id=found.pk,
        state=found.state,
        method=found.method,
        currency=found.currency,
        amount_cents=found.amount_cents,
        requested_at=found.created_at,
        ended_at=found.ended_at,
        asked_at=found.asked_at,
        url=found.url,
        expires_at=found.expires_at,
        failure=Sentence.from_json(found.failure) if found.failure else None,
        lines=tuple(documents.annotate(number=F("document__number")).values_list("number", "amount_cents")),
    )
