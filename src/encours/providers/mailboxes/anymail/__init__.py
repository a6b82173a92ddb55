"""Mail that a mail service posts to us as it comes in: Brevo, Mailjet, Mailgun and Postmark, by django-anymail's inbound support.

Its webhook views check a notice and read it; nothing of it is configured in Django's settings, for each company has services of its own.
Where a service tells the mail as it came (Postmark, Mailgun) those bytes are the mail; elsewhere it is put together from its parts.
"""

import binascii
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.errors import MessageError
from typing import Any, ClassVar

from anymail.exceptions import AnymailConfigurationError, AnymailError, AnymailWebhookValidationFailure
from anymail.inbound import AnymailInboundMessage
from anymail.webhooks.brevo import BrevoInboundWebhookView
from anymail.webhooks.mailgun import MailgunInboundWebhookView
from anymail.webhooks.mailjet import MailjetInboundWebhookView
from anymail.webhooks.postmark import PostmarkInboundWebhookView
from django.core.exceptions import SuspiciousOperation
from django.http.multipartparser import MultiPartParserError

from encours.core.wording import Wording
from encours.ports.connections import setting
from encours.ports.mailboxes import PostedMail, UnableToReadNotice
from encours.ports.notices import Notice, UnableToTrustNotice
from encours.providers.mailboxes.anymail import steps
from encours.providers.mailboxes.anymail.attachments import UnableToFetch, attachment_of
from encours.providers.mailboxes.anymail.form import Form, form_of
from encours.providers.mailboxes.anymail.rebuilt import mail_bytes, unfolded

NOT_A_MAIL = Wording(
    "mail_notice.not_a_mail",
    fr="La notification de {service} ne contient pas de message lisible ({reason}).",
    en="The notice of {service} holds no mail that can be read ({reason}).",
)
WRONG_NOTICE = Wording(
    "mail_notice.wrong_notice",
    fr="{service} envoie ici d'autres notifications que les messages reçus : vérifiez l'adresse donnée de chaque côté.",
    en="{service} sends other notices here than received mail: check which address was given where.",
)
ATTACHMENTS_GONE = Wording(
    "mail_notice.attachments_gone",
    fr="Pièces jointes que {service} n'a pas remises : {names}.",
    en="Attachments that {service} did not hand over: {names}.",
)
_HOOK_SECRET = Wording("mail_notice.hook_secret", fr="Secret des notifications", en="Secret of notices")
_API_URL = Wording("mail_notice.api_url", fr="Adresse du service", en="Address of the service")
# Mailgun tries again for eight hours; what is older was recorded by somebody
_OLDEST = timedelta(hours=24)
# what a notice can be wrong in, whoever wrote it
_UNREADABLE = (
    AnymailError, MessageError, MultiPartParserError, SuspiciousOperation, binascii.Error, ValueError, LookupError,
    TypeError, AttributeError, AssertionError, RecursionError,
)  # fmt: skip


@dataclass(frozen=True)
class BasicConfig:
    """A service that proves itself by a name and a password in the address it posts to."""

    hook_secret: str = setting(_HOOK_SECRET, default="", secret=True, hidden=True)


class _Service(ABC):
    """`view` is anymail's for this service, made from the settings."""

    title: ClassVar[Wording]
    Config: ClassVar[type] = BasicConfig
    address_ending: ClassVar[str] = ""

    def __init__(self, config: Any) -> None:
        self._config = config

    def credentials(self) -> str:
        return self._config.hook_secret

    def check_notice(self, *, notice: Notice, now: datetime) -> None:  # noqa: ARG002  # only signatures age
        if not self._config.hook_secret:
            raise UnableToTrustNotice("no secret to check notices by")
        self._check(self._view(), Form(notice.body, "", _meta(notice)))

    def mails(self, *, notice: Notice, fetches: bool = True) -> tuple[PostedMail, ...]:
        view = self._view()
        view.fetches = fetches
        try:
            return self._mails(view, notice)
        except AnymailConfigurationError as error:
            raise UnableToReadNotice(WRONG_NOTICE(service=self.title())) from error
        except _UNREADABLE as error:
            raise UnableToReadNotice(NOT_A_MAIL(service=self.title(), reason=type(error).__name__)) from error

    def close(self) -> None:  # noqa: B027  # nothing is kept open, by any of them
        pass

    @abstractmethod
    def _view(self) -> Any: ...

    def _mails(self, view: Any, notice: Notice) -> tuple[PostedMail, ...]:
        events = view.parse_events(form_of(notice))
        return tuple(PostedMail(mail_bytes(event.message)) for event in events)

    @staticmethod
    def _check(view: Any, form: Form) -> None:
        try:
            view.run_validators(form)
        except (AnymailWebhookValidationFailure, UnicodeError) as error:
            raise UnableToTrustNotice(str(error)) from error


class Postmark(_Service):
    name: ClassVar[str] = "postmark"
    title: ClassVar[Wording] = Wording("postmark.title", fr="Postmark", en="Postmark")
    steps: ClassVar[tuple[Wording, ...]] = steps.POSTMARK

    def _view(self) -> Any:
        return _UnfoldedPostmark(webhook_secret=self._config.hook_secret)

    def _mails(self, view: Any, notice: Notice) -> tuple[PostedMail, ...]:
        events = view.parse_events(form_of(notice))
        return tuple(PostedMail(_as_it_came(event) or mail_bytes(event.message)) for event in events)


class Mailjet(_Service):
    name: ClassVar[str] = "mailjet"
    title: ClassVar[Wording] = Wording("mailjet.title", fr="Mailjet", en="Mailjet")
    steps: ClassVar[tuple[Wording, ...]] = steps.MAILJET

    def _view(self) -> Any:
        return _UnfoldedMailjet(webhook_secret=self._config.hook_secret)


@dataclass(frozen=True)
class BrevoConfig(BasicConfig):
    """Notices of Brevo name attachments; its API hands them out."""

    api_key: str = setting(
        Wording("brevo.api_key", fr="Clé d’API", en="API key"),
        help=Wording(
            "brevo.api_key_help",
            fr="Brevo ne joint pas les pièces jointes à ses notifications : elles sont demandées avec cette clé.",
            en="Brevo's notices do not hold attachments: they are asked for with this key.",
        ),
        default="",
        secret=True,
    )
    api_url: str = setting(_API_URL, default="https://api.brevo.com/v3/", hidden=True)


class Brevo(_Service):
    name: ClassVar[str] = "brevo"
    title: ClassVar[Wording] = Wording("brevo.title", fr="Brevo", en="Brevo")
    Config: ClassVar[type] = BrevoConfig
    steps: ClassVar[tuple[Wording, ...]] = steps.BREVO

    def _view(self) -> "_FetchingBrevo":
        return _FetchingBrevo(webhook_secret=self._config.hook_secret, api_key=self._config.api_key, api_url=self._config.api_url)  # fmt: skip

    def _mails(self, view: Any, notice: Notice) -> tuple[PostedMail, ...]:
        mails = []
        for event, lost in zip(view.parse_events(form_of(notice)), view.lost, strict=True):
            problem = ATTACHMENTS_GONE(service=self.title(), names=", ".join(lost)) if lost else None
            mails.append(PostedMail(mail_bytes(event.message), problem))
        return tuple(mails)


@dataclass(frozen=True)
class MailgunConfig:
    signing_key: str = setting(
        Wording("mailgun.signing_key", fr="Clé de signature (HTTP webhook signing key)", en="HTTP webhook signing key"),
        help=Wording(
            "mailgun.signing_key_help",
            fr="Chez Mailgun : API security. Les notifications qu’elle n’a pas signées sont refusées.",
            en="At Mailgun: API security. Notices it did not sign are refused.",
        ),
        secret=True,
    )  # fmt: skip


class Mailgun(_Service):
    name: ClassVar[str] = "mailgun"
    title: ClassVar[Wording] = Wording("mailgun.title", fr="Mailgun", en="Mailgun")
    Config: ClassVar[type] = MailgunConfig
    # posted to such an address a mail comes as it was sent
    address_ending: ClassVar[str] = "mime"
    steps: ClassVar[tuple[Wording, ...]] = steps.MAILGUN

    def credentials(self) -> str:
        return ""

    def check_notice(self, *, notice: Notice, now: datetime) -> None:
        try:
            form = form_of(notice)
            signed_at = datetime.fromtimestamp(int(form.POST.get("timestamp", "")), tz=now.tzinfo)
        except _UNREADABLE as error:
            raise UnableToTrustNotice(f"cannot be read: {type(error).__name__}") from error
        self._check(self._view(), form)
        if not now - _OLDEST <= signed_at <= now + _OLDEST:
            raise UnableToTrustNotice("signed too long ago")

    def _view(self) -> Any:
        return MailgunInboundWebhookView(webhook_signing_key=self._config.signing_key)

    def _mails(self, view: Any, notice: Notice) -> tuple[PostedMail, ...]:
        # every byte is a character of Latin-1: a mail in another charset than UTF-8 stays what it was
        exact = form_of(notice, encoding="latin-1").POST.get("body-mime")
        if exact:
            return (PostedMail(exact.encode("latin-1")),)
        return super()._mails(view, notice)


class _UnfoldedMailjet(MailjetInboundWebhookView):
    def esp_to_anymail_event(self, esp_event: Any) -> Any:
        told = {**esp_event, "Headers": unfolded(esp_event.get("Headers", {}))}
        told["Parts"] = [{**part, "Headers": unfolded(part.get("Headers", {}))} for part in esp_event.get("Parts", [])]  # fmt: skip
        return super().esp_to_anymail_event(told)


class _UnfoldedPostmark(PostmarkInboundWebhookView):
    def esp_to_anymail_event(self, esp_event: Any) -> Any:
        told = {**esp_event, "Headers": unfolded(esp_event.get("Headers", []))}
        # Postmark says "" of what stands in no page, which anymail takes for a name: an attachment would be text of the mail
        told["Attachments"] = [
            {name: value for name, value in each.items() if value or name != "ContentID"}
            for each in esp_event.get("Attachments", [])
        ]
        return super().esp_to_anymail_event(told)


class _FetchingBrevo(BrevoInboundWebhookView):
    """`lost` are the names of attachments that were not handed over, of each event in its order."""

    fetches = True

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self.lost: list[list[str]] = []

    def esp_to_anymail_event(self, esp_event: Any) -> Any:
        fetched, names = [], []
        for attachment in esp_event.get("Attachments") or []:
            try:
                fetched.append(self._fetch_attachment(attachment))
            except UnableToFetch:
                names.append(str(attachment.get("Name") or "?"))
        headers = unfolded(esp_event.get("Headers", {}))
        event = super().esp_to_anymail_event({**esp_event, "Headers": headers, "Attachments": []})
        for part in fetched:
            event.message.attach(part)
        self.lost.append(names)
        return event

    def _fetch_attachment(self, attachment: Mapping[str, Any]) -> Any:
        if not self.fetches or not self.api_key:
            raise UnableToFetch("not asked for")
        content, told_type = attachment_of(
            api_url=str(self.api_url), api_key=str(self.api_key), token=str(attachment["DownloadToken"])
        )
        return AnymailInboundMessage.construct_attachment(
            content_type=told_type or attachment.get("ContentType") or "application/octet-stream",
            content=content,
            filename=attachment.get("Name"),
            content_id=attachment.get("ContentID") or None,
        )


def _as_it_came(event: Any) -> bytes:
    """The mail itself where Postmark is asked to tell it; no bytes otherwise."""
    raw = event.esp_event.get("RawEmail")
    return raw.encode("utf-8", "surrogateescape") if isinstance(raw, str) else b""


def _meta(notice: Notice) -> dict[str, str]:
    return {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in notice.headers.items()}
