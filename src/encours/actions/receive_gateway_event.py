"""Takes signed events of payment services in: verified, kept as they came, once each. Works nothing: senders wait a second."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime

from django.db import transaction

from encours.actions.defer_job import defer
from encours.actions.open_connection import open_connection
from encours.ports.connections import UnableToAsk
from encours.ports.gateways import ToldEvent
from encours.ports.notices import UnableToTrustNotice
from encours.store.models import Company, GatewayConnection, GatewayEvent

MAX_EVENT_BYTES = 512 << 10
JOB, LINE = "work_gateway_events", "payments"


class UnableToTakeEvent(Exception):
    """No connection takes it, or its signature is not valid; its text is for the log."""


def receive_gateway_event(
    *, company: Company, hook_key: str, body: bytes, headers: Mapping[str, str], now: datetime
) -> int:
    """How many of the request's events are new: the same event counts once. Header names in lower case.

    A paused connection keeps what it is told, a revoked one is deaf. Raises `UnableToTakeEvent`.
    """
    connection = (
        GatewayConnection.objects.filter(company=company, hook_key=hook_key)
        .exclude(state=GatewayConnection.State.REVOKED)
        .first()
    )
    if connection is None or len(body) > MAX_EVENT_BYTES:
        raise UnableToTakeEvent("no such connection, or too large")
    try:
        gateway = open_connection(connection)
        try:
            events = gateway.parse_event(body=body, headers=headers, now=now)
        finally:
            gateway.close()
    except (UnableToTrustNotice, UnableToAsk) as error:
        raise UnableToTakeEvent(f"connection {connection.pk}: {error}") from error
    text = body.decode("utf-8", "replace").replace("\0", "")
    return keep_events(company=company, connection=connection, events=events, body=text, now=now)


@transaction.atomic
def keep_events(
    *,
    company: Company,
    connection: GatewayConnection,
    events: Sequence[ToldEvent],
    now: datetime,
    body: str = "",
) -> int:
    """Writes events down, each once, and asks for them to be worked; how many are new.

    `body` is the request as it came; of events that were fetched, what the provider made of them is kept.
    """
    if not events:
        return 0
    known = GatewayEvent.objects.filter(
        connection=connection, company=company, external_id__in=[each.external_id for each in events]
    )
    seen = set(known.values_list("external_id", flat=True))
    fresh: dict[str, GatewayEvent] = {}
    for each in events:
        if each.external_id in seen or each.external_id in fresh:
            continue
        fresh[each.external_id] = GatewayEvent(
            company=company,
            connection=connection,
            external_id=each.external_id,
            kind=each.kind[:80],
            about=each.about,
            object_id=each.object_id,
            occurred_at=each.occurred_at,
            received_at=now,
            body=body or json.dumps(asdict(each), default=str),
            state=GatewayEvent.State.WAITING if each.about else GatewayEvent.State.IGNORED,
            worked_at=None if each.about else now,
        )
    # told at the same moment by two requests, it is still one
    GatewayEvent.objects.bulk_create(fresh.values(), ignore_conflicts=True)
    if any(each.about for each in fresh.values()):
        defer(JOB, company_id=company.pk, beside=LINE)
    return len(fresh)
