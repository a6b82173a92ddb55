"""Where banks post their signed notices. They wait a second, so a notice is checked, kept and answered; a job asks what changed."""

from typing import Any

from encours.actions.receive_notice import MAX_NOTICE_BYTES, UnableToTakeNotice, receive_notice
from encours.backoffice.clock import now
from encours.backoffice.notices import address_of_notices, headers_of


def _take(request: Any, company: Any, hook_key: str) -> None:
    receive_notice(
        company=company, hook_key=hook_key, body=request.body, headers=headers_of(request), now=now()
    )  # fmt: skip


receive = address_of_notices(_take, max_bytes=MAX_NOTICE_BYTES, refused=UnableToTakeNotice)
