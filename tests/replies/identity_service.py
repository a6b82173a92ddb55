"""The token endpoint of a service that lets applications act for people (RFC 6749, RFC 7636), its refusals included."""

import base64
from dataclasses import dataclass
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from tests.channels.fake_service import Asked, FakeService

CLIENT_ID, CLIENT_SECRET = "application-7", "secret of the application"


@dataclass
class Code:
    """What a person's yes is worth, once."""

    challenge: str
    redirect_url: str


class IdentityService(FakeService):
    """Rotates refresh tokens: each is good for one use. `refuses` is the error that every refresh gets."""

    def __init__(self) -> None:
        super().__init__()
        self.codes: dict[str, Code] = {}
        self.refresh_token = ""
        self.access_token = ""
        self.expires_in = 3600
        self.rotates = True
        self.renews = True  # whether a refresh token comes with a code at all
        self.refuses: tuple[str, str] | None = None
        self.granted = 0

    def person_says_yes(self, url: str) -> tuple[str, str]:
        """What the browser brings back from the address a person was sent to: the state and a code."""
        asked = dict(parse_qsl(urlsplit(url).query))
        assert asked["client_id"] == CLIENT_ID
        assert asked["response_type"] == "code"
        assert asked["code_challenge_method"] == "S256"
        code = f"code-{len(self.codes)}"
        self.codes[code] = Code(asked["code_challenge"], asked["redirect_uri"])
        return asked["state"], code

    def answer(self, asked: Asked) -> tuple[int, Any]:
        form = asked.form
        if (form.get("client_id"), form.get("client_secret")) != (CLIENT_ID, CLIENT_SECRET):
            return 401, {
                "error": "invalid_client",
                "error_description": "AADSTS7000222: The secret is expired.",
            }
        if form["grant_type"] == "authorization_code":
            return self._exchange(form)
        if self.refuses is not None:
            return 400, {"error": self.refuses[0], "error_description": self.refuses[1]}
        if form["refresh_token"] != self.refresh_token:
            return 400, {"error": "invalid_grant", "error_description": "AADSTS70000: used already"}
        return self._grant(renews=self.rotates)

    def _exchange(self, form: dict[str, Any]) -> tuple[int, Any]:
        code = self.codes.pop(form["code"], None)
        made = base64.urlsafe_b64encode(sha256(form.get("code_verifier", "").encode()).digest()).rstrip(b"=")
        if code is None or made.decode() != code.challenge or form["redirect_uri"] != code.redirect_url:
            return 400, {"error": "invalid_grant", "error_description": "code"}
        return self._grant(renews=self.renews)

    def _grant(self, *, renews: bool) -> tuple[int, Any]:
        self.granted += 1
        self.access_token = f"access-{self.granted}"
        told = {"token_type": "Bearer", "access_token": self.access_token, "expires_in": self.expires_in}
        if renews:
            self.refresh_token = f"refresh-{self.granted}"
            told["refresh_token"] = self.refresh_token
        return 200, told
