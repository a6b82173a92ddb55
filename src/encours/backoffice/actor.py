"""Who the journal says did it."""

from typing import Any


def actor_of(request: Any) -> str:
    """`user:ID`, as actions expect it."""
    return f"user:{request.user.pk}"
