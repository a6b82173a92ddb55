"""The only place of the API that reads a clock."""

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import timezone


def now() -> datetime:
    return timezone.now()


def today(company: Any) -> date:
    """The date where the company is."""
    return now().astimezone(ZoneInfo(company.time_zone)).date()
