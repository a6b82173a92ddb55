"""Writes down how asking a connection went, and when it may be asked again."""

from datetime import datetime, timedelta
from typing import Any

from encours.ports.connections import UnableToAsk
from encours.store.models.connections import Connection

# how long to leave the other side alone after failures: doubled each time
_FIRST_PAUSE, _LONGEST_PAUSE = timedelta(minutes=5), timedelta(hours=6)
# where asking again cannot help, a person is waited for; some count refusals and shut out who insists
_PERSON_PAUSE = timedelta(hours=6)


def note(connection: Connection, **values: Any) -> None:
    """Only what is said: a person may pause or revoke it meanwhile. A state is changed from the one it was read in."""
    rows = type(connection)._default_manager.filter(company_id=connection.company_id, pk=connection.pk)
    if "state" in values:
        rows = rows.filter(state=connection.state)
    rows.update(**values)


def note_failure(connection: Connection, error: UnableToAsk, *, now: datetime) -> None:
    """Why it could not be asked, and until when it is left alone: as long as it wants, or longer each time."""
    if error.retry_after_seconds is not None:
        pause = timedelta(seconds=error.retry_after_seconds)
    elif error.needs_person:
        pause = _PERSON_PAUSE
    else:
        pause = min(_FIRST_PAUSE * 2 ** min(connection.failure_count, 10), _LONGEST_PAUSE)
    note(
        connection, checked_at=now, next_check_at=now + pause, failure_count=connection.failure_count + 1,
        problem=error.sentence.as_json(),
    )  # fmt: skip
