"""Calls to a service that carries messages. What tells them apart is whether the service may have acted.

A connection that never came about handed nothing over: `UnableToReachProvider`. Whatever breaks after that leaves the fate of
what was asked unknown: sending lets the exception through, asking turns it into `UnableToReachProvider` as well.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from json import JSONDecodeError, loads
from typing import Any

import httpx

from encours.ports.channels import UnableToReachProvider

MAX_BYTES = 20 << 20


@dataclass(frozen=True)
class Answer:
    status: int
    content: bytes

    @property
    def told(self) -> dict[str, Any]:
        """The JSON object it is; empty when it is none."""
        try:
            found = loads(self.content)
        except (JSONDecodeError, UnicodeDecodeError, RecursionError):
            return {}
        return found if isinstance(found, dict) else {}


class Service:
    """One service under one address; redirects are not followed."""

    def __init__(
        self,
        base_url: str,
        *,
        auth: tuple[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        timeout_seconds: float = 20,
    ) -> None:
        self.base_url = base_url.rstrip("/")
        self._auth, self._headers, self._timeout_seconds = auth, dict(headers or {}), timeout_seconds

    @cached_property
    def _client(self) -> httpx.Client:
        return httpx.Client(
            auth=self._auth,
            headers=self._headers,
            timeout=httpx.Timeout(self._timeout_seconds, connect=min(5.0, self._timeout_seconds)),
            follow_redirects=False,
        )

    def send(self, method: str, path: str, **request: Any) -> Answer:
        """For what must not happen twice. Raises `UnableToReachProvider` when nothing was handed over, and
        `httpx.HTTPError` when nobody knows."""
        try:
            with self._client.stream(method, self.base_url + path, **request) as answer:
                content = bytearray()
                for block in answer.iter_bytes():
                    content += block
                    if len(content) > MAX_BYTES:
                        raise httpx.DecodingError("too large an answer")
                return Answer(answer.status_code, bytes(content))
        except (httpx.ConnectError, httpx.ConnectTimeout) as error:
            raise UnableToReachProvider(type(error).__name__) from None

    def ask(self, method: str, path: str, **request: Any) -> Answer:
        """For what may be asked again. Raises `UnableToReachProvider`."""
        try:
            return self.send(method, path, **request)
        except httpx.HTTPError as error:
            # the library's own text may quote the address with its parameters
            raise UnableToReachProvider(type(error).__name__) from None

    def close(self) -> None:
        if "_client" in self.__dict__:
            self._client.close()
