"""What IMAP writes in ways of its own: names of folders, days, attributes of a mail."""

import base64
import re
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_INTERNAL_DATE = re.compile(
    rb'INTERNALDATE "(?P<day>[ \d]\d)-(?P<month>[A-Za-z]{3})-(?P<year>\d{4}) (?P<hour>\d\d):(?P<minute>\d\d):(?P<second>\d\d)'
    rb' (?P<sign>[+-])(?P<hours>\d\d)(?P<minutes>\d\d)"'
)
_NOT_ASCII = re.compile(r"([^\x20-\x7e]+)")


def folder_name(name: str) -> str:
    """A folder's name as it travels: modified UTF-7, quoted (RFC 3501, 5.1.3). Raises `ValueError` for control characters.

    >>> folder_name("Réponses & co")
    '"R&AOk-ponses &- co"'
    """
    if any(ord(char) < 32 for char in name):
        raise ValueError("control character in a folder's name")
    parts = _NOT_ASCII.split(name)
    encoded = [_base64(part) if place % 2 else part.replace("&", "&-") for place, part in enumerate(parts)]
    return sequence("".join(encoded))


def _base64(text: str) -> str:
    raw = base64.b64encode(text.encode("utf-16-be")).decode().rstrip("=")
    return f"&{raw.replace('/', ',')}-"


def sequence(text: str) -> str:
    r"""A quoted string (RFC 3501, 4.3).

    >>> sequence('a "b"')
    '"a \\"b\\""'
    """
    if any(ord(char) < 32 for char in text):
        raise ValueError("control character")
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def search_date(day: date) -> str:
    """A day as SEARCH wants it, whatever the machine's language.

    >>> search_date(date(2026, 8, 3))
    '3-Aug-2026'
    """
    return f"{day.day}-{_MONTHS[day.month - 1]}-{day.year}"


def attribute(told: bytes, name: str) -> int | None:
    """A number of a FETCH answer.

    >>> attribute(b'3 (UID 12 RFC822.SIZE 1024)', "RFC822.SIZE")
    1024
    """
    found = re.search(rb"(?<![\w.])" + re.escape(name.encode()) + rb" (\d{1,18})", told)
    return int(found[1]) if found else None


def internal_date(told: bytes) -> datetime | None:
    """When the server took the mail, in UTC; None when the answer does not say.

    >>> internal_date(b'1 (INTERNALDATE "17-Jul-2026 02:44:25 +0200")').isoformat()
    '2026-07-17T00:44:25+00:00'
    """
    found = _INTERNAL_DATE.search(told)
    if found is None:
        return None
    offset = timedelta(hours=int(found["hours"]), minutes=int(found["minutes"]))
    moment = datetime(
        int(found["year"]), _MONTHS.index(found["month"].decode().title()) + 1, int(found["day"]),
        int(found["hour"]), int(found["minute"]), int(found["second"]),
        tzinfo=timezone(-offset if found["sign"] == b"-" else offset),
    )  # fmt: skip
    return moment.astimezone(UTC)


def body(told: Iterable[Any], uid: int) -> bytes | None:
    """The literal of the answer about this mail: a server may tell of others' flags in between. None when it is gone.

    The UID may be told before the literal or after it.
    """
    parts = list(told)
    for place, part in enumerate(parts):
        if not isinstance(part, tuple) or b"BODY[" not in part[0].upper():
            continue
        after = parts[place + 1] if place + 1 < len(parts) and isinstance(parts[place + 1], bytes) else b""
        if uid in (attribute(part[0], "UID"), attribute(after, "UID")):
            return part[1]
    return None
