"""Whether anything leaves to customers, and what would if it did."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection

from encours.store.models import Company, Message

SHOWN = 20

# Where a channel reaches the customer; what has no address of its own goes to the customer itself.
_FIRST = """
SELECT m.id, c.name, m.channel, m.step_code, m.amount_cents, m.currency, m.planned_date,
       CASE WHEN m.channel IN ('email', 'registered') THEN coalesce(k.email, '')
            WHEN m.channel = 'sms' THEN coalesce(k.phone, '') ELSE c.city END
FROM store_message m JOIN store_customer c ON c.id = m.customer_id
LEFT JOIN store_contact k ON k.id = m.contact_id
WHERE m.company_id = %s AND c.company_id = m.company_id AND m.state = 'approved' AND m.planned_date <= %s
ORDER BY m.planned_date, m.id LIMIT %s
"""
_TOTALS = """
SELECT currency, count(*), sum(amount_cents)::bigint, min(planned_date), min(oldest_due_date)
FROM store_message WHERE company_id = %s AND state = 'approved' AND planned_date <= %s GROUP BY 1 ORDER BY 1
"""


@dataclass(frozen=True)
class Leaving:
    """A message that leaves first when the company goes live. `recipient` is an address, a number or a town."""

    message_id: int
    customer_name: str
    channel: str
    step_code: str
    amount_cents: int
    currency: str
    planned_date: date
    recipient: str


@dataclass(frozen=True)
class LeavingTotal:
    """Messages in one currency. `oldest_due_date` is the oldest they ask for."""

    currency: str
    count: int
    amount_cents: int
    first_planned_date: date
    oldest_due_date: date | None


@dataclass(frozen=True)
class WouldLeave:
    """What was approved and whose day has come: it is checked once more against what is owed, then leaves."""

    totals: Sequence[LeavingTotal]
    first: Sequence[Leaving]
    waiting_count: int  # for somebody's approval

    @property
    def count(self) -> int:
        return sum(total.count for total in self.totals)


def in_test_mode(*, company: Company) -> bool:
    """As the database knows it now. Inside a transaction the answer holds until its end: who switches waits for it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT is_test_mode FROM store_company WHERE id = %s FOR SHARE", [company.pk])
        return cursor.fetchone() == (True,)


def would_leave(*, company: Company, on: date) -> WouldLeave:
    """What leaves at the next sending once the company is live: sums by currency, and the first of them."""
    until: list[Any] = [company.pk, on]
    with connection.cursor() as cursor:
        cursor.execute(_TOTALS, until)
        totals = [LeavingTotal(*row) for row in cursor.fetchall()]
        cursor.execute(_FIRST, [*until, SHOWN])
        first = [Leaving(*row) for row in cursor.fetchall()]
    waiting = Message.objects.filter(company=company, state=Message.State.WAITING).count()
    return WouldLeave(totals=totals, first=first, waiting_count=waiting)
