"""What forewarning digests tell: who wants one, about which customers, and what leaves on the next business day."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

import polars as pl

from encours.core.digest import Announced
from encours.core.orders.flags import WITH_TASK
from encours.queries.portfolios import customers_looked_after, users_looked_after
from encours.store.models import Company, Customer, DigestScope, Membership, Message, OrderFlag, Reply, Task


def digest_readers(*, company: Company) -> list[Membership]:
    """Members who want a digest and may sign in, each with the person."""
    found = Membership.objects.filter(company=company, user__is_active=True).exclude(digest=DigestScope.NONE)
    return list(found.select_related("user").order_by("user_id"))


def digest_customers(*, company: Company, reader: Membership, on: date) -> list[int] | None:
    """Ids of the customers a digest tells of; None for all of the company's."""
    if reader.digest == DigestScope.COMPANY:
        return None
    if reader.digest == DigestScope.SALES:
        name = reader.salesperson_name or reader.user.name
        found = (
            Customer.objects.filter(company=company, salesperson__iexact=name)
            if name
            else Customer.objects.none()
        )
        return list(found.order_by("pk").values_list("pk", flat=True))
    user_ids = users_looked_after(company=company, user_id=reader.user_id, on=on)  # type: ignore[attr-defined]
    return customers_looked_after(company=company, user_ids=user_ids)


def announced_messages(*, company: Company, business_day: date, planned: pl.DataFrame) -> list[Announced]:
    """What is in the outbox for that day, and what its plan (`Plan.actions`) adds. Two queries."""
    outbox = Message.objects.filter(
        company=company,
        state__in=[Message.State.WAITING, Message.State.APPROVED],
        planned_date__lte=business_day,
    ).exclude(step_code="")
    rows: list[dict[str, Any]] = [
        row | {"needs_approval": row.pop("state") == Message.State.WAITING}
        for row in outbox.order_by("pk").values(
            "customer_id", "step_code", "channel", "amount_cents", "currency", "state"
        )
    ]
    rows += [
        row | {"needs_approval": row.pop("approval") != "automatic"}
        for row in planned.filter(pl.col("planned_date") <= business_day)
        .select("customer_id", "step_code", "channel", "amount_cents", "currency", "approval")
        .iter_rows(named=True)
    ]
    ids = {row["customer_id"] for row in rows}
    names = dict(Customer.objects.filter(company=company, pk__in=ids).values_list("pk", "name"))
    return [Announced(customer_name=names[row["customer_id"]], **row) for row in rows]


def digest_waits(*, company: Company, customer_ids: Iterable[int] | None, until: date) -> Mapping[str, int]:
    """How much waits for a person about these customers (None: all), by kind."""
    mine = {} if customer_ids is None else {"customer_id__in": list(customer_ids)}
    return {
        "approvals": Message.objects.filter(company=company, state=Message.State.WAITING, **mine).count(),
        "tasks": Task.objects.filter(
            company=company, state=Task.State.OPEN, due_date__lte=until, **mine
        ).count(),
        "replies": Reply.objects.filter(
            company=company, state=Reply.State.WAITING, nature=Reply.Nature.PERSON, **mine
        ).count(),
        "orders": _flagged_orders(company, customer_ids),
    }


def _flagged_orders(company: Company, customer_ids: Iterable[int] | None) -> int:
    """Orders with something that a person should do, as the day's run saw it."""
    raised = OrderFlag.objects.filter(company=company, cleared_date=None, code__in=WITH_TASK)
    if customer_ids is not None:
        raised = raised.filter(order__customer_id__in=list(customer_ids))
    return raised.values("order_id").distinct().count()
