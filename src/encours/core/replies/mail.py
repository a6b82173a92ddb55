"""A reply as it lies in a file: an e-mail (RFC 5322, MIME), an HTML page or plain text, taken apart within limits."""

import re
from dataclasses import dataclass
from datetime import date
from email import message_from_bytes, policy
from email.message import Message
from email.utils import parsedate_to_datetime
from pathlib import PurePath

from encours.core.problems import Problem
from encours.core.replies.markup import text_of_html
from encours.core.wording import Sentence, Wording

MAX_BYTES = 25 * 1024 * 1024
MAX_PARTS = 200
MAX_TEXT_CHARS = 300_000

EMPTY_REPLY = Wording("reply.empty", fr="Le fichier est vide.", en="The file is empty.")
REPLY_TOO_LARGE = Wording(
    "reply.too_large",
    fr="Le fichier dépasse {megabytes} Mo : ce n'est pas une réponse.",
    en="The file has more than {megabytes} MB: it is no reply.",
)
REPLY_NOT_TEXT = Wording(
    "reply.not_text",
    fr="Le fichier n'est ni un e-mail, ni une page HTML, ni du texte.",
    en="The file is neither an e-mail nor an HTML page nor text.",
)
REPLY_TOO_DEEP = Wording(
    "reply.too_deep",
    fr="L'e-mail a trop de parties imbriquées (plus de {parts}).",
    en="The e-mail has too many nested parts (more than {parts}).",
)
REPLY_WITHOUT_HEADERS = Wording(
    "reply.no_headers",
    fr="Un fichier .eml commence par des en-têtes (« From: … ») ; celui-ci n'en a pas.",
    en='An .eml file begins with headers ("From: …"); this one has none.',
)
REPLY_WITHOUT_TEXT = Wording(
    "reply.no_text",
    fr="L'e-mail ne contient aucun texte à lire, seulement des pièces jointes.",
    en="The e-mail holds no text to read, only attachments.",
)

_HEADER_LINE = re.compile(rb"(?:\xef\xbb\xbf)?(?:From |[!-9;-~]{1,70}:[ \t\r\n])")
_KNOWN_HEADER = re.compile(
    rb"^(?:from|to|subject|date|received|message-id|mime-version|return-path|content-type|delivered-to|reply-to):",
    re.I | re.M,
)
_CONTROL = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_LOOKS_HTML = re.compile(r"\s{0,99}(?:<!doctype html|<html|<head|<body|<div|<p>|<p |<table|<meta)", re.I)
_AUTOMATIC_SUBJECT = re.compile(
    r"(?:r[ée]ponse automatique|message automatique|automatic reply|auto(?:matic)?[- ]?(?:reply|response|svar)|autoreply|out of (?:the )?office|"
    r"absen(?:t|ce)|r[ée]ponse d'absence|notification d'absence|abwesen|vacation)",
    re.I,
)
_BOUNCE_SENDER = re.compile(r"mailer-daemon|postmaster@|mail delivery (?:system|subsystem)", re.I)
_BOUNCE_SUBJECT = re.compile(
    r"undeliver|delivery (?:status notification|has failed|failure)|mail delivery failed|returned mail|non remis|[ée]chec de (?:la )?remise|"
    r"failure notice|non distribu|[ée]chec de (?:la )?distribution",
    re.I,
)


@dataclass(frozen=True)
class Reply:
    """What a file holds. `written_on` is the day of its Date header as the writer's clock had it, None when it says none.

    `automatic` is a machine's answer (RFC 3834), `bounced` a notice that our message did not arrive.
    """

    text: str
    subject: str = ""
    written_on: date | None = None
    automatic: bool = False
    bounced: bool = False


class UnableToReadReply(ValueError):
    """The file holds no reply; `problem` says why."""

    def __init__(self, sentence: Sentence, *, line: int | None = None, field: str = "") -> None:
        super().__init__(sentence.code)
        self.problem = Problem(sentence, line=line, field=field)


def read_reply_file(data: bytes, *, name: str) -> Reply:
    """The reply in a file's bytes; `name` tells by its ending what it is, else the content does.

    Raises `UnableToReadReply`, and nothing else, whatever the bytes are.
    """
    if len(data) > MAX_BYTES:
        raise UnableToReadReply(REPLY_TOO_LARGE(megabytes=MAX_BYTES >> 20))
    if not data.strip(b"\xef\xbb\xbf \t\r\n"):
        raise UnableToReadReply(EMPTY_REPLY())
    suffix = PurePath(name).suffix.lower()
    if suffix == ".eml" or (suffix not in (".txt", ".html", ".htm") and _is_mail(data)):
        return _mail(data)
    text = _decoded(data)
    if suffix in (".html", ".htm") or (suffix != ".txt" and _LOOKS_HTML.match(text)):
        return Reply(text_of_html(text[:MAX_TEXT_CHARS]))
    return Reply(text[:MAX_TEXT_CHARS])


def _is_mail(data: bytes) -> bool:
    return _HEADER_LINE.match(data) is not None and _KNOWN_HEADER.search(data[:65536]) is not None


def _decoded(data: bytes, charset: str = "") -> str:
    """Text of bytes; what is no text is refused. Windows-1252 is what mail calls iso-8859-1, and what is left otherwise."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return data.decode("utf-16", "replace")
    sample = data[:65536]
    if len(_CONTROL.findall(sample)) > len(sample) // 200:
        raise UnableToReadReply(REPLY_NOT_TEXT(), line=1)
    if data.startswith((b"%PDF-", b"PK\x03\x04", b"\x89PNG", b"\xff\xd8\xff", b"GIF8")):
        raise UnableToReadReply(REPLY_NOT_TEXT(), line=1)
    names = (
        [charset]
        if charset.lower() not in ("", "us-ascii", "iso-8859-1", "latin-1", "latin1", "ascii")
        else []
    )
    for each in (*names, "utf-8-sig"):
        try:
            return data.decode(each)
        except (UnicodeDecodeError, LookupError, ValueError):
            continue
    return data.decode("windows-1252", "replace")


def _mail(data: bytes) -> Reply:
    if not _HEADER_LINE.match(data):
        raise UnableToReadReply(REPLY_WITHOUT_HEADERS(), line=1, field="headers")
    if data.count(b"\n--") > 50_000:
        raise UnableToReadReply(REPLY_TOO_DEEP(parts=MAX_PARTS), field="body")
    try:
        message = message_from_bytes(data.removeprefix(b"\xef\xbb\xbf"), policy=policy.compat32)
        parts = _parts(message)
    except RecursionError as error:
        raise UnableToReadReply(REPLY_TOO_DEEP(parts=MAX_PARTS), field="body") from error
    if not message.keys():
        raise UnableToReadReply(REPLY_WITHOUT_HEADERS(), line=1, field="headers")
    subject, sender = header(message, "Subject"), header(message, "From")
    bounced = (
        message.get_content_type() == "multipart/report"
        or bool(_BOUNCE_SENDER.search(sender))
        or (header(message, "Return-Path").strip() == "<>" and bool(_BOUNCE_SUBJECT.search(subject)))
        or bool(header(message, "X-Failed-Recipients"))
    )
    text = _text(parts)
    if not text.strip() and not bounced:
        if any(not part.is_multipart() and part.get_content_maintype() != "text" for part in parts):
            raise UnableToReadReply(REPLY_WITHOUT_TEXT(), field="body")
        raise UnableToReadReply(EMPTY_REPLY(), field="body")
    return Reply(text, subject, _written_on(message), is_automatic(message, subject), bounced)


def _parts(message: Message) -> list[Message]:
    """Every part outside attached messages, at most `MAX_PARTS`."""
    found: list[Message] = []
    waiting: list[Message] = [message]
    while waiting:
        part = waiting.pop(0)
        found.append(part)
        if len(found) > MAX_PARTS:
            raise UnableToReadReply(REPLY_TOO_DEEP(parts=MAX_PARTS), field="body")
        if part.get_content_type() != "message/rfc822" and isinstance(payload := part.get_payload(), list):
            waiting[:0] = [each for each in payload if isinstance(each, Message)]
    return found


def _text(parts: list[Message]) -> str:
    """The plain text when there is one that says something, else the HTML."""
    plain = [_content(part) for part in parts if _is_body(part, "text/plain")]
    if any(each.strip() for each in plain):
        return "\n".join(plain)[:MAX_TEXT_CHARS]
    pages = [_content(part) for part in parts if _is_body(part, "text/html")]
    return "\n".join(text_of_html(page[:MAX_TEXT_CHARS]) for page in pages)[:MAX_TEXT_CHARS]


def _is_body(part: Message, kind: str) -> bool:
    return (
        not part.is_multipart()
        and part.get_content_type() == kind
        and part.get_content_disposition() != "attachment"
    )


def _content(part: Message) -> str:
    payload = part.get_payload(decode=True)
    if not isinstance(payload, bytes):
        return ""
    charset = part.get_param("charset") or ""
    return _decoded(payload[: 4 * MAX_TEXT_CHARS], charset if isinstance(charset, str) else "")


def header(message: Message, name: str) -> str:
    """A header of a mail, decoded; empty when it has none."""
    value = message.get(name)
    return "" if value is None else decoded(str(value)[:2000])


def decoded(raw: str) -> str:
    """Words of a header (RFC 2047); what cannot be decoded is taken as it is."""
    from email.header import decode_header, make_header

    try:
        return str(make_header(decode_header(raw)))
    except (UnicodeError, LookupError, ValueError):
        return raw


def _written_on(message: Message) -> date | None:
    value = message.get("Date")
    if value is None:
        return None
    try:
        return parsedate_to_datetime(str(value)[:200]).date()
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def is_automatic(message: Message, subject: str) -> bool:
    """RFC 3834, and what programs used before it."""
    submitted = header(message, "Auto-Submitted").strip().lower()
    if submitted and not submitted.startswith("no"):
        return True
    if any(
        message.get(name) is not None
        for name in ("X-Autoreply", "X-Autorespond", "X-Auto-Reply-From", "X-Autoresponder")
    ):
        return True
    if header(message, "Precedence").strip().lower() in ("auto_reply", "auto-reply"):
        return True
    return _AUTOMATIC_SUBJECT.match(subject.strip()) is not None
