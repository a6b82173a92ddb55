"""Attachments that Brevo keeps and hands out for a while: fetched within limits of time and size."""

from typing import Any
from urllib.parse import quote, urljoin, urlsplit

import requests

from encours.core.replies.mail import MAX_BYTES
from encours.ports.connections import BUSY, NOT_LET_IN, NOT_REACHED, UnableToAsk

_TIMEOUT_SECONDS = (5, 20)
_BUSY_SECONDS = 300


class UnableToFetch(Exception):
    """The attachment is not there (any more), or is too large to be taken."""


def attachment_of(*, api_url: str, api_key: str, token: str) -> tuple[bytes, str]:
    """What an attachment holds, and its media type as it is told with it. Raises `UnableToFetch`, and `UnableToAsk` when it may be there
    and cannot be had now.
    """
    url = urljoin(api_url, f"inbound/attachments/{quote(token, safe='')}")
    try:
        answer = _asked(url, {"api-key": api_key})
        if answer.is_redirect:
            # to where the file lies; the key is for nobody but the service
            answer = _asked(urljoin(url, answer.headers.get("location", "")), {})
        with answer:
            _refuse(answer, url)
            content = bytearray()
            for block in answer.iter_content(1 << 16):
                content += block
                if len(content) > MAX_BYTES:
                    raise UnableToFetch("too large")
            return bytes(content), answer.headers.get("content-type", "")
    except requests.exceptions.RequestException as error:
        raise UnableToAsk(NOT_REACHED(host=_host(url), reason=type(error).__name__)) from None


def _asked(url: str, headers: dict[str, str]) -> requests.Response:
    return requests.get(url, headers=headers, timeout=_TIMEOUT_SECONDS, stream=True, allow_redirects=False)


def _refuse(answer: Any, url: str) -> None:
    status = answer.status_code
    if status in (404, 410):
        raise UnableToFetch(f"HTTP {status}")
    if status in (401, 403):
        raise UnableToAsk(NOT_LET_IN(host=_host(url)), needs_person=True)
    if status == 429:
        raise UnableToAsk(BUSY(host=_host(url), seconds=_BUSY_SECONDS), retry_after_seconds=_BUSY_SECONDS)
    if status >= 300:
        raise UnableToAsk(NOT_REACHED(host=_host(url), reason=f"HTTP {status}"))


def _host(url: str) -> str:
    return urlsplit(url).hostname or "?"
