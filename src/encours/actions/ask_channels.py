"""Asks services what became of messages that are on their way, and files the proofs they give.

One that leaves files is not asked message by message: each file is read, and put away once its reports are kept. One that can
tell of an interrupted hand-over whether it has the message settles what a person would have to look up.
"""

import logging
from datetime import datetime, timedelta
from functools import partial

from django.db import transaction

from encours.actions.journal import record
from encours.actions.keep_file import keep_file
from encours.actions.open_connection import open_connection
from encours.actions.take_reports import take_reports
from encours.core.wording import Sentence, Wording
from encours.ports.channels import (
    Asked,
    Collecting,
    Proof,
    Proving,
    Remembering,
    TrackingFile,
    UnableToReachProvider,
)
from encours.ports.connections import UnableToAsk
from encours.ports.registry import channels
from encours.store.models import Attempt, ChannelConnection, Company, Message, MessageAttachment

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
NOT_READ = Wording(
    "channel.tracking_not_read",
    fr="Le fichier de suivi {file} n’a pas pu être lu ({reason}). Il est dans « refused ».",
    en="The tracking file {file} could not be read ({reason}). It is in “refused”.",
)
UNREAD_LINES = Wording(
    "channel.tracking_lines_unread",
    fr="{count} ligne(s) du fichier de suivi {file} n’ont pas été comprises : elles sont notées à côté de lui, dans « done ».",
    en="{count} lines of the tracking file {file} were not understood: they are noted beside it, in “done”.",
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
        unknown = _unknown_keys(company, connection.provider, now)
        made = channels().get(connection.provider)
        leaves_files = isinstance(made, type) and issubclass(made, Collecting)
        if attempts or unknown or leaves_files:
            found += _ask(company, connection, attempts, unknown, now, actor)
    return found


def _unknown_keys(company: Company, provider: str, now: datetime) -> list[str]:
    """Of hand-overs to it whose fate nobody knows."""
    lost = Attempt.objects.filter(
        company=company,
        provider=provider,
        outcome=Attempt.Outcome.UNKNOWN,
        message__state=Message.State.UNKNOWN,
        handed_over_at__gte=now - ASKED_FOR,
    )
    return list(lost.order_by("pk").values_list("idempotency_key", flat=True)[:AT_A_TIME])


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
    company: Company,
    connection: ChannelConnection,
    attempts: list[Attempt],
    unknown: list[str],
    now: datetime,
    actor: str,
) -> int:
    found, problem = 0, None
    keep = partial(take_reports, company=company, provider=connection.provider, now=now, actor=actor)
    try:
        service = open_connection(connection)
        try:
            if not isinstance(service, Asked | Collecting | Remembering):
                return 0
            if isinstance(service, Collecting):
                for file in service.collect(now=now):
                    found += keep(reports=file.reports)
                    service.put_away(file)
                    problem = _unread(file) or problem
            if isinstance(service, Remembering) and unknown:
                found += keep(reports=service.remembered(keys=unknown, now=now))
            for attempt in attempts if isinstance(service, Asked) else ():
                # proofs first: whoever reads that mail was refused finds the proof beside it
                if isinstance(service, Proving):
                    _file_proofs(company, attempt, service.proofs(provider_id=attempt.provider_id), actor)
                found += keep(reports=service.reports(provider_id=attempt.provider_id, now=now))
        finally:
            service.close()
    except UnableToReachProvider as error:
        problem = NOT_ANSWERING(detail=str(error))
    except UnableToAsk as error:
        problem = error.sentence
    known = connection.problem or {}
    if problem is None and known.get("code") in (NOT_READ.code, UNREAD_LINES.code):
        problem = Sentence.from_json(known)  # until a person has seen it and tries the connection
    if problem is not None:
        logger.warning("channel connection %s: %s", connection.pk, problem.say("en"))
    ChannelConnection.objects.filter(company=company, pk=connection.pk).update(
        problem=problem.as_json() if problem else None,
        failure_count=connection.failure_count + 1 if problem else 0,
        next_check_at=now + RETRY_AFTER if problem else None,
        **({} if problem else {"checked_at": now}),
    )
    return found


def _unread(file: TrackingFile) -> Sentence | None:
    """What a person should look at in a file of tracking; None when all of it was understood."""
    if file.problem is not None:
        return NOT_READ(file=file.name, reason=file.problem)
    return UNREAD_LINES(file=file.name, count=len(file.unread)) if file.unread else None


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
