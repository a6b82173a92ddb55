"""Where payment services post their signed events. One is answered once it is kept; a job asks the service what is so."""

from typing import Any

from encours.actions.receive_gateway_event import MAX_EVENT_BYTES, UnableToTakeEvent, receive_gateway_event
from encours.backoffice.clock import now
from encours.backoffice.notices import address_of_notices, headers_of


def _take(request: Any, company: Any, hook_key: str) -> None:
    receive_gateway_event(
        company=company, hook_key=hook_key, body=request.body, headers=headers_of(request), now=now()
    )  # fmt: skip


receive = address_of_notices(_take, max_bytes=MAX_EVENT_BYTES, refused=UnableToTakeEvent)
