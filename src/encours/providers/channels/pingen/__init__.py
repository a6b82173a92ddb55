"""Letters through Pingen (API v2, JSON:API), which prints, franks and posts a PDF.

A letter is created in three calls: where to put the file, the file, the letter itself. Only the last may post anything; it carries
the message's key as `Idempotency-Key`, under which Pingen answers a repeated call with the letter it has. The file is
checked after that, so a letter that was created may still be refused (`invalid`), wait for credit, or come back.

What it says of statuses is not in its documentation: words not known here say nothing.
"""

import hashlib
import hmac
import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, ClassVar
from urllib.parse import urlsplit

import httpx

from encours.core.delivery_reports import ReportKind
from encours.core.mailing import envelope
from encours.core.money import Money
from encours.core.wording import Wording
from encours.ports.channels import (
    HandedOver,
    OutgoingMessage,
    Report,
    UnableToReachProvider,
)
from encours.ports.connections import setting
from encours.ports.notices import Notice, UnableToTrustNotice
from encours.ports.printed_letters import printed_letter
from encours.ports.service_calls import Answer, Service

_CLIENT = Wording("pingen.client_id", fr="Identifiant client (Client ID)", en="Client ID")
_SECRET = Wording("pingen.client_secret", fr="Secret client (Client Secret)", en="Client Secret")
_ORGANISATION = Wording("pingen.organisation_id", fr="Identifiant de l’organisation", en="Organisation ID")
_SIGNING = Wording("pingen.signing_key", fr="Clé de signature des webhooks", en="Signing key of webhooks")
_SIGNING_HELP = Wording(
    "pingen.signing_key_help",
    fr="Celle que vous donnez à Pingen avec l’adresse des avis. Sans elle, les états sont demandés tous les quarts d’heure.",
    en="The one you give Pingen with the address for notices. Without it states are asked for every quarter of an hour.",
)
_PRODUCT = Wording("pingen.delivery_product", fr="Acheminement", en="Delivery")
_PRODUCTS = {
    "cheap": Wording("pingen.cheap", fr="Économique", en="Economy"),
    "fast": Wording("pingen.fast", fr="Prioritaire", en="Priority"),
    "bulk": Wording("pingen.bulk", fr="En nombre", en="Bulk"),
}
_POSITION = Wording("pingen.address_position", fr="Fenêtre de l’enveloppe", en="Window of the envelope")
_POSITIONS = {
    "right": Wording("pingen.right", fr="À droite (France)", en="On the right (France)"),
    "left": Wording("pingen.left", fr="À gauche", en="On the left"),
}
_SIDES = Wording("pingen.print_mode", fr="Impression", en="Printing")
_MODES = {
    "duplex": Wording("pingen.duplex", fr="Recto verso", en="Both sides"),
    "simplex": Wording("pingen.simplex", fr="Recto", en="One side"),
}
_COLOURS = Wording("pingen.print_spectrum", fr="Couleurs", en="Colours")
_SPECTRA = {
    "grayscale": Wording("pingen.grayscale", fr="Niveaux de gris", en="Greyscale"),
    "color": Wording("pingen.color", fr="Couleur", en="Colour"),
}
_ADDRESS = Wording("pingen.base_url", fr="Adresse du service", en="Address of the service")

logger = logging.getLogger(__name__)

_JSON_API = "application/vnd.api+json"
_STATUSES: Mapping[str, ReportKind] = {
    "submitted": "taken", "accepted": "taken", "processing": "taken", "transferring": "taken",
    "printing": "printed", "sent": "deposited", "delivered": "delivered", "undeliverable": "bounced",
    "invalid": "rejected", "unprintable": "rejected", "rejected": "rejected", "expired": "rejected",
    "cancelled": "rejected", "awaiting_credits": "deferred", "action_required": "deferred",
}  # fmt: skip
_NOTICES: Mapping[str, ReportKind] = {
    "webhook_sent": "deposited", "webhook_delivered": "delivered", "webhook_undeliverable": "bounced",
}  # fmt: skip


@dataclass(frozen=True)
class PingenConfig:
    client_id: str = setting(_CLIENT)
    client_secret: str = setting(_SECRET, secret=True)
    organisation_id: str = setting(_ORGANISATION)
    signing_key: str = setting(_SIGNING, help=_SIGNING_HELP, default="", secret=True)
    delivery_product: str = setting(_PRODUCT, default="cheap", choices=_PRODUCTS)
    address_position: str = setting(_POSITION, default="right", choices=_POSITIONS)
    print_mode: str = setting(_SIDES, default="duplex", choices=_MODES)
    print_spectrum: str = setting(_COLOURS, default="grayscale", choices=_SPECTRA)
    base_url: str = setting(_ADDRESS, default="https://api.pingen.com", hidden=True)


class Pingen:
    name: ClassVar[str] = "pingen"
    channel: ClassVar[str] = "letter"
    title: ClassVar[Wording] = Wording(
        "pingen.title", fr="Pingen (courrier postal)", en="Pingen (postal letters)"
    )
    Config: ClassVar[type] = PingenConfig

    def __init__(self, config: PingenConfig) -> None:
        self._config = config
        self._service = Service(config.base_url, timeout_seconds=60)
        self._letters = f"/organisations/{config.organisation_id}/letters"
        self._token, self._busy = "", ""

    def accepts(self, recipient_address: str) -> bool:
        return envelope(recipient_address) is not None

    def open(self) -> None:
        """A token, and that the organisation is ours; nothing more while it asked to be left alone."""
        if self._busy:
            raise UnableToReachProvider(self._busy)
        if self._token:
            return
        self._sign_in()
        answer = self._service.ask(
            "GET", f"/organisations/{self._config.organisation_id}", headers=self._headers
        )
        if answer.status != 200:
            self._token = ""
            raise UnableToReachProvider(_said(answer))

    def send(self, message: OutgoingMessage) -> HandedOver:
        to = envelope(message.recipient_address)
        if to is None:
            return HandedOver("refused", detail=message.recipient_address)
        file_url, signature = self._upload(printed_letter(message.attachments).content)
        attributes = {
            "file_original_name": f"{message.idempotency_key}.pdf",
            "file_url": file_url,
            "file_url_signature": signature,
            "address_position": self._config.address_position,
            "auto_send": True,
            "delivery_product": self._config.delivery_product,
            "print_mode": self._config.print_mode,
            "print_spectrum": self._config.print_spectrum,
        }
        answer = self._create(
            {"data": {"type": "letters", "attributes": attributes}}, message.idempotency_key
        )
        letter = answer.told.get("data")
        if answer.status == 201 and isinstance(letter, dict) and letter.get("id"):
            return HandedOver("accepted", str(letter["id"]))
        if answer.status in (408, 409) or answer.status < 300:
            raise RuntimeError(_said(answer))  # it has something under this key
        if answer.status == 429:
            self._busy = _said(answer)  # the others wait for the next round rather than fail one by one
        return HandedOver("failed", detail=_said(answer))

    def read_notice(self, *, notice: Notice, now: datetime) -> tuple[Report, ...]:
        """Signature: HMAC-SHA256 of the body with the key given to Pingen, in hexadecimal."""
        key = self._config.signing_key
        signed = hmac.new(key.encode(), notice.body, hashlib.sha256).hexdigest()
        if not key or not hmac.compare_digest(signed, notice.headers.get("signature", "")):
            raise UnableToTrustNotice("signature of Pingen is not right")
        try:
            told = json.loads(notice.body)["data"]
            letter = str(told["relationships"]["letter"]["data"]["id"])
            kind, attributes = _NOTICES.get(told["type"]), dict(told.get("attributes") or {})
        except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
            raise UnableToTrustNotice("no event of Pingen") from error
        if kind is None:  # an issue may be overcome: what became of the letter is asked for
            return ()
        at = _moment(attributes.get("created_at")) or now
        detail = str(attributes.get("reason") or "")
        raw = notice.body.decode("utf-8", "replace")
        return (Report(f"{letter}:{kind}", kind, at, provider_id=letter, detail=detail, raw=raw),)

    def reports(self, *, provider_id: str, now: datetime) -> tuple[Report, ...]:
        if not self._token:
            self._sign_in()
        answer = self._service.ask("GET", f"{self._letters}/{provider_id}", headers=self._headers)
        data = answer.told.get("data")
        if answer.status != 200 or not isinstance(data, dict):
            raise UnableToReachProvider(_said(answer))
        told = data.get("attributes") or {}
        status = str(told.get("status") or "")
        kind = _STATUSES.get(status)
        if kind is None:
            return ()
        raw = answer.content.decode("utf-8", "replace")
        at = _moment(told.get("updated_at")) or now
        return (
            Report(
                f"{provider_id}:{kind}",
                kind,
                at,
                provider_id=provider_id,
                detail=status,
                raw=raw,
                cost=_cost(told),
            ),
        )

    def close(self) -> None:
        self._service.close()

    @property
    def _headers(self) -> dict[str, str]:
        return {"authorization": f"Bearer {self._token}", "accept": _JSON_API, "content-type": _JSON_API}

    def _sign_in(self) -> None:
        form = {
            "grant_type": "client_credentials", "client_id": self._config.client_id,
            "client_secret": self._config.client_secret,
        }  # fmt: skip
        answer = self._service.ask("POST", "/auth/access-tokens", data=form)
        self._token = str(answer.told.get("access_token") or "") if answer.status == 200 else ""
        if not self._token:
            raise UnableToReachProvider(_said(answer))

    def _upload(self, content: bytes) -> tuple[str, str]:
        """The address and the signature of the file once it is there. Nothing is posted by it."""
        answer = self._service.ask("GET", "/file-upload", headers=self._headers)
        if answer.status == 429:
            self._busy = _said(answer)
        told = (answer.told.get("data") or {}).get("attributes") or {}
        url, signature = str(told.get("url") or ""), str(told.get("url_signature") or "")
        parts = urlsplit(url)
        # the store of files is another host; nothing of ours goes there but the letter
        if answer.status != 200 or not signature or parts.scheme != urlsplit(self._config.base_url).scheme:
            raise UnableToReachProvider(_said(answer))
        store = Service(f"{parts.scheme}://{parts.netloc}", timeout_seconds=60)
        try:
            put = store.ask("PUT", url.removeprefix(store.base_url), content=content)
        finally:
            store.close()
        if put.status not in (200, 201, 204):
            raise UnableToReachProvider(f"upload: HTTP {put.status}")
        return url, signature

    def _create(self, letter: Mapping[str, Any], key: str) -> Answer:
        """Asked again under the same key where nobody knows what became of the first call; after that only a letter counts
        as an answer. Raises whatever leaves it unknown."""
        headers = self._headers | {"idempotency-key": key}
        body = json.dumps(letter).encode()
        try:
            answer = self._service.send("POST", self._letters, content=body, headers=headers)
            if answer.status < 500:
                return answer
        except httpx.HTTPError as error:
            logger.warning("letter %s: %s", key, type(error).__name__)
        try:
            answer = self._service.send("POST", self._letters, content=body, headers=headers)
        except UnableToReachProvider as error:
            raise RuntimeError(str(error)) from error
        if answer.status != 201:
            raise RuntimeError(_said(answer))
        return answer


def _said(answer: Answer) -> str:
    """What it says is wrong, as far as it says (JSON:API errors)."""
    errors = answer.told.get("errors")
    first = errors[0] if isinstance(errors, list) and errors else errors
    said = (first.get("detail") or first.get("title") or first.get("code")) if isinstance(first, dict) else ""
    return f"HTTP {answer.status} {said or ''}".strip()[:300]


def _cost(told: Mapping[str, Any]) -> Money | None:
    try:
        price = Decimal(str(told["price_value"]))
        return Money(int((price * 100).to_integral_value()), str(told["price_currency"]))
    except (KeyError, InvalidOperation, ValueError):
        return None


def _moment(value: Any) -> datetime | None:
    """ISO 8601; Pingen writes offsets without a colon."""
    try:
        found = datetime.fromisoformat(str(value))
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
