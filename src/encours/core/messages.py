"""Rules of the outbox: when a failed hand-over is tried again, and what makes a message the same message."""

from datetime import datetime, timedelta
from uuid import UUID, uuid5

# Wait before the next try, after the first, second … temporary failure.
RETRY_DELAYS = (timedelta(minutes=15), timedelta(hours=1), timedelta(hours=4), timedelta(hours=12))
MAX_ATTEMPTS = len(RETRY_DELAYS) + 1

_NAMESPACE = UUID("7d0a5b51-7f43-4a86-9c3f-3f1f5a1d2b6e")


def idempotency_key(*, company_id: int, message_id: int, created_at: datetime) -> str:
    """The same for every hand-over of a message, and no other message's, in another installation either."""
    return str(uuid5(_NAMESPACE, f"{company_id}/{message_id}/{created_at.isoformat()}"))
