"""Text messages through Twilio (Programmable Messaging, REST API 2010-04-01).

What became of a message comes as signed notices (status callbacks), and is asked for where we cannot be reached. Answers come to
the same address: of these only STOP is read. Twilio keeps a list of numbers that wrote STOP and refuses them (error 21610).
"""

import base64
import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar
from urllib.parse import parse_qsl

from encours.core.delivery_reports import ReportKind
from encours.core.texting import is_stop
from encours.core.wording import Wording
from encours.ports.channels import (
    HandedOver,
    OutgoingMessage,
    Report,
    UnableToReachProvider,
)
from encours.ports.connections import setting
from encours.ports.notices import Notice, UnableToTrustNotice
from encours.ports.phone_numbers import takes_texts
from encours.ports.service_calls import Service

_ACCOUNT = Wording("twilio.account_sid", fr="Compte (Account SID)", en="Account SID")
_TOKEN = Wording("twilio.auth_token", fr="Jeton (Auth Token)", en="Auth Token")
_SENDER = Wording("twilio.sender", fr="Expéditeur", en="Sender")
_SENDER_HELP = Wording(
    "twilio.sender_help",
    fr="Un numéro en +33…, un service de messagerie (MG…) ou un nom de 11 caractères au plus. À un nom, personne ne peut"
    " répondre STOP.",
    en="A number in +33…, a messaging service (MG…) or a name of at most 11 characters. Nobody can answer STOP to a name.",
)
_ADDRESS = Wording("twilio.base_url", fr="Adresse du service", en="Address of the service")

# Of the errors Twilio documents, those that say something of the number; all others may pass.
_BAD_NUMBERS = frozenset({21211, 21214, 21217, 21401, 21407, 21421, 21614, 30005, 30006})
_STOPPED = 21610
_STATUSES: Mapping[str, ReportKind] = {
    "delivered": "delivered",
    "read": "opened",
    "undelivered": "bounced",
    "failed": "bounced",
}


@dataclass(frozen=True)
class TwilioConfig:
    account_sid: str = setting(_ACCOUNT)
    auth_token: str = setting(_TOKEN, secret=True)
    sender: str = setting(_SENDER, help=_SENDER_HELP)
    base_url: str = setting(_ADDRESS, default="https://api.twilio.com", hidden=True)


class Twilio:
    name: ClassVar[str] = "twilio"
    channel: ClassVar[str] = "sms"
    title: ClassVar[Wording] = Wording("twilio.title", fr="Twilio (SMS)", en="Twilio (text messages)")
    Config: ClassVar[type] = TwilioConfig

    def __init__(self, config: TwilioConfig) -> None:
        self._config = config
        self._service = Service(config.base_url, auth=(config.account_sid, config.auth_token))
        self._path = f"/2010-04-01/Accounts/{config.account_sid}"
        self._is_open = False

    def accepts(self, recipient_address: str) -> bool:
        return recipient_address.startswith("+") and takes_texts(recipient_address)

    def open(self) -> None:
        if self._is_open:
            return
        answer = self._service.ask("GET", f"{self._path}.json")
        if answer.status != 200 or answer.told.get("status", "active") != "active":
            raise UnableToReachProvider(f"{answer.status} {answer.told.get('message', '')}".strip())
        self._is_open = True

    def send(self, message: OutgoingMessage) -> HandedOver:
        is_service = self._config.sender.startswith("MG")
        form = {
            "To": message.recipient_address,
            "MessagingServiceSid" if is_service else "From": self._config.sender,
            "Body": message.text,
        }
        if message.notices_at:
            form["StatusCallback"] = f"{message.notices_at}?key={message.idempotency_key}"
        answer = self._service.send("POST", f"{self._path}/Messages.json", data=form)
        told = answer.told
        if answer.status == 201:
            return HandedOver("accepted", str(told.get("sid", "")), parts=int(told.get("num_segments") or 1))
        detail = f"{answer.status} {told.get('code', '')} {told.get('message', '')}"[:300]
        if answer.status >= 500 and answer.status != 503:
            raise RuntimeError(detail)  # it may have been taken
        code = told.get("code")
        if code == _STOPPED:
            return HandedOver("refused", detail=detail, is_stopped=True)
        return HandedOver("refused" if code in _BAD_NUMBERS else "failed", detail=detail)

    def read_notice(self, *, notice: Notice, now: datetime) -> tuple[Report, ...]:
        form = dict(parse_qsl(notice.body.decode("utf-8", "replace"), keep_blank_values=True))
        self._check(notice, form)
        sid, raw = form.get("MessageSid", ""), notice.body.decode("utf-8", "replace")
        if "Body" in form and form.get("SmsStatus") == "received":
            stops = form.get("OptOutType") == "STOP" or is_stop(form["Body"])
            stopped = Report(f"{sid}:stop", "opted_out", now, recipient=form.get("From", ""), raw=raw)
            return (stopped,) if stops else ()
        key = dict(parse_qsl(notice.url.partition("?")[2])).get("key", "")
        return self._reports(sid, form.get("MessageStatus", ""), form.get("ErrorCode"), now, raw, key)

    def reports(self, *, provider_id: str, now: datetime) -> tuple[Report, ...]:
        answer = self._service.ask("GET", f"{self._path}/Messages/{provider_id}.json")
        if answer.status != 200:
            raise UnableToReachProvider(f"HTTP {answer.status}")
        told = answer.told
        raw = answer.content.decode("utf-8", "replace")
        return self._reports(provider_id, told.get("status", ""), told.get("error_code"), now, raw, "")

    def close(self) -> None:
        self._service.close()

    @staticmethod
    def _reports(sid: str, status: str, error: Any, now: datetime, raw: str, key: str) -> tuple[Report, ...]:
        """One report per status that says something; 21610 is somebody's STOP."""
        code = str(error or "")
        kind = "opted_out" if code == str(_STOPPED) else _STATUSES.get(status)
        if not sid or kind is None:
            return ()
        return (Report(f"{sid}:{status}", kind, now, provider_id=sid, key=key, detail=code, raw=raw),)

    def _check(self, notice: Notice, form: Mapping[str, str]) -> None:
        """X-Twilio-Signature: HMAC-SHA1 of the address and the sorted fields, with the token."""
        signed = notice.url + "".join(name + form[name] for name in sorted(form))
        digest = hmac.new(self._config.auth_token.encode(), signed.encode(), hashlib.sha1).digest()
        given = notice.headers.get("x-twilio-signature", "")
        if not hmac.compare_digest(base64.b64encode(digest).decode().encode(), given.encode()):
            raise UnableToTrustNotice("signature of Twilio is not right")
