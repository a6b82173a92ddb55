"""Bridge as its documentation describes it (v3, 2025-01-15), as far as it is used: users, tokens, connect sessions, items,
accounts, transactions with `since` and `limit`, pages by `next_uri`; lines change and disappear behind their ids.
"""

import hmac
import itertools
import json
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

from tests.feeds.fake_bank import FakeBank, Refusal

CLIENT_ID, CLIENT_SECRET = "client-of-lumen", "secret-of-lumen"
IBAN = "FR7615589000009876543210088"


class FakeBridge(FakeBank):
    """`clock` moves on with every change, a second each."""

    def __init__(self) -> None:
        super().__init__()
        self.clock = datetime(2026, 3, 2, 6, 0, tzinfo=UTC)
        self.users: dict[str, str] = {}
        self.tokens: dict[str, str] = {}
        self.accounts: list[dict[str, Any]] = []
        self.items: list[dict[str, Any]] = []
        self.lines: dict[int, dict[str, Any]] = {}
        self.page_size = 500
        self.foreign_next_uri = ""
        self.endless = False
        self._ids = itertools.count(1000013102238)

    @property
    def base_url(self) -> str:
        return f"{self.url}/v3"

    def add_account(self, account_id: int = 22908770, **more: Any) -> int:
        self.items = [{"id": 4568477, "provider_id": 574, "status": 0}]
        self.accounts.append(
            {
                "id": account_id, "name": "Compte courant", "balance": 1234.56, "type": "checking", "currency_code": "EUR",
                "item_id": 4568477, "provider_id": 574, "iban": IBAN, "updated_at": self._stamp(), "data_access": "enabled",
            }
            | more
        )  # fmt: skip
        return account_id

    def tell(self, amount: float, text: str, day: str = "2026-03-02", **more: Any) -> int:
        """A line, new at the bank."""
        line_id = more.pop("id", None) or next(self._ids)
        self.clock += timedelta(seconds=1)
        self.lines[line_id] = {
            "id": line_id, "account_id": 22908770, "amount": amount, "currency_code": "EUR", "date": day,
            "booking_date": day, "value_date": day, "clean_description": text.title(), "provider_description": text,
            "deleted": False, "future": False, "operation_type": "transfer", "category_id": 2,
            "updated_at": self._stamp(),
        } | more  # fmt: skip
        return line_id

    def change(self, line_id: int, **values: Any) -> None:
        self.clock += timedelta(seconds=1)
        self.lines[line_id] |= values | {"updated_at": values.get("updated_at", self._stamp())}

    def delete(self, line_id: int) -> None:
        self.change(line_id, deleted=True)

    def notice(
        self, secret: str, *, kind: str = "item.account.updated", at: datetime | None = None
    ) -> tuple[bytes, str]:
        """Body and signature header of a webhook."""
        moment = at or self.clock
        body = json.dumps(
            {
                "content": {"account_id": 22908770, "item_id": 4568477, "nb_new_transactions": 1, "user_uuid": "u"},
                "timestamp": int(moment.timestamp() * 1000), "type": kind,
            }
        ).encode()  # fmt: skip
        return body, "v1=" + hmac.new(secret.encode(), body, sha256).hexdigest().upper()

    def answer(
        self, method: str, path: str, query: dict[str, list[str]], body: Any, headers: dict[str, str]
    ) -> Any:
        if (headers.get("client-id"), headers.get("client-secret")) != (CLIENT_ID, CLIENT_SECRET):
            raise Refusal(401)
        assert headers["bridge-version"] == "2025-01-15"
        match method, path.removeprefix("/v3/aggregation/").split("/"):
            case "POST", ["users"]:
                uuid = f"uuid-{len(self.users)}"
                self.users[uuid] = body["external_user_id"]
                return {"uuid": uuid, "external_user_id": body["external_user_id"]}
            case "POST", ["authorization", "token"]:
                if body["user_uuid"] not in self.users:
                    raise Refusal(404)
                token = f"token-{len(self.tokens)}"
                self.tokens[token] = body["user_uuid"]
                return {
                    "access_token": token,
                    "expires_at": self._stamp(),
                    "user": {"uuid": body["user_uuid"]},
                }
            case "DELETE", ["users", uuid]:
                if self.users.pop(uuid, None) is None:
                    raise Refusal(404)
                return {}
        if headers.get("authorization", "").removeprefix("Bearer ") not in self.tokens:
            raise Refusal(401)
        match method, path.removeprefix("/v3/aggregation/"):
            case "POST", "connect-sessions":
                return {
                    "id": "s",
                    "url": f"https://connect.bridgeapi.io/session/s?back={body['callback_url']}",
                }
            case "GET", "items":
                return self._page(path, self.items, query)
            case "GET", "accounts":
                return self._page(path, self.accounts, query)
            case "GET", "transactions":
                return self._page(path, self._since(query), query)
        raise Refusal(404)

    def _since(self, query: dict[str, list[str]]) -> list[dict[str, Any]]:
        """Without `since` what is there now; with it, all that changed after that moment, deleted ones too."""
        lines = sorted(self.lines.values(), key=lambda line: line["id"], reverse=True)
        if "since" not in query:
            return [line for line in lines if not line["deleted"]]
        since = datetime.fromisoformat(query["since"][0])
        return [line for line in lines if datetime.fromisoformat(line["updated_at"]) > since]

    def _page(self, path: str, rows: list[dict[str, Any]], query: dict[str, list[str]]) -> dict[str, Any]:
        limit = min(int(query["limit"][0]), self.page_size)
        start = int(query.get("after", ["0"])[0])
        following = None
        if start + limit < len(rows) or self.endless:
            kept = "".join(f"&since={query['since'][0].replace('+', '%2B')}" for _ in query.get("since", []))
            after = start if self.endless and start else start + limit
            following = f"{path}?limit={limit}&after={after}{kept}"
            if self.foreign_next_uri:
                following = self.foreign_next_uri
        return {"resources": rows[start : start + limit], "pagination": {"next_uri": following}}

    def _stamp(self) -> str:
        return self.clock.strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"
