"""Which files of a drop may be taken: those that are complete and no leftovers of a transfer.

Others write while we look. A writer who is careful gives the file its name last (a temporary name, then an atomic
rename); one who is not leaves it as it is for a while when done. Both are waited for.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

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
_NOTE = ".note.txt"
MAX_NAME_BYTES = 255


@dataclass(frozen=True)
class Look:
    """A file as it was first seen to look: since `seen_at` it has had this size and time of change."""

    size: int
    modified_at: datetime
    seen_at: datetime


def is_candidate(name: str) -> bool:
    """Whether a name is that of a finished file: not hidden, no mark of a transfer under way, none of our notes."""
    lower = name.lower()
    return (
        not name.startswith((".", "~"))
        and not lower.endswith(("~", _NOTE, *_UNFINISHED))
        and len(name.encode("utf-8", "surrogateescape")) <= MAX_NAME_BYTES
    )


def is_complete(
    look: Look, *, now: datetime, settle_seconds: int, shares_our_clock: bool, before: Look | None
) -> bool:
    """A file is complete when it has not changed for `settle_seconds`: since an earlier look, or, where file times are
    told by our own clock, since it was last written.
    """
    settle = timedelta(seconds=settle_seconds)
    if before is not None and (before.size, before.modified_at) == (look.size, look.modified_at):
        return now - before.seen_at >= settle or (shares_our_clock and now - look.modified_at >= settle)
    return shares_our_clock and now - look.modified_at >= settle
