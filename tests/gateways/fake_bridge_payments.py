"""Bridge's payment links as their documentation describes them (v3, 2025-01-15): links are made, listed with `since`, read and
revoked; each bank a customer tries makes a payment request with its transaction; signed webhooks say what changed.
"""

import hmac
import itertools
import json
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from hashlib import sha256
from typing import Any

from tests.feeds.fake_bank import FakeBank, Refusal

CLIENT_ID, CLIENT_SECRET = "sandbox_id_lumen", "sandbox_secret_lumen"
HOOK_SECRET = "hook-secret-of-lumen"
LONGEST = timedelta(days=90)
USUAL = timedelta(minutes=15)
PATH = "/v3/payment/"


class FakeBridgePayments(FakeBank):
    """`clock` moves on a second with every change. `page_size` caps what a list gives at once."""

    def __init__(self) -> None:
        super().__init__()
        self.clock = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
        self.links: dict[str, dict[str, Any]] = {}
        self.requests: dict[str, dict[str, Any]] = {}
        self.events: list[bytes] = []
        self.bodies: list[dict[str, Any]] = []
        self.page_size = 500
        self._numbers = itertools.count(1)

    @property
    def base_url(self) -> str:
        return f"{self.url}/v3"

    def more_headers(self) -> dict[str, str]:
        return {"Date": format_datetime(self.clock, usegmt=True)}

    # what payers and banks do

    def begin(self, link_id: str) -> str:
        """The customer chooses a bank and is led there: a payment request."""
        link = self._current(link_id)
        assert link["status"] == "VALID", link["status"]
        request_id = f"request-{next(self._numbers)}"
        self.requests[request_id] = {
            "id": request_id, "payment_link_id": link_id, "client_reference": link["client_reference"], "status": "ACTC",
            "created_at": self._stamp(), "updated_at": self._stamp(),
            "transactions": [
                {**each, "id": f"{request_id}-{number}", "status": "ACTC"}
                for number, each in enumerate(link["transactions"])
            ],
        }  # fmt: skip
        self._tell_transactions("payment.transaction.created", self.requests[request_id])
        return request_id

    def move(self, request_id: str, status: str, reason: str = "") -> None:
        """The bank's word on a payment request; a link that was confirmed is completed."""
        self.clock += timedelta(seconds=1)
        request = self.requests[request_id]
        for each in (request, *request["transactions"]):
            each["status"] = status
            if reason:
                each["status_reason"] = reason
        request["updated_at"] = self._stamp()
        self._tell_transactions("payment.transaction.updated", request)
        link = self.links[request["payment_link_id"]]
        if status in ("PDNG", "ACSC") and link["status"] == "VALID":
            self._set_link(link, "COMPLETED")

    def pay(self, link_id: str, status: str = "ACSC") -> str:
        """A customer who goes through with it."""
        request_id = self.begin(link_id)
        self.move(request_id, status)
        return request_id

    def notice(
        self, body: bytes, *, secrets: tuple[str, ...] = (HOOK_SECRET,)
    ) -> tuple[bytes, dict[str, str]]:
        """Body and headers of a webhook, signed with each secret that is in use."""
        signed = [hmac.new(secret.encode(), body, sha256).hexdigest().upper() for secret in secrets]
        return body, {"bridgeapi-signature": ",".join(f"v1={each}" for each in signed)}

    # the API

    def answer(
        self, method: str, path: str, query: dict[str, list[str]], body: Any, headers: dict[str, str]
    ) -> Any:
        if (headers.get("client-id"), headers.get("client-secret")) != (CLIENT_ID, CLIENT_SECRET):
            raise Refusal(401)
        assert headers["bridge-version"] == "2025-01-15"
        match method, path.removeprefix(PATH).split("/"):
            case "POST", ["payment-links"]:
                return self._make(body)
            case "GET", ["payment-links"]:
                since = query.get("since", ["1970-01-01T00:00:00Z"])[0]
                kept = [each for each in self.links.values() if each["created_at"] >= since]
                return self._page("payment-links", [self._current(each["id"]) for each in kept], query)
            case "GET", ["payment-links", link_id]:
                return self._current(link_id)
            case "POST", ["payment-links", link_id, "revoke"]:
                link = self._current(link_id)
                if link["status"] not in ("VALID", "REVOKED"):
                    raise self._wrong("payment_link.not_revocable")
                self._set_link(link, "REVOKED")
                return {}
            case "GET", ["payment-requests"]:
                wanted = query["payment_link_id"][0]
                kept = [each for each in self.requests.values() if each["payment_link_id"] == wanted]
                return self._page("payment-requests", kept, query)
        raise Refusal(404)

    def _make(self, body: dict[str, Any]) -> dict[str, Any]:
        self.bodies.append(body)
        expired = body.get("expired_date")
        expires_at = datetime.fromisoformat(expired) if expired else self.clock + USUAL
        if not self.clock < expires_at <= self.clock + LONGEST:
            raise self._wrong("invalid_expired_date")
        if not body["user"].get("company_name") or not body["transactions"]:
            raise self._wrong("invalid_request")
        for each in body["transactions"]:
            if each["currency"] != "EUR" or each["amount"] <= 0 or len(each["label"]) > 140:
                raise self._wrong("invalid_transaction")
        self.clock += timedelta(seconds=1)
        link_id = f"7d4d49e4-{next(self._numbers):04}"
        self.links[link_id] = {
            "id": link_id, "status": "VALID", "url": f"https://pay.bridgeapi.io/link/{link_id}",
            "expired_date": expires_at.isoformat(), "created_at": self._stamp(), "updated_at": self._stamp(),
            "user": body["user"], "client_reference": body["client_reference"], "callback_url": body["callback_url"],
            "transactions": body["transactions"],
        }  # fmt: skip
        return {"id": link_id, "url": self.links[link_id]["url"]}

    def _current(self, link_id: str) -> dict[str, Any]:
        if link_id not in self.links:
            raise Refusal(404, body={"errors": [{"code": "payment_link.not_found"}]})
        link = self.links[link_id]
        if link["status"] == "VALID" and datetime.fromisoformat(link["expired_date"]) <= self.clock:
            self._set_link(link, "EXPIRED")
        return link

    def _set_link(self, link: dict[str, Any], status: str) -> None:
        if link["status"] != status:
            link["status"], link["updated_at"] = status, self._stamp()
            self._tell("payment.link.updated", self._named(link) | {"status": status})

    def _tell_transactions(self, kind: str, request: dict[str, Any]) -> None:
        link = self.links[request["payment_link_id"]]
        for each in request["transactions"]:
            told = self._named(link) | {
                "payment_transaction_id": each["id"], "payment_request_id": request["id"],
                "end_to_end_id": each["end_to_end_id"], "status": each["status"],
            }  # fmt: skip
            self._tell(kind, told | {k: v for k, v in each.items() if k == "status_reason"})

    def _named(self, link: dict[str, Any]) -> dict[str, Any]:
        return {"payment_link_id": link["id"], "client_reference": link["client_reference"]}

    def _tell(self, kind: str, content: dict[str, Any]) -> None:
        event = {"content": content, "timestamp": int(self.clock.timestamp() * 1000), "type": kind}
        self.events.append(json.dumps(event).encode())

    def _page(self, name: str, rows: list[dict[str, Any]], query: dict[str, list[str]]) -> dict[str, Any]:
        limit = min(int(query["limit"][0]), self.page_size)
        start = int(query.get("after", ["0"])[0])
        kept = "".join(f"&{each}={query[each][0]}" for each in ("since", "payment_link_id") if each in query)
        uri = f"{PATH}{name}?limit={limit}&after={start + limit}{kept}" if start + limit < len(rows) else None
        return {"resources": rows[start : start + limit], "pagination": {"next_uri": uri}}

    def _wrong(self, code: str) -> Refusal:
        return Refusal(400, body={"errors": [{"code": code, "message": "refused"}]})

    def _stamp(self) -> str:
        return self.clock.strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"
