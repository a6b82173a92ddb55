"""E-mail through a mail service, by django-anymail: its backends send, its webhook views check and read notices.

Nothing of it is configured in Django's settings: each company has its own service and keys.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from functools import cached_property
from hashlib import sha256
from json import dumps
from typing import Any, ClassVar
from urllib.parse import urlsplit

import requests
from anymail.backends import brevo, mailgun, mailjet, postmark
from anymail.exceptions import AnymailAPIError, AnymailRecipientsRefused, AnymailWebhookValidationFailure
from anymail.webhooks import brevo as brevo_hooks
from anymail.webhooks import mailgun as mailgun_hooks
from anymail.webhooks import mailjet as mailjet_hooks
from anymail.webhooks import postmark as postmark_hooks
from django.core.mail import EmailMultiAlternatives
from django.test import RequestFactory

from encours.core.delivery_reports import ReportKind
from encours.core.wording import Wording
from encours.ports.channels import (
    HandedOver,
    OutgoingMessage,
    Report,
    UnableToReachProvider,
)
from encours.ports.connections import setting
from encours.ports.notices import Notice, UnableToTrustNotice

_SERVICES = {
    "brevo": Wording("anymail.brevo", fr="Brevo", en="Brevo"),
    "mailjet": Wording("anymail.mailjet", fr="Mailjet", en="Mailjet"),
    "postmark": Wording("anymail.postmark", fr="Postmark", en="Postmark"),
    "mailgun": Wording("anymail.mailgun", fr="Mailgun", en="Mailgun"),
}
_SERVICE = Wording("anymail.service", fr="Service d’envoi", en="Mail service")
_API_KEY = Wording("anymail.api_key", fr="Clé d’API", en="API key")
_SECRET_KEY = Wording("anymail.secret_key", fr="Clé secrète (Mailjet)", en="Secret key (Mailjet)")
_DOMAIN = Wording("anymail.domain", fr="Domaine d’envoi (Mailgun)", en="Sending domain (Mailgun)")
_HOOK = Wording("anymail.hook_secret", fr="Secret des notifications", en="Secret of notices")
_HOOK_HELP = Wording(
    "anymail.hook_help",
    fr="« nom:motdepasse », tels qu’ils figurent dans l’adresse des notifications donnée au service ; pour Mailgun, sa clé de"
    " signature. Sans lui, les notifications sont refusées et les rejets ne sont pas connus.",
    en='"name:password" as they stand in the address of notices given to the service; for Mailgun its signing key. Without'
    " it notices are refused and bounces are not known.",
)
_ADDRESS = Wording("anymail.api_url", fr="Adresse du service", en="Address of the service")

_KINDS: Mapping[str, ReportKind] = {
    "delivered": "delivered",
    "opened": "opened",
    "deferred": "deferred",
    "bounced": "bounced",
    "rejected": "bounced",
    "failed": "bounced",
    "complained": "complained",
    "unsubscribed": "complained",
}


# what a notice can be wrong in, whoever wrote it: moments far beyond any calendar, depths no parser follows
_UNREADABLE = (ValueError, LookupError, TypeError, AttributeError, ArithmeticError, OSError, RecursionError)


@dataclass(frozen=True)
class AnymailConfig:
    service: str = setting(_SERVICE, choices=_SERVICES)
    api_key: str = setting(_API_KEY, secret=True)
    secret_key: str = setting(_SECRET_KEY, default="", secret=True)
    domain: str = setting(_DOMAIN, default="")
    hook_secret: str = setting(_HOOK, help=_HOOK_HELP, default="", secret=True)
    api_url: str = setting(_ADDRESS, default="", hidden=True)


class Anymail:
    name: ClassVar[str] = "anymail"
    channel: ClassVar[str] = "email"
    title: ClassVar[Wording] = Wording(
        "anymail.title",
        fr="Brevo, Mailjet, Postmark, Mailgun",
        en="Brevo, Mailjet, Postmark, Mailgun",
    )
    Config: ClassVar[type] = AnymailConfig

    def __init__(self, config: AnymailConfig) -> None:
        self._config = config

    def accepts(self, recipient_address: str) -> bool:
        local, at, domain = recipient_address.rpartition("@")
        return bool(local and at and "." in domain and " " not in recipient_address)

    def open(self) -> None:
        """A session of HTTP; services have no call in common that checks a key without sending."""
        self._backend.open()

    def send(self, message: OutgoingMessage) -> HandedOver:
        mail = _mail(message)
        try:
            self._backend.send_messages([mail])
        except AnymailRecipientsRefused as error:
            return HandedOver("refused", detail=str(error)[:300])
        except AnymailAPIError as error:
            return _failure(error)
        status = mail.anymail_status  # type: ignore[attr-defined]
        said = {name: each.status for name, each in status.recipients.items()}
        provider_id = status.recipients[message.recipient_address].message_id or ""
        if said.get(message.recipient_address) in ("rejected", "invalid", "failed"):
            return HandedOver("refused", str(provider_id), detail=str(said[message.recipient_address]))
        return HandedOver("accepted", str(provider_id))

    def read_notice(self, *, notice: Notice, now: datetime) -> tuple[Report, ...]:
        if not self._config.hook_secret:
            raise UnableToTrustNotice("no secret to check notices by")
        parts = urlsplit(notice.url)
        meta = {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in notice.headers.items()}
        kind = notice.headers.get("content-type", "application/json")
        request = RequestFactory().generic("POST", parts.path, notice.body, content_type=kind)
        request.META.update(meta)
        view = _HOOKS[self._config.service](self._config.hook_secret)
        try:
            view.run_validators(request)
            reports = [_report(event, now) for event in view.parse_events(request)]
        except AnymailWebhookValidationFailure as error:
            raise UnableToTrustNotice(str(error)) from error
        except _UNREADABLE as error:
            raise UnableToTrustNotice(f"cannot be read: {type(error).__name__}") from error
        return tuple(report for report in reports if report)

    def close(self) -> None:
        if "_backend" in self.__dict__:
            self._backend.close()

    @cached_property
    def _backend(self) -> Any:
        config = self._config
        # what a service cannot do (track opens for one message) is left out, not refused
        more: dict[str, Any] = {"ignore_unsupported_features": True}
        if config.api_url:
            more["api_url"] = config.api_url
        return _BACKENDS[config.service](config, more)


def _mail(message: OutgoingMessage) -> EmailMultiAlternatives:
    headers = {
        "Message-ID": f"<{message.mail_id}>",
        "Content-Language": message.language,
        # no answer from holiday robots (RFC 3834)
        "Auto-Submitted": "auto-generated",
    }
    if message.references:
        headers["In-Reply-To"] = f"<{message.references[-1]}>"
        headers["References"] = " ".join(f"<{each}>" for each in message.references)
    mail = EmailMultiAlternatives(
        subject=_one_line(message.subject),
        body=message.text,
        from_email=_address(message.sender_name, message.sender_address),
        to=[_address(message.recipient_name, message.recipient_address)],
        cc=[message.copy_to] if message.copy_to else [],
        bcc=[message.blind_copy_to] if message.blind_copy_to else [],
        reply_to=[message.reply_to] if message.reply_to else [],
        headers=headers,
    )
    if message.html:
        mail.attach_alternative(message.html, "text/html")
    for attachment in message.attachments:
        mail.attach(attachment.name, attachment.content, attachment.media_type)
    mail.metadata = {"key": message.idempotency_key}  # type: ignore[attr-defined]
    mail.track_opens, mail.track_clicks = message.tracks_opens, False  # type: ignore[attr-defined]
    return mail


def _failure(error: AnymailAPIError) -> HandedOver:
    """An answer that refuses may be tried again; one that never came leaves the fate unknown."""
    answer = getattr(error, "response", None)
    status = getattr(answer, "status_code", None)
    if status is not None and (status < 500 or status == 503):
        return HandedOver("failed", detail=f"HTTP {status} {getattr(answer, 'text', '')}"[:300])
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, requests.exceptions.ConnectTimeout) or _never_connected(cause):
            raise UnableToReachProvider(type(cause).__name__) from None
        cause = cause.__cause__ or cause.__context__
    raise error


def _never_connected(error: BaseException) -> bool:
    if not isinstance(error, requests.exceptions.ConnectionError) or not error.args:
        return False
    return type(getattr(error.args[0], "reason", None)).__name__ in (
        "NewConnectionError",
        "NameResolutionError",
    )


def _report(event: Any, now: datetime) -> Report | None:
    kind = _KINDS.get(str(event.event_type))
    if kind is None:
        return None
    if kind == "bounced" and _is_soft(event.esp_event):
        kind = "deferred"
    raw = dumps(event.esp_event, default=str, ensure_ascii=False)
    return Report(
        external_id=str(event.event_id or sha256(raw.encode("utf-8", "surrogatepass")).hexdigest()),
        kind=kind,
        reported_at=event.timestamp or now,
        provider_id=str(event.message_id or ""),
        key=str((event.metadata or {}).get("key", "")),
        recipient=str(event.recipient or ""),
        detail=" ".join(str(part) for part in (event.mta_response, event.description) if part)[:500],
        raw=raw,
    )


def _is_soft(told: Any) -> bool:
    """Services tell a full mailbox from one that does not exist each in their own field."""
    if not isinstance(told, Mapping):
        return False
    inner = told.get("event-data")
    if isinstance(inner, Mapping):
        return inner.get("severity") == "temporary"
    return (
        told.get("event") == "soft_bounce"
        or told.get("hard_bounce") is False
        or told.get("Type") in ("SoftBounce", "Transient", "DnsError")
    )


def _address(name: str, address: str) -> str:
    return str(Address(display_name=_one_line(name), addr_spec=address))


def _one_line(text: str) -> str:
    return " ".join(text.split())


_BACKENDS: Mapping[str, Callable[[AnymailConfig, dict[str, Any]], Any]] = {
    "brevo": lambda config, more: brevo.EmailBackend(api_key=config.api_key, **more),
    "mailjet": lambda config, more: mailjet.EmailBackend(
        api_key=config.api_key, secret_key=config.secret_key, **more
    ),
    "postmark": lambda config, more: postmark.EmailBackend(server_token=config.api_key, **more),
    "mailgun": lambda config, more: mailgun.EmailBackend(
        api_key=config.api_key, sender_domain=config.domain or None, **more
    ),
}
_HOOKS: Mapping[str, Callable[[str], Any]] = {
    "brevo": lambda secret: brevo_hooks.BrevoTrackingWebhookView(webhook_secret=secret),
    "mailjet": lambda secret: mailjet_hooks.MailjetTrackingWebhookView(webhook_secret=secret),
    "postmark": lambda secret: postmark_hooks.PostmarkTrackingWebhookView(webhook_secret=secret),
    "mailgun": lambda secret: mailgun_hooks.MailgunTrackingWebhookView(webhook_signing_key=secret),
}
