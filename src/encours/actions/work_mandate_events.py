"""Works events about saved methods: a mandate the payer's bank ended, a card its bank replaced. The service is asked what is so now.

Events of set-ups follow from nothing here yet: methods are saved with a payment, whose own event tells.
"""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, Q

from encours.actions.apply_told_mandate import apply_told_mandate
from encours.actions.note_asking import note_failure
from encours.actions.open_connection import asking_alone, open_connection
from encours.ports.connections import UnableToAsk
from encours.ports.gateways import PaymentGateway
from encours.store.models import Company, GatewayConnection, GatewayEvent, PaymentMandate

_BATCH = 200
_PAUSE = timedelta(hours=1)


def work_mandate_events(*, company: Company, now: datetime, actor: str) -> int:
    """How many events were worked. One that cannot be asked about is tried again after an hour. Not in a transaction."""
    waiting = GatewayEvent.objects.filter(
        Q(next_attempt_at=None) | Q(next_attempt_at__lte=now),
        company=company,
        about__in=("mandate", "setup"),
        state__in=(GatewayEvent.State.WAITING, GatewayEvent.State.FAILED),
    )
    worked = 0
    used = GatewayConnection.objects.filter(company=company).exclude(state=GatewayConnection.State.REVOKED)
    for connection in used.filter(pk__in=waiting.values("connection_id")).order_by("pk"):
        with asking_alone(connection) as is_ours:
            if not is_ours:
                continue
            try:
                gateway = open_connection(connection)
            except UnableToAsk as error:
                note_failure(connection, error, now=now)
                continue
            try:
                events = list(waiting.filter(connection=connection).order_by("pk")[:_BATCH])
                worked += sum(_work(company, connection, gateway, each, now, actor) for each in events)
            finally:
                gateway.close()
    return worked


def _work(
    company: Company,
    connection: GatewayConnection,
    gateway: PaymentGateway,
    event: GatewayEvent,
    now: datetime,
    actor: str,
) -> bool:
    """The event and what follows from it are written together."""
    mandate = None
    if event.about == "mandate":
        own = PaymentMandate.objects.filter(company=company, connection=connection)
        mandate = own.filter(external_id=event.object_id).order_by("-pk").first()
    if mandate is None:
        return bool(_end(company, event, GatewayEvent.State.IGNORED, now))
    try:
        told = gateway.mandate_told(event.object_id, mandate_external_id=mandate.mandate_external_id)
    except UnableToAsk as error:
        event.state, event.problem = GatewayEvent.State.FAILED, error.sentence.as_json()
        event.next_attempt_at, event.attempt_count = now + _PAUSE, event.attempt_count + 1
        event.save(update_fields=["state", "problem", "next_attempt_at", "attempt_count"])
        return False
    with transaction.atomic():
        apply_told_mandate(
            company=company,
            customer_id=mandate.customer_id,
            connection=connection,
            told=told,
            now=now,
            actor=actor,
        )
        return bool(_end(company, event, GatewayEvent.State.DONE, now))


def _end(company: Company, event: GatewayEvent, state: str, now: datetime) -> int:
    rows = GatewayEvent.objects.filter(company=company, pk=event.pk)
    return rows.update(
        state=state, worked_at=now, attempt_count=F("attempt_count") + 1, problem=None, next_attempt_at=None
    )
