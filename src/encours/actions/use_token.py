"""Lets a program in by its token: one statement finds it, counts the request and notes when it was last used."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction

from encours.actions.create_token import company_id_of, digest_of
from encours.queries.companies import company_of_id
from encours.store.models import Company
from encours.store.tenancy import company_scope

# A fixed window of a minute, counted in the row itself: exact over all processes, and nothing to run beside.
_USE = """
UPDATE store_apitoken SET
  window_count = CASE WHEN window_at = %(window)s THEN window_count + 1 ELSE 1 END,
  window_at = %(window)s, last_used_at = %(now)s
WHERE company_id = %(company)s AND digest = %(digest)s AND revoked_at IS NULL
  AND (expires_at IS NULL OR expires_at > %(now)s)
RETURNING id, scopes, window_count
"""


@dataclass(frozen=True)
class Access:
    """Who asks: a company's token and what it may be used for."""

    company: Company
    token_id: int
    scopes: frozenset[str]

    @property
    def actor(self) -> str:
        """As the journal names it."""
        return f"token:{self.token_id}"


class UnableToUseToken(Exception):
    """There is no such token, or it expired or was revoked: whoever asks is not told which."""


class UnableToKeepUp(Exception):
    """The token has asked too often; `retry_after_seconds` says when it may again."""

    def __init__(self, retry_after_seconds: int) -> None:
        super().__init__(retry_after_seconds)
        self.retry_after_seconds = retry_after_seconds


def use_token(*, text: str, now: datetime, per_minute: int) -> Access:
    """The access a token's text gives. Raises `UnableToUseToken`, `UnableToKeepUp`."""
    company_id = company_id_of(text)
    company = company_of_id(company_id=company_id) if company_id is not None else None
    if company is None:
        raise UnableToUseToken
    window = now.replace(second=0, microsecond=0)
    params: Mapping[str, Any] = {
        "company": company.pk, "digest": digest_of(text), "window": window, "now": now,
    }  # fmt: skip
    with company_scope(company.pk), transaction.atomic(), connection.cursor() as cursor:
        # a crash may lose the count of a moment ago; no reader waits for the disk
        cursor.execute("SET LOCAL synchronous_commit = off")
        cursor.execute(_USE, params)
        row = cursor.fetchone()
    if row is None:
        raise UnableToUseToken
    token_id, scopes, count = row
    if count > per_minute:
        ends = window + timedelta(minutes=1)
        raise UnableToKeepUp(max(1, int((ends - now).total_seconds()) + 1))
    return Access(company, token_id, frozenset(json.loads(scopes)))
