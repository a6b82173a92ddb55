"""Services that post notices: how each is connected, and how it proves that a request is its own."""

import base64
import hmac
import json
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha1, sha256
from io import BytesIO
from time import time
from typing import Any
from urllib.parse import parse_qsl, urlencode

from encours.actions.connect_bank import connect_bank
from encours.actions.connect_channel import connect_channel
from encours.actions.connect_gateway import connect_gateway
from encours.actions.connect_mailbox import connect_mailbox
from encours.store.models import Company
from encours.store.models.connections import Connection
from encours.store.secrets import seal

SECRET = "nom:secret-des-notifications"
BASE = "https://encours.example"

# (address as it was given to the service, body as it was made up) -> the body it sends and the headers of its proof
Proof = Callable[[str, bytes], tuple[bytes, dict[str, str]]]


def signed(text: str, digest: Any = sha256) -> str:
    return hmac.new(SECRET.encode(), text.encode("utf-8", "surrogateescape"), digest).hexdigest()


def by_password(address: str, body: bytes) -> tuple[bytes, dict[str, str]]:
    return body, {"Authorization": f"Basic {base64.b64encode(SECRET.encode()).decode()}"}


def as_stripe(address: str, body: bytes) -> tuple[bytes, dict[str, str]]:
    return body, {"Stripe-Signature": _timed(body)}


def as_qonto(address: str, body: bytes) -> tuple[bytes, dict[str, str]]:
    return body, {"X-Qonto-Signature": _timed(body)}


def as_bridge(address: str, body: bytes) -> tuple[bytes, dict[str, str]]:
    try:
        told = json.loads(body)
    except ValueError:
        told = None
    # a moment that is made up is long ago
    if isinstance(told, dict) and isinstance(told.get("timestamp"), int | float) and len(body) % 4:
        body = json.dumps(told | {"timestamp": int(time() * 1000)}).encode()
    return body, {"BridgeApi-Signature": "v1=" + hmac.new(SECRET.encode(), body, sha256).hexdigest().upper()}


def as_pingen(address: str, body: bytes) -> tuple[bytes, dict[str, str]]:
    return body, {"Signature": hmac.new(SECRET.encode(), body, sha256).hexdigest()}


def as_twilio(address: str, body: bytes) -> tuple[bytes, dict[str, str]]:
    form = dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))
    told = address + "".join(name + form[name] for name in sorted(form))
    digest = hmac.new(SECRET.encode(), told.encode(), sha1).digest()
    return body, {"X-Twilio-Signature": base64.b64encode(digest).decode()}


def as_mailgun(address: str, body: bytes) -> tuple[bytes, dict[str, str]]:
    """Of events: its signature stands in the body."""
    stamp, token = str(int(time())), "a" * 50
    try:
        told = json.loads(body)
    except ValueError:
        return body, {}
    if isinstance(told, dict):
        told["signature"] = {"timestamp": stamp, "token": token, "signature": signed(stamp + token)}
    return json.dumps(told).encode(), {}


def as_mailgun_mail(address: str, body: bytes) -> tuple[bytes, dict[str, str]]:
    stamp, token = str(int(time())), "a" * 50
    proof = {"timestamp": stamp, "token": token, "signature": signed(stamp + token)}
    return body + b"&" + urlencode(proof).encode(), {}


@dataclass(frozen=True)
class Service:
    """`operation` and `schema` are their names in notices.yaml."""

    operation: str
    schema: str
    media_type: str
    connect: Callable[[Company], Connection]
    proof: Proof


def _timed(body: bytes) -> str:
    stamp = str(int(time()))
    return f"t={stamp},v1={hmac.new(SECRET.encode(), stamp.encode() + b'.' + body, sha256).hexdigest()}"


def _gateway(provider: str, **given: str) -> Callable[[Company], Connection]:
    return lambda company: connect_gateway(
        company=company, provider=provider, name=provider, given=given | {"hook_secret": SECRET}, actor="test"
    )


def _bank(provider: str, **given: str) -> Callable[[Company], Connection]:
    return lambda company: connect_bank(
        company=company, provider=provider, name=provider, given=given | {"hook_secret": SECRET}, is_operator=True,
        actor="test",
    )  # fmt: skip


def _channel(provider: str, **given: str) -> Callable[[Company], Connection]:
    return lambda company: connect_channel(
        company=company, provider=provider, name=provider, given=given, notices_base=BASE, actor="test"
    )


def _mailbox(provider: str, **given: str) -> Callable[[Company], Connection]:
    def connected(company: Company) -> Connection:
        mailbox = connect_mailbox(
            company=company, provider=provider, name=provider, given=given, actor="test"
        )
        if provider != "mailgun":
            mailbox.sealed = seal({**given, "hook_secret": SECRET}, owner=mailbox.seal_owner)
            mailbox.save()
        return mailbox

    return connected


def _mail_service(name: str, **given: str) -> Callable[[Company], Connection]:
    return _channel("anymail", service=name, api_key="key", hook_secret=SECRET, **given)


JSON, FORM = "application/json", "application/x-www-form-urlencoded"
SERVICES = {
    "stripe": Service("payments", "stripe", JSON, _gateway("stripe", secret_key="sk_test_1"), as_stripe),
    "bridge_payments": Service("payments", "bridge_payments", JSON, _gateway("bridge", client_id="x", client_secret="y"), as_bridge),
    "bridge": Service("banks", "bridge", JSON, _bank("bridge", client_id="x", client_secret="y"), as_bridge),
    "qonto": Service("banks", "qonto", JSON, _bank("qonto", login="x", secret_key="y"), as_qonto),
    "brevo": Service("reports", "brevo", JSON, _mail_service("brevo"), by_password),
    "mailjet": Service("reports", "mailjet", JSON, _mail_service("mailjet", secret_key="s"), by_password),
    "postmark": Service("reports", "postmark", JSON, _mail_service("postmark"), by_password),
    "mailgun": Service("reports", "mailgun", JSON, _mail_service("mailgun", domain="lumen.example"), as_mailgun),
    "pingen": Service("reports", "pingen", JSON, _channel("pingen", client_id="x", client_secret="y", organisation_id="o", signing_key=SECRET), as_pingen),
    "twilio": Service("reports", "twilio", FORM, _channel("twilio", account_sid="AC" + "0" * 32, auth_token=SECRET, sender="+33700000000"), as_twilio),
    "brevo_mail": Service("mails", "brevo_mail", JSON, _mailbox("brevo", api_key="k"), by_password),
    "mailjet_mail": Service("mails", "mailjet_mail", JSON, _mailbox("mailjet"), by_password),
    "postmark_mail": Service("mails", "postmark_mail", JSON, _mailbox("postmark"), by_password),
    "mailgun_mail": Service("whole_mails", "mailgun_mail", FORM, _mailbox("mailgun", signing_key=SECRET), as_mailgun_mail),
}  # fmt: skip


class Proven:
    """The product behind a service: what is asked of it bears the service's proof."""

    def __init__(self, app: Any, proof: Proof) -> None:
        self._app, self._proof = app, proof

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Any:
        given = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        query = environ.get("QUERY_STRING", "")
        address = BASE + environ["PATH_INFO"] + (f"?{query}" if query else "")
        body, headers = self._proof(address, given)
        environ |= {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in headers.items()}
        environ |= {"wsgi.input": BytesIO(body), "CONTENT_LENGTH": str(len(body))}
        return self._app(environ, start_response)
