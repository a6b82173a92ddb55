"""Pingen as it behaves: a token, a place for the file, a letter that is checked after it was created."""

import hashlib
import hmac
import json
from typing import Any
from uuid import uuid4

from tests.channels.fake_service import Asked, FakeService

ORGANISATION = "b85c7b52-debb-4b15-b5db-d86b0a4e9bbf"
SIGNING_KEY = "clé des avis"


class FakePingen(FakeService):
    """`letters` by id: what was created, each with its `status`; a call under a known Idempotency-Key is answered with
    the letter that it made. `posting` are the answers of the next calls that create one: a status that comes before
    anything was made, ("after", status) for one that comes when the letter is made already, or "lost"."""

    def __init__(self) -> None:
        super().__init__()
        self.files: dict[str, bytes] = {}
        self.letters: dict[str, dict[str, Any]] = {}
        self.keys: dict[str, str] = {}
        self.posting: list[Any] = []

    def answer(self, asked: Asked) -> tuple[int, Any]:
        if asked.path == "/auth/access-tokens":
            known = (asked.form.get("client_id"), asked.form.get("client_secret")) == (
                "client",
                "très secret",
            )
            if asked.form.get("grant_type") == "client_credentials" and known:
                return 200, {"access_token": "jeton", "expires_in": 43_200, "token_type": "Bearer"}
            return 401, wrong("access_denied", "Client authentication failed")
        if asked.path.startswith("/store/"):  # another host, really
            self.files[asked.path] = asked.body
            return 200, b""
        if asked.headers.get("authorization") != "Bearer jeton":
            return 401, wrong(
                "access_denied", "The resource owner or authorization server denied the request."
            )
        if asked.path == "/file-upload":
            url = f"{self.url}/store/{uuid4()}?signer=url"
            attributes = {
                "url": url,
                "url_signature": "$2y$10$BLOz",
                "expires_at": "2026-03-04T09:42:48+0100",
            }
            return 200, {"data": {"id": str(uuid4()), "type": "file_uploads", "attributes": attributes}}
        base = f"/organisations/{ORGANISATION}"
        if asked.path == base:
            return 200, {
                "data": {"id": ORGANISATION, "type": "organisations", "attributes": {"status": "active"}}
            }
        if asked.path == f"{base}/letters" and asked.method == "POST":
            return self._create(asked)
        letter = self.letters.get(asked.path.removeprefix(f"{base}/letters/"))
        return (200, {"data": letter}) if letter else (404, wrong("not_found", "No such letter"))

    def _create(self, asked: Asked) -> tuple[int, Any]:
        told = self.posting.pop(0) if self.posting else None
        if isinstance(told, int):
            return told, wrong("trouble", "Too many requests" if told == 429 else "trouble")
        key = asked.headers["idempotency-key"]
        if key not in self.keys:
            attributes = asked.told["data"]["attributes"]
            letter = str(uuid4())
            more = {
                "status": "validating",
                "price_currency": None,
                "price_value": None,
                "updated_at": "2026-03-03T10:00:00+0100",
            }
            self.letters[letter] = {"id": letter, "type": "letters", "attributes": attributes | more}
            self.keys[key] = letter
        if told == "lost":
            raise ConnectionResetError
        if told is not None:
            return told[1], wrong("server_error", "Something went wrong")
        return 201, {"data": self.letters[self.keys[key]]}

    def becomes(self, status: str, *, price: float | None = 1.38, currency: str = "EUR") -> None:
        """All letters."""
        for letter in self.letters.values():
            letter["attributes"] |= {
                "status": status, "price_value": price, "price_currency": currency, "updated_at": "2026-03-04T08:30:00+0100",
            }  # fmt: skip

    def notice(self, kind: str) -> tuple[bytes, str]:
        """A webhook about the only letter, and its signature."""
        (letter,) = self.letters
        data = {
            "type": kind,
            "id": str(uuid4()),
            "attributes": {
                "reason": "Recipient moved",
                "url": "https://encours.example/",
                "created_at": "2026-03-09T09:54:38+0100",
            },
            "relationships": {"letter": {"data": {"type": "letters", "id": letter}}},
        }
        body = json.dumps({"data": data, "included": []}).encode()
        return body, hmac.new(SIGNING_KEY.encode(), body, hashlib.sha256).hexdigest()


def wrong(code: str, detail: str) -> dict[str, Any]:
    return {"errors": [{"code": code, "title": detail, "detail": detail, "source": {}}]}
