"""How Brevo, Mailjet, Mailgun and Postmark tell a mail that came in, as their documentation has it, made from the mail itself."""

import base64
import hmac
import json
from collections.abc import Callable
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from hashlib import sha256
from typing import Any
from urllib.parse import urlencode

from encours.ports.notices import Notice
from tests.channels.fake_service import Asked, FakeService
from tests.replies.mails import NOON

SECRET = "encours:tout-à-fait-secret"
SIGNING_KEY = "signing-key-of-mailgun"
TOKEN = "a" * 50
ADDRESS = "https://encours.example/notifications/reponses/1/key/"


def postmark(mail: bytes, *, raw: bool = True, secret: str = SECRET) -> Notice:
    """Postmark's inbound webhook; `raw` is its option to tell the mail as it came."""
    parsed = _parsed(mail)
    told: dict[str, Any] = {
        "FromName": "Anne", "From": "anne@lefevre.example", "MessageID": "22c74902-a0c1-4511-804f-341342852c90",
        "FromFull": {"Email": str(parsed["From"].addresses[0].addr_spec), "Name": parsed["From"].addresses[0].display_name, "MailboxHash": ""},
        "ToFull": [{"Email": each.addr_spec, "Name": each.display_name, "MailboxHash": ""} for each in parsed["To"].addresses],
        "CcFull": [], "BccFull": [], "OriginalRecipient": "yourhash@inbound.postmarkapp.com",
        "Subject": str(parsed["Subject"]), "Date": str(parsed["Date"]), "ReplyTo": "",
        "TextBody": _text(parsed), "HtmlBody": "", "StrippedTextReply": "",
        "Headers": [
            {"Name": "Return-Path", "Value": "<anne@lefevre.example>"},
            *({"Name": name, "Value": value} for name, value in _headers(parsed) if name not in ("From", "To", "Subject", "Date")),
        ],
        "Attachments": [
            {"Name": name, "ContentType": kind, "Content": base64.b64encode(content).decode(), "ContentID": "", "ContentLength": len(content)}
            for name, kind, content in _attachments(parsed)
        ],
    }  # fmt: skip
    if raw:
        told["RawEmail"] = mail.decode()
    return _json(told, secret)


def mailjet(mail: bytes, *, secret: str = SECRET) -> Notice:
    """Mailjet's Parse API. It groups headers that repeat, and tells them folded as they came."""
    parsed = _parsed(mail)
    headers: dict[str, Any] = dict(_headers(parsed, folded=True))
    headers["Received"] = ["from a.example\r\n\tby b.example", "from b.example\r\n\tby c.example"]
    told: dict[str, Any] = {
        "Sender": "bounces@lefevre.example", "Recipient": "relances@reponses.lumen.example", "Date": "20260310T120000",
        "From": str(parsed["From"]), "Subject": str(parsed["Subject"]), "Headers": headers,
        "Parts": [{"Headers": {"Content-Type": "text/plain; charset=utf-8"}, "ContentRef": "Text-part"}],
        "Text-part": _text(parsed), "SpamAssassinScore": "0.602",
    }  # fmt: skip
    for number, (name, kind, content) in enumerate(_attachments(parsed), 1):
        disposition = f'attachment;\r\n\tfilename="{name}"'
        about = {"Content-Type": f'{kind}; name="{name}"', "Content-Disposition": disposition}
        told["Parts"].append({"Headers": about, "ContentRef": f"Attachment{number}"})
        told[f"Attachment{number}"] = base64.b64encode(content).decode()
    return _json(told, secret)


def brevo(mail: bytes, *, secret: str = SECRET) -> Notice:
    """Brevo's inbound parsing: attachments by a token, to be fetched from its API."""
    parsed = _parsed(mail)
    item = {
        "Uuid": ["43b8a5a4-8e2a-4b8c-9e6b-6d2b3a1b1a11"], "MessageId": str(parsed["Message-ID"]), "InReplyTo": parsed["In-Reply-To"],
        "From": {"Name": "", "Address": str(parsed["From"].addresses[0].addr_spec)}, "SentAtDate": str(parsed["Date"]),
        "Subject": str(parsed["Subject"]), "RawHtmlBody": None, "RawTextBody": _text(parsed), "ExtractedMarkdownMessage": "",
        "Headers": dict(_headers(parsed)), "SpamScore": 2.8,
        "Attachments": [
            {"Name": name, "ContentType": kind, "ContentLength": len(content), "ContentID": None, "DownloadToken": f"token-{name}"}
            for name, kind, content in _attachments(parsed)
        ],
    }  # fmt: skip
    return _json({"items": [{name: value for name, value in item.items() if value is not None}]}, secret)


def mailgun(
    mail: bytes, *, raw: bool = True, key: str = SIGNING_KEY, token: str = TOKEN, at: float = NOON.timestamp()
) -> Notice:
    """A route of Mailgun that forwards: as it came to an address that ends in "mime", else in fields and files."""
    parsed = _parsed(mail)
    stamp = str(int(at))
    signature = hmac.new(key.encode(), f"{stamp}{token}".encode(), sha256).hexdigest()
    fields: dict[str, Any] = {
        "recipient": "relances@reponses.lumen.example", "sender": "anne@lefevre.example", "timestamp": stamp, "token": token,
        "signature": signature,
    }  # fmt: skip
    attached = _attachments(parsed)
    if raw:
        fields["body-mime"] = mail
    else:
        fields |= {
            "message-headers": json.dumps(list(_headers(parsed))), "body-plain": _text(parsed), "stripped-text": "",
            "attachment-count": len(attached),
        }  # fmt: skip
    if raw or not attached:
        kind = "application/x-www-form-urlencoded"
        return Notice(ADDRESS + "mime", {"content-type": kind}, urlencode(fields).encode())
    return Notice(
        ADDRESS, {"content-type": "multipart/form-data; boundary=xYzZY"}, _multipart(fields, attached)
    )


SERVICES: dict[str, Callable[..., Notice]] = {
    "brevo": brevo,
    "mailgun": mailgun,
    "mailjet": mailjet,
    "postmark": postmark,
}
GIVEN: dict[str, dict[str, str]] = {
    "brevo": {"api_key": "key-of-brevo"},
    "mailgun": {"signing_key": SIGNING_KEY},
    "mailjet": {},
    "postmark": {},
}


class FakeBrevo(FakeService):
    """GET /inbound/attachments/{token} of Brevo's API."""

    def __init__(self, files: dict[str, bytes]) -> None:
        super().__init__()
        self.files = files

    def answer(self, asked: Asked) -> tuple[int, Any]:
        if asked.headers.get("api-key") != "key-of-brevo":
            return 401, {"code": "unauthorized", "message": "Key not found"}
        content = self.files.get(asked.path.rpartition("/")[2])
        return (200, content) if content is not None else (404, {"code": "document_not_found"})


def _parsed(mail: bytes) -> EmailMessage:
    found = message_from_bytes(mail, policy=default)
    assert isinstance(found, EmailMessage)
    return found


def _text(parsed: EmailMessage) -> str:
    body = parsed.get_body(("plain",))
    return body.get_content() if body is not None else ""


def _headers(parsed: EmailMessage, *, folded: bool = False) -> list[tuple[str, str]]:
    return [
        (name, str(value).replace("> <", ">\r\n\t<") if folded and name == "References" else str(value))
        for name, value in parsed.items()
    ]


def _attachments(parsed: EmailMessage) -> list[tuple[str, str, bytes]]:
    return [
        (str(part.get_filename()), part.get_content_type(), part.get_payload(decode=True) or b"")  # type: ignore[misc]
        for part in parsed.iter_attachments()
    ]


def _json(told: object, secret: str) -> Notice:
    headers = {"content-type": "application/json"}
    if secret:
        headers["authorization"] = f"Basic {base64.b64encode(secret.encode()).decode()}"
    return Notice(ADDRESS, headers, json.dumps(told).encode())


def _multipart(fields: dict[str, Any], attached: list[tuple[str, str, bytes]]) -> bytes:
    parts = [
        f'--xYzZY\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, value in fields.items()
    ]
    for number, (name, kind, content) in enumerate(attached, 1):
        head = f'--xYzZY\r\nContent-Disposition: form-data; name="attachment-{number}"; filename="{name}"\r\nContent-Type: {kind}\r\n\r\n'
        parts.append(head.encode() + content + b"\r\n")
    return b"".join([*parts, b"--xYzZY--\r\n"])
