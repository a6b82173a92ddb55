"""Follows a reply: because a person accepts its reading, or by itself where the company lets it."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.db import transaction

from encours.actions.follow_reply import UnableToFollowReply, follow_reply
from encours.actions.journal import record
from encours.core.replies.acting import Read, why_not_alone
from encours.core.wording import Sentence, Wording
from encours.queries.reply_settings import reply_settings
from encours.store.models import Company, Reply

HANDLED = Wording(
    "reply.handled_already",
    fr="Cette réponse est déjà traitée.",
    en="This reply has been dealt with already.",
)
NOBODYS = Wording(
    "reply.nobodys",
    fr="Dites d'abord de quel client elle vient.",
    en="Say first which customer it is from.",
)
ALONE = Wording(
    "reply.alone",
    fr="Suivie sans personne : sûre à {percent} %, à partir de {threshold} % selon vos réglages.",
    en="Followed without a person: {percent}% sure, from {threshold}% on by your settings.",
)


class UnableToActOnReply(Exception):
    """Nothing was changed; `sentence` says why."""

    def __init__(self, sentence: Sentence) -> None:
        super().__init__(sentence.code)
        self.sentence = sentence


@transaction.atomic
def act_on_reply(*, company: Company, reply_id: int, on: date, now: datetime, actor: str) -> Reply:
    """The reply, followed as it is read now; what was done is kept in words with it, and can be undone from it.

    Raises `UnableToActOnReply` when it was dealt with already, is nobody's, or lacks what its intent needs.
    """
    reply = locked_reply(company=company, reply_id=reply_id)
    return _act(reply, on, now, actor, said_first=())


@transaction.atomic
def act_alone(*, company: Company, reply_id: int, now: datetime, actor: str) -> Sentence | None:
    """Follows a reply that has just come in, where the company's thresholds let it; else why a person is waited for."""
    rules = reply_settings(company=company)
    reply = locked_reply(company=company, reply_id=reply_id)
    second = reply.second_reading or {}
    read = Read(
        intent=reply.intent,
        confidence=reply.confidence,
        matched_by=reply.matched_by,
        day=reply.day,
        day_certainty=reply.first_reading.get("date_certainty") or "",
        also=tuple(reply.first_reading.get("also", ())),
        confirmed=second.get("agrees"),
    )
    obstacle = why_not_alone(read, thresholds=rules.thresholds)
    if obstacle is not None or reply.state != Reply.State.WAITING:
        return obstacle
    on = now.astimezone(ZoneInfo(company.time_zone)).date()
    why = ALONE(percent=int(reply.confidence * 100), threshold=rules.thresholds[reply.intent])
    try:
        with transaction.atomic():
            _act(reply, on, now, actor, said_first=(why,))
    except UnableToActOnReply as error:
        return error.sentence
    return None


def locked_reply(*, company: Company, reply_id: int) -> Reply:
    """Raises `Reply.DoesNotExist` for another company's."""
    return (
        Reply.objects.select_for_update(of=["self"])
        .select_related("company", "contact", "message__contact")
        .get(company=company, pk=reply_id)
    )


def _act(reply: Reply, on: date, now: datetime, actor: str, *, said_first: tuple[Sentence, ...]) -> Reply:
    if reply.state != Reply.State.WAITING:
        raise UnableToActOnReply(HANDLED())
    if reply.customer_id is None:
        raise UnableToActOnReply(NOBODYS())
    rules = reply_settings(company=reply.company)
    try:
        with transaction.atomic():
            followed = follow_reply(reply=reply, wait_days=rules.payment_wait_days, on=on, actor=actor)
    except UnableToFollowReply as error:
        raise UnableToActOnReply(error.sentence) from error
    said = [sentence.as_json() for sentence in (*said_first, *followed.said)]
    reply.state, reply.outcome, reply.done = Reply.State.ACTED, said, followed.made
    reply.handled_at, reply.handled_by = now, actor
    reply.save(update_fields=["state", "outcome", "done", "handled_at", "handled_by"])
    record(
        company=reply.company,
        actor=actor,
        action="reply.acted",
        subject_type="reply",
        subject_id=reply.pk,
        customer_id=reply.customer_id,
        data={"intent": reply.intent, "is_alone": bool(said_first), "outcome": said, "made": followed.made},
    )
    return reply
