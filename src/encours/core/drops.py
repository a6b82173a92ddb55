"""Which files of a drop may be taken: those that are complete and no leftovers of a transfer.

Others write while we look. A writer who is careful gives the file its name last (a temporary name, then an atomic
rename); one who is not leaves it as it is for a while when done. Both are waited for.
"""

import posixpath
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import count

# what transfer programs call a file that is still arriving
_UNFINISHED = (
    ".part",
    ".partial",
    ".tmp",
    ".temp",
    ".filepart",
    ".crdownload",
    ".uploading",
    ".writing",
    ".swp",
)
NOTE = ".note.txt"
"""What is added to the name of a refused file for the note that says why."""
MAX_NAME_BYTES = 255


def is_candidate(name: str) -> bool:
    """Whether a name is that of a finished file: not hidden, no mark of a transfer under way, none of our notes."""
    lower = name.lower()
    return (
        not name.startswith((".", "~"))
        and not lower.endswith(("~", NOTE, *_UNFINISHED))
        and len(name.encode("utf-8", "surrogateescape")) <= MAX_NAME_BYTES
    )


def is_complete(
    modified_at: datetime,
    *,
    seen_at: datetime | None,
    now: datetime,
    settle_seconds: int,
    shares_our_clock: bool,
) -> bool:
    """A file is complete when it has not changed for `settle_seconds`: since an earlier look (`seen_at`, None when this is
    the first at the file as it is now), or, where file times are told by our own clock, since it was last written.
    """
    settle = timedelta(seconds=settle_seconds)
    is_seen_settled = seen_at is not None and now - seen_at >= settle
    return is_seen_settled or (shares_our_clock and now - modified_at >= settle)


def names_beside(name: str) -> Iterator[str]:
    """Names for a file where its own may be taken: `releve.txt`, `releve (2).txt`, `releve (3).txt` …"""
    yield name
    stem, suffix = posixpath.splitext(name)
    for number in count(2):
        yield f"{stem} ({number}){suffix}"
