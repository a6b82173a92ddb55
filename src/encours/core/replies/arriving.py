"""A mail that came in, taken apart: whom it is from, what it answers, whether a person wrote it, what hangs on it.

Whatever the bytes are, there is an answer: a mail that cannot be understood is kept and shown, with why.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import Message
from email.utils import getaddresses, parsedate_to_datetime
from hashlib import sha256
from typing import Literal

from encours.core.replies.bounces import Bounce, bounce_in
from encours.core.replies.mail import (
    MAX_PARTS,
    Reply,
    UnableToReadReply,
    decoded,
    header,
    is_automatic,
    read_reply_file,
)
from encours.core.wording import Sentence, Wording

Nature = Literal["person", "automatic", "bounce", "ours"]

ONLY_HEADERS = Wording(
    "reply.only_headers",
    fr="Ce message de {megabytes} Mo est trop gros pour être repris : lisez-le dans la boîte de réception.",
    en="This mail of {megabytes} MB is too large to be taken: read it in the mailbox.",
)
_MAIL_ID = re.compile(r"<\s*([^<>\s]{3,300})\s*>")
_BREAKS = re.compile(r"[ \t-\r\x1c-\x1f\x85\u2028\u2029]+")
_MAX_ANSWERED = 40
_MAX_RECIPIENTS = 50
# where a mail says which of our addresses it was for, a list or a forward in between
_TO = ("To", "Cc", "Delivered-To", "X-Original-To", "X-Envelope-To", "Envelope-To")


@dataclass(frozen=True)
class Attachment:
    """Something that hangs on a mail; `size` in bytes, as it is when decoded."""

    name: str
    media_type: str
    size: int


@dataclass(frozen=True)
class Arrived:
    """What a mail holds. `digest` is the same when the same mail comes by another way; `mail_id` and `answers` are Message-IDs without
    brackets, `answers` the nearest first; `written_at` is what the mail says, None when it says nothing that can be.

    `reply` has its words; None with a `problem` when they cannot be read.
    """

    digest: str
    mail_id: str
    answers: tuple[str, ...]
    sender_name: str
    sender_address: str
    recipients: tuple[str, ...]
    subject: str
    written_at: datetime | None
    attachments: tuple[Attachment, ...]
    nature: Nature
    reply: Reply | None
    bounce: Bounce | None = None
    problem: Sentence | None = None


def take_apart(data: bytes, *, is_whole: bool = True, size: int | None = None) -> Arrived:
    """The mail of these bytes; `is_whole` is false when they are its headers alone, because of its `size`."""
    mail = _parsed(data)
    parts = _leaves(mail)
    bounce = bounce_in(mail, parts)
    reply, problem = None, None
    if is_whole:
        try:
            reply = read_reply_file(data, name="reply.eml")
        except UnableToReadReply as error:
            problem = error.problem.sentence
    else:
        problem = ONLY_HEADERS(megabytes=max(1, (size or 0) >> 20))
    subject = _one_line(header(mail, "Subject"))
    name, address = _sender(mail)
    bounced = bounce is not None or (reply is not None and reply.bounced)
    automatic = reply.automatic if reply is not None else is_automatic(mail, subject)
    return Arrived(
        digest=_digest(mail, data),
        mail_id=_mail_id(mail),
        answers=_answers(mail),
        sender_name=name[:200],
        sender_address=address,
        recipients=_recipients(mail),
        subject=subject[:300],
        written_at=_written_at(mail),
        attachments=tuple(_described(part) for part in _attached(parts)),
        nature="bounce" if bounced else "automatic" if automatic else "person",
        reply=reply,
        bounce=bounce,
        problem=problem,
    )


def attachment_content(data: bytes, *, number: int) -> tuple[Attachment, bytes] | None:
    """An attachment of a mail with what it holds; `number` is its place in `Arrived.attachments`. None when there is none."""
    attached = _attached(_leaves(_parsed(data)))
    if not 0 <= number < len(attached):
        return None
    return _described(attached[number]), _content(attached[number])


def _parsed(data: bytes) -> Message:
    try:
        return message_from_bytes(data.removeprefix(b"\xef\xbb\xbf"), policy=policy.compat32)
    except RecursionError:
        end = data.find(b"\r\n\r\n") if b"\r\n\r\n" in data else data.find(b"\n\n")
        return message_from_bytes(data[: end if end > 0 else 65536], policy=policy.compat32)


def _leaves(mail: Message) -> list[Message]:
    """Parts that hold something themselves, at most `MAX_PARTS`; an attached mail is one."""
    found: list[Message] = []
    waiting: list[Message] = [mail]
    while waiting and len(found) < MAX_PARTS:
        part = waiting.pop(0)
        payload = part.get_payload()
        if isinstance(payload, list) and part.get_content_maintype() == "multipart":
            waiting[:0] = [each for each in payload if isinstance(each, Message)]
        else:
            found.append(part)
    return found


def _attached(parts: Sequence[Message]) -> list[Message]:
    """What a person may want to open: everything but the words themselves and what a machine says to machines."""
    return [
        part
        for part in parts
        if part.get_content_disposition() == "attachment"
        or _file_name(part)
        or part.get_content_maintype() not in ("text", "message", "multipart")
    ]


def _described(part: Message) -> Attachment:
    media_type = part.get_content_type()
    kind = media_type.partition("/")[2]
    return Attachment(_file_name(part) or f"piece.{kind}"[:60], media_type, len(_content(part)))


def _content(part: Message) -> bytes:
    payload = part.get_payload(decode=True)
    if isinstance(payload, bytes):
        return payload
    inner = part.get_payload()
    attached = inner[0] if isinstance(inner, list) and inner else None
    return attached.as_bytes() if isinstance(attached, Message) else b""


def _file_name(part: Message) -> str:
    """Its name without any folder, in one line; empty when it says none."""
    try:
        name = part.get_filename() or ""
    except (UnicodeError, LookupError, ValueError):
        return ""
    return _one_line(re.split(r"[\\/]", str(name))[-1])[:120]


def _sender(mail: Message) -> tuple[str, str]:
    """Name and address of who wrote it, the address in lower case. What is no address is none.

    The name is decoded after the address was taken: an encoded name could hold another address.
    """
    for name, address in getaddresses([str(mail.get("From", ""))[:2000]]):
        if "@" in address and len(address) <= 254 and not re.search(r"\s", address):
            return _one_line(decoded(name)), address.lower()
    return _one_line(header(mail, "From")), ""


def _recipients(mail: Message) -> tuple[str, ...]:
    said = [str(value)[:5000] for name in _TO for value in mail.get_all(name, [])]
    found = (address.lower() for _, address in getaddresses(said) if "@" in address and len(address) <= 254)
    return tuple(dict.fromkeys(found))[:_MAX_RECIPIENTS]


def _answers(mail: Message) -> tuple[str, ...]:
    """What it answers (RFC 5322, 3.6.4): In-Reply-To, then References from the last to the first."""
    direct = _MAIL_ID.findall(str(mail.get("In-Reply-To", ""))[:2000])
    earlier = _MAIL_ID.findall(str(mail.get("References", ""))[:20_000])
    return tuple(dict.fromkeys([*direct, *reversed(earlier)]))[:_MAX_ANSWERED]


def _mail_id(mail: Message) -> str:
    found = _MAIL_ID.search(str(mail.get("Message-ID", ""))[:1000])
    return found[1] if found else ""


def _written_at(mail: Message) -> datetime | None:
    try:
        moment = parsedate_to_datetime(str(mail.get("Date", ""))[:200])
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def _digest(mail: Message, data: bytes) -> str:
    """What stays when a mail goes through another server: its id, who wrote it when, and its body. Other headers are added on the way."""
    end = re.search(rb"\r?\n\r?\n", data)
    body = data[end.end() :] if end else b""
    said = (str(mail.get(name, "")) for name in ("Message-ID", "From", "Date", "Subject"))
    lines = b"\n".join(" ".join(each.split()).encode("utf-8", "replace") for each in said)
    return sha256(lines + b"\n\n" + body.replace(b"\r\n", b"\n").rstrip()).hexdigest()


def _one_line(text: str) -> str:
    """In one line, without what a screen or a header would misread. Spaces that hold an amount together stay."""
    return _BREAKS.sub(" ", "".join(char for char in text if char.isprintable() or char.isspace())).strip()
