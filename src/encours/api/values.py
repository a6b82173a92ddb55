"""Values a request may hold, each with the rule the document tells."""

import re
from datetime import date
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from encours.core.money import MAX_CENTS

MAX_LIMIT = 500
MAX_ID = (1 << 63) - 1
_ISO_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


def _iso(said: Any) -> date:
    """Nothing but YYYY-MM-DD: a number would be read as seconds since 1970."""
    if not isinstance(said, str) or not _ISO_DAY.fullmatch(said):
        raise ValueError("YYYY-MM-DD")
    return date.fromisoformat(said)


def _number(said: Any) -> Any:
    """Nothing but a number: `true` would be read as 1, and a text as what it spells."""
    if isinstance(said, bool | str):
        raise ValueError("a number")
    return said


Day = Annotated[date, BeforeValidator(_iso)]
RowId = Annotated[int, Field(ge=1, le=MAX_ID)]
Cents = Annotated[int, Field(ge=0, le=MAX_ID)]
Text = Annotated[str, Field(max_length=80, pattern="^[^\\x00]*$")]
# in a body, where numbers are not text
PositiveCents = Annotated[int, Field(gt=0, le=MAX_CENTS), BeforeValidator(_number)]
PartCents = Annotated[int, Field(ge=0, le=MAX_CENTS), BeforeValidator(_number)]
SignedCents = Annotated[int, Field(ge=-MAX_CENTS, le=MAX_CENTS), BeforeValidator(_number)]
Percent = Annotated[int, Field(ge=0, le=100), BeforeValidator(_number)]
RowNumber = Annotated[int, Field(ge=1, le=MAX_ID), BeforeValidator(_number)]
Limit = Annotated[int, Field(ge=1, le=MAX_LIMIT, description="How many at most.")]
Cursor = Annotated[
    str,
    Field(
        max_length=200, description="`next_cursor` of the answer before; empty begins.", pattern="^[!-~]*$"
    ),
]
