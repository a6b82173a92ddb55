"""Where services that carry messages report what became of them."""

from typing import Any

from encours.actions.receive_report import MAX_NOTICE_BYTES, UnableToTakeReport, receive_report
from encours.backoffice.clock import now
from encours.backoffice.notices import address_of_notices, headers_of
from encours.ports.notices import Notice


def _take(request: Any, company: Any, hook_key: str) -> None:
    notice = Notice(request.build_absolute_uri(), headers_of(request), request.body)
    query = request.META.get("QUERY_STRING", "")
    receive_report(company=company, hook_key=hook_key, query=query, notice=notice, now=now())


receive = address_of_notices(_take, max_bytes=MAX_NOTICE_BYTES, refused=UnableToTakeReport)
