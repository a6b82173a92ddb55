"""A request with an Idempotency-Key counts once: sent again, it is answered with what it was answered first."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction

from encours.store.models import Company, KeptAnswer

KEPT = timedelta(days=2)
# a request of the same key that is being worked on holds this row: who comes second waits for its end
_TAKE = """
INSERT INTO store_keptanswer (company_id, token_id, key, request_digest, status, body, answered_at, created_at)
VALUES (%s, %s, %s, %s, 0, NULL, %s, now()) ON CONFLICT (token_id, key) DO NOTHING RETURNING id
"""


@dataclass(frozen=True)
class Answer:
    """A status of HTTP and a JSON value; `is_repeated` when it was given before."""

    status: int
    body: Any
    is_repeated: bool = False


class UnableToAnswerOnce(Exception):
    """The key belongs to another request."""


@transaction.atomic
def answer_once(
    *,
    company: Company,
    token_id: int,
    key: str,
    request_digest: str,
    now: datetime,
    work: Callable[[], Answer],
) -> Answer:
    """What `work` answers, or what it answered when the key came first, in one transaction with what it writes.

    What `work` raises rolls all of it back, the key too: nothing was done, so the request may come again.
    Raises `UnableToAnswerOnce`.
    """
    with connection.cursor() as cursor:
        cursor.execute(_TAKE, [company.pk, token_id, key, request_digest, now])
        taken = cursor.fetchone()
    if taken is None:
        kept = KeptAnswer.objects.get(company=company, token_id=token_id, key=key)
        if kept.request_digest != request_digest:
            raise UnableToAnswerOnce
        return Answer(kept.status, kept.body, is_repeated=True)
    answer = work()
    KeptAnswer.objects.filter(company=company, pk=taken[0]).update(status=answer.status, body=answer.body)
    return answer


def forget_old_answers(*, company: Company, now: datetime) -> int:
    """How many were forgotten: who repeats a request does so within hours."""
    count, _ = KeptAnswer.objects.filter(company=company, answered_at__lt=now - KEPT).delete()
    return count
