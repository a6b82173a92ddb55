"""Twilio's messaging as its REST API (2010-04-01) documents it."""

import base64
import hashlib
import hmac
from typing import Any
from urllib.parse import urlencode

from tests.channels.fake_service import Asked, FakeService

SID, TOKEN = "AC" + "0" * 32, "secret-token"


class FakeTwilio(FakeService):
    """`errors` answer by number; statuses of messages move as it is told."""

    def __init__(self) -> None:
        super().__init__()
        self.messages: dict[str, dict[str, Any]] = {}
        self.errors: dict[str, int] = {}

    def answer(self, asked: Asked) -> tuple[int, Any]:
        wanted = base64.b64encode(f"{SID}:{TOKEN}".encode()).decode()
        if asked.headers.get("authorization") != f"Basic {wanted}":
            return 401, {"code": 20003, "message": "Authenticate", "status": 401}
        path = asked.path.removeprefix(f"/2010-04-01/Accounts/{SID}")
        if path == ".json":
            return 200, {"sid": SID, "status": "active"}
        if asked.method == "POST" and path == "/Messages.json":
            code = self.errors.get(asked.form["To"])
            if code:
                return 400, {"code": code, "message": f"error {code}", "status": 400}
            sid = f"SM{len(self.messages):032d}"
            self.messages[sid] = {
                "sid": sid, "status": "queued", "num_segments": "2", "error_code": None, "to": asked.form["To"],
                "body": asked.form["Body"], "callback": asked.form.get("StatusCallback", ""),
            }  # fmt: skip
            return 201, self.messages[sid]
        sid = path.removeprefix("/Messages/").removesuffix(".json")
        return (200, self.messages[sid]) if sid in self.messages else (404, {"code": 20404})

    @staticmethod
    def notice(url: str, token: str = TOKEN, **form: str) -> tuple[bytes, dict[str, str]]:
        """Body and headers of a request that Twilio makes to us."""
        signed = url + "".join(name + form[name] for name in sorted(form))
        digest = hmac.new(token.encode(), signed.encode(), hashlib.sha1).digest()
        return urlencode(form).encode(), {
            "x-twilio-signature": base64.b64encode(digest).decode(),
            "content-type": "application/x-www-form-urlencoded",
        }
