"""Writes down what happened. Called inside the transaction of what it tells."""

from collections.abc import Mapping
from typing import Any

from encours.store.models import Company, JournalEntry


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
