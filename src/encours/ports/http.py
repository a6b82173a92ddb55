"""Calls to a bank's API: bounded in time and size, patient where that helps, silent about secrets.

Redirects are not followed and nothing is asked of another host than the configured one, so that credentials stay where
they belong. A GET is tried again after a fault of the moment; a POST only when it cannot have been worked on.
"""

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from email.utils import parsedate_to_datetime
from functools import cached_property
from typing import Any
from urllib.parse import urljoin, urlsplit

import httpx

from encours.core.wording import Sentence
from encours.ports.connections import BUSY, NOT_LET_IN, NOT_REACHED, NOT_UNDERSTOOD, UnableToAsk

MAX_BYTES = 20 << 20
_TRIES = 3
_PAUSE_SECONDS = 0.5
# how long a worker waits itself; beyond it the round ends and comes back later
_LONGEST_WAIT_SECONDS = 5
_DEFAULT_RETRY_SECONDS = 60
_LONGEST_RETRY_SECONDS = 24 * 3600


@dataclass(frozen=True)
class Answer:
    """A success. `told_at` is when it was given, by the other side's clock; the beginning of time where it does not say."""

    content: bytes
    told_at: datetime


class UnableToObtain(UnableToAsk):
    """The other side answered, and refused: `status` is HTTP's, `content` what it said of it."""

    def __init__(
        self,
        sentence: Sentence,
        *,
        status: int,
        content: bytes,
        retry_after_seconds: int | None = None,
        needs_person: bool = False,
    ) -> None:
        super().__init__(sentence, retry_after_seconds=retry_after_seconds, needs_person=needs_person)
        self.status, self.content = status, content


class BankApi:
    """One API under one address. `headers` go with every call."""

    def __init__(
        self,
        base_url: str,
        *,
        headers: Mapping[str, str],
        timeout_seconds: float = 20,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._base = base_url.rstrip("/") + "/"
        self._origin = urlsplit(self._base)[:2]
        self.host = urlsplit(self._base).hostname or "?"
        self._headers, self._timeout_seconds, self._sleep = dict(headers), timeout_seconds, sleep

    @cached_property
    def _client(self) -> httpx.Client:
        """Made when it is first needed: to check a notice nothing is asked, and a client takes a while to make."""
        return httpx.Client(
            headers=self._headers,
            timeout=httpx.Timeout(self._timeout_seconds, connect=min(5.0, self._timeout_seconds)),
            follow_redirects=False,
        )

    def get(
        self, path: str, *, params: Mapping[str, Any] | None = None, headers: Mapping[str, str] | None = None
    ) -> bytes:
        """The body of the answer. `path` may be an address the API gave, of the same host. Raises `UnableToAsk`."""
        return self._ask("GET", path, params=params, headers=headers).content

    def read(self, path: str, *, params: Mapping[str, Any] | None = None) -> Answer:
        """As `get`, with the moment of the answer."""
        return self._ask("GET", path, params=params)

    def post(self, path: str, *, body: Any, headers: Mapping[str, str] | None = None) -> bytes:
        """Sends JSON; the body of the answer. Raises `UnableToAsk`."""
        return self._ask("POST", path, body=body, headers=headers).content

    def delete(self, path: str, *, headers: Mapping[str, str] | None = None) -> None:
        """What is gone already is deleted too. Raises `UnableToAsk`."""
        self._ask("DELETE", path, headers=headers)

    def close(self) -> None:
        if "_client" in self.__dict__:
            self._client.close()

    def _ask(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, Any] | None = None,
        body: Any = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        url = self._url(path)
        for attempt in range(1, _TRIES + 1):
            is_last = attempt == _TRIES
            try:
                status, answered, content = self._once(method, url, params, body, headers)
            except httpx.HTTPError as error:
                is_safe = method == "GET" or isinstance(error, httpx.ConnectError | httpx.ConnectTimeout)
                if is_last or not is_safe:
                    # the library's own text may quote the address with its parameters
                    raise UnableToAsk(NOT_REACHED(host=self.host, reason=type(error).__name__)) from None
                self._sleep(_PAUSE_SECONDS * 2**attempt)
                continue
            if status < 300 or (status == 404 and method == "DELETE"):
                return Answer(content, _told_at(answered))
            said: dict[str, Any] = {"status": status, "content": content}
            if status in (401, 403):
                raise UnableToObtain(NOT_LET_IN(host=self.host), needs_person=True, **said)
            wait = _retry_after(answered) if status in (429, 503) else None
            if status == 429:
                seconds = wait if wait is not None else _DEFAULT_RETRY_SECONDS
                if is_last or seconds > _LONGEST_WAIT_SECONDS:
                    busy = BUSY(host=self.host, seconds=seconds)
                    raise UnableToObtain(busy, retry_after_seconds=seconds, **said)
            can_repeat = status == 429 or (status >= 500 and method == "GET")
            if is_last or not can_repeat:
                reason = NOT_REACHED(host=self.host, reason=f"HTTP {status}")
                raise UnableToObtain(reason, retry_after_seconds=wait, **said)
            self._sleep(min(wait if wait is not None else _PAUSE_SECONDS * 2**attempt, _LONGEST_WAIT_SECONDS))
        raise AssertionError("every try ends above")

    def _once(
        self,
        method: str,
        url: str,
        params: Mapping[str, Any] | None,
        body: Any,
        headers: Mapping[str, str] | None,
    ) -> tuple[int, Mapping[str, str], bytes]:
        with self._client.stream(
            method, url, params=params, json=body, headers=dict(headers or {})
        ) as answer:
            content = bytearray()
            for block in answer.iter_bytes():
                content += block
                if len(content) > MAX_BYTES:
                    raise UnableToAsk(NOT_UNDERSTOOD(host=self.host, reason=f"> {MAX_BYTES >> 20} MB"))
            return answer.status_code, answer.headers, bytes(content)

    def _url(self, path: str) -> str:
        """An address of the configured host; an API that names another one is not followed there."""
        if path.startswith(("http://", "https://")):
            url = path
        elif path.startswith("/"):
            url = urljoin(self._base, path)
        else:
            url = self._base + path
        if urlsplit(url)[:2] != self._origin:
            raise UnableToAsk(NOT_UNDERSTOOD(host=self.host, reason="other host"), needs_person=True)
        return url


def parsed(content: bytes, *, host: str) -> dict[str, Any]:
    """A JSON object with decimal numbers as `Decimal`. Raises `UnableToAsk`."""
    try:
        found = json.loads(content, parse_float=Decimal)
    except (ValueError, RecursionError):
        raise UnableToAsk(NOT_UNDERSTOOD(host=host, reason="JSON")) from None
    if not isinstance(found, dict):
        raise UnableToAsk(NOT_UNDERSTOOD(host=host, reason="JSON"))
    return found


def parsed_moment(value: Any, *, host: str, name: str) -> datetime:
    """A moment in ISO 8601, in UTC where no zone is told; `name` is its field's. Raises `UnableToAsk`."""
    try:
        found = datetime.fromisoformat(str(value))
    except ValueError:
        raise UnableToAsk(NOT_UNDERSTOOD(host=host, reason=name)) from None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def stamp(moment: datetime) -> str:
    """In UTC and to the millisecond, as APIs write a moment: `2026-03-02T10:00:00.000Z`."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _told_at(headers: Mapping[str, str]) -> datetime:
    try:
        return parsedate_to_datetime(headers["date"]).astimezone(UTC)
    except (KeyError, ValueError, TypeError):
        return datetime.min.replace(tzinfo=UTC)


def _retry_after(headers: Mapping[str, str]) -> int | None:
    """Seconds of a Retry-After header (RFC 9110, 10.2.3), which may be a number or a date."""
    text = headers.get("retry-after", "").strip()
    if text.isascii() and text.isdigit():
        return min(int(text), _LONGEST_RETRY_SECONDS)
    try:
        # by the other side's own clock
        seconds = (parsedate_to_datetime(text) - parsedate_to_datetime(headers["date"])).total_seconds()
    except (ValueError, KeyError, TypeError):  # no date, or one without a zone
        return None
    return max(0, min(int(seconds), _LONGEST_RETRY_SECONDS))
