"""Electronic registered mail through AR24, a qualified service.

Each call carries the token, the date and a signature: that date encrypted (AES-256-CBC) with a key and an initial vector
derived from the date and the private key. Answers that succeed come encrypted with the same two; errors come in clear. The
status of HTTP is always 200: what counts is `status` in the answer. A notice of AR24 has no signature: it is only a hint to ask.

The derivation is that of the scheme AR24 hands out with its access; nothing of it was tried against the real service.
"""

import base64
import binascii
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.padding import PKCS7

from encours.core.delivery_reports import ReportKind
from encours.core.wording import Wording
from encours.ports.channels import (
    Attachment,
    HandedOver,
    OutgoingMessage,
    Proof,
    Report,
    UnableToReachProvider,
)
from encours.ports.connections import setting
from encours.ports.notices import Notice
from encours.ports.service_calls import Service

_PARIS = ZoneInfo("Europe/Paris")
_TOKEN = Wording("ar24.token", fr="Jeton d’accès", en="Access token")
_PRIVATE_KEY = Wording("ar24.private_key", fr="Clé privée", en="Private key")
_USER = Wording("ar24.user_id", fr="Identifiant de l’expéditeur", en="Id of the sender")
_USER_HELP = Wording(
    "ar24.user_help",
    fr="L’utilisateur AR24 au nom duquel les recommandés partent ; AR24 a vérifié son identité.",
    en="The AR24 user in whose name registered mail leaves; AR24 has verified who it is.",
)
_ADDRESS = Wording("ar24.base_url", fr="Adresse du service", en="Address of the service")

_MISUSE = frozenset(
    {"missing_token", "invalid_token", "invalid_signature", "user_not_available", "maintenance"}
)
_BAD_RECIPIENTS = frozenset({"invalid_recipient", "missing_email", "invalid_email"})
# field of a mail -> what it means, and the proof that attests it
_EVENTS: tuple[tuple[str, ReportKind], ...] = (
    ("ts_ev_date", "deposited"),
    ("view_date", "accepted"),
    ("refused_date", "refused"),
    ("negligence_date", "unclaimed"),
)
_PROOFS = (
    ("proof_dp_url", "deposit"),
    ("proof_ev_url", "sending"),
    ("proof_ar_url", "receipt"),
    ("proof_rf_url", "refusal"),
    ("proof_ng_url", "neglect"),
)


@dataclass(frozen=True)
class Ar24Config:
    token: str = setting(_TOKEN, secret=True)
    private_key: str = setting(_PRIVATE_KEY, secret=True)
    user_id: str = setting(_USER, help=_USER_HELP)
    base_url: str = setting(_ADDRESS, default="https://app.ar24.fr/api", hidden=True)


class Ar24:
    name: ClassVar[str] = "ar24"
    channel: ClassVar[str] = "registered"
    title: ClassVar[Wording] = Wording(
        "ar24.title",
        fr="AR24 (lettre recommandée électronique)",
        en="AR24 (electronic registered mail)",
    )
    Config: ClassVar[type] = Ar24Config

    def __init__(self, config: Ar24Config) -> None:
        self._config = config
        self._service = Service(config.base_url, timeout_seconds=60)
        self._is_open = False

    def accepts(self, recipient_address: str) -> bool:
        local, at, domain = recipient_address.rpartition("@")
        return bool(local and at and "." in domain and " " not in recipient_address)

    def open(self) -> None:
        if not self._is_open:
            self._ask("GET", "/user/", {"id_user": self._config.user_id})
            self._is_open = True

    def send(self, message: OutgoingMessage) -> HandedOver:
        """The attachments first, which may be uploaded again; then the mail itself, which must not leave twice."""
        uploaded = [self._upload(each) for each in message.attachments]
        first, _, last = message.recipient_name.rpartition(" ")
        fields = {
            "id_user": self._config.user_id,
            "eidas": "0",
            "to_email": message.recipient_address,
            "to_firstname": first or message.recipient_name or message.recipient_company,
            "to_lastname": last or message.recipient_company,
            "to_company": "" if message.is_consumer else message.recipient_company,
            "dest_statut": "particulier" if message.is_consumer else "professionnel",
            "content": message.text,
            "ref_dossier": message.idempotency_key,
            "ref_client": message.recipient_company[:50],
            "webhook": message.notices_at,
        } | {f"attachment[{rank}]": each for rank, each in enumerate(uploaded)}
        told = self._call("POST", "/mail/", fields, is_sending=True)
        if told.get("status") == "SUCCESS":
            return HandedOver("accepted", str(_result(told).get("id", "")))
        slug = str(told.get("slug") or told.get("message") or "?")
        return HandedOver("refused" if slug in _BAD_RECIPIENTS else "failed", detail=slug[:300])

    def read_notice(self, *, notice: Notice, now: datetime) -> tuple[Report, ...]:  # noqa: ARG002 (nothing in it is trusted)
        """Nothing by itself: after any notice the mails that are on their way are asked about."""
        return ()

    def reports(self, *, provider_id: str, now: datetime) -> tuple[Report, ...]:  # noqa: ARG002 (AR24 tells its own times)
        mail = self._mail(provider_id)
        raw = json.dumps(mail, ensure_ascii=False)
        return tuple(
            Report(f"{provider_id}:{kind}", kind, moment, provider_id=provider_id, raw=raw)
            for field, kind in _EVENTS
            if (moment := _moment(mail.get(field)))
        )

    def proofs(self, *, provider_id: str) -> tuple[Proof, ...]:
        return tuple(self._proofs(self._mail(provider_id)))

    def close(self) -> None:
        self._service.close()

    def _mail(self, provider_id: str) -> dict[str, Any]:
        return _result(self._ask("GET", "/mail/", {"id_user": self._config.user_id, "id": provider_id}))

    def _proofs(self, mail: Mapping[str, Any]) -> Iterator[Proof]:
        for field, name in _PROOFS:
            url = str(mail.get(field) or "")
            if not url:
                continue
            if not url.startswith(self._service.base_url):
                raise UnableToReachProvider("a proof on another host")
            answer = self._service.ask("GET", url.removeprefix(self._service.base_url))
            if answer.status != 200 or not answer.content.startswith(b"%PDF"):
                raise UnableToReachProvider(f"proof {name}: HTTP {answer.status}")
            yield Proof(
                name, Attachment(f"ar24-{mail.get('id')}-{name}.pdf", "application/pdf", answer.content)
            )

    def _upload(self, attachment: Attachment) -> str:
        file = {"file": (attachment.name, attachment.content, attachment.media_type)}
        told = self._ask("POST", "/attachment/", {"id_user": self._config.user_id}, files=file)
        return str(_result(told).get("file_id", ""))

    def _ask(self, method: str, path: str, fields: Mapping[str, str], **more: Any) -> dict[str, Any]:
        """A successful answer. Raises `UnableToReachProvider`."""
        told = self._call(method, path, fields, **more)
        if told.get("status") != "SUCCESS":
            raise UnableToReachProvider(str(told.get("slug") or told.get("message") or "?")[:200])
        return told

    def _call(
        self, method: str, path: str, fields: Mapping[str, str], *, is_sending: bool = False, **more: Any
    ) -> dict[str, Any]:
        config = self._config
        date = datetime.now(_PARIS).strftime("%Y-%m-%d %H:%M:%S")
        key, vector = _material(date, config.private_key)
        signed = {"token": config.token, "date": date, **fields}
        where = {"params": signed} if method == "GET" else {"data": signed}
        call = self._service.send if is_sending else self._service.ask
        answer = call(
            method, path, headers={"signature": _encrypted(date.encode(), key, vector)}, **where, **more
        )
        if answer.status != 200:
            if is_sending and answer.status >= 500:
                raise RuntimeError(f"HTTP {answer.status}")  # it may have been taken
            return {"status": "ERROR", "slug": f"HTTP {answer.status}"}
        if told := answer.told:
            return told  # an error, in clear
        try:
            found = json.loads(_decrypted(answer.content, key, vector))
        except ValueError:
            if is_sending:
                raise
            return {"status": "ERROR", "slug": "unreadable"}
        return found if isinstance(found, dict) else {"status": "ERROR", "slug": "unreadable"}


def _result(told: Mapping[str, Any]) -> dict[str, Any]:
    found = told.get("result")
    return found if isinstance(found, dict) else {}


def _material(date: str, private_key: str) -> tuple[bytes, bytes]:
    """Key and initial vector: SHA-256 of date and private key, and the first half of SHA-256 of the private key's SHA-256."""
    key = sha256((date + private_key).encode()).digest()
    vector = sha256(sha256(private_key.encode()).hexdigest().encode()).hexdigest()[:16].encode()
    return key, vector


def _encrypted(text: bytes, key: bytes, vector: bytes) -> str:
    padder = PKCS7(128).padder()
    encryptor = Cipher(algorithms.AES(key), modes.CBC(vector)).encryptor()
    return base64.b64encode(
        encryptor.update(padder.update(text) + padder.finalize()) + encryptor.finalize()
    ).decode()


def _decrypted(text: bytes, key: bytes, vector: bytes) -> bytes:
    """Raises `ValueError`."""
    try:
        raw = base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise ValueError("not base64") from error
    decryptor = Cipher(algorithms.AES(key), modes.CBC(vector)).decryptor()
    unpadder = PKCS7(128).unpadder()
    return unpadder.update(decryptor.update(raw) + decryptor.finalize()) + unpadder.finalize()


def _moment(value: Any) -> datetime | None:
    """A time AR24 tells, in Paris where it names no zone; None for none and for its zeros."""
    text = str(value or "")
    if not text or text.startswith("0000"):
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return (found if found.tzinfo else found.replace(tzinfo=_PARIS)).astimezone(UTC)
