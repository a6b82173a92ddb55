"""Values a request may hold, each with the rule the document tells."""

import re
from datetime import date
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

MAX_LIMIT = 500
MAX_ID = (1 << 63) - 1
_ISO_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


def _iso(said: Any) -> date:
    """Nothing but YYYY-MM-DD: a number would be read as seconds since 1970."""
    if not isinstance(said, str) or not _ISO_DAY.fullmatch(said):
        raise ValueError("YYYY-MM-DD")
    return date.fromisoformat(said)


Day = Annotated[date, BeforeValidator(_iso)]
RowId = Annotated[int, Field(ge=1, le=MAX_ID)]
Cents = Annotated[int, Field(ge=0, le=MAX_ID)]
Text = Annotated[str, Field(max_length=80, pattern="^[^\\x00]*$")]
Limit = Annotated[int, Field(ge=1, le=MAX_LIMIT, description="How many at most.")]
Cursor = Annotated[
    str,
    Field(
        max_length=200, description="`next_cursor` of the answer before; empty begins.", pattern="^[!-~]*$"
    ),
]
