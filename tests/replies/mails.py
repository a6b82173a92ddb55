"""Mails as they come in."""

from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

NOON = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)


def mail(
    text: str,
    *,
    sender: str = "Anne Lefèvre <compta@lefevre.example>",
    to: str = "relances@lumen.example",
    subject: str = "Re: Rappel",
    mail_id: str = "",
    answers: str = "",
    references: str = "",
    at: datetime = NOON,
    headers: dict[str, str] | None = None,
    attachments: tuple[tuple[str, str, bytes], ...] = (),
) -> bytes:
    """A reply as its bytes; `mail_id`, `answers` and `references` without their brackets."""
    made = EmailMessage(policy=SMTP)
    made["From"], made["To"], made["Subject"] = sender, to, subject
    made["Date"] = format_datetime(at)
    made["Message-ID"] = f"<{mail_id or 'm' + str(abs(hash((text, sender, subject, at))))}@lefevre.example>"
    if answers:
        made["In-Reply-To"] = f"<{answers}>"
    if references:
        made["References"] = " ".join(f"<{each}>" for each in references.split())
    for name, value in (headers or {}).items():
        made[name] = value
    made.set_content(text)
    for name, kind, content in attachments:
        main, _, sub = kind.partition("/")
        made.add_attachment(content, maintype=main, subtype=sub, filename=name)
    return made.as_bytes()


def bounce(*, original_id: str, recipient: str, status: str = "5.1.1", action: str = "failed") -> bytes:
    """A delivery report as mail servers write them (RFC 3464, appendix E)."""
    return (
        "Return-Path: <>\r\nFrom: MAILER-DAEMON@mx.example\r\nTo: relances@lumen.example\r\n"
        "Subject: Undelivered Mail Returned to Sender\r\nDate: Tue, 10 Mar 2026 12:00:00 +0000\r\n"
        f"Message-ID: <dsn-{status}-{recipient}@mx.example>\r\nMIME-Version: 1.0\r\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n'
        "--b\r\nContent-Type: text/plain\r\n\r\nYour message could not be delivered.\r\n"
        "--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example\r\n\r\n"
        f"Final-Recipient: rfc822; {recipient}\r\nAction: {action}\r\nStatus: {status}\r\n"
        "Diagnostic-Code: smtp; 550 no such user\r\n\r\n"
        f"--b\r\nContent-Type: text/rfc822-headers\r\n\r\nMessage-ID: <{original_id}>\r\nSubject: Rappel\r\n\r\n--b--\r\n"
    ).encode()
