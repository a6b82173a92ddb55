"""The only place of the back office that reads a clock."""

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import timezone


def today(company: Any) -> date:
    """The date where the company is."""
    return timezone.now().astimezone(ZoneInfo(company.time_zone)).date()


def now() -> datetime:
    return timezone.now()
