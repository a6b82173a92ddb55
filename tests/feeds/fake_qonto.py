"""Qonto as its documentation describes it (v2), as far as it is used: the organisation with its accounts, transactions by
account with `updated_at_from`, `status[]`, `sort_by`, `page` and `per_page`; notices signed with a time.
"""

import hmac
import json
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

from tests.feeds.fake_bank import FakeBank, Refusal

LOGIN, SECRET_KEY = "lumen-1234", "secret-key-of-lumen"
IBAN = "FR7616958000019876543210013"


class FakeQonto(FakeBank):
    def __init__(self) -> None:
        super().__init__()
        self.clock = datetime(2026, 3, 2, 6, 0, tzinfo=UTC)
        self.accounts = [self.account("acc-1", IBAN)]
        self.lines: dict[str, dict[str, Any]] = {}
        self.page_size = 100

    @property
    def base_url(self) -> str:
        return f"{self.url}/v2"

    def account(self, account_id: str, iban: str, **more: Any) -> dict[str, Any]:
        return {
            "id": account_id, "slug": account_id, "iban": iban, "bic": "QNTOFRP1XXX", "currency": "EUR", "name": "Principal",
            "balance": 1234.56, "balance_cents": 123456, "authorized_balance_cents": 123456, "status": "active",
        } | more  # fmt: skip

    def tell(self, cents: int, label: str, reference: str = "", **more: Any) -> str:
        """A completed line, new at the bank; signed cents."""
        self.clock += timedelta(seconds=1)
        line_id = more.pop("id", f"00000000-0000-4000-8000-{len(self.lines):012d}")
        self.lines[line_id] = {
            "id": line_id, "transaction_id": f"lumen-1-transaction-{len(self.lines)}", "bank_account_id": "acc-1",
            "amount": abs(cents) / 100, "amount_cents": abs(cents), "side": "credit" if cents > 0 else "debit",
            "currency": "EUR", "operation_type": "income" if cents > 0 else "transfer", "label": label,
            "reference": reference, "note": None, "status": "completed", "settled_at": self._stamp(),
            "emitted_at": self._stamp(), "updated_at": self._stamp(), "subject_type": "Income",
            "income": {"counterparty_account_number": "FR76 3000 6000 0112 3456 7890 189",
                       "counterparty_account_number_format": "IBAN"},
        } | more  # fmt: skip
        return line_id

    def change(self, line_id: str, **values: Any) -> None:
        self.clock += timedelta(seconds=1)
        self.lines[line_id] |= {"updated_at": self._stamp()} | values

    def notice(self, secret: str, *, at: datetime) -> tuple[bytes, str]:
        """Body and signature header of a webhook."""
        body = json.dumps(
            {"id": f"evt-{at.timestamp()}", "type": "v1/transactions", "data": {"event": "created"}}
        ).encode()
        stamp = str(int(at.timestamp()))
        signature = hmac.new(secret.encode(), stamp.encode() + b"." + body, sha256).hexdigest()
        return body, f"t={stamp},v1={signature}"

    def answer(
        self, method: str, path: str, query: dict[str, list[str]], body: Any, headers: dict[str, str]
    ) -> Any:
        if headers.get("authorization") != f"{LOGIN}:{SECRET_KEY}":
            raise Refusal(401)
        match method, path:
            case "GET", "/v2/organization":
                return {
                    "organization": {"slug": "lumen", "legal_name": "Lumen", "bank_accounts": self.accounts}
                }
            case "GET", "/v2/transactions":
                return self._transactions(query)
        raise Refusal(404)

    def _transactions(self, query: dict[str, list[str]]) -> dict[str, Any]:
        rows = [
            line for line in self.lines.values()
            if line["bank_account_id"] == query["bank_account_id"][0] and line["status"] in query["status[]"]
        ]  # fmt: skip
        if "updated_at_from" in query:
            since = datetime.fromisoformat(query["updated_at_from"][0])
            rows = [line for line in rows if datetime.fromisoformat(line["updated_at"]) >= since]
        assert query["sort_by"] == ["updated_at:asc"]
        rows.sort(key=lambda line: line["updated_at"])
        page, size = int(query["page"][0]), min(int(query["per_page"][0]), self.page_size)
        last = max(1, -(-len(rows) // size))
        meta = {"current_page": page, "next_page": page + 1 if page < last else None, "total_pages": last,
                "total_count": len(rows), "per_page": size}  # fmt: skip
        return {"transactions": rows[(page - 1) * size : page * size], "meta": meta}

    def _stamp(self) -> str:
        return self.clock.strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"
