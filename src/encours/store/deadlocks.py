"""Transactions that PostgreSQL ended to resolve a deadlock are tried again, as its manual asks of every program."""

import logging
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from django.db import OperationalError, connection
from psycopg.errors import DeadlockDetected

_ATTEMPTS = 4
_logger = logging.getLogger(__name__)
_P = ParamSpec("_P")
_R = TypeVar("_R")


def again_after_deadlock(work: Callable[_P, _R]) -> Callable[_P, _R]:
    """For a function that is one whole transaction, reads all it decides by, and changes nothing else: put it above
    `transaction.atomic`. Within a caller's transaction it is called once: what was ended is the caller's."""

    @wraps(work)
    def trying(*args: _P.args, **kwargs: _P.kwargs) -> _R:
        if connection.in_atomic_block:
            return work(*args, **kwargs)
        for attempt in range(1, _ATTEMPTS):
            try:
                return work(*args, **kwargs)
            except OperationalError as error:
                if not isinstance(error.__cause__, DeadlockDetected):
                    raise
                _logger.warning("%s: deadlock, attempt %d", work.__qualname__, attempt)
        return work(*args, **kwargs)

    return trying
