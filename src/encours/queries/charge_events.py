"""What payment services told of a charge: every event as it came, verified before it was kept."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from encours.core.wording import Sentence
from encours.store.models import Company, GatewayEvent


@dataclass(frozen=True)
class ChargeEvent:
    """One event. `body` is what was delivered, word for word, where it was asked for; else ""."""

    id: int
    external_id: str
    kind: str
    state: str
    connection_name: str
    occurred_at: datetime
    received_at: datetime
    worked_at: datetime | None
    problem: Sentence | None
    reference: str  # of the charge
    body: str = ""


def events_of_charge(*, company: Company, charge_id: int, limit: int = 50) -> Sequence[ChargeEvent]:
    """Its events, the latest first, without what they said. One query."""
    rows = GatewayEvent.objects.filter(company=company, charge=charge_id).select_related(
        "connection", "charge"
    )
    return [_row(each) for each in rows.defer("body").order_by("-occurred_at", "-pk")[:limit]]


def charge_event(*, company: Company, charge_id: int, event_id: int) -> ChargeEvent | None:
    """One of its events with all that it said. One query."""
    rows = GatewayEvent.objects.filter(company=company, charge=charge_id, pk=event_id)
    found = rows.select_related("connection", "charge").first()
    return _row(found, body=found.body) if found else None


def _row(found: GatewayEvent, *, body: str = "") -> ChargeEvent:
    return ChargeEvent(
        id=found.pk,
        external_id=found.external_id,
        kind=found.kind,
        state=found.state,
        connection_name=found.connection.name,
        occurred_at=found.occurred_at,
        received_at=found.received_at,
        worked_at=found.worked_at,
        problem=Sentence.from_json(found.problem) if found.problem else None,
        reference=found.charge.reference if found.charge else "",
        body=body,
    )
