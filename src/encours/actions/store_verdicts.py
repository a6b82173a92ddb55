"""Stores what was judged of promises or payment plans, and tells the journal what changed."""

from collections import Counter
from collections.abc import Callable
from datetime import date
from typing import Any

import polars as pl
from django.db import connection

from encours.actions.journal import Event, record_all
from encours.store.frames import staged
from encours.store.models import Company


def store_verdicts(
    *,
    company: Company,
    changes: pl.DataFrame,
    update: str,
    action: str,
    data: Callable[[dict[str, Any]], dict[str, Any]],
    on: date,
    actor: str,
) -> Counter[str]:
    """How many moved to each state, in the caller's transaction.

    `changes` has at least `id`, `customer_id`, `known_state` and `state`; `update` takes them from the table `{staged}`,
    with the day and the company as its parameters, and returns the ids it moved: somebody may have been there first.
    `data` is what the journal keeps of a row.
    """
    with staged(changes) as table, connection.cursor() as cursor:
        params: list[Any] = [on, company.pk]
        cursor.execute(update.format(staged=table), params)
        moved = [row[0] for row in cursor.fetchall()]
    told = changes.filter(pl.col("id").is_in(moved), pl.col("state") != pl.col("known_state"))
    record_all(
        company=company,
        actor=actor,
        action=action,
        subject_type="customer",
        events=[
            Event(row["customer_id"], row["customer_id"], data(row)) for row in told.iter_rows(named=True)
        ],
    )
    return Counter(told["state"].to_list())
