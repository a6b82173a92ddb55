"""Pages as values: blocks that `file.typ` prints. All of it French, for a French court; strings only."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from encours.core.court_files.request import Block as RequestBlock
from encours.core.money import format_cents
from encours.core.wording import format_date, typeset

Block = dict[str, Any]


def heading(words: str) -> Block:
    return {"kind": "heading", "text": typeset(words)}


def text(words: str) -> Block:
    return {"kind": "text", "text": typeset(words)}


def note(words: str) -> Block:
    return {"kind": "note", "text": typeset(words)}


def quote(words: str) -> Block:
    """Somebody's own words, as they stand."""
    return {"kind": "quote", "text": words}


def facts(rows: Iterable[tuple[str, str]]) -> Block:
    """Label and value; what has no value is left out."""
    return {"kind": "facts", "rows": [[typeset(label), value] for label, value in rows if value]}


def sums(rows: Iterable[tuple[str, str]]) -> Block:
    return {"kind": "sums", "rows": [[typeset(label), value] for label, value in rows]}


def table(
    *,
    head: Sequence[str],
    align: str,
    columns: Sequence[int],
    rows: Sequence[Any],
    foot: Sequence[str] = (),
    size: float = 9,
) -> Block:
    """`columns` are shares of the width, 0 for as wide as needed; `align` one of "lr" per column; a row is a list, or
    `spanning` words."""
    return {
        "kind": "table", "head": list(head), "align": list(align), "columns": list(columns), "rows": list(rows),
        "foot": list(foot), "size": size,
    }  # fmt: skip


def spanning(words: str) -> dict[str, str]:
    return {"span": typeset(words)}


def of_request(blocks: Iterable[RequestBlock]) -> list[Block]:
    return [
        {"kind": each.kind, "text": each.text, "rows": [list(row) for row in each.rows]} for each in blocks
    ]


def euros(cents: int) -> str:
    return format_cents(cents, "EUR", "fr")


def day(given: date | None) -> str:
    return format_date(given, "fr") if given else ""


def moment(given: datetime | None, zone: ZoneInfo) -> str:
    """Date, time and offset, so that nobody asks whose clock it was."""
    return f"{given.astimezone(zone):%d/%m/%Y à %H:%M:%S (UTC%z)}" if given else ""
