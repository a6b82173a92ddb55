"""Lists in parts: each answer names the place where the next one goes on, so that nothing is skipped or told twice."""

import base64
import json
from datetime import date
from typing import Any

from encours.api.problems import refused
from encours.api.values import MAX_ID
from encours.core.wording import Wording

CURSOR_UNKNOWN = Wording(
    "cursor_unknown",
    fr="Ce curseur n'est pas de cette liste : reprenez next_cursor de la réponse précédente.",
    en="This cursor is not of this list: take next_cursor of the answer before.",
)


def cursor_after(*place: date | int) -> str:
    """The text that stands for a place."""
    told = [part.isoformat() if isinstance(part, date) else part for part in place]
    return base64.urlsafe_b64encode(json.dumps(told, separators=(",", ":")).encode()).decode().rstrip("=")


def place_of(cursor: str, *kinds: type) -> Any:
    """What `cursor_after` was given, as a tuple; None for an empty cursor. Any other text is refused."""
    if not cursor:
        return None
    try:
        told = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        if not isinstance(told, list) or len(told) != len(kinds):
            raise ValueError
        return tuple(_part(each, kind) for each, kind in zip(told, kinds, strict=True))
    except (ValueError, RecursionError):
        raise refused(404, CURSOR_UNKNOWN(), field="cursor") from None


def _part(told: Any, kind: type) -> date | int:
    if kind is date and isinstance(told, str):
        return date.fromisoformat(told)
    if kind is int and type(told) is int and 0 <= told <= MAX_ID:
        return told
    raise ValueError


def next_cursor(rows: Any, limit: int, place: Any) -> str | None:
    """Where the next part begins, None when this was the last: `rows` were asked for with one more than `limit`."""
    return cursor_after(*place(rows[limit - 1])) if len(rows) > limit else None
