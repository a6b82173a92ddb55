"""Raises what of orders somebody should look at, and takes it back when it is gone: once a day, set-based.

What a person must do becomes a task for the customer's salesperson, the largest first; a company that brings its whole
past in does not wake up to a thousand tasks.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

import polars as pl
from django.db import connection, transaction

from encours.actions.journal import Event, record, record_all
from encours.core.orders.flags import FLAG_NAMES, FLAGS, WITH_TASK, sentence_of
from encours.core.wording import Wording
from encours.queries.orders import chain_frame
from encours.store.frames import read_frame, staged
from encours.store.models import Company, Order, OrderFlag, Task

TASK_TITLE = Wording("order.task_title", fr="{flag} : commande {order}", en="{flag}: order {order}")
MAX_TASKS = 20  # a run
DAYS_TO_ACT = timedelta(days=3)
_RAISED = "SELECT id, order_id, code, amount_cents, task_id FROM store_orderflag WHERE company_id = %s AND cleared_date IS NULL"
_RAISED_SCHEMA = {
    "id": pl.Int64,
    "order_id": pl.Int64,
    "code": pl.String,
    "known_cents": pl.Int64,
    "task_id": pl.Int64,
}
_INSERT = """
INSERT INTO store_orderflag (company_id, order_id, code, amount_cents, raised_date, cleared_date, task_id, created_at)
SELECT %s, order_id, code, amount_cents, raised_date, NULL, NULL, now() FROM {staged}
"""
_AMOUNTS = "UPDATE store_orderflag f SET amount_cents = s.amount_cents FROM {staged} s WHERE f.id = s.id AND f.company_id = %s"
_CLEAR = "UPDATE store_orderflag f SET cleared_date = s.on_date FROM {staged} s WHERE f.id = s.id AND f.company_id = %s"


@dataclass(frozen=True)
class FlagsRaised:
    """What a run changed."""

    raised: int
    cleared: int
    tasks_opened: int
    tasks_cancelled: int


@transaction.atomic
def flag_orders(*, company: Company, on: date, now: datetime, actor: str) -> FlagsRaised:
    """Again on the same day it changes nothing."""
    found = _flags(company, on)
    raised = read_frame(_RAISED, [company.pk], _RAISED_SCHEMA)
    if found.is_empty() and raised.is_empty():
        return FlagsRaised(0, 0, 0, 0)
    keys = ["order_id", "code"]
    new = found.join(raised, on=keys, how="anti").with_columns(raised_date=pl.lit(on))
    moved = found.join(raised, on=keys).filter(pl.col("amount_cents") != pl.col("known_cents"))
    gone = raised.join(found, on=keys, how="anti").with_columns(on_date=pl.lit(on))
    for rows, columns, statement in (
        (new, ["order_id", "code", "amount_cents", "raised_date"], _INSERT),
        (moved, ["id", "amount_cents"], _AMOUNTS),
        (gone, ["id", "on_date"], _CLEAR),
    ):
        if rows.height:
            with staged(rows.select(columns)) as table, connection.cursor() as cursor:
                cursor.execute(statement.format(staged=table), [company.pk])
    opened = _open_tasks(company, new, on, actor)
    cancelled = _cancel_tasks(company, gone["task_id"].drop_nulls().to_list(), now, actor)
    if new.height or gone.height:
        record(
            company=company, actor=actor, action="order.flagged", subject_type="company", subject_id=company.pk,
            data={"created": new.height, "withdrawn": gone.height, "on": on.isoformat()},
        )  # fmt: skip
    return FlagsRaised(new.height, gone.height, opened, cancelled)


def _flags(company: Company, on: date) -> pl.DataFrame:
    """One row a flag: `order_id`, `code`, `amount_cents` and what its sentence needs."""
    chains = chain_frame(company=company, on=on)
    names = {f"flag_{code}": code for code in FLAGS}
    long = chains.rename(names).unpivot(
        on=list(FLAGS),
        index=["order_id", "currency", "unbilled_days"],
        variable_name="code",
        value_name="amount_cents",
    )
    return long.filter(pl.col("amount_cents").is_not_null())


def _open_tasks(company: Company, new: pl.DataFrame, on: date, actor: str) -> int:
    wanted = new.filter(pl.col("code").is_in(WITH_TASK)).sort("amount_cents", descending=True).head(MAX_TASKS)
    orders = (
        Order.objects.filter(company=company).select_related("customer").in_bulk(wanted["order_id"].to_list())
    )
    events = []
    for row in wanted.iter_rows(named=True):
        order = orders[row["order_id"]]
        said = sentence_of(
            code=row["code"],
            amount_cents=row["amount_cents"],
            currency=row["currency"],
            days=row["unbilled_days"],
        )
        task = Task.objects.create(
            company=company,
            customer=order.customer,
            title=TASK_TITLE(flag=FLAG_NAMES[row["code"]](), order=order.number).say(company.language)[:200],
            note=said.say(company.language),
            due_date=on + DAYS_TO_ACT,
            assignee=order.customer.salesperson,
            opened_by=actor,
        )
        OrderFlag.objects.filter(company=company, order=order, code=row["code"], cleared_date=None).update(
            task=task
        )
        told = {"title": task.title, "due_date": task.due_date.isoformat(), "assignee": task.assignee}
        events.append(Event(task.pk, order.customer.pk, told))
    record_all(company=company, actor=actor, action="task.opened", subject_type="task", events=events)
    return len(events)


def _cancel_tasks(company: Company, task_ids: list[int], now: datetime, actor: str) -> int:
    """Tasks whose reason is gone; what somebody did already stays."""
    tasks = list(Task.objects.filter(company=company, pk__in=task_ids, state=Task.State.OPEN).order_by("pk"))
    Task.objects.filter(company=company, pk__in=[task.pk for task in tasks]).update(
        state=Task.State.CANCELLED, ended_at=now, ended_by=actor
    )
    events = [Event(task.pk, task.customer_id, {"title": task.title}) for task in tasks]  # type: ignore[attr-defined]
    record_all(company=company, actor=actor, action="task.cancelled", subject_type="task", events=events)
    return len(tasks)
