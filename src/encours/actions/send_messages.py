"""Sends what was approved and whose day has come, each message in three short steps.

1. Claimed (`claim_message`): the attempt and its idempotency key are committed.
2. Prepared (`prepare_message`): checked again under lock, written, marked as handed over, committed.
3. Handed to the channel; the outcome is written.

A sender that dies in the first two leaves a message that may be claimed again; one that dies in the third leaves
one whose fate is unknown and which nobody sends again by itself.
"""

import logging
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.db import DatabaseError, connection, transaction

from encours.actions.claim_message import CLOSED_WINDOW, claimed_message, recover_claims, window_params
from encours.actions.journal import record
from encours.actions.prepare_message import prepare_message
from encours.core.dunning.policy import CHANNEL_NAMES
from encours.core.dunning.reasons import bank_warning
from encours.core.dunning.situation import next_business_day
from encours.core.messages import MAX_ATTEMPTS
from encours.core.problems import Problem
from encours.core.wording import Wording
from encours.ports.channels import Channel, HandedOver, OutgoingMessage, UnableToReachProvider
from encours.ports.registry import channels
from encours.queries.business_days import days_off
from encours.queries.dunning import bank_known_until
from encours.store.models import Attempt, Company, Contact, Message, Reminder

logger = logging.getLogger(__name__)

DAY_OFF = Wording(
    "message.day_off",
    fr="Rien ne part le week-end ni un jour férié : les messages partiront le {day}",
    en="Nothing leaves at weekends and on public holidays: messages will leave on {day}",
)
UNREACHABLE = Wording(
    "message.channel_unreachable",
    fr="Le canal {channel} ne répond pas ({detail}) : rien n’a été envoyé, les messages attendent",
    en="Channel {channel} does not answer ({detail}): nothing was sent, the messages wait",
)
NO_SENDER = Wording(
    "message.no_sender",
    fr="La société n’a pas d’adresse e-mail d’expéditeur : {address} est utilisée, les réponses se perdent",
    en="The company has no sender address: {address} is used and replies are lost",
)
NOTHING_SENDS = Wording(
    "message.nothing_sends",
    fr="{count} message(s) par {channel} attendent : rien ici n’envoie par ce canal, à vous de les remettre",
    en="{count} messages by {channel} wait: nothing here sends by this channel, hand them over yourself",
)
WINDOW_CLOSED = Wording(
    "message.window_closed",
    fr="{count} message(s) partiront quand la plage d’envoi de leur étape sera ouverte",
    en="{count} messages will leave when the sending window of their step is open",
)
UNKNOWN = Wording(
    "message.fate_unknown",
    fr="On ignore si le message {number} est parti : vérifiez et dites-le, il ne sera pas renvoyé de lui-même",
    en="Whether message {number} left is unknown: check and say so, it will not be sent again by itself",
)


@dataclass(frozen=True)
class Sending:
    """What became of the messages of one run; `unknown` includes those an earlier, interrupted run left."""

    sent: int = 0
    cancelled: int = 0
    failed: int = 0
    unknown: int = 0
    problems: tuple[Problem, ...] = field(default=())


def send_messages(
    *,
    company: Company,
    now: datetime,
    on: date,
    actor: str,
    limit: int | None = None,
    accept_bank_age: bool = False,
) -> Sending:
    """Call it in `company_scope` and outside any transaction: each step commits its own.

    Several senders may work at the same time. Nothing leaves on a day off, nor while the bank is not known recently
    enough, unless a person accepts that (`accept_bank_age`); the messages stay approved.
    """
    counts: Counter[str] = Counter()
    problems = [_fate_unknown(message) for message in recover_claims(company=company, now=now, actor=actor)]
    counts["unknown"] = len(problems)
    obstacle = _obstacle(company, on, accept_bank_age=accept_bank_age)
    if obstacle is not None:
        return _result(counts, [*problems, obstacle])
    if not company.email:
        problems.append(Problem(NO_SENDER(address=settings.DEFAULT_FROM_EMAIL), severity="warning"))
    for name, kind in channels().items():
        channel = kind(kind.Config(**settings.CHANNELS.get(name, {})))
        run = _Run(company, channel, on, now, actor, accept_bank_age, counts, problems)
        try:
            while (limit is None or counts.total() < limit) and run.send_next():
                pass
        finally:
            channel.close()
    return _result(counts, [*problems, *_left_waiting(company, on, now)])


def _left_waiting(company: Company, on: date, now: datetime) -> Iterator[Problem]:
    """Why messages whose day has come are still there: nothing sends by their channel, or their window is closed."""
    params: list[Any] = [*window_params(company=company, now=now), company.pk, on]
    with connection.cursor() as cursor:
        cursor.execute(
            f"""SELECT m.channel, count(*), count(*) FILTER (WHERE {CLOSED_WINDOW}) FROM store_message m
                WHERE m.company_id = %s AND m.state = 'approved' AND m.planned_date <= %s GROUP BY 1 ORDER BY 1""",
            params,
        )
        found = cursor.fetchall()
    for channel, count, closed in found:
        if channel not in channels():
            name = CHANNEL_NAMES[channel]()
            yield Problem(NOTHING_SENDS(count=count, channel=name), severity="warning")
        elif closed:
            yield Problem(WINDOW_CLOSED(count=closed), severity="warning")


def _result(counts: Counter[str], problems: list[Problem]) -> Sending:
    return Sending(
        sent=counts["accepted"],
        cancelled=counts["cancelled"],
        failed=counts["failed"] + counts["refused"],
        unknown=counts["unknown"],
        problems=tuple(problems),
    )


def _obstacle(company: Company, on: date, *, accept_bank_age: bool) -> Problem | None:
    business_day = next_business_day(on=on, days_off=days_off(country=company.country, on=on))
    if business_day != on:
        return Problem(DAY_OFF(day=business_day), severity="warning")
    stale = bank_warning(
        known_until=bank_known_until(company=company), max_age_days=company.bank_data_max_age_days, on=on
    )
    return Problem(stale) if stale is not None and not accept_bank_age else None


def _fate_unknown(message: Message) -> Problem:
    return Problem(UNKNOWN(number=message.pk))


@dataclass(frozen=True)
class _Run:
    """One sender on one channel."""

    company: Company
    channel: Channel
    on: date
    now: datetime
    actor: str
    accept_bank_age: bool
    counts: Counter[str]
    problems: list[Problem]

    def send_next(self) -> bool:
        """One message through its three steps; False when there is nothing more to do."""
        if not self._waiting():
            return False
        try:
            self.channel.open()
        except UnableToReachProvider as error:
            self.problems.append(Problem(UNREACHABLE(channel=self.channel.name, detail=str(error))))
            return False
        with claimed_message(
            company=self.company, channel=self.channel.name, on=self.on, now=self.now
        ) as attempt:
            return attempt is not None and self._send(attempt)

    def _waiting(self) -> bool:
        """Whether it is worth connecting."""
        return Message.objects.filter(
            company=self.company,
            state=Message.State.APPROVED,
            channel=self.channel.name,
            planned_date__lte=self.on,
        ).exists()

    def _send(self, attempt: Attempt) -> bool:
        try:
            prepared = prepare_message(
                company=self.company,
                attempt=attempt,
                on=self.on,
                now=self.now,
                accept_bank_age=self.accept_bank_age,
                actor=self.actor,
            )
        except DatabaseError:
            raise
        except Exception as error:  # one letter that cannot be made must not keep the others from leaving
            logger.exception("message %s could not be prepared", attempt.message_id)
            self._write(attempt, HandedOver("failed", detail=f"{type(error).__name__}: {error}"))
            return True
        if prepared.state == "postponed":
            assert prepared.reason is not None
            self.problems.append(Problem(prepared.reason))
            return False
        if prepared.outgoing is None:
            self.counts[prepared.state] += 1
            return True
        self._write(attempt, self._hand_over(prepared.outgoing))
        return True

    def _hand_over(self, outgoing: OutgoingMessage) -> HandedOver | None:
        """The provider's answer; None when nobody knows whether it took the message."""
        if not self.channel.accepts(outgoing.recipient_address):
            return HandedOver("refused", detail=f"not an address of {self.channel.name}")
        try:
            return self.channel.send(outgoing)
        except UnableToReachProvider as error:
            return HandedOver("failed", detail=str(error))
        except Exception:  # whatever a provider does at this point, the outcome is unknown
            logger.exception("hand-over interrupted")
            return None

    def _write(self, attempt: Attempt, answer: HandedOver | None) -> None:
        outcome = answer.outcome if answer else "unknown"
        self.counts[outcome] += 1
        message = write_outcome(
            company=self.company, attempt_id=attempt.pk, answer=answer, now=self.now, actor=self.actor
        )
        if outcome == "unknown":
            self.problems.append(_fate_unknown(message))


@transaction.atomic(durable=True)
def write_outcome(
    *, company: Company, attempt_id: int, answer: HandedOver | None, now: datetime, actor: str
) -> Message:
    """Third step: what became of the hand-over. None leaves it unknown.

    A refused address is marked and written to no more until somebody corrects it. A temporary failure is
    tried again later, a few times; then the step is free for a later plan.
    """
    message = Message.objects.select_for_update().get(company=company, attempts=attempt_id)
    attempt = Attempt.objects.get(company=company, pk=attempt_id)
    outcome = answer.outcome if answer else Attempt.Outcome.UNKNOWN.value
    if attempt.outcome not in ("", Attempt.Outcome.UNKNOWN) or message.state not in (
        Message.State.CLAIMED,
        Message.State.UNKNOWN,
    ):
        return message  # taken for dead and resolved by a person meanwhile: their word stands
    attempt.outcome, attempt.outcome_at = outcome, now
    if answer is not None:
        attempt.provider_id, attempt.detail = answer.provider_id[:200], answer.detail
    attempt.save(update_fields=["outcome", "outcome_at", "provider_id", "detail"])
    message.state = _state_after(outcome, message)
    if outcome == "accepted":
        message.sent_at = now
    elif outcome != "unknown":
        message.sent_date = None
    message.save(update_fields=["state", "sent_at", "sent_date"])
    if message.state == Message.State.FAILED:
        Reminder.objects.filter(company=company, message=message).update(counts=False)
    if outcome == "refused":
        Contact.objects.filter(company=company, pk=message.contact_id, email=message.recipient).update(
            bounced_at=now
        )
    record(
        company=company,
        actor=actor,
        action=_ACTIONS[outcome],
        subject_type="message",
        subject_id=message.pk,
        customer_id=message.customer_id,
        data=_told(attempt, message),
    )
    return message


_ACTIONS = {
    "accepted": "message.sent",
    "refused": "message.refused",
    "failed": "message.failed",
    "unknown": "message.unknown",
}


def _state_after(outcome: str, message: Message) -> str:
    if outcome == "failed":
        tried = message.attempts.filter(outcome=Attempt.Outcome.FAILED).count()
        return Message.State.FAILED if tried >= MAX_ATTEMPTS else Message.State.APPROVED
    return {
        "accepted": Message.State.SENT,
        "refused": Message.State.FAILED,
        "unknown": Message.State.UNKNOWN,
    }[outcome]


def _told(attempt: Attempt, message: Message) -> dict[str, Any]:
    return {
        "attempt": attempt.number,
        "key": attempt.idempotency_key,
        "recipient": message.recipient,
        "subject": message.subject,
        "amount_cents": message.amount_cents,
        "detail": attempt.detail,
    }
