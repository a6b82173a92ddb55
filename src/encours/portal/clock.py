"""The only place of the portal that reads a clock."""

import time
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import timezone


def today(company: Any) -> date:
    """The date where the company is."""
    return now().astimezone(ZoneInfo(company.time_zone)).date()


def now() -> datetime:
    return timezone.now()


def ticking_seconds() -> float:
    """What only goes forward: for counting requests."""
    return time.monotonic()
