"""Writes down what happened. Called inside the transaction of what it tells."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import polars as pl
from django.db import connection

from encours.store.frames import staged
from encours.store.models import Company, JournalEntry

# sequence and hashes are the database's to set (migration 0002)
_INSERT = """
INSERT INTO store_journalentry (company_id, actor, action, subject_type, subject_id, customer_id, data, sequence,
                                previous_hash, hash, created_at)
SELECT %s, %s, %s, %s, subject_id, customer_id, data::jsonb, 0, '', '', now() FROM {staged} ORDER BY subject_id
"""


@dataclass(frozen=True)
class Event:
    """What happened to one subject of many."""

    subject_id: int
    customer_id: int | None = None
    data: Mapping[str, Any] = field(default_factory=dict)


def record(
    *,
    company: Company,
    actor: str,
    action: str,
    subject_type: str,
    subject_id: int | None = None,
    customer_id: int | None = None,
    data: Mapping[str, Any] | None = None,
) -> None:
    """One event. `actor` is `user:ID`, `cli`, `worker` or `demo`; `action` is dotted (`document.imported`).

    Set-based actions write one event for the set, with its counts and the id of its batch.
    """
    JournalEntry.objects.create(
        company=company,
        actor=actor,
        action=action,
        subject_type=subject_type,
        subject_id=subject_id,
        customer_id=customer_id,
        data=dict(data or {}),
    )


def record_all(
    *, company: Company, actor: str, action: str, subject_type: str, events: Sequence[Event]
) -> None:
    """One event per subject, any number of them in one statement, in the order of the subjects."""
    if not events:
        return
    frame = pl.DataFrame(
        [(event.subject_id, event.customer_id, json.dumps(dict(event.data))) for event in events],
        schema={"subject_id": pl.Int64, "customer_id": pl.Int64, "data": pl.String},
        orient="row",
    )
    with staged(frame) as table, connection.cursor() as cursor:
        cursor.execute(_INSERT.format(staged=table), [company.pk, actor, action, subject_type])
