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
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import cached_property
from typing import Any

from django.conf import settings
from django.db import DatabaseError, connection

from encours.actions.claim_interest import claim_interest
from encours.actions.claim_message import (
    ASLEEP,
    CLOSED_WINDOW,
    HOLIDAY_THERE,
    asleep_params,
    claimed_message,
    holiday_params,
    recover_claims,
    window_params,
)
from encours.actions.entrust_message import entrust_message
from encours.actions.open_channel import Carrier, carrier_of
from encours.actions.prepare_message import prepare_message
from encours.actions.write_outcome import write_outcome
from encours.core.dunning.policy import CHANNEL_NAMES, CHANNELS, OWN_CHANNELS
from encours.core.dunning.reasons import bank_warning
from encours.core.dunning.situation import next_business_day
from encours.core.letter_templates.library import AT_ONCE
from encours.core.problems import Problem
from encours.core.wording import Wording
from encours.ports.channels import HandedOver, OutgoingMessage, UnableToReachProvider
from encours.ports.connections import UnableToAsk
from encours.queries.business_days import company_days_off, regions_off
from encours.queries.channels import mailing_service
from encours.queries.dunning import bank_known_until
from encours.queries.test_mode import in_test_mode, would_leave
from encours.store.models import Attempt, Company, Message

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
LETTERS_WAIT = Wording(
    "message.letters_wait",
    fr="{count} courrier(s) attendent d’être imprimés : Agenda, Courriers, ou « encours post print »",
    en="{count} letters wait to be printed: Agenda, Letters, or `encours post print`",
)
BY_SERVICE = Wording(
    "message.letters_by_service",
    fr="Les courriers partent par {service} : mettez ce prestataire au repos pour les imprimer vous-même",
    en="Letters leave by {service}: let this service rest to print them yourself",
)
TEXTS_WAIT = Wording(
    "message.texts_wait",
    fr="{count} SMS attendent : aucun ne part avant 8 h ni après 20 h, à l’heure du destinataire",
    en="{count} text messages wait: none leaves before 8:00 or after 20:00, by the recipient's clock",
)
WINDOW_CLOSED = Wording(
    "message.window_closed",
    fr="{count} message(s) partiront quand la plage d’envoi de leur étape sera ouverte",
    en="{count} messages will leave when the sending window of their step is open",
)
HOLIDAY_WAITS = Wording(
    "message.holiday_there",
    fr="{count} message(s) attendent : c’est un jour férié chez leurs destinataires",
    en="{count} messages wait: it is a public holiday where their recipients are",
)
UNKNOWN = Wording(
    "message.fate_unknown",
    fr="On ignore si le message {number} est parti : vérifiez et dites-le, il ne sera pas renvoyé de lui-même",
    en="Whether message {number} left is unknown: check and say so, it will not be sent again by itself",
)

WOULD_HAVE_LEFT = Wording(
    "message.would_have_left",
    fr="Mode test : rien ne part. {count} message(s) seraient revérifiés puis envoyés en réel",
    en="Test mode: nothing leaves. {count} messages would be checked again and sent if the company were live",
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
    enough, unless a person accepts that (`accept_bank_age`); the messages stay approved. What a customer waits for
    (`AT_ONCE`: receipts, links asked for) leaves all the same.
    """
    counts: Counter[str] = Counter()
    problems = [_fate_unknown(message) for message in recover_claims(company=company, now=now, actor=actor)]
    counts["unknown"] = len(problems)
    obstacle = _obstacle(company, on, accept_bank_age=accept_bank_age)
    if obstacle is not None:
        if not in_test_mode(company=company):
            _Run(company, "email", on, now, actor, True, counts, problems, at_once_only=True).send_all(
                limit=limit
            )
        return _result(counts, [*problems, obstacle])
    if not company.email:
        problems.append(Problem(NO_SENDER(address=settings.DEFAULT_FROM_EMAIL), severity="warning"))
    rerouted = -1
    while rerouted != counts["rerouted"]:  # what goes by another channel goes forward in its step: this ends
        rerouted = counts["rerouted"]
        for channel in CHANNELS:
            if channel != "letter" or mailing_service(company=company):  # else they wait for who prints them
                run = _Run(company, channel, on, now, actor, accept_bank_age, counts, problems)
                run.send_all(limit=limit)
    claim_interest(company=company, actor=actor)
    return _result(counts, [*problems, *_left_waiting(company, on, now)])


def prepare_letters(*, company: Company, now: datetime, on: date, actor: str) -> Sending:
    """The same for the letters of the day, each written and put into the hands of who prints them: `sent` counts these.
    On a day off too: a letter that is printed has not left."""
    counts: Counter[str] = Counter()
    problems = [_fate_unknown(message) for message in recover_claims(company=company, now=now, actor=actor)]
    stale = _held_in_test_mode(company, on) if in_test_mode(company=company) else _stale(company, on)
    service = mailing_service(company=company)
    if service:
        problems.append(Problem(BY_SERVICE(service=service), severity="warning"))
    elif stale is None:
        run = _Run(company, "letter", on, now, actor, False, counts, problems)
        run.send_all(limit=None)
    return _result(counts, [*problems, *([stale] if stale else [])])


def _left_waiting(company: Company, on: date, now: datetime) -> Iterator[Problem]:
    """Why messages whose day has come are still there: a person prints them, their window is closed, or it is night."""
    params: list[Any] = [
        *window_params(company=company, now=now), *asleep_params(company=company, now=now),
        *holiday_params(regions_off=regions_off(company=company, on=on)), company.pk, on,
    ]  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(
            f"""SELECT m.channel, count(*), count(*) FILTER (WHERE {CLOSED_WINDOW}), count(*) FILTER (WHERE {ASLEEP}),
                       count(*) FILTER (WHERE {HOLIDAY_THERE})
                FROM store_message m WHERE m.company_id = %s AND m.state = 'approved' AND m.planned_date <= %s
                GROUP BY 1 ORDER BY 1""",
            params,
        )
        found = cursor.fetchall()
    for channel, count, closed, asleep, there_off in found:
        if closed:
            yield Problem(WINDOW_CLOSED(count=closed), severity="warning")
        if asleep:
            yield Problem(TEXTS_WAIT(count=asleep), severity="warning")
        if there_off:
            yield Problem(HOLIDAY_WAITS(count=there_off), severity="warning")
        if channel == "letter" and count > closed and not mailing_service(company=company):
            yield Problem(LETTERS_WAIT(count=count - closed), severity="warning")


def _result(counts: Counter[str], problems: list[Problem]) -> Sending:
    return Sending(
        sent=counts["accepted"] + counts["entrusted"],
        cancelled=counts["cancelled"],
        failed=counts["failed"] + counts["refused"],
        unknown=counts["unknown"],
        problems=tuple(problems),
    )


def _obstacle(company: Company, on: date, *, accept_bank_age: bool) -> Problem | None:
    if in_test_mode(company=company):
        return _held_in_test_mode(company, on)
    business_day = next_business_day(on=on, days_off=company_days_off(company=company, on=on))
    if business_day != on:
        return Problem(DAY_OFF(day=business_day), severity="warning")
    return None if accept_bank_age else _stale(company, on)


def _stale(company: Company, on: date) -> Problem | None:
    found = bank_warning(
        known_until=bank_known_until(company=company), max_age_days=company.bank_data_max_age_days, on=on
    )
    return Problem(found) if found is not None else None


def _held_in_test_mode(company: Company, on: date) -> Problem:
    count = would_leave(company=company, on=on).count
    return Problem(WOULD_HAVE_LEFT(count=count), severity="warning")


def _fate_unknown(message: Message) -> Problem:
    return Problem(UNKNOWN(number=message.pk))


@dataclass
class _Run:
    """One sender on one channel."""

    company: Company
    channel: str
    on: date
    now: datetime
    actor: str
    accept_bank_age: bool
    counts: Counter[str]
    problems: list[Problem]
    at_once_only: bool = False
    _carrier: Carrier | None = None

    def send_all(self, *, limit: int | None) -> None:
        """What waits, one after the other. Without a service each goes by the next channel of its step, or is
        cancelled."""
        if not self._waiting():
            return
        try:
            if self.channel not in OWN_CHANNELS or self.channel == "letter":
                self._carrier = carrier_of(company=self.company, channel=self.channel)
            while (limit is None or self.counts.total() < limit) and self._send_next():
                pass
        except UnableToAsk as error:
            self.problems.append(Problem(error.sentence))
        finally:
            if self._carrier is not None:
                self._carrier.channel.close()

    def _send_next(self) -> bool:
        """One message through its three steps; False when there is nothing more to do."""
        if not self._waiting():
            return False
        try:
            if self._carrier is not None:
                self._carrier.channel.open()
        except UnableToReachProvider as error:
            name = CHANNEL_NAMES[self.channel]()
            self.problems.append(Problem(UNREACHABLE(channel=name, detail=str(error))))
            return False
        with claimed_message(
            company=self.company,
            channel=self.channel,
            on=self.on,
            now=self.now,
            regions_off=self._regions_off,
            at_once_only=self.at_once_only,
        ) as attempt:
            return attempt is not None and self._send(attempt)

    @cached_property
    def _regions_off(self) -> list[str]:
        return regions_off(company=self.company, on=self.on)

    def _waiting(self) -> bool:
        """Whether it is worth connecting."""
        return Message.objects.filter(
            company=self.company,
            state=Message.State.APPROVED,
            channel=self.channel,
            planned_date__lte=self.on,
            **({"template__in": AT_ONCE} if self.at_once_only else {}),
        ).exists()

    def _send(self, attempt: Attempt) -> bool:
        try:
            prepared = prepare_message(
                company=self.company,
                attempt=attempt,
                on=self.on,
                now=self.now,
                accept_bank_age=self.accept_bank_age,
                provider=self._carrier.channel.name if self._carrier else "",
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
        elif self._carrier is None and self.channel in OWN_CHANNELS:
            entrust_message(
                company=self.company, attempt_id=attempt.pk, outgoing=prepared.outgoing, on=self.on, now=self.now,
                actor=self.actor,
            )  # fmt: skip
            self.counts["entrusted"] += 1
        else:
            self._write(attempt, self._hand_over(prepared.outgoing))
        return True

    def _hand_over(self, outgoing: OutgoingMessage) -> HandedOver | None:
        """The provider's answer; None when nobody knows whether it took the message."""
        assert self._carrier is not None, "what no service carries was not found reachable"
        channel = self._carrier.channel
        if not channel.accepts(outgoing.recipient_address):
            return HandedOver("refused", detail=f"not an address of {channel.name}")
        try:
            return channel.send(replace(outgoing, notices_at=self._carrier.notices_at))
        except UnableToReachProvider as error:
            return HandedOver("failed", detail=str(error))
        except Exception:  # whatever a provider does at this point, the outcome is unknown
            logger.exception("hand-over interrupted")
            return None

    def _write(self, attempt: Attempt, answer: HandedOver | None) -> None:
        outcome = answer.outcome if answer else "unknown"
        self.counts[outcome] += 1
        message = write_outcome(
            company=self.company,
            attempt_id=attempt.pk,
            answer=answer,
            provider=self._carrier.channel.name if self._carrier else "",
            on=self.on,
            now=self.now,
            actor=self.actor,
        )
        if message.state == Message.State.APPROVED and message.channel != self.channel:
            self.counts["rerouted"] += 1
        if outcome == "unknown":
            self.problems.append(_fate_unknown(message))
