"""Asks payment services for what was never delivered: events since the last time, and charges not heard of for long."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q, QuerySet

from encours.actions.apply_told_charge import apply_told_charges
from encours.actions.follow_charge import ACTOR, follow_charge
from encours.actions.note_asking import note, note_failure
from encours.actions.open_connection import asking_alone, open_connection
from encours.actions.receive_gateway_event import keep_events
from encours.actions.refund_charge import follow_refunds
from encours.core.payments.charges import CREATED, OPEN, PENDING
from encours.ports.connections import UnableToAsk
from encours.ports.gateways import PaymentGateway, ToldCharge
from encours.store.models import Charge, Company, GatewayConnection

# clocks differ, and lists of events lag behind
_OVERLAP = timedelta(hours=1)
# how long a charge may go unheard of, by state, before it is asked for
_SILENCE = {CREATED: timedelta(minutes=2), OPEN: timedelta(minutes=30), PENDING: timedelta(hours=12)}
_BATCH, _MOST = 100, 1000


@dataclass
class Fetched:
    """`events` are new, `followed` charges were asked for."""

    events: int = 0
    followed: int = 0


def fetch_lost_events(*, company: Company, now: datetime) -> Fetched:
    """One round over the company's connections. Asking again at any time changes nothing that is known. Not in a transaction.

    A service that cannot be asked is no error: why, and when it is asked again, is kept with its connection.
    """
    fetched = Fetched()
    rows = GatewayConnection.objects.filter(
        Q(next_check_at=None) | Q(next_check_at__lte=now),
        company=company,
        state__in=[GatewayConnection.State.ACTIVE, GatewayConnection.State.PAUSED],
    )
    for connection in rows.order_by("pk"):
        with asking_alone(connection) as is_ours:
            if not is_ours:
                continue
            try:
                _fetch(company, connection, now, fetched)
            except UnableToAsk as error:
                note_failure(connection, error, now=now)
    return fetched


def _fetch(company: Company, connection: GatewayConnection, now: datetime, fetched: Fetched) -> None:
    gateway = open_connection(connection)
    try:
        since = (connection.events_until_at or connection.created_at) - _OVERLAP
        events = gateway.events_told(since=since)
        fetched.events += keep_events(company=company, connection=connection, events=events, now=now)
        _follow_unheard_of(company, connection, gateway, now, fetched)
        follow_refunds(company=company, connection=connection, gateway=gateway, now=now)
    finally:
        gateway.close()
    note(
        connection, checked_at=now, events_until_at=now, failure_count=0, problem=None, next_check_at=None
    )  # fmt: skip


def _follow_unheard_of(
    company: Company, connection: GatewayConnection, gateway: PaymentGateway, now: datetime, fetched: Fetched
) -> None:
    """Charges the service told nothing of for longer than their state explains."""
    rows = unheard_of(company=company, connection=connection, now=now)
    ids = list(rows.values_list("pk", "external_id")[:_MOST])
    told: dict[int, ToldCharge] = {}
    for charge_id, external_id in ids:
        if external_id:
            told[charge_id] = gateway.charge_told(external_id)
        else:
            follow_charge(company=company, charge_id=charge_id, now=now, gateway=gateway)
        if len(told) == _BATCH:
            _apply(company, told, now)
            told = {}
    _apply(company, told, now)
    fetched.followed += len(ids)


def unheard_of(*, company: Company, connection: GatewayConnection, now: datetime) -> QuerySet[Charge]:
    """Charges of a connection to be asked for now, those asked longest ago first."""
    due = Q(state=OPEN, expires_at__lte=now)
    for state, silence in _SILENCE.items():
        due |= Q(state=state) & (Q(asked_at=None, created_at__lte=now - silence) | Q(asked_at__lte=now - silence))  # fmt: skip
    # those of direct-debit files are told by the bank's files, not asked for
    rows = Charge.objects.filter(due, company=company, connection=connection, file=None)
    return rows.order_by("asked_at", "pk")


@transaction.atomic
def _apply(company: Company, told: dict[int, ToldCharge], now: datetime) -> None:
    if told:
        apply_told_charges(company=company, told=told, now=now, actor=ACTOR)
