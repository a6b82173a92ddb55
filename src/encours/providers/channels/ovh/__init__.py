"""Text messages through OVHcloud. Requests are signed with three keys; what became of a message is asked for.

Sent without the STOP clause of advertisements: a reminder is none. Whoever wrote STOP nevertheless is on the account's list,
and OVHcloud does not send there: such a receiver comes back as invalid.
"""

import hashlib
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar
from urllib.parse import quote

from encours.core.delivery_reports import ReportKind
from encours.core.texting import is_gsm
from encours.core.wording import Wording
from encours.ports.channels import HandedOver, OutgoingMessage, Report, UnableToReachProvider
from encours.ports.connections import setting
from encours.ports.phone_numbers import takes_texts
from encours.ports.service_calls import Answer, Service

_SERVICE = Wording("ovh.service_name", fr="Compte SMS (sms-xx12345-1)", en="SMS account (sms-xx12345-1)")
_KEY = Wording("ovh.application_key", fr="Clé d'application", en="Application key")
_SECRET = Wording("ovh.application_secret", fr="Secret d'application", en="Application secret")
_CONSUMER = Wording("ovh.consumer_key", fr="Clé de consommateur", en="Consumer key")
_SENDER = Wording("ovh.sender", fr="Expéditeur validé", en="Validated sender")
_ADDRESS = Wording("ovh.base_url", fr="Adresse du service", en="Address of the service")

# The receipts of GSM networks as their gateways number them; 4 and 8 are on the way.
_RECEIPTS: Mapping[int, ReportKind] = {1: "delivered", 2: "bounced", 16: "bounced"}


@dataclass(frozen=True)
class OvhConfig:
    service_name: str = setting(_SERVICE)
    application_key: str = setting(_KEY)
    application_secret: str = setting(_SECRET, secret=True)
    consumer_key: str = setting(_CONSUMER, secret=True)
    sender: str = setting(_SENDER)
    base_url: str = setting(_ADDRESS, default="https://eu.api.ovh.com/1.0", hidden=True)


class Ovh:
    name: ClassVar[str] = "ovh"
    channel: ClassVar[str] = "sms"
    title: ClassVar[Wording] = Wording("ovh.title", fr="OVHcloud (SMS)", en="OVHcloud (text messages)")
    Config: ClassVar[type] = OvhConfig

    def __init__(self, config: OvhConfig) -> None:
        self._config = config
        self._service = Service(config.base_url)
        self._path = f"/sms/{quote(config.service_name, safe='')}"
        # how far the service's clock is ahead of ours: a signature holds for a short while only
        self._ahead_seconds: int | None = None

    def accepts(self, recipient_address: str) -> bool:
        return recipient_address.startswith("+") and takes_texts(recipient_address)

    def open(self) -> None:
        if self._ahead_seconds is not None:
            return
        answer = self._service.ask("GET", "/auth/time")
        if answer.status != 200 or not answer.content.strip().isdigit():
            raise UnableToReachProvider(f"HTTP {answer.status}")
        self._ahead_seconds = int(answer.content) - int(time.time())
        account = self._call("GET", self._path)
        if account.status != 200:
            self._ahead_seconds = None
            raise UnableToReachProvider(f"{account.status} {account.told.get('message', '')}".strip())

    def send(self, message: OutgoingMessage) -> HandedOver:
        wanted = {
            "charset": "UTF-8",
            "coding": "7bit" if is_gsm(message.text) else "8bit",
            "message": message.text,
            "noStopClause": True,
            "priority": "high",
            "receivers": [message.recipient_address],
            "sender": self._config.sender,
            "senderForResponse": False,
        }
        answer = self._call("POST", f"{self._path}/jobs", wanted, is_sending=True)
        told = answer.told
        if answer.status == 200 and told.get("ids"):
            parts = max(1, round(float(told.get("totalCreditsRemoved") or 1)))
            return HandedOver("accepted", str(told["ids"][0]), parts=parts)
        detail = f"{answer.status} {told.get('message', '')}".strip()[:300]
        if answer.status >= 500 and answer.status != 503:
            raise RuntimeError(detail)  # it may have been taken
        if message.recipient_address in told.get("invalidReceivers", ()):
            return HandedOver("refused", detail=f"{detail} invalid receiver")
        return HandedOver("failed", detail=detail)

    def reports(self, *, provider_id: str, now: datetime) -> tuple[Report, ...]:
        self.open()
        answer = self._call("GET", f"{self._path}/outgoing/{quote(provider_id, safe='')}")
        if answer.status == 404:
            return ()  # still with the job
        if answer.status != 200:
            raise UnableToReachProvider(f"HTTP {answer.status}")
        receipt = answer.told.get("deliveryReceipt")
        kind = _RECEIPTS.get(receipt) if isinstance(receipt, int) else None
        if kind is None:
            return ()
        raw = answer.content.decode("utf-8", "replace")
        return (
            Report(
                f"{provider_id}:{receipt}", kind, now, provider_id=provider_id, detail=str(receipt), raw=raw
            ),
        )

    def close(self) -> None:
        self._service.close()

    def _call(self, method: str, path: str, body: Any = None, *, is_sending: bool = False) -> Answer:
        """Signed as `$1$` and the SHA-1 of secret, consumer key, method, address, body and time."""
        content = json.dumps(body, ensure_ascii=False) if body is not None else ""
        stamp = str(int(time.time()) + (self._ahead_seconds or 0))
        config = self._config
        signed = "+".join(
            [
                config.application_secret,
                config.consumer_key,
                method,
                self._service.base_url + path,
                content,
                stamp,
            ]
        )
        headers = {
            "X-Ovh-Application": config.application_key,
            "X-Ovh-Consumer": config.consumer_key,
            "X-Ovh-Timestamp": stamp,
            "X-Ovh-Signature": f"$1${hashlib.sha1(signed.encode()).hexdigest()}",  # noqa: S324 (the service's scheme)
            "Content-Type": "application/json;charset=utf-8",
        }
        call = self._service.send if is_sending else self._service.ask
        return call(method, path, content=content.encode(), headers=headers)
