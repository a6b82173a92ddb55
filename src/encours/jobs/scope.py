"""What every job of one company starts with."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from procrastinate import RetryStrategy

from encours.queries.companies import company_with_id
from encours.store.tenancy import company_scope

if TYPE_CHECKING:
    from encours.store.models import Company

ACTOR = "worker"
# A job fails for a reason of the moment (a lock, a lost connection, a full disk) or for a bug: a few tries tell.
RETRY = RetryStrategy(max_attempts=4, exponential_wait=5)


@contextmanager
def company_job(company_id: int) -> "Iterator[Company]":
    """The company, in scope."""
    company = company_with_id(company_id=company_id)
    with company_scope(company.pk):
        yield company


def local_now(company: "Company", now: datetime) -> datetime:
    """The moment where the company is: its date is the company's today."""
    return now.astimezone(ZoneInfo(company.time_zone))
