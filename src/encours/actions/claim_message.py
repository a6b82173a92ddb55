"""First step of sending: one sender takes one message, and says so before anything else happens.

While it works, the sender holds an advisory lock of its database session on the attempt. PostgreSQL frees it when the session
ends, however it ends: a claim whose lock is free has lost its sender. (A pooler that shares sessions between
clients must not stand in between.)
"""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection, transaction

from encours.actions.journal import record
from encours.core.business_days import REGIONS, WRITTEN_AS_COUNTRIES
from encours.core.dunning.policy import OWN_CHANNELS, WEEKDAYS
from encours.core.letter_templates.library import AT_ONCE
from encours.core.messages import RETRY_DELAYS, idempotency_key
from encours.core.texting import POSTCODES, TIME_ZONES, may_text, sleeping_territories
from encours.queries.test_mode import in_test_mode
from encours.store.models import Attempt, Company, Message

# High part of the lock's number; the low part is the attempt's id.
SENDER_LOCK = 7102

# A step with a window leaves only within it; its times are text, so that 24:00 comes after all others.
CLOSED_WINDOW = """
EXISTS (SELECT FROM store_policystep s
        WHERE s.company_id = m.company_id AND s.policy_id = m.policy_id AND s.code = m.step_code
          AND NOT ((s.window->'days') @> to_jsonb(%s::text) AND %s >= s.window->>'from_time'
                   AND %s < s.window->>'until_time'))
"""
# A text message waits while it is night, or Sunday, where its recipient lives: overseas by another clock, elsewhere by
# the company's.
ASLEEP = """
(m.channel = 'sms' AND EXISTS (
  SELECT FROM store_customer c CROSS JOIN LATERAL (
    SELECT CASE c.country WHEN 'FR' THEN (%s::jsonb)->>left(c.postcode, 3) ELSE c.country END AS code) territory
  WHERE c.company_id = m.company_id AND c.id = m.customer_id
    AND CASE WHEN territory.code = ANY(%s) THEN territory.code = ANY(%s) ELSE %s END))
"""
# Nobody is written to on a public holiday where they are (core.business_days.holiday_region); a letter takes its days anyway,
# and what people and programs of the company do is not for the customer's eyes.
HOLIDAY_THERE = """
(m.channel IN ('email', 'sms', 'registered') AND EXISTS (
  SELECT FROM store_customer c
  WHERE c.company_id = m.company_id AND c.id = m.customer_id
    AND CASE c.country
          WHEN 'FR' THEN coalesce((%s::jsonb)->>left(c.postcode, 5), (%s::jsonb)->>left(c.postcode, 3),
                                  (%s::jsonb)->>left(c.postcode, 2), 'FR')
          ELSE coalesce((%s::jsonb)->>c.country, c.country) END = ANY(%s)))
"""
_NEXT = f"""
SELECT m.id FROM store_message m
WHERE m.company_id = %s AND m.state = 'approved' AND m.planned_date <= %s AND m.channel = %s
  AND NOT EXISTS (
    SELECT FROM store_attempt a WHERE a.message_id = m.id AND a.outcome = 'failed'
      AND a.outcome_at > %s - (%s::interval[])[least(a.number, %s)])
  AND NOT {CLOSED_WINDOW} AND NOT {ASLEEP}
  AND (m.template IN {AT_ONCE} OR (NOT %s AND NOT {HOLIDAY_THERE}))
ORDER BY m.planned_date, m.id LIMIT 1 FOR UPDATE OF m SKIP LOCKED
"""


@contextmanager
def claimed_message(
    *,
    company: Company,
    channel: str,
    on: date,
    now: datetime,
    regions_off: Sequence[str],
    at_once_only: bool = False,
) -> Iterator[Attempt | None]:
    """The next message to leave, claimed by an attempt that is committed; None when there is none. Whoever lives in one of
    `regions_off` (`queries.business_days`) is not written to today, but for what they
    wait for; `at_once_only` leaves all else for later.

    Senders at work at the same time skip each other's messages. The lock is held until the block ends.
    """
    attempt = None
    try:
        with transaction.atomic(durable=True):
            attempt = _claim(company, channel, on, now, regions_off, at_once_only)
        yield attempt
    finally:
        if attempt is not None:
            _unlock(attempt.pk)


def window_params(*, company: Company, now: datetime) -> list[str]:
    """What CLOSED_WINDOW compares: the weekday and twice the time of day, where the company is."""
    here = now.astimezone(ZoneInfo(company.time_zone))
    weekday = (*WEEKDAYS, "saturday", "sunday")[here.weekday()]
    return [weekday, f"{here:%H:%M}", f"{here:%H:%M}"]


def asleep_params(*, company: Company, now: datetime) -> list[Any]:
    """What ASLEEP compares: territories by postcode, all of them, those that sleep, and whether all others do."""
    sleeps = not may_text(now=now, time_zone=company.time_zone)
    return [json.dumps(POSTCODES), list(TIME_ZONES), sleeping_territories(now=now), sleeps]


def holiday_params(*, regions_off: Sequence[str]) -> list[Any]:
    """What HOLIDAY_THERE compares: regions by postcode and by country, and those that have a public holiday."""
    parts = json.dumps(REGIONS)
    return [parts, parts, parts, json.dumps(WRITTEN_AS_COUNTRIES), list(regions_off)]


def _claim(
    company: Company, channel: str, on: date, now: datetime, regions_off: Sequence[str], at_once_only: bool
) -> Attempt | None:
    params: list[Any] = [company.pk, on, channel, now, list(RETRY_DELAYS), len(RETRY_DELAYS)]
    params += window_params(company=company, now=now) + asleep_params(company=company, now=now)
    params += [at_once_only, *holiday_params(regions_off=regions_off)]
    if in_test_mode(company=company):
        return None
    with connection.cursor() as cursor:
        cursor.execute(_NEXT, params)
        row = cursor.fetchone()
    if row is None:
        return None
    message = Message.objects.get(company=company, pk=row[0])
    message.state = Message.State.CLAIMED
    message.save(update_fields=["state"])
    attempt = Attempt.objects.create(
        company=company,
        message=message,
        number=message.attempts.count() + 1,
        idempotency_key=idempotency_key(
            company_id=company.pk, message_id=message.pk, created_at=message.created_at
        ),
        claimed_at=now,
    )
    assert _lock(attempt.pk), "somebody holds the lock of an attempt that did not exist"
    return attempt


def recover_claims(*, company: Company, now: datetime, actor: str) -> list[Message]:
    """Claims whose sender is gone. What was not handed over may be claimed again; what was, is `unknown`: it is
    never sent again by itself (`actions.resolve_unknown`). Returns the unknown ones."""
    open_attempts = Attempt.objects.filter(company=company, outcome="", message__state=Message.State.CLAIMED)
    unknown = []
    for attempt_id in list(open_attempts.order_by("pk").values_list("pk", flat=True)):
        if not _lock(attempt_id):
            continue  # its sender lives
        try:
            with transaction.atomic(durable=True):
                message = _recover(company, attempt_id, now, actor)
        finally:
            _unlock(attempt_id)
        if message is not None and message.state == Message.State.UNKNOWN:
            unknown.append(message)
    return unknown


def _recover(company: Company, attempt_id: int, now: datetime, actor: str) -> Message | None:
    message = Message.objects.select_for_update().get(company=company, attempts=attempt_id)
    attempt = Attempt.objects.get(company=company, pk=attempt_id)
    if message.state != Message.State.CLAIMED or attempt.outcome:
        return None  # its sender finished in the meantime
    # what no service carries is entrusted together with its state: while that is not written, nothing happened
    is_carried = message.channel not in OWN_CHANNELS or attempt.provider != ""
    handed_over = attempt.handed_over_at is not None and is_carried
    attempt.outcome = Attempt.Outcome.UNKNOWN if handed_over else Attempt.Outcome.NOT_SENT
    attempt.outcome_at = now
    attempt.detail = "the sender was interrupted"
    attempt.save(update_fields=["outcome", "outcome_at", "detail"])
    message.state = Message.State.UNKNOWN if handed_over else Message.State.APPROVED
    message.save(update_fields=["state"])
    if handed_over:
        record(
            company=company,
            actor=actor,
            action="message.unknown",
            subject_type="message",
            subject_id=message.pk,
            customer_id=message.customer_id,
            data={"attempt": attempt.number},
        )
    return message


def _lock(attempt_id: int) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock((%s::bigint << 40) + %s)", [SENDER_LOCK, attempt_id])
        return cursor.fetchone() == (True,)


def _unlock(attempt_id: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_unlock((%s::bigint << 40) + %s)", [SENDER_LOCK, attempt_id])
