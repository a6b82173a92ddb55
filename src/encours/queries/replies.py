"""Replies as people go through them, and the thread they stand in."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Q, QuerySet

from encours.core.replies.arriving import Attachment, attachment_content
from encours.core.wording import Sentence
from encours.queries.claimed_payments import ClaimedPayment, claimed_payment
from encours.queries.files import FileOnDisk, file_on_disk
from encours.queries.messages import LEFT
from encours.queries.paging import Page, page_of
from encours.store.models import Company, Customer, Document, Message, Reply

TABS = ("waiting", "handled", "all")
THREAD_SHOWN = 30
DOCUMENTS_SHOWN = 60
_COUNTED = 1000
_FOUND = 8


@dataclass(frozen=True)
class ReplyFilter:
    """`tab` is one of TABS; `text` a part of a customer's name, an address or a subject; `intent` one intent."""

    tab: str = "all"
    text: str = ""
    intent: str = ""


@dataclass(frozen=True)
class ReplyRow:
    """One reply with how it is read. `numbers` are the documents it speaks of; `outcome` what was done."""

    id: int
    customer_id: int | None
    customer_name: str
    sender_name: str
    sender_address: str
    subject: str
    text: str
    received_at: datetime
    nature: str
    state: str
    matched_by: str
    message_id: int | None
    intent: str
    day: date | None
    day_certainty: str
    amount_cents: int | None
    currency: str
    share: float | None
    reason: str
    confidence: float
    because: Sequence[str]
    also: Sequence[str]
    numbers: Sequence[str]
    document_ids: Sequence[int]
    is_corrected: bool
    second: dict[str, Any] | None
    attachments: Sequence[dict[str, Any]]
    problem: Sentence | None
    outcome: Sequence[Sentence]
    handled_at: datetime | None
    handled_by: str

    @property
    def is_waiting(self) -> bool:
        return self.state == Reply.State.WAITING

    @property
    def is_handled(self) -> bool:
        """It was followed or put aside, and may be taken up again."""
        return self.state in (Reply.State.ACTED, Reply.State.DISMISSED)


@dataclass(frozen=True)
class ThreadEntry:
    """A message of ours or a reply of theirs, whichever `kind` says: "message" or "reply"."""

    kind: str
    id: int
    at: datetime
    channel: str
    subject: str
    text: str
    who: str
    is_this: bool


@dataclass(frozen=True)
class ChoosableDocument:
    id: int
    number: str
    due_date: date
    open_cents: int
    currency: str


@dataclass(frozen=True)
class ReplyDetail:
    """A reply with its thread, the oldest first, the documents it may be about, and where money it tells of is."""

    row: ReplyRow
    recipients: Sequence[str]
    thread: Sequence[ThreadEntry]
    documents: Sequence[ChoosableDocument]
    payment: ClaimedPayment | None
    next_id: int | None


def waiting_reply_count(*, company: Company) -> int:
    """How many wait for a person, counted up to a thousand."""
    found = Reply.objects.filter(company=company, state=Reply.State.WAITING).order_by()
    return found[:_COUNTED].count()


def replies_page(*, company: Company, wanted: ReplyFilter, number: int, size: int) -> Page[ReplyRow]:
    """What waits, the oldest first; anything else, the newest first."""
    found = _matching(company, wanted)
    order = ("received_at", "id") if wanted.tab == "waiting" else ("-received_at", "-id")
    page = page_of(
        found.order_by(*order),
        number=number,
        size=size,
        read=lambda keys: _read(company, keys).order_by(*order),
    )
    return page.with_rows(_rows(company, page.rows))


def reply_row(*, company: Company, reply_id: int) -> ReplyRow | None:
    """A reply as lists show it; None when the company has none of this id."""
    rows = _rows(company, _read(company, [reply_id]))
    return rows[0] if rows else None


def reply_detail(*, company: Company, reply_id: int, on: date) -> ReplyDetail | None:
    """A fixed number of queries, however long the thread."""
    reply = _read(company, [reply_id]).first()
    if reply is None:
        return None
    row = _rows(company, [reply])[0]
    payment = None
    if row.intent == "already_paid" and row.customer_id is not None:
        payment = claimed_payment(
            company=company, customer_id=row.customer_id, document_ids=row.document_ids, amount_cents=row.amount_cents,
            currency=row.currency, day=row.day, on=on,
        )  # fmt: skip
    later = Q(received_at__gt=row.received_at) | Q(received_at=row.received_at, pk__gt=row.id)
    waiting = Reply.objects.filter(company=company, state=Reply.State.WAITING).exclude(pk=row.id)
    following = waiting.filter(later).order_by("received_at", "pk").values_list("pk", flat=True).first()
    if following is None:
        following = waiting.order_by("received_at", "pk").values_list("pk", flat=True).first()
    return ReplyDetail(
        row=row,
        recipients=reply.recipients,
        thread=thread_of(company=company, customer_id=row.customer_id, reply_id=row.id),
        documents=_choosable(company, row),
        payment=payment,
        next_id=following,
    )


def thread_of(*, company: Company, customer_id: int | None, reply_id: int = 0) -> list[ThreadEntry]:
    """What was written to a customer and what came back, the latest of both, the oldest first. Nothing for nobody."""
    if customer_id is None:
        return []
    messages = (
        Message.objects.filter(
            company=company, customer_id=customer_id, state__in=LEFT, sent_at__isnull=False
        )
        .defer("html")
        .order_by("-planned_date", "-pk")[:THREAD_SHOWN]
    )
    replies = Reply.objects.filter(company=company, customer_id=customer_id).order_by("-received_at", "-pk")
    entries = [
        ThreadEntry("message", each.pk, each.sent_at, each.channel, each.subject, each.text, each.recipient, is_this=False)
        for each in messages
        if each.sent_at is not None
    ] + [
        ThreadEntry(
            "reply", each.pk, each.received_at, each.nature, each.subject, each.text,
            each.sender_name or each.sender_address, is_this=each.pk == reply_id,
        )
        for each in replies[:THREAD_SHOWN]
    ]  # fmt: skip
    return sorted(entries, key=lambda entry: (entry.at, entry.kind, entry.id))[-THREAD_SHOWN:]


def replies_of_customer(*, company: Company, customer_id: int, limit: int) -> list[ReplyRow]:
    """The newest first."""
    ids = Reply.objects.filter(company=company, customer_id=customer_id).order_by("-received_at", "-pk")
    found = _read(company, list(ids.values_list("pk", flat=True)[:limit]))
    return _rows(company, found.order_by("-received_at", "-pk"))


def replies_to_message(*, company: Company, message_id: int) -> list[ReplyRow]:
    """What answers a message of ours, the oldest first."""
    ids = Reply.objects.filter(company=company, message_id=message_id).order_by("received_at", "pk")
    found = _read(company, list(ids.values_list("pk", flat=True)[:THREAD_SHOWN]))
    return _rows(company, found.order_by("received_at", "pk"))


def customers_for_reply(*, company: Company, text: str) -> list[tuple[int, str, str]]:
    """(id, code, name) of customers a person may mean by these words: of a name, or a code."""
    if not text.strip():
        return []
    named = Q(name__icontains=text.strip()) | Q(code__iexact=text.strip())
    found = Customer.objects.filter(named, company=company).order_by("name", "pk")
    return list(found.values_list("pk", "code", "name")[:_FOUND])


def reply_file(*, company: Company, reply_id: int) -> FileOnDisk | None:
    """The mail as it came."""
    reply = Reply.objects.filter(company=company, pk=reply_id).select_related("file").first()
    return file_on_disk(reply.file) if reply else None


def reply_attachment(*, company: Company, reply_id: int, number: int) -> tuple[Attachment, bytes] | None:
    """An attachment, taken out of the mail; None when there is none, or the mail is gone from the disk."""
    stored = reply_file(company=company, reply_id=reply_id)
    if stored is None or not stored.path.is_file():
        return None
    return attachment_content(stored.path.read_bytes(), number=number)


def _read(company: Company, keys: Any) -> QuerySet[Reply]:
    return Reply.objects.filter(company=company, pk__in=keys).select_related("customer")


def _matching(company: Company, wanted: ReplyFilter) -> QuerySet[Reply]:
    found = Reply.objects.filter(company=company)
    if wanted.tab == "waiting":
        found = found.filter(state=Reply.State.WAITING)
    elif wanted.tab == "handled":
        found = found.exclude(state=Reply.State.WAITING)
    if wanted.intent:
        found = found.filter(intent=wanted.intent)
    if wanted.text:
        text = wanted.text.strip()
        found = found.filter(
            Q(customer__name__icontains=text) | Q(sender_address__icontains=text) | Q(subject__icontains=text)
        )
    return found


def _choosable(company: Company, row: ReplyRow) -> list[ChoosableDocument]:
    """Open documents of the customer, and those the reply speaks of."""
    if row.customer_id is None:
        return []
    open_ones = Q(open_cents__gt=0) & ~Q(type=Document.Type.CREDIT_NOTE)
    found = Document.objects.filter(
        open_ones | Q(pk__in=list(row.document_ids)), company=company, customer_id=row.customer_id
    ).order_by("due_date", "pk")
    return [
        ChoosableDocument(each.pk, each.number, each.due_date, each.open_cents, each.currency)
        for each in found[:DOCUMENTS_SHOWN]
    ]


def _rows(company: Company, found: Iterable[Reply]) -> list[ReplyRow]:
    """One query more for the numbers of documents, however many replies."""
    replies = list(found)
    wanted = {document_id for reply in replies for document_id in reply.document_ids}
    numbers = dict(
        Document.objects.filter(company=company, pk__in=wanted).values_list("pk", "number") if wanted else ()
    )
    return [_row(reply, numbers) for reply in replies]


def _row(reply: Reply, numbers: dict[int, str]) -> ReplyRow:
    first = reply.first_reading
    now = (reply.intent, reply.day.isoformat() if reply.day else None, reply.amount_cents)
    was = (first.get("intent"), first.get("date"), first.get("amount_cents"))
    return ReplyRow(
        id=reply.pk,
        customer_id=reply.customer_id,
        customer_name=reply.customer.name if reply.customer else "",
        sender_name=reply.sender_name,
        sender_address=reply.sender_address,
        subject=reply.subject,
        text=reply.text,
        received_at=reply.received_at,
        nature=reply.nature,
        state=reply.state,
        matched_by=reply.matched_by,
        message_id=reply.message_id,
        intent=reply.intent,
        day=reply.day,
        day_certainty=(first.get("date_certainty") or "") if now[1] == was[1] else "exact",
        amount_cents=reply.amount_cents,
        currency=reply.currency,
        share=first.get("share") if reply.amount_cents is None else None,
        reason=reply.reason,
        confidence=reply.confidence,
        because=tuple(reply.because),
        also=tuple(first.get("also", ())),
        numbers=tuple(numbers[each] for each in reply.document_ids if each in numbers),
        document_ids=tuple(reply.document_ids),
        is_corrected=now != was
        and bool(first)
        and not (reply.intent == "out_of_office" and was[0] == "other"),
        second=reply.second_reading,
        attachments=tuple(reply.attachments),
        problem=Sentence.from_json(reply.problem) if reply.problem else None,
        outcome=tuple(Sentence.from_json(each) for each in reply.outcome),
        handled_at=reply.handled_at,
        handled_by=reply.handled_by,
    )
