"""Asks services what became of messages that are on their way, and files the proofs they give."""

import logging
from datetime import datetime, timedelta

from django.db import transaction

from encours.actions.journal import record
from encours.actions.keep_file import keep_file
from encours.actions.open_connection import open_connection
from encours.actions.take_reports import take_reports
from encours.core.wording import Wording
from encours.ports.channels import Asked, Proof, Proving, UnableToReachProvider
from encours.ports.connections import UnableToAsk
from encours.store.models import Attempt, ChannelConnection, Company, MessageAttachment

logger = logging.getLogger(__name__)

# registered mail waits two weeks for its recipient, and its proofs come a little later
ASKED_FOR = timedelta(days=45)
AT_A_TIME = 200
RETRY_AFTER = timedelta(minutes=15)

NOT_ANSWERING = Wording(
    "channel.not_answering",
    fr="Le service ne répond pas ({detail}). Nouvel essai plus tard.",
    en="The service does not answer ({detail}). It is tried again later.",
)


def ask_channels(*, company: Company, now: datetime, actor: str) -> int:
    """How many reports were new. A service that does not answer is left alone for a while."""
    found = 0
    connections = ChannelConnection.objects.filter(company=company).exclude(
        state=ChannelConnection.State.REVOKED
    )
    for connection in connections.order_by("pk"):
        if connection.next_check_at is not None and connection.next_check_at > now:
            continue
        attempts = _open_attempts(company, connection.provider, now)
        if attempts:
            found += _ask(company, connection, attempts, now, actor)
    return found


def _open_attempts(company: Company, provider: str, now: datetime) -> list[Attempt]:
    waiting = Attempt.objects.filter(
        company=company,
        provider=provider,
        outcome=Attempt.Outcome.ACCEPTED,
        closed_at=None,
        outcome_at__gte=now - ASKED_FOR,
    ).exclude(provider_id="")
    return list(waiting.order_by("outcome_at", "pk")[:AT_A_TIME])


def _ask(
    company: Company, connection: ChannelConnection, attempts: list[Attempt], now: datetime, actor: str
) -> int:
    found, problem = 0, None
    try:
        service = open_connection(connection)
        try:
            if not isinstance(service, Asked):
                return 0
            for attempt in attempts:
                # proofs first: whoever reads that mail was refused finds the proof beside it
                if isinstance(service, Proving):
                    _file_proofs(company, attempt, service.proofs(provider_id=attempt.provider_id), actor)
                reports = service.reports(provider_id=attempt.provider_id, now=now)
                found += take_reports(
                    company=company, provider=connection.provider, reports=reports, now=now, actor=actor
                )
        finally:
            service.close()
    except UnableToReachProvider as error:
        problem = NOT_ANSWERING(detail=str(error))
    except UnableToAsk as error:
        problem = error.sentence
    if problem is not None:
        logger.warning("channel connection %s: %s", connection.pk, problem.say("en"))
    ChannelConnection.objects.filter(company=company, pk=connection.pk).update(
        problem=problem.as_json() if problem else None,
        failure_count=connection.failure_count + 1 if problem else 0,
        next_check_at=now + RETRY_AFTER if problem else None,
        **({} if problem else {"checked_at": now}),
    )
    return found


def _file_proofs(company: Company, attempt: Attempt, proofs: tuple[Proof, ...], actor: str) -> None:
    """Each proof once, with the message: a service keeps it for a year, the case longer."""
    for proof in proofs:
        with transaction.atomic():
            kept = MessageAttachment.objects.filter(
                company=company,
                message_id=attempt.message_id,
                kind=MessageAttachment.Kind.PROOF,
                title=proof.name,
            )
            if kept.exists():
                continue
            file = keep_file(
                company=company,
                name=proof.file.name,
                media_type=proof.file.media_type,
                content=proof.file.content,
            )
            MessageAttachment.objects.create(
                company=company,
                message_id=attempt.message_id,
                file=file,
                kind=MessageAttachment.Kind.PROOF,
                title=proof.name,
            )
            record(
                company=company,
                actor=actor,
                action="message.proof_filed",
                subject_type="message",
                subject_id=attempt.message_id,
                customer_id=attempt.message.customer_id,
                data={"proof": proof.name, "sha256": file.sha256},
            )
