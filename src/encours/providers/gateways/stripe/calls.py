"""Calls to Stripe: one client per connection, its version pinned, and what its errors mean.

Answers are read as the JSON they came as: what an older or newer library makes of them changes nothing here.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

import stripe

from encours.core.payments.failures import OURS
from encours.ports.connections import BUSY, NOT_LET_IN, NOT_REACHED, NOT_UNDERSTOOD, UnableToAsk
from encours.ports.gateways import ToldFailure, UnableToCharge
from encours.providers.gateways.stripe.declines import failure_of

# as the library of the lock file knows it; a newer library does not change what is asked
API_VERSION = "2026-10-28.endive"
ADDRESS = "https://api.stripe.com"
_CONNECT_SECONDS, _READ_SECONDS = 5.0, 20.0
# the library repeats a request under its own or our idempotency key after a broken connection, 409 and 5xx
_REPEATS = 1
_PAGE, _MAX_PAGES = 100, 1000
_DEFAULT_RETRY_SECONDS, _LONGEST_RETRY_SECONDS = 60, 24 * 3600

stripe.enable_telemetry = False  # how long calls take is told to nobody


class Answer(dict[str, Any]):
    """The JSON of an answer, and the moment it was given by the service's own clock."""

    told_at: datetime


class Calls:
    """`read` for what changes nothing, `write` for what does: they differ in what a failure means."""

    def __init__(self, *, secret_key: str, base_url: str) -> None:
        self.host = urlsplit(base_url).hostname or "?"
        self._http = stripe.RequestsClient(timeout=(_CONNECT_SECONDS, _READ_SECONDS))
        self.v1 = stripe.StripeClient(
            secret_key,
            stripe_version=API_VERSION,
            base_addresses={"api": base_url.rstrip("/")},
            http_client=self._http,
            max_network_retries=_REPEATS,
        ).v1

    def read(self, method: Callable[..., Any], *ids: str, **params: Any) -> Answer:
        """Raises `UnableToAsk`."""
        try:
            return _answer(method(*ids, params=params))
        except stripe.StripeError as error:
            raise self._not_asked(error) from error

    def pages(self, method: Callable[..., Any], **params: Any) -> Iterator[Answer]:
        """The pages of a list, as Stripe sorts it: newest first. Raises `UnableToAsk`."""
        after: dict[str, str] = {}
        for _ in range(_MAX_PAGES):
            page = self.read(method, limit=_PAGE, **params, **after)
            yield page
            found = page.get("data") or []
            if not page.get("has_more") or not found:
                return
            after = {"starting_after": found[-1]["id"]}
        raise UnableToAsk(NOT_UNDERSTOOD(host=self.host, reason="has_more"))

    def write(self, method: Callable[..., Any], *ids: str, key: str, **params: Any) -> Answer:
        """The same `key` is the same request. Raises `stripe.CardError` for a decline, else `UnableToCharge`."""
        try:
            return _answer(method(*ids, params=params, options={"idempotency_key": key}))
        except stripe.CardError:
            raise
        except stripe.StripeError as error:
            raise self.not_charged(error) from error

    def not_charged(self, error: stripe.StripeError) -> UnableToCharge:
        """What an error of a write means. Only what Stripe says it did not do is known not to have been done."""
        status, code = error.http_status or 0, error.code or ""
        if isinstance(error, stripe.RateLimitError):
            seconds = _retry_after(error)
            return UnableToCharge(BUSY(host=self.host, seconds=seconds), retry_after_seconds=seconds)
        if isinstance(error, stripe.APIConnectionError) or status >= 500 or not status:
            sentence = NOT_REACHED(host=self.host, reason=_reason(error))
            return UnableToCharge(sentence, is_known=False)
        if status == 409 or isinstance(error, stripe.IdempotencyError):
            # another request with this key is on its way, or was made with other parameters: what it did is to be found
            failure = failure_of(code=code or "idempotency_error")
            return UnableToCharge(failure.sentence, failure=failure, is_known=False)
        if isinstance(error, stripe.AuthenticationError | stripe.PermissionError):
            sentence = NOT_LET_IN(host=self.host)
            return UnableToCharge(sentence, failure=ToldFailure(OURS, code or f"http_{status}", sentence))
        failure = failure_of(code=code or "invalid_request", **_details(error))
        return UnableToCharge(failure.sentence, failure=failure)

    def _not_asked(self, error: stripe.StripeError) -> UnableToAsk:
        status = error.http_status or 0
        if isinstance(error, stripe.RateLimitError):
            seconds = _retry_after(error)
            return UnableToAsk(BUSY(host=self.host, seconds=seconds), retry_after_seconds=seconds)
        if isinstance(error, stripe.AuthenticationError | stripe.PermissionError):
            return UnableToAsk(NOT_LET_IN(host=self.host), needs_person=True)
        if status >= 500 or not status:
            return UnableToAsk(NOT_REACHED(host=self.host, reason=_reason(error)))
        reason = error.code or f"HTTP {status}"
        return UnableToAsk(NOT_UNDERSTOOD(host=self.host, reason=reason), needs_person=True)

    def close(self) -> None:
        self._http.close()


def told_when(headers: Mapping[str, str] | None) -> datetime:
    """When an answer was given, by its Date header; the beginning of time where it has none, so that it counts last."""
    try:
        return parsedate_to_datetime({n.lower(): v for n, v in (headers or {}).items()}["date"]).astimezone(
            UTC
        )
    except (KeyError, ValueError, TypeError):
        return datetime.min.replace(tzinfo=UTC)


def error_details(error: stripe.StripeError) -> dict[str, Any]:
    """The `error` of the answer."""
    body = error.json_body if isinstance(error.json_body, dict) else {}
    found = body.get("error")
    return found if isinstance(found, dict) else {}


def _answer(told: Any) -> Answer:
    response = told.last_response
    answer = Answer(response.data)
    answer.told_at = told_when(response.headers)
    return answer


def _details(error: stripe.StripeError) -> dict[str, str]:
    found = error_details(error)
    return {name: str(found.get(name) or "") for name in ("decline_code", "advice_code", "param")}


def _reason(error: stripe.StripeError) -> str:
    """In a word: the library's own text may quote more than should be shown."""
    return f"HTTP {error.http_status}" if error.http_status else type(error).__name__


def _retry_after(error: stripe.StripeError) -> int:
    headers = {name.lower(): value for name, value in (error.headers or {}).items()}
    text = str(headers.get("retry-after", "")).strip()
    return (
        min(int(text), _LONGEST_RETRY_SECONDS)
        if text.isascii() and text.isdigit()
        else _DEFAULT_RETRY_SECONDS
    )
